#include "cli/row_differences.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace andon::cli {
namespace {

using modeltest::Difference;
using modeltest::Outcome;

std::string CellText(const std::optional<std::string>& cell) { return cell.value_or("null"); }

int64_t CountOf(const Outcome& outcome, Difference::Kind kind) {
  return std::count_if(outcome.differences.begin(), outcome.differences.end(),
                       [&](const Difference& d) { return d.kind == kind; });
}

std::string_view Word(Difference::Kind kind) {
  switch (kind) {
    case Difference::kMissing:
      return "missing";
    case Difference::kUnexpected:
      return "unexpected";
    case Difference::kChanged:
      return "changed";
    case Difference::kMoved:
      return "moved";
  }
  return {};
}

std::vector<std::string> Cells(const Outcome& outcome, const Difference& difference) {
  std::vector<std::string> cells;
  for (size_t c = 0; c < outcome.columns.size(); ++c) {
    bool differs = std::find(difference.columns.begin(), difference.columns.end(), c) !=
                   difference.columns.end();
    if (differs) {
      cells.push_back(CellText(outcome.expected[size_t(difference.expected)][c]) + " → " +
                      CellText(outcome.actual[size_t(difference.actual)][c]));
    } else if (difference.expected >= 0) {
      cells.push_back(CellText(outcome.expected[size_t(difference.expected)][c]));
    } else {
      cells.push_back(CellText(outcome.actual[size_t(difference.actual)][c]));
    }
  }
  return cells;
}

SourceRange PlaceOf(const modeltest::Case& test, const Difference& difference) {
  if (difference.expected < 0 || size_t(difference.expected) >= test.expect.rows.size()) return {};
  return test.expect.rows[size_t(difference.expected)].place;
}

// "changed, line 14"
std::string Says(const modeltest::Case& test, const Difference& difference) {
  std::string says(Word(difference.kind));
  if (difference.kind == Difference::kMoved)
    says = fmt::format("is row {}, not {}", difference.actual + 1, difference.expected + 1);
  if (SourceRange place = PlaceOf(test, difference); place.exists())
    says += fmt::format(", line {}", place.start.line);
  return says;
}

Json RowJson(const Outcome& outcome, const modeltest::TextRow& row) {
  Json json = Json::Object();
  for (size_t c = 0; c < outcome.columns.size(); ++c)
    json.Set(outcome.columns[c], row[c] ? Json(*row[c]) : Json());
  return json;
}

}  // namespace

std::string DifferenceSummary(const Outcome& outcome) {
  int64_t unequal = CountOf(outcome, Difference::kMissing) +
                    CountOf(outcome, Difference::kChanged) + CountOf(outcome, Difference::kMoved);
  std::vector<std::string> parts;
  for (Difference::Kind kind :
       {Difference::kChanged, Difference::kMissing, Difference::kUnexpected, Difference::kMoved}) {
    if (int64_t n = CountOf(outcome, kind)) parts.push_back(fmt::format("{} {}", n, Word(kind)));
  }
  return fmt::format("{} of {} came as expected; {}", int64_t(outcome.expected.size()) - unequal,
                     Count(int64_t(outcome.expected.size()), "row"), Join(parts, ", "));
}

std::string DifferenceTable(const Context& context, const modeltest::Case& test,
                            const Outcome& outcome, std::string_view indent, int rows_max) {
  TextTable table;
  table.header = {" "};
  table.header.insert(table.header.end(), outcome.columns.begin(), outcome.columns.end());
  table.header.push_back(" ");
  for (const Difference& difference : outcome.differences) {
    if (int(table.rows.size()) == rows_max) break;
    std::vector<std::string> cells = Cells(outcome, difference);
    cells.insert(cells.begin(), std::string(1, char(difference.kind)));
    cells.push_back(Says(test, difference));
    table.rows.push_back(std::move(cells));
  }
  std::string text = Format(table, context, indent);
  int64_t left = int64_t(outcome.differences.size()) - rows_max;
  if (left > 0) text += fmt::format("{}… {} more\n", indent, WithThousands(left));
  return text;
}

quality::SampleRows DifferenceSample(const modeltest::Case& test, const Outcome& outcome,
                                     int rows_max) {
  quality::SampleRows sample;
  for (const std::string& column : outcome.columns) sample.columns.push_back({column, "VARCHAR"});
  sample.columns.push_back({"difference", "VARCHAR"});
  for (const Difference& difference : outcome.differences) {
    if (int(sample.rows.size()) == rows_max) break;
    std::vector<Json> row;
    for (std::string& cell : Cells(outcome, difference)) row.push_back(std::move(cell));
    row.push_back(Says(test, difference));
    sample.rows.push_back(std::move(row));
  }
  return sample;
}

Json DifferencesJson(const modeltest::Case& test, const Outcome& outcome) {
  Json list = Json::List();
  for (const Difference& difference : outcome.differences) {
    Json json = Json::Object({{"kind", Word(difference.kind)}});
    if (difference.expected >= 0)
      json.Set("expected", RowJson(outcome, outcome.expected[size_t(difference.expected)]));
    if (difference.actual >= 0)
      json.Set("actual", RowJson(outcome, outcome.actual[size_t(difference.actual)]));
    if (!difference.columns.empty()) {
      Json columns = Json::List();
      for (size_t c : difference.columns) columns.Push(outcome.columns[c]);
      json.Set("columns", std::move(columns));
    }
    if (SourceRange place = PlaceOf(test, difference); place.exists())
      json.Set("position", fmt::format("{}:{}", place.filename, place.start.line));
    list.Push(std::move(json));
  }
  return list;
}

}  // namespace andon::cli
