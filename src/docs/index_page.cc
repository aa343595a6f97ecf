// The first page: every dataset with its light, to be searched, and the newest validations.
#include <fmt/format.h>

#include <algorithm>

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

int Badness(const IndexRow& row) {
  if (!row.last) return 1;
  const std::string& state = row.last->state;
  return state == "passed" ? 0 : state == "warning" ? 2 : 3;
}

IndexRow RowOf(const definition::Dataset& d) {
  IndexRow row{.dataset = d.address, .name = d.name, .owner = d.owner, .words = d.tags};
  for (const definition::Column& column : d.columns) row.words.push_back(column.name);
  for (const definition::Check& check : d.checks) row.words.push_back(check.name);
  return row;
}

// The states of the last validations of every dataset.
Result<void> ReadStrips(store::Transaction& tx, std::vector<IndexRow>& rows) {
  for (IndexRow& row : rows) {
    if (row.validations == 0) continue;
    auto last = TRY(
        validation::List(tx, {.dataset = row.dataset, .limit = static_cast<int64_t>(kStripMax)}));
    for (size_t i = last.size(); i-- > 0;)
      row.strip += static_cast<char>(CellStateOf(last[i].state));
  }
  return {};
}

Html Counts(const Index& index) {
  int red = 0, yellow = 0, green = 0, grey = 0;
  for (const IndexRow& row : index.rows) {
    const int badness = Badness(row);
    ++(badness == 3 ? red : badness == 2 ? yellow : badness == 0 ? green : grey);
  }
  std::vector<Html> items;
  auto item = [&](const char* colour, const char* sign, int n, const char* word) {
    items.push_back(El("li", {{"class", colour}},
                       {El("b", std::to_string(n)), Text(fmt::format("{} {}", sign, word))}));
  };
  item("red", "✖", red, "failing");
  item("yellow", "▲", yellow, "with warnings");
  item("green", "✔", green, "passing");
  item("grey", "○", grey, "not validated");
  return El("ul", {{"class", "counts"}}, items);
}

Html SearchField() {
  return El("form", {{"class", "filter"}, {"role", "search"}},
            {El("label", Attributes{},
                {Text("Search datasets, columns, checks, owners "),
                 El("input", {{"type", "search"}, {"id", "search"}, {"autocomplete", "off"}})}),
             El("p", {{"id", "found"}, {"role", "status"}, {"class", "dim"}})});
}

Html DatasetRow(const IndexRow& row, const Links& links) {
  std::vector<Html> cells = {
      El("th", {{"scope", "row"}}, {DatasetLink(links, row.dataset, row.name)})};
  auto cell = [&](Html content, Attributes attributes = {}) {
    cells.push_back(El("td", attributes, {content}));
  };
  if (row.last) {
    const validation::Counts& c = row.last->counts;
    cell(StateBadge(row.last->state));
    cell(Text(fmt::format("{} of {}", c.passed, c.checks)), {{"class", "number"}});
    cell(ValidationLink(links, row.last->about, html::ShownTime(row.last->about.started)));
    cell(Strip(row.strip));
  } else {
    cell(El("span", {{"class", "light grey"}},
            {El("span", {{"aria-hidden", "true"}}, {Text("○")}), Text(" not validated")}));
    for (int i = 0; i < 3; ++i) cell({});
  }
  cell(Text(WithThousands(row.validations)), {{"class", "number"}});
  cell(Text(row.owner));
  return El("tr",
            {{"data-search", AsciiLower(row.name + " " + row.owner + " " + Join(row.words, " "))}},
            cells);
}

Html DatasetTable(const Index& index, const Links& links) {
  if (index.rows.empty()) {
    return El("p", {{"class", "dim"}},
              {Text("No dataset is declared, and nothing was validated yet.")});
  }
  std::vector<Html> header, rows;
  for (const char* name :
       {"Dataset", "State", "Passed", "Last validation", "Before", "Kept", "Owner"}) {
    header.push_back(El("th", {{"scope", "col"}}, {Text(name)}));
  }
  for (const IndexRow& row : index.rows) rows.push_back(DatasetRow(row, links));
  return El("div",
            {{"class", "scroll"},
             {"tabindex", "0"},
             {"role", "region"},
             {"aria-label", "Datasets, worst first"}},
            {El("table", {{"id", "datasets-table"}},
                {El("caption", {{"class", "visually-hidden"}}, {Text("Datasets, worst first")}),
                 El("thead", Attributes{}, {El("tr", Attributes{}, header)}),
                 El("tbody", Attributes{}, rows)})});
}

Html Recent(const Index& index, const Links& links) {
  html::Table table{.caption = "Validations, newest first",
                    .header = {"Validation", "Data", "State", "Passed", "Run"},
                    .right = {false, false, false, true},
                    .empty_text =
                        "None yet. \"andon run\" records its checks; \"andon check "
                        "-record\" records one."};
  for (const validation::Summary& s : index.recent) {
    table.rows.push_back({ValidationLink(links, s.about, html::ShownTime(s.about.started)),
                          Text(s.about.title()), StateBadge(s.state),
                          Text(fmt::format("{} of {}", s.counts.passed, s.counts.checks)),
                          Text(s.about.run_id)});
  }
  return html::Section("recent", "Newest validations", {html::ToHtml(table)});
}

}  // namespace

Result<Index> ReadIndex(store::Transaction& tx, const definition::Project& project) {
  Index index{.project = project.name};
  std::map<std::string, size_t> at;
  for (const definition::Dataset& d : project.datasets) {
    at[d.address] = index.rows.size();
    index.rows.push_back(RowOf(d));
  }
  auto kept = TRY(validation::Datasets(tx));
  for (validation::DatasetSummary& d : kept) {
    auto [found, is_new] = at.emplace(d.dataset, index.rows.size());
    if (is_new) index.rows.push_back({.dataset = d.dataset, .name = d.last.about.name});
    IndexRow& row = index.rows[found->second];
    row.validations = d.validations;
    row.last = std::move(d.last);
  }
  TRY(ReadStrips(tx, index.rows));
  std::stable_sort(index.rows.begin(), index.rows.end(), [](const IndexRow& a, const IndexRow& b) {
    return Badness(a) != Badness(b) ? Badness(a) > Badness(b) : a.name < b.name;
  });
  index.recent = TRY(validation::List(tx, {.limit = kRecentMax}));
  return index;
}

Page IndexPage(const Index& index, const Links& links) {
  Page page{.title = ""};
  page.main = {El("h1", Attributes{}, {Text("Data Docs")}), Counts(index), SearchField(),
               html::Section("datasets", "Datasets", {DatasetTable(index, links)}),
               Recent(index, links)};
  return page;
}

}  // namespace andon::docs
