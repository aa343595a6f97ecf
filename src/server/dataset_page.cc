#include "base/text.h"
#include "definition/quarantine.h"
#include "server/pages.h"

namespace andon::server {
namespace {

Html Columns(const definition::Dataset& d) {
  Table table{.caption = "Columns, in the order of the source",
              .header = {"Column", "Type", "Rules", "Unit", "What it is"},
              .empty_text = "No columns are declared: they are those of the source."};
  for (const auto& c : d.columns) {
    std::vector<std::string> rules;
    if (c.required) rules.push_back("required");
    if (c.unique) rules.push_back("unique");
    Html said = Text(Join(rules, ", "));
    if (c.references) {
      said += Text(rules.empty() ? "references " : ", references ");
      said += DatasetLink(c.references->dataset);
      said += Text("." + c.references->column);
    }
    if (c.quarantines()) said += Text(" (quarantine)");
    table.rows.push_back({Text(c.name), Text(c.type), said, Text(c.unit), Text(c.doc)});
  }
  return Section("columns", "Columns", {ToHtml(table)});
}

Html Cell(const board::GridCell& cell) {
  if (cell.state.empty()) return El("span", {{"class", "dim"}}, {Text("·")});
  bool good = cell.state == "passed";
  std::string sign = good ? "✔" : cell.state == "failed" ? "✖" : "!";
  std::string words = cell.message.empty() ? cell.state : cell.state + ": " + cell.message;
  return El("span", {{"class", good ? "light green" : "light red"}, {"title", words}},
            {El("span", {{"aria-hidden", "true"}}, {Text(sign)}),
             El("span", {{"class", "visually-hidden"}}, {Text(cell.state)})});
}

Html History(const std::string& name, const board::Grid& grid) {
  Table table{.caption = "Checks by run, oldest first",
              .header = {"Check"},
              .empty_text = "No check has run yet."};
  for (size_t i = 0; i < grid.runs.size(); ++i) {
    std::string time = ToRfc3339(std::chrono::floor<std::chrono::seconds>(grid.times[i]));
    table.header.push_back(time.substr(5, 5) + " " + time.substr(11, 5));
  }
  table.header.push_back("Last");
  for (const auto& row : grid.rows) {
    std::vector<Html> cells = {Text(row.check)};
    const board::GridCell* last = nullptr;
    for (const auto& cell : row.cells) {
      cells.push_back(Cell(cell));
      if (!cell.state.empty()) last = &cell;
    }
    cells.push_back(Text(last ? (last->message.empty() ? last->state : last->message) : ""));
    table.rows.push_back(std::move(cells));
  }
  Html more = El("a", {{"href", "/docs/datasets/" + PercentEncode(name)}},
                 {Text("All validations, with trends and failing rows")});
  return Section("checks", "Checks",
                 {El("div", {{"class", "grid"}}, {ToHtml(table)}), El("p", Attributes{}, {more})});
}

Html Versions(const board::DatasetDetail& detail, Timestamp now) {
  Table table{.caption = "Versions, newest first",
              .header = {"Version", "State", "Published", "Rows", "Run", "Release"},
              .right = {false, false, false, true, false, true},
              .empty_text = "Nothing has been published yet."};
  for (const auto& v : detail.versions) {
    Html state = StateOf(v.state);
    if (!v.accepted.empty()) state += Text(" accepted red: " + v.accepted);
    table.rows.push_back({Text(fmt::format("@{}", v.version)), state, At(v.published_at, now),
                          Text(v.rows ? WithThousands(*v.rows) : "–"), RunLink(v.run_id),
                          Text(v.release_id ? std::to_string(v.release_id) : "–")});
  }
  return Section("versions", "Versions", {ToHtml(table)});
}

Html Deliveries(const board::DatasetDetail& detail, Timestamp now) {
  Table table{.caption = "Deliveries, newest first",
              .header = {"Delivery", "Period", "State", "Arrived", "Why"},
              .empty_text = "Nothing has arrived yet."};
  for (const auto& d : detail.deliveries) {
    table.rows.push_back({Text(fmt::format("{} {}", d.id, d.path)), Text(d.period),
                          StateOf(d.state), At(d.arrived_at, now), Text(d.reason)});
  }
  return Section("deliveries", "Deliveries", {ToHtml(table)});
}

Html NodeList(const std::vector<lineage::Reached>& list, std::string_view none) {
  if (list.empty()) return El("p", {{"class", "dim"}}, {Text(none)});
  std::vector<Html> items;
  for (const auto& r : list) {
    Html item = NodeLink(r.id);
    if (r.depth > 1)
      item += El("span", {{"class", "dim"}},
                 {Text(fmt::format(" {} steps, by {}", r.depth, NameOf(r.via)))});
    items.push_back(El("li", Attributes{}, {item}));
  }
  return El("ul", Attributes{}, items);
}

Html Lineage(const board::DatasetDetail& detail, const lineage::Graph& graph,
             const std::map<std::string, board::Light>& lights) {
  return Section("lineage", "Lineage",
                 {El("div",
                     {{"class", "scroll"},
                      {"tabindex", "0"},
                      {"role", "region"},
                      {"aria-label", "Picture of the lineage"}},
                     {Picture(graph, detail.row.address, lights)}),
                  El("h3", "Made of"), NodeList(detail.upstream, "Nothing upstream."),
                  El("h3", "Used by"), NodeList(detail.downstream, "Nothing downstream.")});
}

Html ServiceLevels(const definition::Contract& contract,
                   const std::vector<contract::Objective>& levels) {
  Table table{.caption = "Service levels of " + contract.address + ", measured over 30 days",
              .header = {"Service level", "State", "Promised", "Measured", "Error budget"}};
  for (const contract::Objective& level : levels) {
    table.rows.push_back({Text(level.property),
                          StateOf(!level.is_met   ? "unknown"
                                  : *level.is_met ? "kept"
                                                  : "missed"),
                          Text(level.promised),
                          Text(level.measured.empty() ? level.why_not : level.measured),
                          Text(contract::BudgetText(level))});
  }
  return ToHtml(table);
}

Html Contracts(const board::DatasetDetail& detail) {
  std::vector<Html> parts;
  for (size_t i = 0; i < detail.contracts.size(); ++i) {
    const definition::Contract& c = detail.contracts[i];
    parts.push_back(El("h3", fmt::format("{} {} ({})", c.address, c.version, c.status)));
    std::vector<std::pair<std::string, Html>> pairs = {
        {"Promised", Text(Join(c.promised, ", "))}, {"Consumers", Text(Join(c.consumers, ", "))}};
    for (const auto& [name, value] : c.sla.members()) {
      pairs.push_back({"SLA: " + name, Text(value.is_string() ? value.AsString() : value.Dump())});
    }
    if (!c.purpose.empty()) pairs.push_back({"Purpose", Text(c.purpose)});
    parts.push_back(Definitions(pairs));
    if (i < detail.service_levels.size() && !detail.service_levels[i].empty())
      parts.push_back(ServiceLevels(c, detail.service_levels[i]));
  }
  if (parts.empty()) return {};
  return Section("contract", "Contract", parts);
}

Html Incidents(const board::DatasetDetail& detail, Timestamp now) {
  Table table{.caption = "Incidents, newest first",
              .header = {"Incident", "State", "What", "Opened", "Resolved"},
              .empty_text = "None so far."};
  for (const auto& in : detail.incidents) {
    table.rows.push_back({IncidentLink(in.number), StateOf(incident::ToString(in.state)),
                          Text(in.title), At(in.opened_at, now), At(in.resolved_at, now)});
  }
  return Section("incidents", "Incidents", {ToHtml(table)});
}

Html Head(const board::DatasetDetail& detail, Timestamp now) {
  const auto& row = detail.row;
  const auto& d = detail.definition;
  std::vector<std::pair<std::string, Html>> pairs = {
      {"Since", At(row.since, now)},
      {"Version", row.version ? Text(fmt::format("@{}", *row.version)) : Text("–")},
      {"Published", At(row.published_at, now)},
      {"Rows", Text(row.rows ? WithThousands(*row.rows) : "–")},
      {"Owner", Text(d.owner.empty() ? "–" : d.owner)},
      {"Load", Text(std::string(definition::ToString(d.load.mode)) +
                    (d.load.key.empty() ? "" : " by " + Join(d.load.key, ", ")))}};
  if (row.age && row.age_max) {
    pairs.push_back(
        {"Freshness", Text(fmt::format("{} old, at most {}", incident::TimeText(*row.age),
                                       HumanDuration(*row.age_max)))});
  }
  if (detail.rows_quarantined) {
    pairs.push_back(
        {"Quarantined", Text(fmt::format("{} in {}", Count(*detail.rows_quarantined, "row"),
                                         definition::QuarantineTable(d.name)))});
  }
  if (!d.schedule.empty())
    pairs.push_back(
        {"Schedule", Text(d.schedule + (d.timezone.empty() ? " UTC" : " " + d.timezone))});
  if (!d.tags.empty()) pairs.push_back({"Tags", Text(Join(d.tags, ", "))});
  std::string position = definition::PositionOf(d.positions, "");
  if (!position.empty()) pairs.push_back({"Declared", Text(position)});
  return Definitions(pairs);
}

}  // namespace

Response DatasetPage(Frame frame, const board::DatasetDetail& detail, const lineage::Graph& graph,
                     const std::map<std::string, board::Light>& lights, Timestamp now) {
  const auto& row = detail.row;
  frame.title = row.name;
  frame.is_live = true;
  std::vector<Html> main = {El("h1", Attributes{}, {Text(row.name + " "), LightOf(row.light)})};
  if (!row.why.empty()) {
    Html why = Text(row.why + " ");
    if (row.incident) why += IncidentLink(*row.incident);
    main.push_back(
        El("p", {{"class", "banner " + std::string(board::ToString(row.light))}}, {why}));
  }
  if (!detail.definition.description.empty())
    main.push_back(El("p", detail.definition.description));
  main.push_back(Head(detail, now));
  main.push_back(Columns(detail.definition));
  main.push_back(History(row.name, detail.grid));
  main.push_back(Versions(detail, now));
  if (detail.definition.sql.empty()) main.push_back(Deliveries(detail, now));
  main.push_back(Lineage(detail, graph, lights));
  main.push_back(Contracts(detail));
  main.push_back(Incidents(detail, now));
  if (!detail.definition.sql.empty()) {
    main.push_back(Section(
        "sql", "SQL",
        {El("p", {{"class", "dim"}}, {Text(detail.definition.sql_file)}),
         El("pre", {{"tabindex", "0"}, {"aria-label", "SQL of " + row.name}, {"role", "region"}},
            {El("code", detail.definition.sql)})}));
  }
  return Page(frame, main);
}

}  // namespace andon::server
