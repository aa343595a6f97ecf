#include "quality/plan.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "sql/engine.h"

namespace andon::quality {
namespace {

using sql::Aggregate;
using sql::Expr;

// A bitmap may have this many bits for each row, and altogether this many (32 MiB a thread).
constexpr int64_t kBitsPerRow = 8;
constexpr int64_t kBitsMax = int64_t{1} << 28;

const sql::Weights kWeights = {
    .count = "count of value", .upto = "count up to value", .total = "count of all"};

std::vector<Expr> ColumnsOf(const std::vector<std::string>& names) {
  std::vector<Expr> columns;
  for (const std::string& name : names) columns.push_back(Expr::Column(name));
  return columns;
}

bool Contains(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

class Planner {
 public:
  Planner(const std::vector<CheckSpec>& checks, const std::vector<sql::ColumnInfo>& columns,
          const Profile& profile, const RunOptions& options)
      : checks_(checks), columns_(columns), profile_(profile), options_(options) {}

  Plan Make() {
    for (const CheckSpec& check : checks_) plan_.checks.push_back(PlanCheck(check));
    for (PlannedCheck& check : plan_.checks) Imply(check);
    // Only now are all metrics wanted: what is implied wants none.
    for (PlannedCheck& check : plan_.checks) {
      if (check.by == AnsweredBy::kScan) AddMetrics(check);
    }
    AssignScans();
    return std::move(plan_);
  }

 private:
  Args ArgsOf(const CheckSpec& check) const {
    return Args(check.kwargs, columns_, options_.table_name, &options_.tables);
  }

  PlannedCheck PlanCheck(const CheckSpec& check) {
    PlannedCheck planned{.check = &check, .expectation = FindExpectation(check.type)};
    Diagnostics mistakes = Validate(check, columns_);
    if (mistakes.has_errors()) {
      planned.by = AnsweredBy::kBroken;
      planned.broken = mistakes.begin()->detail;
      return planned;
    }
    Args args = ArgsOf(check);
    for (const Param& param : planned.expectation->params) {
      if (param.kind != ParamKind::kColumn && param.kind != ParamKind::kColumns) continue;
      for (const std::string& column : args.Strings(param)) {
        if (profile_.Has(column)) continue;
        planned.by = AnsweredBy::kBroken;
        planned.broken = fmt::format("The data has no column \"{}\".", column);
        return planned;
      }
    }
    if (const Json& condition = check.kwargs["row_condition"]; condition.is_string()) {
      planned.filter = Expr::Written(condition.AsString());
    }
    if (planned.expectation->schema) planned.by = AnsweredBy::kSchema;
    if (planned.expectation->statement) planned.by = AnsweredBy::kStatement;
    if (planned.expectation->unexpected) planned.unexpected = planned.expectation->unexpected(args);
    if (planned.expectation->key) planned.key = planned.expectation->key(args);
    return planned;
  }

  // unique(id) and no null in id give unique(id, x).
  void Imply(PlannedCheck& check) {
    if (check.key.size() < 2 || check.by != AnsweredBy::kScan) return;
    for (size_t i = 0; i < plan_.checks.size(); i++) {
      const PlannedCheck& other = plan_.checks[i];
      if (other.by != AnsweredBy::kScan || other.key.size() != 1 || other.filter) continue;
      if (!Contains(check.key, other.key[0])) continue;
      check.by = AnsweredBy::kImplied;
      check.implied_by = i;
      return;
    }
  }

  size_t Metric(const PlannedCheck& check, Aggregate aggregate) {
    if (check.filter) aggregate = aggregate.Where(*check.filter);
    std::string key = aggregate.Key();
    auto [entry, is_new] = by_key_.try_emplace(key, plan_.metrics.size());
    if (is_new) plan_.metrics.push_back({std::move(aggregate)});
    return entry->second;
  }

  size_t ValuesMetric(const PlannedCheck& check, const std::string& column) {
    auto found = profile_.by_column.find(column);
    bool no_nulls = found != profile_.by_column.end() && found->second.has_no_nulls;
    return Metric(check,
                  no_nulls ? Aggregate::CountRows() : Aggregate::Count(Expr::Column(column)));
  }

  void AddMetrics(PlannedCheck& check) {
    if (check.unexpected) {
      std::string column = check.check->kwargs[kColumn.name].AsString();
      check.metrics = {Metric(check, Aggregate::CountRows()), ValuesMetric(check, column)};
      // Bad nulls are the rows without a value.
      if (!check.expectation->judges_nulls)
        check.metrics.push_back(Metric(check, Aggregate::CountIf(*check.unexpected)));
    } else if (!check.key.empty()) {
      AddKeyMetrics(check);
    } else {
      for (Aggregate& aggregate : check.expectation->aggregates(ArgsOf(*check.check))) {
        check.metrics.push_back(Metric(check, std::move(aggregate)));
      }
    }
  }

  void AddKeyMetrics(PlannedCheck& check) {
    check.metrics = {Metric(check, Aggregate::CountRows())};
    if (check.key.size() == 1) {
      check.metrics.push_back(ValuesMetric(check, check.key[0]));
      check.metrics.push_back(Metric(check, DistinctOf(check.key[0])));
      return;
    }
    std::vector<Expr> filled;
    for (const Expr& column : ColumnsOf(check.key)) filled.push_back(IsNotNull(column));
    Expr any_filled = Or(std::move(filled));
    check.metrics.push_back(Metric(check, Aggregate::CountIf(any_filled)));
    check.metrics.push_back(
        Metric(check, Aggregate::CountDistinct(ColumnsOf(check.key)).Where(any_filled)));
  }

  Aggregate DistinctOf(const std::string& column) const {
    auto found = profile_.by_column.find(column);
    if (found != profile_.by_column.end() && !found->second.has_few_values &&
        profile_.rows >= kLargeRows) {
      const ColumnProfile& known = found->second;
      if (known.lower && known.upper && *known.lower <= *known.upper) {
        auto range = static_cast<uint64_t>(*known.upper) - static_cast<uint64_t>(*known.lower);
        auto bits = static_cast<uint64_t>(std::min(kBitsMax, profile_.rows * kBitsPerRow));
        if (range < bits)
          return Aggregate::BitmapDistinct(Expr::Column(column), *known.lower, *known.upper);
      }
    }
    return Aggregate::CountDistinct({Expr::Column(column)});
  }

  void AssignScans() {
    std::map<std::string, size_t> by_values;
    std::vector<size_t> anywhere;  // count(*): no column is read for it.
    Scan rows;
    bool by_column = profile_.reads_by_column && profile_.rows >= kLargeRows;
    for (size_t i = 0; i < plan_.metrics.size(); i++) {
      const Aggregate& aggregate = plan_.metrics[i].aggregate;
      bool all_known = true;
      std::set<std::string> columns = aggregate.Columns(&all_known);
      if (by_column && all_known && columns.empty()) {
        anywhere.push_back(i);
        continue;
      }
      bool by_value = by_column && columns.size() == 1 && aggregate.CanWeigh() &&
                      HasFewValues(*columns.begin());
      if (!by_value) {
        rows.metrics.push_back(i);
        continue;
      }
      auto [entry, is_new] = by_values.try_emplace(*columns.begin(), plan_.scans.size());
      if (is_new) plan_.scans.push_back({.values_of = *columns.begin()});
      plan_.scans[entry->second].metrics.push_back(i);
    }
    if (!rows.metrics.empty() || (plan_.scans.empty() && !anywhere.empty()))
      plan_.scans.push_back(std::move(rows));
    for (size_t metric : anywhere) plan_.scans.back().metrics.push_back(metric);
    for (size_t scan = 0; scan < plan_.scans.size(); scan++) {
      for (size_t metric : plan_.scans[scan].metrics) plan_.metrics[metric].scan = scan;
    }
  }

  bool HasFewValues(const std::string& column) const {
    auto found = profile_.by_column.find(column);
    return found != profile_.by_column.end() && found->second.has_few_values;
  }

  const std::vector<CheckSpec>& checks_;
  const std::vector<sql::ColumnInfo>& columns_;
  const Profile& profile_;
  const RunOptions& options_;
  Plan plan_;
  std::map<std::string, size_t> by_key_;
};

bool NeedsOrder(const Plan& plan, const Scan& scan) {
  return std::any_of(scan.metrics.begin(), scan.metrics.end(), [&](size_t metric) {
    return plan.metrics[metric].aggregate.kind() == Aggregate::Kind::kQuantiles;
  });
}

}  // namespace

bool Profile::Has(std::string_view column) const {
  return std::any_of(columns.begin(), columns.end(),
                     [&](const sql::ColumnInfo& info) { return info.name == column; });
}

Plan MakePlan(const std::vector<CheckSpec>& checks, const std::vector<sql::ColumnInfo>& columns,
              const Profile& profile, const RunOptions& options) {
  return Planner(checks, columns, profile, options).Make();
}

std::string ScanSql(const Plan& plan, const Scan& scan, std::string_view relation) {
  std::vector<std::string> items;
  for (size_t metric : scan.metrics) {
    const Aggregate& aggregate = plan.metrics[metric].aggregate;
    items.push_back(scan.values_of.empty() ? aggregate.Print() : aggregate.PrintWeighted(kWeights));
  }
  std::string select = "SELECT " + Join(items, ", ") + " FROM ";
  if (scan.values_of.empty()) return select + std::string(relation) + " AS checked";
  std::string value = sql::QuoteIdentifier(scan.values_of),
              count = sql::QuoteIdentifier(kWeights.count);
  std::string counts =
      fmt::format("(SELECT {}, count(*) AS {} FROM {} AS checked GROUP BY {}) AS counts", value,
                  count, relation, value);
  if (!NeedsOrder(plan, scan)) return select + counts;
  return select + fmt::format(
                      "(SELECT *, sum({0}) OVER (ORDER BY {1} NULLS LAST) AS {2}, "
                      "sum({0}) FILTER (WHERE {1} IS NOT NULL) OVER () AS {3} FROM {4}) AS ordered",
                      count, value, sql::QuoteIdentifier(kWeights.upto),
                      sql::QuoteIdentifier(kWeights.total), counts);
}

}  // namespace andon::quality
