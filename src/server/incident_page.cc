#include "base/text.h"
#include "server/pages.h"

namespace andon::server {
namespace {

using incident::Incident;

Html Banner(const Incident& in, Timestamp now) {
  if (in.is_over()) {
    return El(
        "p", {{"class", "banner green"}},
        {StateOf("resolved"), Text(" "), At(in.resolved_at, now), Text(": " + in.resolution)});
  }
  if (in.state == incident::State::kAccepted) {
    Html text = StateOf("accepted");
    text += Text(fmt::format(" by {}: {} ", in.accepted_by, in.accepted_reason));
    if (in.accepted_until) {
      text += Text("Until ");
      text += At(in.accepted_until, now);
    }
    return El("p", {{"class", "banner yellow"}}, {text});
  }
  std::string served = in.last_good_version && !in.accepted_at
                           ? fmt::format(" Readers go on with version @{}.", *in.last_good_version)
                           : "";
  return El("p", {{"class", "banner red"}},
            {StateOf(incident::ToString(in.state)), Text(" " + in.title + "." + served)});
}

Html Head(const board::IncidentDetail& detail, Timestamp now) {
  const Incident& in = detail.incident;
  const incident::Times& t = detail.times;
  std::vector<Html> red;
  for (const auto& d : in.datasets) red.push_back(DatasetLink(d));
  std::vector<std::pair<std::string, Html>> pairs = {
      {"Severity", StateOf(in.severity)},
      {"Red", Separated(red, Text(", "))},
      {"Began", At(in.began_at, now)},
      {"Opened", At(in.opened_at, now)},
      {"Time to detection", Text(t.to_detection ? incident::TimeText(*t.to_detection) : "–")},
      {"Time to resolution",
       Text(t.to_resolution ? incident::TimeText(*t.to_resolution) : "not over yet")},
      {"Data downtime", Text(incident::TimeText(t.downtime))},
      {"Served stale", Text(incident::TimeText(t.served_stale))},
      {"Served bad", Text(t.served_bad > Duration(0) ? incident::TimeText(t.served_bad) : "never")},
      {"Who is on it", Text(!in.assignee.empty()          ? in.assignee
                            : !in.acknowledged_by.empty() ? in.acknowledged_by
                                                          : "nobody yet")},
      {"Run", RunLink(in.run_id)}};
  if (in.delivery) pairs.push_back({"Delivery", Text(in.delivery->path)});
  return Definitions(pairs);
}

Html CauseItem(const incident::Cause& cause) {
  std::vector<Html> evidence;
  for (const auto& e : cause.evidence) {
    evidence.push_back(
        El("li", Attributes{},
           {El("span", {{"class", "dim"}}, {Text(e.supports ? "for: " : "against: ")}),
            Text(e.sentence)}));
  }
  std::string score = fmt::format("{:.2f}", cause.score);
  Html head = El("strong", fmt::format("{}: {}", incident::ToString(cause.kind), cause.title));
  if (cause.is_cleared()) {
    head += Text(" (cleared)");
  } else {
    head += Text(" ");
    head += El("meter", {{"min", "0"},
                         {"max", "1"},
                         {"value", score},
                         {"aria-label", "Weight of the evidence: " + score}});
    head += El("span", {{"class", "dim"}}, {Text(" " + score)});
  }
  return El("li", Attributes{}, {head, El("ul", {{"class", "evidence"}}, evidence)});
}

Html Causes(const Incident& in) {
  std::vector<Html> items;
  for (const auto& cause : in.causes) items.push_back(CauseItem(cause));
  return Section("causes", "Likely causes", {El("ol", {{"class", "causes"}}, items)});
}

Html Sample(const incident::FailedCheck& check) {
  Table table{.caption = fmt::format("Rows that fail {}", check.name)};
  for (const Json& column : check.sample["columns"].items()) {
    table.header.push_back(column.is_object() ? column["name"].AsString() : column.AsString());
  }
  for (const Json& row : check.sample["rows"].items()) {
    std::vector<Html> cells;
    for (const Json& value : row.items()) {
      cells.push_back(value.is_null() ? El("span", {{"class", "dim"}}, {Text("null")})
                                      : Text(value.is_string() ? value.AsString() : value.Dump()));
    }
    table.rows.push_back(std::move(cells));
  }
  if (table.rows.empty()) return {};
  return El(
      "details", Attributes{},
      {El("summary", Count(static_cast<int64_t>(table.rows.size()), "sample row")), ToHtml(table)});
}

Html Failures(const Incident& in) {
  std::vector<Html> parts;
  if (!in.message.empty()) parts.push_back(El("p", in.message));
  std::vector<Html> breaks;
  for (const auto& b : in.breaks) breaks.push_back(El("li", b));
  if (!breaks.empty()) parts.push_back(El("ul", Attributes{}, breaks));
  for (const auto& check : in.checks) {
    parts.push_back(
        El("h3", Attributes{},
           {DatasetLink(check.dataset), Text("." + check.name + " "), StateOf(check.severity)}));
    parts.push_back(El("p", check.message));
    if (!check.first_bad.empty()) parts.push_back(El("p", check.first_bad));
    std::string where = check.type + (check.scope.empty() ? "" : ", on the " + check.scope) +
                        (check.position.empty() ? "" : ", " + check.position);
    parts.push_back(El("p", {{"class", "dim"}}, {Text(where)}));
    parts.push_back(Sample(check));
  }
  return Section("what", "What failed", parts);
}

Html Impact(const Incident& in, Timestamp now) {
  std::vector<Html> parts = {El("p", "Reached: " + in.impact.ToText() + ".")};
  Table table{.caption = "Datasets downstream",
              .header = {"Dataset", "Steps", "By", "Held since"},
              .right = {false, true},
              .empty_text = "No dataset is made of it."};
  for (const auto& r : in.impact.datasets) {
    Html held = Text("–");
    for (const auto& h : in.held) {
      if (h.dataset == r.id) held = At(h.since, now);
    }
    table.rows.push_back({NodeLink(r.id), Text(std::to_string(r.depth)), NodeLink(r.via), held});
  }
  parts.push_back(ToHtml(table));
  if (!in.impact.consumers.empty())
    parts.push_back(El("p", "Consumers: " + Join(in.impact.consumers, ", ")));
  if (!in.impact.contracts.empty())
    parts.push_back(El("p", "Contracts: " + Join(in.impact.contracts, ", ")));
  return Section("impact", "Impact", parts);
}

Html Timeline(const board::IncidentDetail& detail, Timestamp now) {
  Table table{.caption = "Timeline, oldest first",
              .header = {"At", "What", "Who", "Told"},
              .empty_text = "Nothing yet."};
  for (const auto& e : detail.events) {
    std::string kind = e.kind;
    for (char& c : kind) c = c == '_' ? ' ' : c;
    table.rows.push_back({At(e.at, now), Text(kind), Text(e.actor), Text(e.text)});
  }
  return Section("timeline", "Timeline", {ToHtml(table)});
}

Html Actions(const Incident& in) {
  if (in.is_over()) return {};
  std::vector<Html> items = {
      El("li", Attributes{},
         {Text("Take it: "), Command(fmt::format("andon incident ack {}", in.number))}),
      El("li", Attributes{},
         {Text("Say something: "),
          Command(fmt::format("andon incident note {} 'text'", in.number))})};
  if (in.kind == incident::FailureKind::kChecks && in.state != incident::State::kAccepted) {
    items.push_back(
        El("li", Attributes{},
           {Text("Publish all the same: "),
            Command(fmt::format("andon incident accept {} -reason 'why' -until 7d", in.number))}));
  }
  if (!in.causes.empty() && in.causes[0].kind == incident::CauseKind::kCode &&
      in.causes[0].release_id > 1) {
    items.push_back(
        El("li", Attributes{},
           {Text("Take the code back: "),
            Command(fmt::format("andon release rollback {}", in.causes[0].release_id - 1))}));
  }
  items.push_back(El("li", Attributes{},
                     {Text("Close it by hand: "),
                      Command(fmt::format("andon incident resolve {} -note 'why'", in.number))}));
  return Section("actions", "What to do", {El("ul", Attributes{}, items)});
}

}  // namespace

Response IncidentPage(Frame frame, const board::IncidentDetail& detail, Timestamp now) {
  const Incident& in = detail.incident;
  frame.title = fmt::format("Incident {}", in.number);
  frame.section = "/incidents";
  frame.is_live = true;
  return Page(frame, {El("h1", fmt::format("Incident {}: {}", in.number, in.title)),
                      Banner(in, now), Head(detail, now), Causes(in), Actions(in), Failures(in),
                      Impact(in, now), Timeline(detail, now)});
}

Response IncidentsPage(Frame frame, const std::vector<Incident>& incidents, Timestamp now) {
  frame.title = "Incidents";
  frame.section = "/incidents";
  frame.is_live = true;
  Table table{
      .caption = "Incidents, newest first",
      .header = {"Incident", "State", "What", "Opened", "Resolved", "Downtime", "Likely cause"},
      .empty_text = "None so far."};
  for (const auto& in : incidents) {
    table.rows.push_back({IncidentLink(in.number), StateOf(incident::ToString(in.state)),
                          Text(in.title), At(in.opened_at, now), At(in.resolved_at, now),
                          Text(incident::TimeText(incident::TimesOf(in, now).downtime)),
                          Text(in.causes.empty() ? "" : in.causes[0].title)});
  }
  return Page(frame, {El("h1", "Incidents"), ToHtml(table)});
}

}  // namespace andon::server
