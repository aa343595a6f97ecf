#include "incident/record.h"

#include <algorithm>
#include <charconv>

#include "base/json_strings.h"
#include "base/text.h"

namespace andon::incident {
namespace {

// What an incident keeps of its parts: a delivery with a million bad rows must not fill the store.
constexpr size_t kChecksMax = 200;
constexpr size_t kBreaksMax = 200;

Json Time(const std::optional<Timestamp>& t) { return t ? Json(ToMicros(*t)) : Json(); }

std::optional<Timestamp> ReadTime(const Json& json) {
  if (!json.is_integer()) return std::nullopt;
  return FromMicros(json.AsInteger());
}

Json CheckToJson(const FailedCheck& c) {
  return Json::Object({{"dataset", c.dataset},
                       {"name", c.name},
                       {"type", c.type},
                       {"severity", c.severity},
                       {"scope", c.scope},
                       {"message", c.message},
                       {"observed_value", c.observed_value},
                       {"unexpected_count", c.unexpected_count},
                       {"element_count", c.element_count},
                       {"position", c.position},
                       {"sample", c.sample},
                       {"first_bad", c.first_bad}});
}

FailedCheck CheckFromJson(const Json& json) {
  return {.dataset = json["dataset"].AsString(),
          .name = json["name"].AsString(),
          .type = json["type"].AsString(),
          .severity = json["severity"].AsString(),
          .scope = json["scope"].AsString(),
          .message = json["message"].AsString(),
          .observed_value = json["observed_value"],
          .unexpected_count = json["unexpected_count"].AsInteger(),
          .element_count = json["element_count"].AsInteger(),
          .position = json["position"].AsString(),
          .sample = json["sample"],
          .first_bad = json["first_bad"].AsString()};
}

FailureKind KindFromString(std::string_view text) {
  for (FailureKind kind : {FailureKind::kChecks, FailureKind::kContract, FailureKind::kTask,
                           FailureKind::kUnreadable, FailureKind::kFreshness}) {
    if (text == ToString(kind)) return kind;
  }
  return FailureKind::kChecks;
}

Json DeliveryToJson(const std::optional<DeliveryReference>& d) {
  if (!d) return {};
  return Json::Object({{"id", d->id},
                       {"path", d->path},
                       {"period", d->period},
                       {"arrived_at", ToMicros(d->arrived_at)}});
}

constexpr std::string_view kColumns =
    "incident_id, state, dataset, cause_key, severity, opened_at, acknowledged_at, resolved_at, "
    "run_id, release_id, body";

Result<Incident> FromRow(const store::Row& row) {
  Incident incident;
  incident.number = row.Integer("incident_id");
  incident.state = TRY(StateFromString(row.Text("state")));
  incident.cause_key = row.Text("cause_key");
  incident.severity = row.Text("severity");
  incident.opened_at = row.Time("opened_at");
  incident.acknowledged_at = row.OptionalTime("acknowledged_at");
  incident.resolved_at = row.OptionalTime("resolved_at");
  incident.run_id = row.Text("run_id");
  incident.release_id = row.Integer("release_id");
  ReadBody(row.Document("body"), incident);
  return incident;
}

Result<std::vector<Incident>> FromRows(const store::Rows& rows) {
  std::vector<Incident> list;
  for (const store::Row& row : rows) {
    Incident incident = TRY(FromRow(row));
    list.push_back(std::move(incident));
  }
  return list;
}

}  // namespace

std::string_view ToString(FailureKind kind) {
  switch (kind) {
    case FailureKind::kChecks:
      return "checks";
    case FailureKind::kContract:
      return "contract";
    case FailureKind::kTask:
      return "task";
    case FailureKind::kUnreadable:
      return "unreadable";
    case FailureKind::kFreshness:
      return "freshness";
  }
  return "";
}

std::string_view ToString(State state) {
  switch (state) {
    case State::kOpen:
      return "open";
    case State::kAcknowledged:
      return "acknowledged";
    case State::kAccepted:
      return "accepted";
    case State::kResolved:
      return "resolved";
  }
  return "";
}

Result<State> StateFromString(std::string_view text) {
  for (State state : {State::kOpen, State::kAcknowledged, State::kAccepted, State::kResolved}) {
    if (text == ToString(state)) return state;
  }
  return Error::Corrupt("\"{}\" is no state of an incident", text);
}

Json BodyOf(const Incident& in) {
  Json held = Json::List(), checks = Json::List(), causes = Json::List();
  for (const auto& h : in.held) {
    held.Push(Json::Object({{"dataset", h.dataset}, {"since", ToMicros(h.since)}}));
  }
  for (const auto& c : in.checks) {
    if (checks.size() < kChecksMax) checks.Push(CheckToJson(c));
  }
  for (const auto& c : in.causes) causes.Push(ToJson(c));
  std::vector<std::string> breaks(in.breaks.begin(),
                                  in.breaks.begin() + std::min(in.breaks.size(), kBreaksMax));
  return Json::Object(
      {{"kind", ToString(in.kind)},
       {"title", in.title},
       {"datasets", Strings(in.datasets)},
       {"published", Strings(in.published)},
       {"held", std::move(held)},
       {"last_run_id", in.last_run_id},
       {"transitions", in.transitions},
       {"delivery", DeliveryToJson(in.delivery)},
       {"checks", std::move(checks)},
       {"breaks", Strings(breaks)},
       {"message", in.message},
       {"causes", std::move(causes)},
       {"impact", in.impact.ToJson()},
       {"began_at", ToMicros(in.began_at)},
       {"acknowledged_by", in.acknowledged_by},
       {"assignee", in.assignee},
       {"accepted_at", Time(in.accepted_at)},
       {"accepted_by", in.accepted_by},
       {"accepted_reason", in.accepted_reason},
       {"accepted_until", Time(in.accepted_until)},
       {"resolved_by", in.resolved_by},
       {"resolution", in.resolution},
       {"last_good_version", in.last_good_version ? Json(*in.last_good_version) : Json()},
       {"served", in.served},
       {"last_good_at", Time(in.last_good_at)}});
}

void ReadBody(const Json& body, Incident& in) {
  in.kind = KindFromString(body["kind"].AsString());
  in.title = body["title"].AsString();
  in.datasets = Strings(body["datasets"]);
  in.published = Strings(body["published"]);
  for (const Json& h : body["held"].items()) {
    in.held.push_back({h["dataset"].AsString(), FromMicros(h["since"].AsInteger())});
  }
  in.last_run_id = body["last_run_id"].AsString();
  in.transitions = body["transitions"].AsInteger();
  if (const Json& d = body["delivery"]; d.is_object()) {
    in.delivery =
        DeliveryReference{d["id"].AsInteger(), d["path"].AsString(), d["period"].AsString(),
                          FromMicros(d["arrived_at"].AsInteger())};
  }
  for (const Json& c : body["checks"].items()) in.checks.push_back(CheckFromJson(c));
  in.breaks = Strings(body["breaks"]);
  in.message = body["message"].AsString();
  for (const Json& c : body["causes"].items()) in.causes.push_back(CauseFromJson(c));
  in.impact = lineage::Impact::FromJson(body["impact"]);
  in.began_at = FromMicros(body["began_at"].AsInteger(ToMicros(in.opened_at)));
  in.acknowledged_by = body["acknowledged_by"].AsString();
  in.assignee = body["assignee"].AsString();
  in.accepted_at = ReadTime(body["accepted_at"]);
  in.accepted_by = body["accepted_by"].AsString();
  in.accepted_reason = body["accepted_reason"].AsString();
  in.accepted_until = ReadTime(body["accepted_until"]);
  in.resolved_by = body["resolved_by"].AsString();
  in.resolution = body["resolution"].AsString();
  if (body["last_good_version"].is_integer())
    in.last_good_version = body["last_good_version"].AsInteger();
  in.served = body["served"].AsString();
  in.last_good_at = ReadTime(body["last_good_at"]);
}

Result<void> Save(store::Transaction& tx, Incident& in) {
  std::string dataset = in.datasets.empty() ? "" : in.datasets.front();
  store::Params params = {
      ToString(in.state), dataset,        in.cause_key, in.severity,   in.opened_at,
      in.acknowledged_at, in.resolved_at, in.run_id,    in.release_id, BodyOf(in)};
  if (in.number != 0) {
    params.push_back(in.number);
    TRY(tx.Execute(
        "UPDATE incidents SET state = ?, dataset = ?, cause_key = ?, severity = ?, "
        "opened_at = ?, acknowledged_at = ?, resolved_at = ?, run_id = ?, release_id = ?, "
        "body = ? WHERE incident_id = ?",
        params));
    return {};
  }
  auto rows = TRY(tx.Query(
      "INSERT INTO incidents (state, dataset, cause_key, severity, opened_at, acknowledged_at, "
      "resolved_at, run_id, release_id, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "RETURNING incident_id",
      params));
  in.number = rows.at(0).Integer("incident_id");
  return {};
}

Result<void> AddEvent(store::Transaction& tx, int64_t number, const Event& event) {
  TRY(tx.Execute(
      "INSERT INTO incident_events (incident_id, time, kind, actor, body) VALUES (?, ?, ?, ?, ?)",
      {number, event.at, event.kind, event.actor, Json::Object({{"text", event.text}})}));
  return {};
}

Result<std::vector<Incident>> ListOpen(store::Transaction& tx) {
  store::Rows rows = TRY(tx.Query(fmt::format(
      "SELECT {} FROM incidents WHERE state <> 'resolved' ORDER BY incident_id", kColumns)));
  return FromRows(rows);
}

Result<Incident> Load(store::Transaction& tx, int64_t number) {
  auto rows = TRY(
      tx.Query(fmt::format("SELECT {} FROM incidents WHERE incident_id = ?", kColumns), {number}));
  if (!rows.empty()) return FromRow(rows[0]);
  auto last = TRY(store::QueryOne(tx, "SELECT max(incident_id) AS n FROM incidents"));
  int64_t newest = last ? last->Integer("n") : 0;
  if (newest == 0)
    return Error::NotFound("There is no incident {}: none has been opened yet", number);
  return Error::NotFound("There is no incident {}; the last one is {}", number, newest);
}

Result<Incident> Find(store::Transaction& tx, std::string_view text) {
  if (text == "last") {
    auto rows = TRY(tx.Query(
        fmt::format("SELECT {} FROM incidents ORDER BY incident_id DESC LIMIT 1", kColumns)));
    if (rows.empty()) return Error::NotFound("There is no incident: none has been opened yet");
    return FromRow(rows[0]);
  }
  std::string_view digits = text.starts_with('#') ? text.substr(1) : text;
  int64_t number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number < 1) {
    return Error::Invalid("\"{}\" is no incident: give its number, or \"last\"", text);
  }
  return Load(tx, number);
}

Result<std::vector<Incident>> List(store::Transaction& tx, const Filter& filter) {
  std::string where = "1 = 1";
  if (filter.is_over) where = *filter.is_over ? "state = 'resolved'" : "state <> 'resolved'";
  auto rows = TRY(tx.Query(fmt::format(
      "SELECT {} FROM incidents WHERE {} ORDER BY incident_id DESC{}", kColumns, where,
      filter.dataset.empty() ? fmt::format(" LIMIT {}", std::max<int64_t>(0, filter.limit)) : "")));
  std::vector<Incident> list;
  for (const store::Row& row : rows) {
    if (static_cast<int64_t>(list.size()) >= filter.limit) break;
    Incident incident = TRY(FromRow(row));
    if (filter.dataset.empty() || incident.Touches(filter.dataset))
      list.push_back(std::move(incident));
  }
  return list;
}

Result<std::vector<Event>> Events(store::Transaction& tx, int64_t number) {
  auto rows =
      TRY(tx.Query("SELECT event_id, time, kind, actor, body FROM incident_events WHERE "
                   "incident_id = ? ORDER BY event_id",
                   {number}));
  std::vector<Event> events;
  for (const store::Row& row : rows) {
    events.push_back({row.Integer("event_id"), row.Time("time"), row.Text("kind"),
                      row.Text("actor"), row.Document("body")["text"].AsString()});
  }
  return events;
}

bool Incident::IsRed(std::string_view dataset) const {
  return std::find(datasets.begin(), datasets.end(), dataset) != datasets.end();
}

bool Incident::Touches(std::string_view dataset) const {
  return IsRed(dataset) || std::any_of(held.begin(), held.end(),
                                       [&](const HeldDataset& h) { return h.dataset == dataset; });
}

Times TimesOf(const Incident& in, Timestamp now) {
  Times times;
  Timestamp end = in.resolved_at.value_or(std::max(now, in.opened_at));
  times.to_detection = std::max(Duration(0), in.opened_at - in.began_at);
  if (in.resolved_at) times.to_resolution = std::max(Duration(0), *in.resolved_at - in.opened_at);
  times.downtime = std::max(Duration(0), end - in.began_at);
  if (in.accepted_at) times.served_bad = std::max(Duration(0), end - *in.accepted_at);
  if (!in.served.empty()) {
    (in.served == "bad" ? times.served_bad : times.served_stale) = times.downtime;
    return times;
  }
  // Before the first good version there was nothing that readers could have been served.
  if (in.last_good_version) times.served_stale = times.downtime - times.served_bad;
  return times;
}

std::string TimeText(Duration d) {
  if (d <= Duration(0)) return "0 s";
  if (d < std::chrono::seconds(1))
    return HumanDuration(std::chrono::ceil<std::chrono::milliseconds>(d));
  return HumanDuration(std::chrono::floor<std::chrono::seconds>(d));
}

Json ToJson(const Times& times) {
  auto seconds = [](Duration d) { return static_cast<double>(d.count()) / 1e6; };
  return Json::Object(
      {{"to_detection_s", times.to_detection ? Json(seconds(*times.to_detection)) : Json()},
       {"to_resolution_s", times.to_resolution ? Json(seconds(*times.to_resolution)) : Json()},
       {"downtime_s", seconds(times.downtime)},
       {"served_stale_s", seconds(times.served_stale)},
       {"served_bad_s", seconds(times.served_bad)}});
}

Json ToJson(const Event& event) {
  return Json::Object({{"id", event.id},
                       {"at", ToRfc3339(event.at)},
                       {"kind", event.kind},
                       {"actor", event.actor},
                       {"text", event.text}});
}

Json ToJson(const Incident& in) {
  Json json = Json::Object(
      {{"number", in.number}, {"state", ToString(in.state)}, {"severity", in.severity}});
  Json body = BodyOf(in);
  auto text = [](const std::optional<Timestamp>& t) { return t ? Json(ToRfc3339(*t)) : Json(); };
  Json held = Json::List();
  for (const auto& h : in.held) {
    held.Push(Json::Object({{"dataset", h.dataset}, {"since", ToRfc3339(h.since)}}));
  }
  body.Set("held", std::move(held));
  if (in.delivery) {
    Json delivery = DeliveryToJson(in.delivery);
    delivery.Set("arrived_at", ToRfc3339(in.delivery->arrived_at));
    body.Set("delivery", std::move(delivery));
  }
  body.Set("began_at", ToRfc3339(in.began_at));
  body.Set("accepted_at", text(in.accepted_at));
  body.Set("accepted_until", text(in.accepted_until));
  body.Set("last_good_at", text(in.last_good_at));
  body.Remove("transitions");
  body.Remove("last_run_id");
  for (auto& [name, value] : body.members()) json.Set(name, value);
  json.Set("opened_at", ToRfc3339(in.opened_at));
  json.Set("acknowledged_at", text(in.acknowledged_at));
  json.Set("resolved_at", text(in.resolved_at));
  json.Set("run_id", in.run_id);
  json.Set("release", in.release_id);
  return json;
}

}  // namespace andon::incident
