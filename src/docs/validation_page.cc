// One validation: overview, statistics, what is different, and every check with what it observed.
#include <fmt/format.h>

#include <algorithm>
#include <map>

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
using validation::CheckedCheck;
using validation::Validation;

Html Information(const Validation& v) {
  std::vector<std::pair<std::string, Html>> facts;
  auto say = [&](const char* name, const std::string& value) {
    if (!value.empty()) facts.emplace_back(name, Text(value));
  };
  facts.emplace_back("Started", TimeOf(v.started));
  say("Took", HumanDuration(v.duration));
  say("Suite", v.suite);
  say("Source", v.source);
  say("Batch", v.batch);
  for (const auto& [name, value] : v.batch_identifiers.members()) {
    if (validation::CellText(value) != v.batch)
      facts.emplace_back("Batch: " + name, Text(validation::CellText(value)));
  }
  say("Version", v.version > 0 ? fmt::format("@{}", v.version) : "");
  say("Branch", v.branch);
  say("Rows", v.rows >= 0 ? WithThousands(v.rows) : "");
  say("Run", v.run_id);
  say("Release", v.release_id > 0 ? std::to_string(v.release_id) : "");
  say("Asked by", v.trigger);
  say("Validation", v.id);
  return html::Definitions(facts);
}

Html Statistics(const validation::Counts& c) {
  return html::Section(
      "statistics", "Statistics",
      {html::Definitions({{"Evaluated expectations", Text(WithThousands(c.checks))},
                          {"Successful expectations", Text(WithThousands(c.passed))},
                          {"Unsuccessful expectations", Text(WithThousands(c.unsuccessful()))},
                          {"Of them warnings", Text(WithThousands(c.warnings))},
                          {"Of them broken", Text(WithThousands(c.errors))},
                          {"Success percent", Text(PercentText(c.success_percent()))}})});
}

Html ChangesTable(const std::vector<validation::Change>& changes, std::string_view none,
                  std::string_view href) {
  html::Table table{.caption = "What is different",
                    .header = {"Check", "Change", "Before", "After"},
                    .empty_text = std::string(none)};
  for (const validation::Change& change : changes) {
    std::string says(ToString(change.kind));
    if (change.kind == validation::Change::kBroke) says = "✖ " + says;
    if (change.kind == validation::Change::kMended) says = "✔ " + says;
    if (change.is_redefined) says += ", the check itself was changed";
    Html name = change.after.empty()
                    ? Text(change.check)
                    : El("a", {{"href", std::string(href) + "#" + AnchorOf(change.check)}},
                         {Text(change.check)});
    table.rows.push_back({name, Text(says), Text(change.before), Text(change.after)});
  }
  return html::ToHtml(table);
}

Html Difference(const Validation& v, const Validation* before, const Links& links) {
  if (!before) {
    return html::Section(
        "difference", "Difference to the one before",
        {El("p", {{"class", "dim"}}, {Text("It is the first one that is kept.")})});
  }
  return html::Section(
      "difference", "Difference to the one before",
      {El("p", Attributes{},
          {Text("Before: "), ValidationLink(links, *before, html::ShownTime(before->started)),
           Text(before->batch.empty() ? "" : ", " + before->batch)}),
       ChangesTable(validation::Compare(*before, v), "Nothing.", "")});
}

Html SampleTable(const quality::CheckResult& r) {
  constexpr size_t kRowsMax = 20, kColumnsMax = 60;
  html::Table table{.caption = "Failing rows of " + r.name};
  const size_t columns = std::min(r.sample.columns.size(), kColumnsMax);
  for (size_t i = 0; i < columns; ++i) table.header.push_back(r.sample.columns[i].name);
  for (const auto& row : r.sample.rows) {
    if (table.rows.size() == kRowsMax) break;
    std::vector<Html> cells;
    for (size_t i = 0; i < columns && i < row.size(); ++i) {
      cells.push_back(row[i].is_null() ? El("span", {{"class", "dim"}}, {Text("null")})
                                       : Text(validation::CellText(row[i])));
    }
    table.rows.push_back(std::move(cells));
  }
  return html::ToHtml(table);
}

Html UnexpectedCounts(const quality::CheckResult& r) {
  constexpr size_t kValuesMax = 20;
  std::vector<Html> items;
  for (const Json& entry : r.partial_unexpected_counts) {
    if (items.size() == kValuesMax) break;
    items.push_back(El("li", fmt::format("{}: {}", validation::CellText(entry["value"]),
                                         validation::CellText(entry["count"]))));
  }
  if (items.empty()) return {};
  return El("details", Attributes{},
            {El("summary", "Unexpected values, by count"), El("ul", Attributes{}, items)});
}

Html Observed(const CheckedCheck& checked) {
  const quality::CheckResult& r = checked.result;
  if (r.state == quality::CheckState::kError) {
    return El("div", Attributes{},
              {El("strong", "The check broke."),
               El("pre", {{"class", "exception"}}, {El("code", r.message)})});
  }
  std::vector<Html> parts = {Text(validation::ObservedText(r))};
  if (r.success()) return El("div", Attributes{}, parts);
  if (!r.message.empty()) {
    parts.push_back(El("p", Attributes{}, {Text(r.message.substr(0, r.message.find(": {")))}));
    if (!r.first_bad.empty()) parts.push_back(El("p", r.first_bad));
  }
  if (!r.sample.rows.empty()) {
    parts.push_back(El("details", {{"open", ""}},
                       {El("summary", Count(static_cast<int64_t>(r.sample.rows.size()),
                                            "failing row", "failing rows")),
                        SampleTable(r)}));
  }
  parts.push_back(UnexpectedCounts(r));
  return El("div", Attributes{}, parts);
}

Html ResultRow(const CheckedCheck& checked) {
  const std::string state(validation::StateOf(checked));
  std::vector<Html> expectation = {
      Text(SentenceOf(checked.check)), El("br", Attributes{}),
      El("span", {{"class", "dim"}},
         {Text(fmt::format(
             "{}{}{}", checked.check.name, checked.scope == "delivery" ? ", on the delivery" : "",
             checked.check.severity == quality::CheckSeverity::kCritical
                 ? ""
                 : fmt::format(", {}", quality::ToString(checked.check.severity))))})};
  return El("tr", {{"id", AnchorOf(checked.check.name)}, {"class", state}},
            {El("td", Attributes{}, {StateBadge(state)}), El("td", Attributes{}, expectation),
             El("td", Attributes{}, {Observed(checked)})});
}

Html Results(const Validation& v) {
  std::vector<std::string> order = {""};
  std::map<std::string, std::vector<Html>> rows;
  std::map<std::string, bool> has_failed;
  for (const CheckedCheck& checked : v.results) {
    const Json& kwarg = checked.check.kwargs["column"];
    const std::string column = kwarg.is_string() ? kwarg.AsString() : "";
    if (std::find(order.begin(), order.end(), column) == order.end()) order.push_back(column);
    rows[column].push_back(ResultRow(checked));
    if (!checked.result.success()) has_failed[column] = true;
  }
  std::vector<Html> parts = {
      El("caption", {{"class", "visually-hidden"}}, {Text("Checks, the table's first")}),
      El("thead", Attributes{},
         {El("tr", Attributes{},
             {El("th", {{"scope", "col"}}, {Text("Status")}),
              El("th", {{"scope", "col"}}, {Text("Expectation")}),
              El("th", {{"scope", "col"}}, {Text("Observed")})})})};
  for (const std::string& column : order) {
    if (rows[column].empty()) continue;
    std::vector<Html> group = {El("tr", {{"class", "group"}},
                                  {El("th", {{"colspan", "3"}, {"scope", "rowgroup"}},
                                      {Text(column.empty() ? "The table" : column)})})};
    group.insert(group.end(), rows[column].begin(), rows[column].end());
    parts.push_back(El(
        "tbody", has_failed[column] ? Attributes{} : Attributes{{"class", "all-passed"}}, group));
  }
  return El("div",
            {{"id", "results"},
             {"class", "scroll"},
             {"tabindex", "0"},
             {"role", "region"},
             {"aria-labelledby", "results-title"}},
            {El("table", {{"class", "results"}}, parts)});
}

}  // namespace

Page ValidationPage(const Validation& v, const Validation* before, const Links& links) {
  const validation::Counts counts = validation::CountsOf(v);
  const std::string dataset = v.dataset.empty() ? v.name : v.dataset;
  Page page{.title = fmt::format("{} {}", v.title(), html::ShownTime(v.started))};
  page.main = {
      El("p", Attributes{},
         {DatasetLink(links, dataset, v.name), Text(" / validation "),
          Text(std::to_string(v.number))}),
      El("h1", Attributes{}, {Text(v.title() + " "), StateBadge(validation::StateOf(counts))}),
      Information(v), Statistics(counts), Difference(v, before, links),
      // A check box and the style: it works without a script.
      El("h2", {{"id", "results-title"}}, {Text("Results")}),
      El("input", {{"type", "checkbox"}, {"id", "failed-only"}}),
      El("label", {{"for", "failed-only"}}, {Text(" Show only what failed")}), Results(v)};
  return page;
}

Page ComparePage(const Validation& before, const Validation& after, const Links& links) {
  Page page{.title = fmt::format("{} compared", after.name)};
  auto side = [&](const char* word, const Validation& v) {
    const validation::Counts c = validation::CountsOf(v);
    return El("p", Attributes{},
              {Text(word), ValidationLink(links, v, v.title() + " " + html::ShownTime(v.started)),
               Text(" "), StateBadge(validation::StateOf(c)),
               Text(fmt::format(" {} of {} passed", c.passed, c.checks))});
  };
  page.main = {El("h1", page.title), side("Before: ", before), side("After: ", after),
               html::Section("difference", "Difference",
                             {ChangesTable(validation::Compare(before, after), "Nothing.",
                                           links.Validation(after.number))})};
  return page;
}

}  // namespace andon::docs
