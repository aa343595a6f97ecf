#include <algorithm>
#include <set>

#include "base/text.h"
#include "quality/bytes.h"
#include "quality/implication.h"
#include "quality/plan.h"

namespace andon::quality {
namespace {

using sql::Aggregate;

std::string List(const std::set<std::string>& items) {
  return Join({items.begin(), items.end()}, ", ");
}

std::string HowScanned(const Plan& plan, const PlannedCheck& check) {
  std::set<std::string> ways;
  for (size_t metric : check.metrics) {
    for (const Scan& scan : plan.scans) {
      bool is_here =
          std::find(scan.metrics.begin(), scan.metrics.end(), metric) != scan.metrics.end();
      if (is_here && !scan.values_of.empty()) ways.insert("value counts of " + scan.values_of);
    }
    if (plan.metrics[metric].aggregate.kind() == Aggregate::Kind::kBitmapDistinct)
      ways.insert("bitmap of " + check.key[0]);
    if (plan.metrics[metric].count_of) ways.insert("a second scan");
  }
  if (!check.statistics.empty()) ways.insert("a second scan");
  return ways.empty() ? "the scan" : List(ways);
}

std::string How(const Plan& plan, const PlannedCheck& check) {
  switch (check.by) {
    case AnsweredBy::kSchema:
      return "the schema, without a scan";
    case AnsweredBy::kStatement:
    case AnsweredBy::kRows:
      return "its own statement";
    case AnsweredBy::kOrder:
      return "the rows in order, with its own statement";
    case AnsweredBy::kValues:
      return "value counts of " + check.columns[0] + ", judged here";
    case AnsweredBy::kCompare:
      return "a comparison of both sides";
    case AnsweredBy::kBroken:
    case AnsweredBy::kMisfit:
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
    bool has_own = check.by == AnsweredBy::kStatement || check.by == AnsweredBy::kRows ||
                   check.by == AnsweredBy::kOrder || check.by == AnsweredBy::kValues ||
                   check.by == AnsweredBy::kCompare;
    if (has_own) statements++;
  }
  std::string text;
  if (!tables.empty()) text += "; looks into " + List(tables);
  if (statements > 0)
    text += "; " + Count(statements, "statement of its own", "statements of their own");
  return text;
}

std::vector<CheckSpec> ChecksOf(const Plan& plan) {
  std::vector<CheckSpec> checks;
  for (const PlannedCheck& check : plan.checks) checks.push_back(*check.check);
  return checks;
}

// By check: the names of those that it follows from; empty of most.
std::vector<std::vector<std::string>> FollowsFrom(const Plan& plan) {
  std::vector<std::vector<std::string>> out(plan.checks.size());
  for (const Implication& implied : ImplicationsOf(ChecksOf(plan))) {
    for (size_t by : implied.by) out[implied.check].push_back(plan.checks[by].check->name);
  }
  return out;
}

int64_t ScansOf(const Plan& plan) {
  // Parts that read their own columns, each once, are one reading of the data.
  return plan.scans.empty() ? 0 : 1;
}

}  // namespace

std::set<std::string> ColumnsRead(const Plan& plan, const Scan& scan) {
  std::set<std::string> columns;
  bool all_known = true;
  for (size_t metric : scan.metrics)
    columns.merge(plan.metrics[metric].aggregate.Columns(&all_known));
  return columns;
}

Json ExplainPlanAsJson(const Plan& plan, const Profile& profile, const Bytes& bytes) {
  std::set<std::string> columns;
  for (const Scan& scan : plan.scans) columns.merge(ColumnsRead(plan, scan));
  Json names = Json::List(), checks = Json::List(), contradictions = Json::List();
  for (const std::string& column : columns) names.Push(column);
  const std::vector<std::vector<std::string>> follows = FollowsFrom(plan);
  for (size_t i = 0; i < plan.checks.size(); i++) {
    const PlannedCheck& check = plan.checks[i];
    Json from = Json::List();
    for (const std::string& name : follows[i]) from.Push(name);
    checks.Push(Json::Object({{"name", check.check->name},
                              {"expectation", check.check->type},
                              {"answered_by", How(plan, check)},
                              {"is_free", check.by == AnsweredBy::kSchema},
                              {"follows_from", std::move(from)}}));
  }
  for (const Contradiction& found : ContradictionsOf(ChecksOf(plan))) {
    contradictions.Push(
        Json::Object({{"checks", Json::List({plan.checks[found.first].check->name,
                                             plan.checks[found.second].check->name})},
                      {"why", found.why}}));
  }
  const std::optional<int64_t> read = BytesRead(plan, bytes);
  return Json::Object({{"scans", ScansOf(plan)},
                       {"rows", profile.rows ? Json(*profile.rows) : Json()},
                       {"columns", std::move(names)},
                       {"bytes", read ? Json(*read) : Json()},
                       {"bytes_of_all", bytes.all ? Json(*bytes.all) : Json()},
                       {"bytes_basis", bytes.basis},
                       {"checks", std::move(checks)},
                       {"contradictions", std::move(contradictions)}});
}

std::string ExplainPlan(const Plan& plan, const Profile& profile, const RunOptions& options,
                        const Bytes& bytes) {
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
    std::string rows = profile.rows ? fmt::format(" (about {})", Count(*profile.rows, "row")) : "";
    text = fmt::format("1 scan of {}{}: {} of {}{}{}\n", table, rows,
                       WithThousands(static_cast<int64_t>(columns.size())),
                       Count(static_cast<int64_t>(profile.table_columns.size()), "column"), once,
                       Besides(plan));
    if (plan.scans.size() > 1) {
      for (const Scan& scan : plan.scans) {
        bool counts = !scan.values_of.empty();
        text += fmt::format("  {} {}\n", counts ? "count values of" : "aggregate rows of",
                            counts ? scan.values_of : List(ColumnsRead(plan, scan)));
      }
    }
  }
  if (auto read = BytesRead(plan, bytes))
    text += fmt::format("  reads about {} of {} bytes ({})\n", WithThousands(*read),
                        WithThousands(*bytes.all), bytes.basis);
  size_t width = 0;
  for (const PlannedCheck& check : plan.checks) width = std::max(width, check.check->name.size());
  width = std::min<size_t>(width, 40);
  const std::vector<std::vector<std::string>> follows = FollowsFrom(plan);
  for (size_t i = 0; i < plan.checks.size(); i++) {
    const PlannedCheck& check = plan.checks[i];
    std::string how = How(plan, check);
    if (!follows[i].empty() && check.by != AnsweredBy::kImplied)
      how += "; follows from " + Join(follows[i], " and ");
    text +=
        fmt::format("  {:<{}}  {}  [{}]\n", check.check->name, width, Describe(*check.check), how);
  }
  for (const Contradiction& found : ContradictionsOf(ChecksOf(plan))) {
    text += fmt::format("  {} and {} cannot both pass: {}\n", plan.checks[found.first].check->name,
                        plan.checks[found.second].check->name, found.why);
  }
  return text;
}

}  // namespace andon::quality
