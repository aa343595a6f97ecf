// A check as it was declared, and its validation before any data is touched.
//
//   CheckSpec check = ReadCheck("amount_in_range", "expect_column_values_to_be_between",
//                               kwargs, range, &diagnostics);
//   diagnostics.Append(Validate(check, columns));
//
// Types, parameters and meaning are those of Great Expectations. A check is broken or sound
// by its text and the dataset's columns alone; data can only make it pass or fail.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/json.h"
#include "sql/types.h"

namespace andon::sql {
class Analyzer;
}

namespace andon::quality {

class ColumnIndex;

// What a failure does to a run: critical stops the line; of quarantine the bad rows go to a table
// beside and the rest is published; warning and info are told.
enum class CheckSeverity { kCritical, kQuarantine, kWarning, kInfo };

// "critical", "quarantine", "warning", "info".
std::string_view ToString(CheckSeverity severity);
// The word that it is; a word that is none is critical.
CheckSeverity SeverityFromString(std::string_view word);
// The same in the words of Great Expectations, which knows no quarantine.
std::string_view GxSeverity(CheckSeverity severity);

// The share of a delivery's rows that may be quarantined where the check does not say
// (`quarantine_max`). More is not some bad rows but a bad delivery.
inline constexpr double kQuarantineMax = 0.05;

// What a check looks at: the rows that just arrived, or the whole dataset with them.
enum class Scope { kDelivery, kDataset };

struct CheckSpec {
  std::string name;              // Its key in `checks`: its identity over time.
  std::string type;              // "expect_column_values_to_be_between"
  Json kwargs = Json::Object();  // Without severity and on.
  CheckSeverity severity = CheckSeverity::kCritical;
  double quarantine_max = kQuarantineMax;
  // Where it is said (`on`); otherwise the type's own: keys, nulls, types and the shape of the
  // table on both, all else on the dataset.
  std::optional<bool> on_delivery;
  std::optional<bool> on_dataset;
  SourceRange declared;

  bool operator==(const CheckSpec&) const = default;
};

bool RunsOn(const CheckSpec& check, Scope scope);

// True where a failure is a number of rows of the dataset, which can be told from the others: row
// predicates, keys, foreign keys, SQL that returns them. Not aggregates, nor rows in order.
bool HasBadRows(const CheckSpec& check);

// Takes `severity` ("critical" or "error", "quarantine", "warning", "info"), `quarantine_max` and
// `on` ("delivery", "dataset", "both") out of `kwargs`, the rest is the expectation's. Mistakes in
// those and an unknown type go to `diagnostics`; the check is returned all the same.
CheckSpec ReadCheck(std::string name, std::string type, Json kwargs, SourceRange declared,
                    Diagnostics* diagnostics);

// Everything that is wrong with a check: unknown type or parameter (did you mean), missing or
// wrong values, unknown columns (did you mean), a regular expression that does not compile, a
// bound or a kind of check that does not suit the column's type. `tables`: the names that a check
// may refer to, for did-you-mean; with an empty list other tables are not looked at. With an
// `analyzer` row conditions are bound, too; the statement of an expect_sql is the caller's to
// analyze, who knows all tables' columns (SqlOf).
Diagnostics Validate(const CheckSpec& check, const std::vector<sql::ColumnInfo>& columns,
                     const std::vector<std::string>& tables = {},
                     sql::Analyzer* analyzer = nullptr);

// Of Validate: the expectation does not apply to the type of a column. Data without a value has no
// type to speak of (a file's column of nulls), so a run takes it only for what it finds.
inline constexpr std::string_view kMisfitCode = "AN1608";

// The same for columns that are looked up often.
Diagnostics Validate(const CheckSpec& check, const ColumnIndex& columns,
                     const std::vector<std::string>& tables = {},
                     sql::Analyzer* analyzer = nullptr);

// The other tables that a check reads ("rental" of a foreign key; the tables of an expect_sql
// are found by sql::Analyzer from SqlOf), but for those of another source. They make edges.
std::vector<std::string> TablesOf(const CheckSpec& check);
// The statement of an expectation that is SQL; empty for all others.
std::string SqlOf(const CheckSpec& check);

// "Values of amount are between 0 and 11.99, for at least 99.9 % of the rows." For plans and pages.
std::string Describe(const CheckSpec& check);

// For the language: one function for each type, and the reference page.
struct ParameterInfo {
  std::string name;
  std::string
      type;  // "column", "columns", "number", "value", "values", "string", "bool", "object", …
  bool is_required = false;
  std::string doc;
};
struct ExpectationInfo {
  std::string name;
  std::string says;        // "Values of {column} match {regex}."
  std::string positional;  // The parameter that the first argument fills; empty: none.
  std::vector<ParameterInfo> parameters;
  std::string example;  // Its own test, as docs/expectations.md shows it.
};
// What every expectation takes besides its own.
const std::vector<ParameterInfo>& CommonParameters();
// Ordered by name; their parameters include the common ones.
const std::vector<ExpectationInfo>& Expectations();

}  // namespace andon::quality
