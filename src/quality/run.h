// Runs the checks of one dataset over one relation.
//
// All of them share one scan: each is a predicate or an aggregate of one statement, planned
// together (quality/plan.h). Bad rows are looked at only for checks that fail. A check that
// breaks is reported in its own result and never loses the others.
//
// Nulls, as Great Expectations has it: a null value is neither good nor bad (except for
// to_not_be_null), so a column of nulls, or an empty table, passes every expectation on values.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "quality/check.h"
#include "sql/engine.h"
#include "sql/types.h"

namespace andon::quality {

// What a catalog or a file's footer knows without reading data; all may be absent.
// Bounds may be wider than the data, never narrower.
struct ColumnStatistics {
  std::optional<int64_t> lower;  // Of integer columns.
  std::optional<int64_t> upper;
  std::optional<int64_t> null_count;
};

struct RunOptions {
  std::string table_name;                // For messages, and as the relation's name in expect_sql.
  int sample_rows = 20;                  // For each failing check; 0: none.
  std::vector<std::string> key_columns;  // Come first in a sample.
  std::map<std::string, std::string>
      tables;  // Other tables: name → SQL that may stand behind FROM.
  std::map<std::string, ColumnStatistics> statistics;
  std::vector<sql::Parameter> parameters;  // $start, $end of expect_sql.
  sql::QueryOptions query;                 // Stop, limit of time, for each statement.
};

enum class CheckState { kPassed, kFailed, kError };

struct SampleRows {
  std::vector<sql::ColumnInfo> columns;  // Keys first; types are DuckDB's.
  std::vector<std::vector<Json>> rows;
};

struct CheckResult {
  std::string name;
  std::string type;
  CheckState state = CheckState::kPassed;
  CheckSeverity severity = CheckSeverity::kCritical;
  std::string
      message;  // kFailed: "37 of 1,157 values are unexpected: -4.99, …"; kError: what broke.
  Json observed_value;  // The aggregate; of an expectation on values, the count that is bad.
  std::optional<int64_t> element_count;  // Rows looked at; only expectations on values have it.
  std::optional<int64_t> unexpected_count;
  std::optional<int64_t> missing_count;      // Nulls.
  std::optional<double> unexpected_percent;  // Of the values that are not missing.
  std::vector<Json> partial_unexpected_list;
  SampleRows sample;
  // The predicate of the bad rows, in SQL over the relation's columns; for quality/slice.h.
  // Empty where an expectation has no bad rows.
  std::string bad_rows_sql;
  std::vector<std::string> columns;  // That it looks at.
  Duration duration{0};              // Its share: of a shared scan the whole scan's.

  bool success() const { return state == CheckState::kPassed; }
};

// One result for each check, in order. `relation` may stand behind FROM: a table's name,
// read_parquet([…]), or a subquery in parentheses. If it has columns `filename` and
// `file_row_number` besides `columns`, samples name the place of each row.
//
// Never fails as a whole but for kInterrupted: where the relation cannot be read, each result
// is kError and says so.
Result<std::vector<CheckResult>> RunChecks(sql::Connection& connection, std::string_view relation,
                                           const std::vector<sql::ColumnInfo>& columns,
                                           const std::vector<CheckSpec>& checks,
                                           const RunOptions& options);

// What RunChecks would do, for `andon check -explain`: "1 scan of payment: …", then one line for
// each check with what answers it. Reads no rows (statistics and a sample of the first ones at
// most).
Result<std::string> ExplainChecks(sql::Connection& connection, std::string_view relation,
                                  const std::vector<sql::ColumnInfo>& columns,
                                  const std::vector<CheckSpec>& checks, const RunOptions& options);

// One expectation's validation result as Great Expectations writes it.
Json ToGxResult(const CheckSpec& check, const CheckResult& result);
// The whole validation result of a suite.
Json ToGxValidation(std::string_view suite, const std::vector<CheckSpec>& checks,
                    const std::vector<CheckResult>& results);

// Read by a worker, written to the journal: lossless.
Json ToJson(const CheckResult& result);
Result<CheckResult> CheckResultFromJson(const Json& json);

}  // namespace andon::quality
