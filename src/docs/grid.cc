#include "docs/grid.h"

#include <fmt/format.h>

#include <algorithm>

#include "DocsAssets.h"
#include "base/text.h"
#include "docs/pages.h"
#include "docs/parts.h"
#include "html/parts.h"

namespace andon::docs {
namespace {

using html::Attributes;
using html::El;
using html::Html;
using html::Text;
using validation::CellState;
using validation::GridCell;
using validation::GridRow;
using validation::Summary;

// "11-20", below it "08:42", and below that the batch; who hears it hears the year, the state and
// the version too.
Html ColumnHeader(const Summary& column, const Links& links) {
  const std::string time = html::ShownTime(column.about.started);
  const auto heard = [](const std::string& text) {
    return El("span", {{"class", "visually-hidden"}}, {Text(text)});
  };
  std::vector<Html> lines = {heard(time.substr(0, 5)), Text(time.substr(5, 5)),
                             El("br", Attributes{}), Text(time.substr(11, 5))};
  if (!column.about.batch.empty()) {
    lines.push_back(El("br", Attributes{}));
    lines.push_back(Text(column.about.batch));
  }
  std::string rest = fmt::format(", {}", column.state);
  if (column.about.version > 0) rest += fmt::format(", version {}", column.about.version);
  lines.push_back(heard(rest));
  return El("th", {{"scope", "col"}},
            {El("a", {{"href", links.Validation(column.about.number)}}, lines)});
}

std::string Says(const GridRow& row, const Summary& column, const GridCell& cell) {
  std::string out = fmt::format("{} {}: {}", row.check, html::ShownTime(column.about.started),
                                MarkOf(cell.state).word);
  if (cell.unexpected_percent)
    out += fmt::format(", {} unexpected", PercentText(*cell.unexpected_percent));
  else if (cell.observed)
    out += fmt::format(", observed {}", NumberText(*cell.observed));
  return out;
}

Html CellHtml(const GridRow& row, const Summary& column, const GridCell& cell, const Links& links) {
  const Mark& mark = MarkOf(cell.state);
  if (cell.state == CellState::kAbsent)
    return El("td", Attributes{}, {El("span", {{"class", "dim"}}, {Text(mark.sign)})});
  const std::string says = Says(row, column, cell);
  return El("td", Attributes{},
            {El("a",
                {{"class", std::string("light ") + mark.colour},
                 {"href", links.Validation(column.about.number) + "#" + AnchorOf(row.check)},
                 {"aria-label", says}},
                {Text(mark.sign)})});
}

Html Trend(const GridRow& row) {
  const bool has_percent = std::any_of(row.cells.begin(), row.cells.end(), [](const GridCell& c) {
    return c.unexpected_percent.has_value();
  });
  std::vector<std::optional<double>> values;
  for (const GridCell& cell : row.cells)
    values.push_back(has_percent ? cell.unexpected_percent : cell.observed);
  return Sparkline(values, has_percent ? "unexpected percent" : "observed");
}

// How many of the checks passed, in each validation.
Html PassedOverTime(const std::vector<Summary>& columns) {
  std::vector<std::optional<double>> values;
  for (const Summary& column : columns) values.push_back(column.counts.success_percent());
  Html line = Sparkline(values, "passed percent");
  if (line.empty()) return {};
  return El(
      "p", Attributes{},
      {Text("Checks that passed, "), Text(PercentText(*values.back())), Text(" now: "), line});
}

}  // namespace

Html GridOf(const validation::Grid& grid, std::string_view dataset,
            const std::vector<int64_t>& chunks, const Links& links) {
  if (grid.columns.empty()) return El("p", {{"class", "dim"}}, {Text("Not validated yet.")});
  std::vector<Html> header = {El("th", {{"scope", "col"}}, {Text("Check")}),
                              El("th", {{"scope", "col"}}, {Text("Trend")})};
  for (const Summary& column : grid.columns) header.push_back(ColumnHeader(column, links));
  std::vector<Html> rows;
  for (const GridRow& row : grid.rows) {
    if (rows.size() == kGridRowsMax) break;
    std::vector<Html> cells = {El("th", {{"scope", "row"}, {"title", row.type}}, {Text(row.check)}),
                               El("td", Attributes{}, {Trend(row)})};
    for (size_t i = 0; i < row.cells.size(); ++i)
      cells.push_back(CellHtml(row, grid.columns[i], row.cells[i], links));
    rows.push_back(El("tr", Attributes{}, cells));
  }
  std::string known;
  for (int64_t chunk : chunks) known += (known.empty() ? "" : ",") + std::to_string(chunk);
  Html table = El("table",
                  {{"id", "grid"},
                   {"data-key", KeyOf(dataset)},
                   {"data-src", links.Data(dataset)},
                   {"data-chunks", known},
                   {"data-first", std::to_string(grid.columns.front().about.number)},
                   {"data-validation", links.Validation(0)},
                   {"data-columns", std::to_string(kGridColumns)}},
                  {El("caption", {{"class", "visually-hidden"}},
                      {Text("Checks by validation, oldest first; the arrow keys move in it")}),
                   El("thead", Attributes{}, {El("tr", Attributes{}, header)}),
                   El("tbody", Attributes{}, rows)});
  std::vector<Html> parts = {PassedOverTime(grid.columns)};
  // Shown by the script, which alone can do it.
  parts.push_back(
      El("p", {{"id", "grid-buttons"}, {"hidden", ""}},
         {El("button", {{"type", "button"}, {"id", "older"}}, {Text("« Older")}), Text(" "),
          El("button", {{"type", "button"}, {"id", "newer"}}, {Text("Newer »")}), Text(" "),
          El("span", {{"id", "grid-status"}, {"role", "status"}, {"class", "dim"}})}));
  parts.push_back(El("div",
                     {{"class", "scroll grid history"},
                      {"tabindex", "0"},
                      {"role", "region"},
                      {"aria-label", "Checks by validation"}},
                     {table}));
  if (grid.rows.size() > kGridRowsMax) {
    parts.push_back(El("p", {{"class", "dim"}},
                       {Text(fmt::format("… and {} more checks; each validation's page has all.",
                                         grid.rows.size() - kGridRowsMax))}));
  }
  return El("div", Attributes{}, parts);
}

const EmbeddedFile* FindAsset(std::string_view path) {
  for (const EmbeddedFile& file : DocsAssets()) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

std::string ChunkScript(const validation::Grid& grid, std::string_view dataset, int64_t chunk) {
  Json columns = Json::List(), rows = Json::List();
  for (const Summary& column : grid.columns) {
    columns.Push(Json::List({column.about.number, html::ShownTime(column.about.started),
                             std::string(1, static_cast<char>(CellStateOf(column.state))),
                             column.about.batch, column.about.version}));
  }
  auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(); };
  for (const GridRow& row : grid.rows) {
    std::string states;
    Json observed = Json::List(), percents = Json::List();
    for (const GridCell& cell : row.cells) {
      states += static_cast<char>(cell.state);
      observed.Push(cell.unexpected_percent ? Json() : number(cell.observed));
      percents.Push(number(cell.unexpected_percent));
    }
    rows.Push(Json::List(
        {row.check, AnchorOf(row.check), states, std::move(observed), std::move(percents)}));
  }
  const Json data = Json::Object({{"key", KeyOf(dataset)},
                                  {"chunk", chunk},
                                  {"columns", std::move(columns)},
                                  {"rows", std::move(rows)}});
  return "andonDocs(" + data.Dump() + ");\n";
}

}  // namespace andon::docs
