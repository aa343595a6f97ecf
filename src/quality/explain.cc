#include <algorithm>
#include <set>

#include "base/text.h"
#include "quality/plan.h"

namespace andon::quality {
namespace {

using sql::Aggregate;

std::set<std::string> ColumnsRead(const Plan& plan, const Scan& scan) {
  std::set<std::string> columns;
  bool all_known = true;
  for (size_t metric : scan.metrics)
    columns.merge(plan.metrics[metric].aggregate.Columns(&all_known));
  return columns;
}

std::string List(const std::set<std::string>& items) {
  return Join({items.begin(), items.end()}, ", ");
}

std::string HowScanned(const Plan& plan, const PlannedCheck& check) {
  std::set<std::string> ways;
  for (size_t metric : check.metrics) {
    const Scan& scan = plan.scans[plan.metrics[metric].scan];
    if (!scan.values_of.empty()) ways.insert("value counts of " + scan.values_of);
    if (plan.metrics[metric].aggregate.kind() == Aggregate::Kind::kBitmapDistinct)
      ways.insert("bitmap of " + check.key[0]);
  }
  return ways.empty() ? "the scan" : List(ways);
}

std::string How(const Plan& plan, const PlannedCheck& check) {
  switch (check.by) {
    case AnsweredBy::kSchema:
      return "the schema, without a scan";
    case AnsweredBy::kStatement:
      return "its own statement";
    case AnsweredBy::kBroken:
      return "nothing: " + check.broken;
    case AnsweredBy::kImplied:
      return "implied by " + plan.checks[check.implied_by].check->name;
    case AnsweredBy::kScan:
      return HowScanned(plan, check);
  }
  return "";
}

// The tables that predicates look into, and statements of their own, cost readings besides.
std::string Besides(const Plan& plan) {
  std::set<std::string> tables;
  int64_t statements = 0;
  for (const PlannedCheck& check : plan.checks) {
    if (check.by == AnsweredBy::kBroken) continue;
    for (const std::string& table : TablesOf(*check.check)) tables.insert(table);
    if (check.by == AnsweredBy::kStatement) statements++;
  }
  std::string text;
  if (!tables.empty()) text += "; looks into " + List(tables);
  if (statements > 0)
    text += "; " + Count(statements, "statement of its own", "statements of their own");
  return text;
}

}  // namespace

std::string ExplainPlan(const Plan& plan, const Profile& profile, const RunOptions& options) {
  std::string table = options.table_name.empty() ? "the data" : options.table_name;
  std::string text;
  if (plan.scans.empty()) {
    text = fmt::format("0 scans of {}{}\n", table, Besides(plan));
  } else {
    std::multiset<std::string> reads;
    for (const Scan& scan : plan.scans) {
      for (const std::string& column : ColumnsRead(plan, scan)) reads.insert(column);
    }
    std::set<std::string> columns(reads.begin(), reads.end());
    std::string once = reads.size() == columns.size() ? "" : ", some read twice";
    if (plan.scans.size() > 1 && once.empty()) once = ", each read once";
    text = fmt::format("1 scan of {} (about {}): {} of {}{}{}\n", table, Count(profile.rows, "row"),
                       WithThousands(static_cast<int64_t>(columns.size())),
                       Count(static_cast<int64_t>(profile.columns.size()), "column"), once,
                       Besides(plan));
    if (plan.scans.size() > 1) {
      for (const Scan& scan : plan.scans) {
        bool counts = !scan.values_of.empty();
        text += fmt::format("  {} {}\n", counts ? "count values of" : "aggregate rows of",
                            counts ? scan.values_of : List(ColumnsRead(plan, scan)));
      }
    }
  }
  size_t width = 0;
  for (const PlannedCheck& check : plan.checks) width = std::max(width, check.check->name.size());
  width = std::min<size_t>(width, 40);
  for (const PlannedCheck& check : plan.checks) {
    text += fmt::format("  {:<{}}  {}  [{}]\n", check.check->name, width, Describe(*check.check),
                        How(plan, check));
  }
  return text;
}

}  // namespace andon::quality
