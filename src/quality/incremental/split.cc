#include "quality/incremental/split.h"

#include <algorithm>
#include <set>

#include "quality/incremental/key_states.h"

namespace andon::quality {

Profile PlainProfile(const FileStates& dataset) {
  Profile profile{.has_order = dataset.has_order};
  profile.table_columns = dataset.columns;
  for (const sql::TableColumn& column : dataset.columns)
    profile.columns.Add({column.name, column.type});
  int64_t rows = 0;
  for (const FileState& file : dataset.files) rows += file.rows_max;
  profile.rows = rows;
  return profile;
}

RunOptions WithoutStatistics(RunOptions options) {
  options.statistics.clear();
  options.rows.reset();
  options.known = nullptr;
  // Each check keeps states of its own: what was skipped would be missing in a file the day that
  // the other fails.
  options.skips_implied = false;
  return options;
}

namespace {

class Splitter {
 public:
  Splitter(const std::vector<sql::ColumnInfo>& columns, const std::vector<CheckSpec>& checks,
           const RunOptions& options, const FileStates& dataset)
      : checks_(checks),
        dataset_(dataset),
        options_(options),
        profile_(PlainProfile(dataset)),
        columns_(AllColumns(columns, profile_)) {}

  Split Make() {
    const Plan plan = MakePlan(checks_, {columns_, profile_, options_});
    Split split;
    std::set<std::string> names;
    for (const PlannedCheck& check : plan.checks) {
      std::optional<std::vector<Tracked>> tracked = Track(plan, check);
      Way way{.is_by_states = tracked.has_value(), .is_free = check.by == AnsweredBy::kSchema};
      if (check.by == AnsweredBy::kBroken) way.broken = check.broken;
      if (check.by == AnsweredBy::kImplied) way.implied_by = check.implied_by;
      if (tracked) {
        for (Tracked& one : *tracked) {
          way.states.push_back(one.name);
          way.metrics.push_back(one.metric.Key());
          if (names.insert(way.metrics.back()).second) split.tracked.push_back(std::move(one));
        }
      }
      split.ways.push_back(std::move(way));
    }
    for (size_t i = 0; i < split.ways.size(); i++) {
      if (!split.ways[i].is_by_states) split.LeaveToScan(i);
    }
    return split;
  }

 private:
  std::optional<std::vector<Tracked>> Track(const Plan& plan, const PlannedCheck& check) const {
    std::vector<Tracked> tracked;
    const bool needs_none = check.by == AnsweredBy::kSchema || check.by == AnsweredBy::kBroken ||
                            check.by == AnsweredBy::kImplied;
    if (needs_none) return tracked;
    bool has_metrics = check.by == AnsweredBy::kScan || check.by == AnsweredBy::kMisfit;
    if (!has_metrics || !check.statistics.empty()) return {};
    for (size_t metric : check.metrics) {
      const sql::Aggregate& aggregate = plan.metrics[metric].aggregate;
      std::optional<StateKind> kind = StateKindOf(aggregate, profile_.columns);
      if (IsKey(plan, metric)) kind = StateKind::kKeys;
      if (!kind || !MayKeep(aggregate, *kind)) return {};
      const sql::ColumnInfo* column = profile_.columns.Find(aggregate.PlainColumn());
      tracked.push_back({aggregate, *kind, IsInOrder(aggregate, *kind, profile_.columns),
                         column ? column->type : "",
                         StateName(aggregate, *kind, dataset_.column_ids)});
    }
    return tracked;
  }

  bool MayKeep(const sql::Aggregate& metric, StateKind kind) const {
    bool all_known = true;
    for (const std::string& column : metric.Columns(&all_known)) {
      if (kind != StateKind::kCount && dataset_.pii.contains(column)) return false;
    }
    return true;
  }

  // Counts of different keys, also where another check wants the same number.
  static bool IsKey(const Plan& plan, size_t metric) {
    bool of_a_key =
        std::any_of(plan.checks.begin(), plan.checks.end(), [&](const PlannedCheck& check) {
          return !check.key.empty() && check.metrics.size() == 4 && check.metrics[3] == metric;
        });
    return of_a_key && CountsKeys(plan.metrics[metric].aggregate);
  }

  const std::vector<CheckSpec>& checks_;
  const FileStates& dataset_;
  const RunOptions& options_;
  Profile profile_;
  ColumnIndex columns_;
};

}  // namespace

Split SplitChecks(const std::vector<sql::ColumnInfo>& columns, const std::vector<CheckSpec>& checks,
                  const RunOptions& options, const FileStates& dataset) {
  return Splitter(columns, checks, options, dataset).Make();
}

}  // namespace andon::quality
