#include "quality/reference_page.h"

#include <algorithm>

#include "base/text.h"
#include "quality/check.h"
#include "quality/expectation.h"

namespace andon::quality {
namespace {

constexpr std::string_view kHead =
    R"(<!-- Made from src/quality/expectations; `UPDATE=1 quality_test` writes it anew. -->
# Expectations

Names, parameters and results are those of Great Expectations 1.24: all of its core expectations are
here. Andon's own are `expect_sql`, `expect_column_values_to_exist_in_table`,
`expect_column_newest_value_to_be_younger_than`, `expect_table_to_match_other_table` and the three
`expect_aggregate_…`. The first argument of a call may be the parameter marked *first*; all others
stand in the object behind it.

Nulls are neither good nor bad values (but for `expect_column_values_to_not_be_null` and
`expect_column_values_to_be_null`): a column of nulls, and an empty table, pass every expectation on
values. A statistic of nothing (the mean of an empty column) lies within no bounds and fails. NaN is
a value that lies within no range.

Every expectation runs on files and on databases (DuckDB, SQLite, PostgreSQL and its family). Where
Great Expectations reads a table otherwise in a database than in a data frame, so does Andon:

| | files | databases |
|---|---|---|
| a null in a comparison of columns | the comparison does not hold: bad | neither good nor bad |
| a null in a compound key | equals a null | equals nothing |
| a quantile | the value of the nearest rank | `percentile_disc` |
| the sum of nothing | 0 | nothing, which fails |
| LIKE | minds the case | the engine's own: SQLite's does not mind the case |
| regular expressions | RE2 | RE2 in SQLite, the server's own in PostgreSQL |
| increasing, decreasing | the order of the file | only with `order_by` |
| what no SQL can say (JSON Schema, strptime, any usual date) | a function of Andon's, in the scan | the same in SQLite; on a server, from the counts of the column's values |

Every expectation also takes these:

)";

// The example without the indentation of the source.
std::string Outdent(std::string_view example) {
  std::vector<std::string> lines = Split(example, '\n');
  size_t indent = std::string::npos;
  for (const std::string& line : lines) {
    size_t first = line.find_first_not_of(' ');
    if (first != std::string::npos) indent = std::min(indent, first);
  }
  std::string text;
  for (const std::string& line : lines) {
    if (line.find_first_not_of(' ') != std::string::npos) {
      text += line.substr(indent) + "\n";
    } else if (!text.empty()) {
      text += "\n";
    }
  }
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

std::string Row(const ParameterInfo& parameter, bool is_first) {
  std::string notes = is_first ? " *(first)*" : parameter.is_required ? " *(required)*" : "";
  return fmt::format("| `{}`{} | {} | {} |\n", parameter.name, notes, parameter.type,
                     parameter.doc);
}

constexpr std::string_view kTableHead = "| parameter | is | |\n|---|---|---|\n";

}  // namespace

std::string ExpectationsPage() {
  std::string page(kHead);
  page += kTableHead;
  page +=
      "| `severity` | `\"critical\"`, `\"warning\"` or `\"info\"` | Only a critical failure stops "
      "the line. |\n"
      "| `on` | `\"delivery\"`, `\"dataset\"` or `\"both\"` | What is looked at: the rows that "
      "arrived, or all. |\n";
  for (const ParameterInfo& parameter : CommonParameters()) page += Row(parameter, false);
  for (const ExpectationInfo& info : Expectations()) {
    const Expectation* expectation = FindExpectation(info.name);
    page += fmt::format("\n## {}\n{}\n\n", info.name, info.says);
    page += expectation->on_delivery ? "Judged on the delivery and on the dataset.\n\n"
                                     : "Judged on the dataset.\n\n";
    page += kTableHead;
    for (const ParameterInfo& parameter : info.parameters) {
      bool is_common =
          std::any_of(CommonParameters().begin(), CommonParameters().end(),
                      [&](const ParameterInfo& other) { return other.name == parameter.name; });
      if (!is_common) page += Row(parameter, parameter.name == info.positional);
    }
    page += "\n```\n" + Outdent(info.example) + "```\n";
  }
  return page;
}

}  // namespace andon::quality
