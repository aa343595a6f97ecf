// How the checks of one dataset are answered: which metrics they need, and which scans compute
// them. Pure: made from the checks and a profile of the relation; nothing is run here.
//
// The metrics of all checks are collected first, each once. Then:
//  - what the schema or a statistic says, or is known by its name from elsewhere, needs no scan;
//  - a compound key of which one column is unique and never null is unique: it is looked at only
//    if that column's check fails;
//  - on large relations that are read by column, a column of few values is counted by value once,
//    and every predicate and statistic on it alone is computed from those counts; keys of dense
//    integers are counted in a bitmap. Each part then reads its own columns, so that together
//    they are one reading of the data;
//  - all else is one statement, one scan;
//  - what depends on statistics of the whole column (z-scores, quantiles by rank) is a second scan.
//
// A metric's Key() names it over time: a state kept per file under it can be merged, so that
// later only new files are read.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "quality/expectation.h"
#include "quality/run.h"
#include "sql/aggregate.h"

namespace andon::quality {

// Below this many rows, one statement over everything costs less than planning around it.
inline constexpr int64_t kLargeRows = 500'000;

struct ColumnProfile {
  std::optional<int64_t> lower;  // Bounds of integers, never narrower than the data.
  std::optional<int64_t> upper;
  bool has_no_nulls = false;
  bool has_few_values = false;
  int64_t values = 0;  // About so many different ones in the first rows; 0: nobody looked.
  // Of strings in the first rows.
  std::string least;
  std::string greatest;
};

struct Profile {
  sql::Dialect dialect = sql::Dialect::kDuckDb;
  std::optional<int64_t> rows;   // An estimate; none: nobody knows.
  bool reads_by_column = false;  // A statement that needs one column reads only that.
  bool has_order = false;        // The rows have an order of their own (files).
  bool is_chain = false;         // One operator after another: no UNION and no join.
  bool may_have_places =
      false;  // Of PostgreSQL: a table, whose rows have a ctid, or a view of one.
  std::vector<sql::TableColumn> table_columns;  // As the relation has them.
  ColumnIndex columns;                          // The same.
  std::map<std::string, ColumnProfile> by_column;

  bool Has(std::string_view column) const { return columns.Has(column); }
  int64_t RowsOr0() const { return rows.value_or(0); }
};

// Looks at the relation: its columns, its estimated size; for large ones also at statistics and at
// its first rows. `may_scan`: the bounds of integer keys may be read from the data.
Result<Profile> ProfileRelation(sql::Session& session, std::string_view relation,
                                const std::vector<CheckSpec>& checks, const RunOptions& options,
                                bool may_scan);

// Of these columns those of which the first rows have few values.
std::set<std::string> ColumnsOfFewValues(sql::Session& session, std::string_view relation,
                                         const std::vector<sql::ColumnInfo>& columns);

// What the checks' columns are called and typed: as declared, and beyond that as the data has them.
ColumnIndex AllColumns(const std::vector<sql::ColumnInfo>& declared, const Profile& profile);

// The columns and the size only; no row is read.
Result<Profile> ProfileColumns(sql::Session& session, std::string_view relation,
                               const RunOptions& options);

enum class AnsweredBy {
  kScan,
  kMisfit,  // The expectation does not apply, unless there is no value: `broken` says why.
  kSchema,
  kImplied,    // By another check's key.
  kOrder,      // The rows one after another.
  kValues,     // Counts of the column's values, judged here.
  kRows,       // A query of the expectation's own.
  kStatement,  // The user's own SQL.
  kCompare,    // A comparison with another place.
  kBroken,     // `broken` says why.
};

struct PlannedCheck {
  const CheckSpec* check = nullptr;
  const Expectation* expectation = nullptr;
  AnsweredBy by = AnsweredBy::kScan;
  std::string broken;
  std::vector<std::string> columns;  // That it names.
  std::vector<size_t> statistics;    // Metrics that the predicate or the aggregates wait for.
  // Of a predicate: rows, judged ones, bad ones. Of a key: rows, judged ones, those that are
  // compared, different ones. Else the expectation's aggregates.
  std::vector<size_t> metrics;
  std::optional<sql::Expr> filter;      // row_condition.
  std::optional<sql::Expr> judged;      // None: every row.
  std::optional<sql::Expr> unexpected;  // Of a predicate; none while it waits for statistics.
  std::vector<std::string> key;
  std::optional<sql::Expr> keyed;  // Rows whose key is compared.
  size_t implied_by = 0;           // A check, by index.
  // A check with a predicate, which has no bad rows where that one has none; while this is set, its
  // own are not counted.
  std::optional<size_t> spared_by;
};

// A question that costs less: different images are of different values. So where it gives as much
// as the metric `count`, the metric is that, too; otherwise the metric itself is asked for.
struct Proof {
  sql::Aggregate image;
  size_t count = 0;
};

struct PlannedMetric {
  sql::Aggregate aggregate;
  std::optional<size_t> count_of = {};    // The metric that says how many values there are.
  std::optional<KnownMetric> known = {};  // Then no scan has it.
  std::optional<Proof> proof = {};
};

// One statement. `values_of`: the column whose values it counts; empty: it reads rows.
struct Scan {
  std::string values_of = {};
  std::vector<size_t> metrics = {};
};

struct Plan {
  std::vector<PlannedCheck> checks;
  std::vector<PlannedMetric> metrics;
  std::vector<Scan> scans;  // A later one may need what an earlier one counted.
  std::map<std::string, size_t> by_key;
};

// What plans are made from. Lifetime: kept by reference while planning.
struct PlanInputs {
  const ColumnIndex& columns;  // As declared, and beyond that as the data has them.
  const Profile& profile;
  const RunOptions& options;

  Surroundings Around(const CheckSpec& check) const;
  Args ArgsOf(const CheckSpec& check, std::vector<Json> statistics = {}) const;
};

// Lifetime: keeps pointers to `checks`.
Plan MakePlan(const std::vector<CheckSpec>& checks, const PlanInputs& inputs);

// Gives the checks that wait for `statistics` their predicates and metrics, those that were spared
// for nothing their count, and the plan the scans for them, behind those it has. `value_of` gives a
// metric's value, or nothing where it could not be had.
void PlanTheWaiting(Plan* plan, const PlanInputs& inputs,
                    const std::function<const Json*(size_t metric)>& value_of);

// RunChecks with a profile that the caller has: where nothing is to be read, the session is not
// asked at all.
Result<std::vector<CheckResult>> RunChecksOn(sql::Session& session, std::string_view relation,
                                             const Profile& profile,
                                             const std::vector<sql::ColumnInfo>& columns,
                                             const std::vector<CheckSpec>& checks,
                                             const RunOptions& options);

// The statement of one scan; its result is one row with a column for each of `metrics`. With
// `group_by` (expressions, in the dialect) one row for each group that there is: first what the
// expressions give, then the metrics.
std::string ScanSql(const Plan& plan, const Scan& scan, std::string_view relation,
                    sql::Dialect dialect, const std::vector<std::string>& group_by = {});
// What it asks for each metric. Requires: a scan of rows.
std::vector<std::string> ScanItems(const Plan& plan, const Scan& scan, sql::Dialect dialect);

// The same where values were counted already: `counts` stands behind FROM and has the groups
// (GroupName), the column of `values_of`, and kValueCount.
std::string WeighedSql(const Plan& plan, const Scan& scan, std::string_view counts,
                       sql::Dialect dialect, const std::vector<std::string>& group_by);
inline constexpr std::string_view kValueCount = "count of value";
std::string GroupName(size_t i);  // Quoted.

// The columns that a scan reads.
std::set<std::string> ColumnsRead(const Plan& plan, const Scan& scan);

}  // namespace andon::quality
