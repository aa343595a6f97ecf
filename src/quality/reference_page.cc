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

Names, parameters and results are those of Great Expectations; `expect_sql` and
`expect_column_values_to_exist_in_table` are Andon's own. The first argument of a call may be the
parameter marked *first*; all others stand in the object behind it.

Nulls are neither good nor bad values (but for `expect_column_values_to_not_be_null`): a column of
nulls, and an empty table, pass every expectation on values. NaN is a value that lies within no range.

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
