#include "cli/failed_checks.h"

#include <fmt/format.h>

#include "base/text.h"

namespace andon::cli {
namespace {

std::string CellText(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_string()) return value.AsString();
  return value.Dump();
}

TextTable SampleTable(const Json& sample, int rows_max) {
  TextTable table;
  for (const Json& column : sample["columns"].items()) table.header.push_back(column.AsString());
  table.right.assign(table.header.size(), false);
  bool is_first = true;
  for (const Json& row : sample["rows"].items()) {
    if (static_cast<int>(table.rows.size()) == rows_max) break;
    std::vector<std::string> cells;
    for (const Json& value : row.items()) {
      if (is_first && cells.size() < table.right.size())
        table.right[cells.size()] = value.is_number();
      cells.push_back(CellText(value));
    }
    is_first = false;
    table.rows.push_back(std::move(cells));
  }
  return table;
}

}  // namespace

void PrintFailedChecks(const Context& context, const std::vector<incident::FailedCheck>& checks,
                       std::string_view indent, int rows_max) {
  for (const incident::FailedCheck& check : checks) {
    const bool is_critical = check.severity == "critical";
    std::string line = fmt::format(
        "{}{} {}", indent, context.Paint(is_critical ? "red" : "yellow", is_critical ? "✖" : "▲"),
        context.Paint("bold", check.name));
    if (!is_critical) line += fmt::format(" ({})", check.severity);
    if (check.scope == "delivery") line += " on the delivery";
    // Rows as JSON say nothing that the table below does not say better.
    const bool has_rows = !check.sample["rows"].items().empty() && rows_max > 0;
    line += ": " + (has_rows ? check.message.substr(0, check.message.find(": {")) : check.message);
    if (!check.position.empty()) line += context.Paint("dim", "  " + check.position);
    context.Line(line);
    if (has_rows) {
      context.Print(
          Format(SampleTable(check.sample, rows_max), context, std::string(indent) + "    "));
    }
    if (!check.first_bad.empty()) context.Line(fmt::format("{}    {}", indent, check.first_bad));
  }
}

}  // namespace andon::cli
