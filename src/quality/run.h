// Runs the checks of one dataset over one relation.
//
// All of them share one scan: each is a predicate or an aggregate of one statement, planned
// together (quality/plan.h). Bad rows are looked at only for checks that fail. A check that
// breaks is reported in its own result and never loses the others.
//
// On a database the statements run there, in its dialect; what it cannot say at all (a JSON schema,
// a date in any form) is decided here, from counts of the column's values.
//
// Nulls, as Great Expectations has it: a null value is neither good nor bad (except for
// to_not_be_null), so a column of nulls, or an empty table, passes every expectation on values. A
// statistic of nothing (a mean, a quantile) lies within no bounds.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "quality/args.h"
#include "quality/check.h"
#include "sql/session.h"
#include "sql/types.h"

namespace andon::sql {
class Aggregate;
}

namespace andon::quality {

// What a catalog or a file's footer knows without reading data; all may be absent.
// Bounds may be wider than the data, never narrower.
struct ColumnStatistics {
  std::optional<int64_t> lower;  // Of integer columns.
  std::optional<int64_t> upper;
  std::optional<int64_t> null_count;  // Exact.
  // Exactly what min() and max() of the column give, as a query's JSON; null: not known, or there
  // is no value.
  Json least;
  Json greatest;
};

// A metric's value that is known without reading rows, and by what: "statistics".
struct KnownMetric {
  Json value;
  std::string by;
};

// How much of the bad values a result holds; Great Expectations' four formats.
//
// kBooleanOnly: the verdict. kBasic: counts and the first bad values. kSummary: with their counts
// and places. kComplete: with every bad value, its place, and a query that finds them again.
struct ResultFormat {
  enum class Level { kBooleanOnly, kBasic, kSummary, kComplete };
  Level level = Level::kSummary;
  int partial_unexpected_count = 20;
  std::vector<std::string> unexpected_index_column_names;  // Empty: the row's number, from 0.
  // Not said: with kComplete only.
  std::optional<bool> return_unexpected_index_query;
  bool include_unexpected_rows = false;
  bool exclude_unexpected_values = false;
};

// The most bad values (and places) that a result holds in memory, whatever its format.
inline constexpr int64_t kUnexpectedListMax = 1'000'000;

struct RunOptions {
  ResultFormat result_format;
  std::string table_name;                // For messages, and as the relation's name in expect_sql.
  int sample_rows = 20;                  // For each failing check; 0: none.
  std::vector<std::string> key_columns;  // Come first in a sample.
  std::map<std::string, std::string>
      tables;  // Other tables: name → SQL that may stand behind FROM.
  std::map<std::string, ColumnStatistics> statistics;
  // How many bytes each column has in the files, compressed; to tell what a plan will read. Empty:
  // the files or the server are asked.
  std::map<std::string, int64_t> column_bytes;
  std::string parquet_files;    // A pattern: the relation's files, whose footers are asked.
  std::string text_files;       // Or its files of CSV or JSON, which are read whole.
  std::optional<int64_t> rows;  // How many there are, exactly; none: nobody knows.
  // Asked for each metric that the statistics do not answer; a metric's Key() names it.
  std::function<std::optional<KnownMetric>(const sql::Aggregate& metric)> known;
  // Which part of the relation holds the rows that `counted` counts (without those of `less`, where
  // it is given): all columns, and in `position` the row's place in the whole, from 0. It stands
  // behind FROM; empty: not known.
  std::function<std::string(const sql::Aggregate& counted, const sql::Aggregate* less,
                            const std::string& position)>
      holding;
  // Bad rows of a check that follows from another (quality/implication.h) are counted only where
  // that one has some. The results are the same either way.
  bool skips_implied = true;
  // Sessions of other sources by name, for comparisons. Lifetime: not owned, as long as the run.
  std::map<std::string, sql::Session*> sources;
  // What checks observed before, by their names, the oldest first; for comparisons over time.
  std::map<std::string, std::vector<Observation>> history;
  std::optional<Timestamp> now;         // For ages and days; without it such checks are errors.
  std::optional<Timestamp> written_at;  // When somebody wrote last; none: nobody knows.
  // Of checks, by their names, the time between two instants that counts; others count all of it.
  std::map<std::string, std::function<Duration(Timestamp from, Timestamp to)>> counts;
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
  // The aggregate; of an expectation on values, the count that is bad; of a set or a comparison
  // nothing.
  Json observed_value;
  std::optional<int64_t> element_count;      // Rows looked at; only expectations on values have it.
  std::optional<int64_t> unexpected_count;   // Of a set of values, those that are too many.
  std::optional<int64_t> missing_count;      // Nulls; of a set of values, those that lack.
  std::optional<double> unexpected_percent;  // Of the values that are not missing.
  std::vector<Json> partial_unexpected_list;
  // Of an aggregate: what Great Expectations shows beside the observed value. Of a set of values
  // `partial_missing_list`, of a statement `unexpected_rows`.
  Json details;
  // From kSummary on: [{"value": v, "count": n}], the most frequent first.
  std::vector<Json> partial_unexpected_counts;
  // From kSummary on where the rows have places: numbers from 0, or objects of the index columns.
  std::vector<Json> partial_unexpected_index_list;
  // kComplete only.
  std::vector<Json> unexpected_list;
  std::vector<Json> unexpected_index_list;
  std::vector<Json> unexpected_rows;   // Where include_unexpected_rows asks for them.
  std::string unexpected_index_query;  // SQL in the session's dialect.
  SampleRows sample;
  // The predicate of the bad rows, in SQL over the relation's columns; for quality/slice.h.
  // Empty where an expectation has no bad rows.
  std::string bad_rows_sql;
  std::vector<std::string> columns;  // That it looks at.
  // Rows that a run took to the quarantine for this check; the others were published.
  std::optional<int64_t> quarantined_count;
  // A sentence of a run: with which delivery, run and release the bad rows came. Empty: not known.
  std::string first_bad;
  Duration duration{0};  // Its share: of a shared scan the whole scan's.

  bool success() const { return state == CheckState::kPassed; }
};

// One result for each check, in order. `relation` may stand behind FROM: a table's name,
// read_parquet([…]), or a subquery in parentheses. If it has columns `filename` and
// `file_row_number` besides `columns`, samples name the place of each row.
//
// Never fails as a whole but for kInterrupted: where the relation cannot be read, each result
// is kError and says so.
Result<std::vector<CheckResult>> RunChecks(sql::Session& session, std::string_view relation,
                                           const std::vector<sql::ColumnInfo>& columns,
                                           const std::vector<CheckSpec>& checks,
                                           const RunOptions& options);

// Registers what the checks' predicates (CheckResult::bad_rows_sql) may call, where they are asked
// on another session than RunChecks'.
Result<void> RegisterFunctions(sql::Session& session, const std::vector<CheckSpec>& checks);

// What RunChecks would do, for `andon check -explain`: "1 scan of payment: …", then one line for
// each check with what answers it. Reads no rows (statistics and a sample of the first ones at
// most).
Result<std::string> ExplainChecks(sql::Session& session, std::string_view relation,
                                  const std::vector<sql::ColumnInfo>& columns,
                                  const std::vector<CheckSpec>& checks, const RunOptions& options);
// The same for programs: {"scans", "rows", "columns", "bytes", "bytes_basis", "checks": [{"name",
// "answered_by", "follows_from"}], "contradictions": [{"checks", "why"}]}.
struct Explanation {
  std::string text;
  Json json;
};
Result<Explanation> Explain(sql::Session& session, std::string_view relation,
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
