// One dataset: its checks over time, its suite as sentences, what it is made of and used by.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "docs/grid.h"
#include "docs/pages.h"
#include "docs/parts.h"
#include "html/parts.h"

namespace andon::docs {
namespace {

using html::Attributes;
using html::El;
using html::Html;
using html::Text;

// The checks that the last validation asked; else those that are declared.
std::vector<quality::CheckSpec> SuiteOf(const DatasetView& view) {
  std::vector<quality::CheckSpec> out;
  if (view.last) {
    for (const auto& checked : view.last->results) out.push_back(checked.check);
    return out;
  }
  if (!view.definition) return out;
  for (const definition::Check& check : view.definition->checks) {
    quality::CheckSpec spec{.name = check.name, .type = check.type, .kwargs = check.kwargs};
    spec.severity = quality::SeverityFromString(check.severity);
    out.push_back(std::move(spec));
  }
  return out;
}

std::string ColumnOf(const quality::CheckSpec& check) {
  return check.kwargs["column"].is_string() ? check.kwargs["column"].AsString() : "";
}

Html Sentence(const quality::CheckSpec& check) {
  std::vector<Html> parts = {Text(SentenceOf(check) + " "),
                             El("span", {{"class", "dim"}}, {Text(check.name)})};
  if (check.severity != quality::CheckSeverity::kCritical)
    parts.push_back(Text(fmt::format(" ({})", quality::ToString(check.severity))));
  const std::string sql = quality::SqlOf(check);
  if (!sql.empty()) parts.push_back(El("pre", Attributes{}, {El("code", sql)}));
  return El("li", Attributes{}, parts);
}

Html Suite(const DatasetView& view) {
  const std::vector<quality::CheckSpec> suite = SuiteOf(view);
  if (suite.empty()) {
    return html::Section("suite", "Suite",
                         {El("p", {{"class", "dim"}}, {Text("No checks are declared.")})});
  }
  // The table's first, then the columns in the order in which they are first named.
  std::vector<std::string> order = {""};
  std::map<std::string, std::vector<Html>> sentences;
  for (const quality::CheckSpec& check : suite) {
    const std::string column = ColumnOf(check);
    if (std::find(order.begin(), order.end(), column) == order.end()) order.push_back(column);
    sentences[column].push_back(Sentence(check));
  }
  std::vector<Html> parts;
  for (const std::string& column : order) {
    if (sentences[column].empty()) continue;
    std::string doc;
    if (view.definition) {
      if (const auto* declared = view.definition->FindColumn(column)) doc = declared->doc;
    }
    parts.push_back(El("h3", column.empty() ? "The table" : column));
    if (!doc.empty()) parts.push_back(El("p", {{"class", "dim"}}, {Text(doc)}));
    parts.push_back(El("ul", Attributes{}, sentences[column]));
  }
  return html::Section("suite", "Suite", parts);
}

Html Reached(const std::vector<lineage::Reached>& list, std::string_view none, const Links& links) {
  constexpr size_t kListMax = 200;
  if (list.empty()) return El("p", {{"class", "dim"}}, {Text(none)});
  std::vector<Html> items;
  for (const lineage::Reached& r : list) {
    if (items.size() == kListMax) {
      items.push_back(El("li", fmt::format("… and {} more", list.size() - kListMax)));
      break;
    }
    const size_t dot = r.id.rfind('.');
    const std::string name = dot == std::string::npos ? r.id : r.id.substr(dot + 1);
    const bool is_dataset = r.id.starts_with("dataset.");
    Html item = is_dataset ? DatasetLink(links, r.id, name) : Text(r.id);
    if (r.depth > 1)
      item += El("span", {{"class", "dim"}}, {Text(fmt::format(" {} steps", r.depth))});
    items.push_back(El("li", Attributes{}, {item}));
  }
  return El("ul", Attributes{}, items);
}

Html Validations(const DatasetView& view, const Links& links) {
  html::Table table{.caption = "Validations, newest first",
                    .header = {"Validation", "Batch", "Version", "State", "Passed", "Rows", "Run"},
                    .right = {false, false, false, false, true, true},
                    .empty_text = "None yet."};
  if (links.is_live()) table.header.push_back("Difference");
  const auto& columns = view.grid.columns;
  for (size_t i = columns.size(); i-- > 0;) {
    const validation::Validation& v = columns[i].about;
    const validation::Counts& c = columns[i].counts;
    table.rows.push_back({ValidationLink(links, v, html::ShownTime(v.started)), Text(v.batch),
                          Text(v.version > 0 ? fmt::format("@{}", v.version) : "–"),
                          StateBadge(columns[i].state),
                          Text(fmt::format("{} of {}", c.passed, c.checks)),
                          Text(v.rows >= 0 ? WithThousands(v.rows) : "–"), Text(v.run_id)});
    if (!links.is_live()) continue;
    const int64_t newest = columns.back().about.number;
    table.rows.back().push_back(
        v.number == newest
            ? Text("–")
            : El("a", {{"href", links.Compare(v.number, newest)}}, {Text("to the newest")}));
  }
  std::vector<Html> parts = {html::ToHtml(table)};
  if (view.validations > static_cast<int64_t>(columns.size())) {
    parts.push_back(El("p", {{"class", "dim"}},
                       {Text(fmt::format("{} of {}. Each page leads to the one before it.",
                                         columns.size(), WithThousands(view.validations)))}));
  }
  return html::Section("validations", "Validations", parts);
}

}  // namespace

Result<std::string> DatasetOfKey(store::Transaction& tx, const definition::Project& project,
                                 std::string_view key) {
  for (const definition::Dataset& d : project.datasets) {
    if (KeyOf(d.address) == key || d.name == key || d.address == key) return d.address;
  }
  auto kept = TRY(tx.Query("SELECT DISTINCT dataset FROM validations"));
  for (const store::Row& row : kept) {
    if (KeyOf(row.Text("dataset")) == key || row.Text("dataset") == key) return row.Text("dataset");
  }
  return Error::NotFound("There is no dataset \"{}\"", key);
}

Result<DatasetView> ReadDataset(store::Transaction& tx, const definition::Project& project,
                                const lineage::Graph& graph, std::string_view key) {
  DatasetView view;
  view.dataset = TRY(DatasetOfKey(tx, project, key));
  view.definition = project.FindDataset(view.dataset);
  view.grid = TRY(validation::ReadGrid(tx, view.dataset, kGridColumns));
  auto chunks = TRY(tx.Query(
      "SELECT validation_id / ? AS chunk, count(*) AS n FROM validations WHERE dataset = ? "
      "GROUP BY 1 ORDER BY 1",
      {kChunk, view.dataset}));
  for (const store::Row& row : chunks) {
    view.chunks.push_back(row.Integer("chunk"));
    view.validations += row.Integer("n");
  }
  if (!view.grid.columns.empty()) {
    view.last = TRY(validation::Find(tx, view.grid.columns.back().about.number));
    view.name = view.last->name;
  }
  if (view.definition) view.name = view.definition->name;
  view.upstream = graph.Upstream(view.dataset);
  view.downstream = graph.Downstream(view.dataset);
  return view;
}

Page DatasetPage(const DatasetView& view, const Links& links) {
  const bool is_validated = !view.grid.columns.empty();
  Html title = Text(view.name + " ");
  if (is_validated) title += StateBadge(view.grid.columns.back().state);
  Page page{.title = view.name};
  page.main = {El("h1", Attributes{}, {title})};
  std::vector<std::pair<std::string, Html>> facts;
  if (view.definition) {
    if (!view.definition->description.empty())
      page.main.push_back(El("p", view.definition->description));
    facts.emplace_back("Owner",
                       Text(view.definition->owner.empty() ? "–" : view.definition->owner));
    if (!view.definition->tags.empty())
      facts.emplace_back("Tags", Text(Join(view.definition->tags, ", ")));
  }
  facts.emplace_back("Validations", Text(WithThousands(view.validations)));
  if (is_validated) {
    const validation::Summary& last = view.grid.columns.back();
    facts.emplace_back("Last",
                       ValidationLink(links, last.about, html::ShownTime(last.about.started)));
    facts.emplace_back("Passed",
                       Text(fmt::format("{} of {}", last.counts.passed, last.counts.checks)));
  }
  page.main.push_back(html::Definitions(facts));
  page.main.push_back(html::Section("history", "Checks over time",
                                    {GridOf(view.grid, view.dataset, view.chunks, links)}));
  page.main.push_back(Suite(view));
  page.main.push_back(Validations(view, links));
  if (view.definition) {
    page.main.push_back(html::Section(
        "lineage", "Lineage",
        {El("h3", "Made of"), Reached(view.upstream, "Nothing upstream.", links),
         El("h3", "Used by"), Reached(view.downstream, "Nothing downstream.", links)}));
  }
  return page;
}

}  // namespace andon::docs
