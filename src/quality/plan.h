// How the checks of one dataset are answered: which metrics they need, and which scans compute
// them. Pure: made from the checks and a profile of the relation; nothing is run here.
//
// The metrics of all checks are collected first, each once. Then:
//  - what the schema or a statistic says needs no scan;
//  - a compound key of which one column is unique and never null is unique: it is looked at only
//    if that column's check fails;
//  - on large relations that are read by column, a column of few values is counted by value once,
//    and every predicate and statistic on it alone is computed from those counts; keys of dense
//    integers are counted in a bitmap. Each part then reads its own columns, so that together
//    they are one reading of the data;
//  - all else is one statement, one scan.
//
// A metric's Key() names it over time: a state kept per file under it can be merged, so that
// later only new files are read.
#pragma once

#include <map>
#include <optional>
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
};

struct Profile {
  int64_t rows = 0;                      // An estimate.
  bool reads_by_column = false;          // A statement that needs one column reads only that.
  std::vector<sql::ColumnInfo> columns;  // As the relation has them, in Andon's types.
  std::map<std::string, ColumnProfile> by_column;

  bool Has(std::string_view column) const;
};

// Looks at the relation: its columns, its estimated size; for large ones also at statistics and at
// its first rows. `may_scan`: the bounds of integer keys may be read from the data.
Result<Profile> ProfileRelation(sql::Connection& connection, std::string_view relation,
                                const std::vector<CheckSpec>& checks, const RunOptions& options,
                                bool may_scan);

enum class AnsweredBy {
  kScan,
  kSchema,
  kImplied,    // By another check's key.
  kStatement,  // The user's own SQL.
  kBroken,     // `broken` says why.
};

struct PlannedCheck {
  const CheckSpec* check = nullptr;
  const Expectation* expectation = nullptr;
  AnsweredBy by = AnsweredBy::kScan;
  std::string broken;
  std::vector<size_t> metrics;  // Of a predicate or key: rows, values, and bad or distinct ones.
  std::optional<sql::Expr> unexpected;  // Of a predicate.
  std::optional<sql::Expr> filter;      // row_condition.
  std::vector<std::string> key;
  size_t implied_by = 0;  // A check, by index.
};

struct PlannedMetric {
  sql::Aggregate aggregate;
  size_t scan = 0;
};

// One statement. `values_of`: the column whose values it counts; empty: it reads rows.
struct Scan {
  std::string values_of;
  std::vector<size_t> metrics;
};

struct Plan {
  std::vector<PlannedCheck> checks;
  std::vector<PlannedMetric> metrics;
  std::vector<Scan> scans;
};

// Lifetime: keeps pointers to `checks`.
Plan MakePlan(const std::vector<CheckSpec>& checks, const std::vector<sql::ColumnInfo>& columns,
              const Profile& profile, const RunOptions& options);

// The statement of one scan; its result is one row with a column for each of `metrics`.
std::string ScanSql(const Plan& plan, const Scan& scan, std::string_view relation);

// The text of ExplainChecks.
std::string ExplainPlan(const Plan& plan, const Profile& profile, const RunOptions& options);

}  // namespace andon::quality
