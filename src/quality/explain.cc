#include "quality/explain.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "quality/implication.h"

namespace andon::quality {
namespace {

using sql::Aggregate;

std::string List(const std::set<std::string>& items) {
  return Join({items.begin(), items.end()}, ", ");
}

// What answers all the metrics of a check without a scan; empty where something has to be read.
std::string KnownBy(const Plan& plan, const PlannedCheck& check) {
  std::set<std::string> by;
  for (const auto* metrics : {&check.statistics, &check.metrics}) {
    for (size_t metric : *metrics) {
      if (!plan.metrics[metric].known) return {};
      by.insert(plan.metrics[metric].known->by);
    }
  }
  return by.empty() ? "" : "answered by " + List(by);
}

std::string HowScanned(const Plan& plan, const PlannedCheck& check) {
  bool waits = !check.expectation->aggregates && !check.statistics.empty();
  if (std::string by = KnownBy(plan, check); !by.empty() && !waits) return by;
  std::set<std::string> ways;
  for (size_t metric : check.metrics) {
    for (const Scan& scan : plan.scans) {
      bool is_here =
          std::find(scan.metrics.begin(), scan.metrics.end(), metric) != scan.metrics.end();
      if (is_here && !scan.values_of.empty()) ways.insert("value counts of " + scan.values_of);
    }
    const PlannedMetric& planned = plan.metrics[metric];
    const Aggregate& asked = planned.proof ? planned.proof->image : planned.aggregate;
    if (asked.kind() == Aggregate::Kind::kBitmapDistinct)
      ways.insert("bitmap of " + check.columns[0]);
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
      if (check.spared_by) return "implied by " + plan.checks[*check.spared_by].check->name;
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

// By check: the names of those that it follows from; empty of most.
std::vector<std::vector<std::string>> FollowsFrom(const std::vector<CheckSpec>& checks) {
  std::vector<std::vector<std::string>> out(checks.size());
  for (const Implication& implied : ImplicationsOf(checks)) {
    for (size_t by : implied.by) out[implied.check].push_back(checks[by].name);
  }
  return out;
}

std::string Headline(const Plan& plan, const Profile& profile, const RunOptions& options) {
  std::string table = options.table_name.empty() ? "the data" : options.table_name;
  if (plan.scans.empty()) return fmt::format("0 scans of {}{}\n", table, Besides(plan));
  std::multiset<std::string> reads;
  for (const Scan& scan : plan.scans) {
    for (const std::string& column : ColumnsRead(plan, scan)) reads.insert(column);
  }
  std::set<std::string> columns(reads.begin(), reads.end());
  std::string once = reads.size() == columns.size() ? "" : ", some read twice";
  if (plan.scans.size() > 1 && once.empty()) once = ", each read once";
  std::string rows = profile.rows ? fmt::format(" (about {})", Count(*profile.rows, "row")) : "";
  std::string text = fmt::format(
      "1 scan of {}{}: {} of {}{}{}\n", table, rows,
      WithThousands(static_cast<int64_t>(columns.size())),
      Count(static_cast<int64_t>(profile.table_columns.size()), "column"), once, Besides(plan));
  if (plan.scans.size() == 1) return text;
  for (const Scan& scan : plan.scans) {
    bool counts = !scan.values_of.empty();
    text += fmt::format("  {} {}\n", counts ? "count values of" : "aggregate rows of",
                        counts ? scan.values_of : List(ColumnsRead(plan, scan)));
  }
  return text;
}

std::string Lines(const std::vector<CheckSpec>& checks, const ExplainedGroup& group,
                  const std::vector<std::vector<std::string>>& follows) {
  constexpr size_t kWidthMax = 40;
  size_t width = 0;
  for (const ExplainedCheck& one : group.checks)
    width = std::max(width, checks[one.place].name.size());
  width = std::min(width, kWidthMax);
  std::string text;
  for (const ExplainedCheck& one : group.checks) {
    const CheckSpec& check = checks[one.place];
    std::string how = one.how;
    if (!follows[one.place].empty() && !one.is_implied)
      how += "; follows from " + Join(follows[one.place], " and ");
    text += fmt::format("  {:<{}}  {}  [{}]\n", check.name, width, Describe(check), how);
  }
  return text;
}

Json ToJson(const std::vector<CheckSpec>& checks, const std::vector<ExplainedGroup>& groups,
            const ExplainedWhole& whole, const std::vector<std::vector<std::string>>& follows) {
  std::set<std::string> columns;
  std::vector<const ExplainedCheck*> in_order(checks.size());
  int64_t scans = 0;
  for (const ExplainedGroup& group : groups) {
    scans += group.scans;
    columns.insert(group.columns.begin(), group.columns.end());
    for (const ExplainedCheck& one : group.checks) in_order[one.place] = &one;
  }
  Json names = Json::List(), list = Json::List(), contradictions = Json::List();
  for (const std::string& column : columns) names.Push(column);
  for (size_t i = 0; i < checks.size(); i++) {
    if (!in_order[i]) continue;
    Json from = Json::List();
    for (const std::string& name : follows[i]) from.Push(name);
    list.Push(Json::Object({{"name", checks[i].name},
                            {"expectation", checks[i].type},
                            {"answered_by", in_order[i]->how},
                            {"is_free", in_order[i]->is_free},
                            {"follows_from", std::move(from)}}));
  }
  for (const Contradiction& found : ContradictionsOf(checks)) {
    contradictions.Push(
        Json::Object({{"checks", Json::List({checks[found.first].name, checks[found.second].name})},
                      {"why", found.why}}));
  }
  return Json::Object({{"scans", scans},
                       {"rows", whole.rows ? Json(*whole.rows) : Json()},
                       {"columns", std::move(names)},
                       {"bytes", whole.bytes_read ? Json(*whole.bytes_read) : Json()},
                       {"bytes_of_all", whole.bytes.all ? Json(*whole.bytes.all) : Json()},
                       {"bytes_basis", whole.bytes.basis},
                       {"checks", std::move(list)},
                       {"contradictions", std::move(contradictions)}});
}

}  // namespace

std::set<std::string> ColumnsRead(const Plan& plan, const Scan& scan) {
  std::set<std::string> columns;
  bool all_known = true;
  for (size_t metric : scan.metrics)
    columns.merge(plan.metrics[metric].aggregate.Columns(&all_known));
  return columns;
}

ExplainedGroup ExplainGroup(const Plan& plan, const Profile& profile, const RunOptions& options) {
  // Parts that read their own columns, each once, are one reading of the data.
  ExplainedGroup group{.headline = Headline(plan, profile, options),
                       .scans = plan.scans.empty() ? 0 : 1};
  for (const Scan& scan : plan.scans) group.columns.merge(ColumnsRead(plan, scan));
  for (size_t i = 0; i < plan.checks.size(); i++) {
    const PlannedCheck& check = plan.checks[i];
    group.checks.push_back({.place = i,
                            .how = How(plan, check),
                            .is_free = check.by == AnsweredBy::kSchema,
                            .is_implied = check.by == AnsweredBy::kImplied || check.spared_by});
  }
  return group;
}

Explanation ExplainTogether(const std::vector<CheckSpec>& checks,
                            const std::vector<ExplainedGroup>& groups,
                            const ExplainedWhole& whole) {
  const std::vector<std::vector<std::string>> follows = FollowsFrom(checks);
  std::string text, bytes;
  if (whole.bytes_read && whole.bytes.all)
    bytes = fmt::format("  reads about {} of {} bytes ({})\n", WithThousands(*whole.bytes_read),
                        WithThousands(*whole.bytes.all), whole.bytes.basis);
  for (const ExplainedGroup& group : groups) {
    text += group.headline + std::exchange(bytes, {}) + Lines(checks, group, follows);
  }
  for (const Contradiction& found : ContradictionsOf(checks)) {
    text += fmt::format("  {} and {} cannot both pass: {}\n", checks[found.first].name,
                        checks[found.second].name, found.why);
  }
  return {std::move(text), ToJson(checks, groups, whole, follows)};
}

}  // namespace andon::quality
