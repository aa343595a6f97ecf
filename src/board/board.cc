#include "board/board.h"

#include <algorithm>
#include <map>

#include "alarm/freshness.h"
#include "base/text.h"
#include "board/rows.h"
#include "board/watch.h"
#include "store/database.h"

namespace andon::board {
namespace {

using incident::Incident;
using incident::State;

std::string NameOf(std::string_view address) {
  size_t dot = address.rfind('.');
  return std::string(dot == std::string_view::npos ? address : address.substr(dot + 1));
}

constexpr auto kWindow = std::chrono::days(30);

std::optional<Duration> Median(std::vector<Duration> list) {
  if (list.empty()) return std::nullopt;
  std::sort(list.begin(), list.end());
  return list[list.size() / 2];
}

// Red before held, critical before warning, then the older one.
int Rank(const Incident& in, const std::string& dataset) {
  if (!in.IsRed(dataset)) return 3;
  if (in.state == State::kAccepted) return 2;
  return in.severity == "critical" ? 0 : 1;
}

const Incident* WorstOf(const std::vector<Incident>& open, const std::string& dataset) {
  const Incident* worst = nullptr;
  for (const Incident& in : open) {
    if (!in.Touches(dataset)) continue;
    if (in.IsRed(dataset) &&
        std::find(in.published.begin(), in.published.end(), dataset) != in.published.end()) {
      continue;  // Green already; the incident waits for others of its unit.
    }
    bool is_worse = !worst || Rank(in, dataset) < Rank(*worst, dataset) ||
                    (Rank(in, dataset) == Rank(*worst, dataset) && in.number < worst->number);
    if (is_worse) worst = &in;
  }
  return worst;
}

void SetByIncident(DatasetRow& row, const Incident& in) {
  row.incident = in.number;
  if (!in.IsRed(row.address)) {
    row.light = Light::kYellow;
    std::vector<std::string> names;
    for (const auto& d : in.datasets) names.push_back(NameOf(d));
    row.why = fmt::format("Held: {} {} red (incident {}).", Join(names, ", "),
                          names.size() == 1 ? "is" : "are", in.number);
    for (const auto& held : in.held) {
      if (held.dataset == row.address) row.since = held.since;
    }
    return;
  }
  if (in.state == State::kAccepted) {
    row.light = Light::kYellow;
    row.since = in.accepted_at;
    row.why = fmt::format("Published red, accepted by {}{}: {}", in.accepted_by,
                          in.accepted_until ? " until " + ToRfc3339(*in.accepted_until) : "",
                          in.accepted_reason);
    return;
  }
  row.light = in.severity == "critical" ? Light::kRed : Light::kYellow;
  row.since = in.opened_at;
  row.why = in.title + ".";
}

}  // namespace

std::string_view ToString(Light light) {
  switch (light) {
    case Light::kRed:
      return "red";
    case Light::kYellow:
      return "yellow";
    case Light::kGreen:
      return "green";
    case Light::kGrey:
      return "grey";
  }
  return "";
}

std::string_view SignOf(Light light) {
  switch (light) {
    case Light::kRed:
      return "✖";
    case Light::kYellow:
      return "▲";
    case Light::kGreen:
      return "✔";
    case Light::kGrey:
      return "○";
  }
  return "";
}

Result<Facts> ReadFacts(store::Transaction& tx, const definition::Project& project) {
  Facts facts;
  facts.open = TRY(incident::List(tx, {.is_over = false, .limit = 10000}));
  std::reverse(facts.open.begin(), facts.open.end());  // Oldest first.
  facts.recent = TRY(incident::List(tx, {.is_over = true, .limit = 1000}));
  auto versions =
      TRY(tx.Query("SELECT v.dataset, v.version, v.state, v.published_at, v.run_id, v.body FROM "
                   "dataset_versions v JOIN "
                   "(SELECT dataset, max(version) AS version FROM dataset_versions WHERE state <> "
                   "'rolled_back' GROUP BY dataset) n "
                   "ON n.dataset = v.dataset AND n.version = v.version"));
  for (const store::Row& row : versions) {
    Facts::Version v{row.Integer("version"), row.Time("published_at"),
                     RowsOf(row.Document("body"))};
    facts.versions[NameOf(row.Text("dataset"))] = v;
  }
  auto tasks = TRY(tx.Query(
      "SELECT dataset, run_id, state, started_at FROM (SELECT t.dataset, t.run_id, t.state, "
      "t.started_at, "
      "row_number() OVER (PARTITION BY t.dataset ORDER BY t.started_at DESC, t.attempt DESC) AS n "
      "FROM run_tasks t WHERE t.dataset <> '') WHERE n = 1"));
  for (const store::Row& row : tasks) {
    facts.tasks[row.Text("dataset")] = {row.Text("run_id"), row.Text("state"),
                                        row.OptionalTime("started_at")};
  }
  auto holds =
      TRY(tx.Query("SELECT dataset, kind, since, actor, body FROM holds WHERE state = 'active' "
                   "ORDER BY hold_id"));
  for (const store::Row& row : holds) {
    const std::string kind = row.Text("kind");
    if (kind == "upstream") continue;  // The incident tells it.
    std::string reason = row.Document("body")["reason"].AsString();
    std::string why = kind == "rollback" ? "Held since a rollback, until it is resumed"
                                         : fmt::format("Held by {}", row.Text("actor"));
    if (!reason.empty()) why += ": " + reason;
    if (!why.ends_with('.')) why += ".";
    facts.holds[row.Text("dataset")] = {why, row.Time("since")};
  }
  auto inputs = TRY(FreshnessInputs(tx, project));
  for (auto& input : inputs) facts.freshness[input.dataset->address] = std::move(input);
  return facts;
}

DatasetRow RowOf(const definition::Dataset& dataset, const Facts& facts, Timestamp now) {
  DatasetRow row{.address = dataset.address,
                 .name = dataset.name,
                 .owner = dataset.owner,
                 .tags = dataset.tags};
  if (auto v = facts.versions.find(dataset.name); v != facts.versions.end()) {
    row.version = v->second.version;
    row.published_at = v->second.published_at;
    row.rows = v->second.rows;
    row.light = Light::kGreen;
    row.since = v->second.published_at;
  }
  if (auto t = facts.tasks.find(dataset.address); t != facts.tasks.end()) {
    row.last_run_id = t->second.run_id;
    row.last_run_state = t->second.state;
    row.last_run_at = t->second.started_at;
  }
  if (dataset.is_external()) {
    // It has no versions: what its last check in its own place said.
    const bool is_good = row.last_run_state == "unchanged";
    if (is_good) row.light = Light::kGreen;
    if (is_good) row.since = row.last_run_at;
    if (!is_good) row.why = "Not checked by a run yet.";
  } else if (row.light == Light::kGrey) {
    row.why = "No version yet.";
  }
  if (row.light == Light::kGreen) {
    // Green since it last stopped being something else.
    std::optional<Timestamp> since;
    for (const Incident& in : facts.recent) {
      if (in.Touches(dataset.address) && in.resolved_at && (!since || *in.resolved_at > *since))
        since = in.resolved_at;
    }
    if (since) row.since = since;
  }
  if (auto f = facts.freshness.find(dataset.address);
      f != facts.freshness.end() && f->second.last_at) {
    auto age = alarm::AgeOf(dataset, *f->second.last_at, now, f->second.offset);
    if (age.ok()) {
      row.age = age->age;
      row.age_max = age->max;
      if (age->is_late && row.light == Light::kGreen) {
        row.light = Light::kYellow;
        row.since = age->due;
        row.why = fmt::format("Late: {} old, at most {} is allowed.", HumanDuration(age->age),
                              HumanDuration(age->max));
      }
    }
  }
  if (auto hold = facts.holds.find(dataset.address); hold != facts.holds.end()) {
    if (row.light == Light::kGreen) row.light = Light::kYellow;
    row.why = hold->second.why;
    row.since = hold->second.since;
  }
  if (const Incident* in = WorstOf(facts.open, dataset.address)) SetByIncident(row, *in);
  return row;
}

Result<Board> ReadBoard(store::Transaction& tx, const definition::Project& project, Timestamp now) {
  Board board{.project = project.name, .at = now};
  Facts facts = TRY(ReadFacts(tx, project));
  for (const auto& dataset : project.datasets) {
    board.rows.push_back(RowOf(dataset, facts, now));
    switch (board.rows.back().light) {
      case Light::kRed:
        ++board.red;
        break;
      case Light::kYellow:
        ++board.yellow;
        break;
      case Light::kGreen:
        ++board.green;
        break;
      case Light::kGrey:
        ++board.grey;
        break;
    }
  }
  std::sort(board.rows.begin(), board.rows.end(), [](const DatasetRow& a, const DatasetRow& b) {
    return a.light != b.light ? a.light < b.light : a.name < b.name;
  });
  board.incidents_open = static_cast<int>(facts.open.size());
  std::vector<Duration> detection, resolution;
  for (const auto* list : {&facts.open, &facts.recent}) {
    for (const Incident& in : *list) {
      if (in.began_at < now - kWindow) continue;
      incident::Times times = incident::TimesOf(in, now);
      ++board.incidents_30d;
      board.downtime_30d += times.downtime;
      if (times.to_detection) detection.push_back(*times.to_detection);
      if (times.to_resolution) resolution.push_back(*times.to_resolution);
    }
  }
  board.to_detection_30d = Median(std::move(detection));
  board.to_resolution_30d = Median(std::move(resolution));
  return board;
}

Json ToJson(const DatasetRow& row) {
  auto time = [](const std::optional<Timestamp>& t) { return t ? Json(ToRfc3339(*t)) : Json(); };
  auto number = [](const std::optional<int64_t>& n) { return n ? Json(*n) : Json(); };
  auto seconds = [](const std::optional<Duration>& d) {
    return d ? Json(static_cast<double>(d->count()) / 1e6) : Json();
  };
  Json tags = Json::List();
  for (const auto& tag : row.tags) tags.Push(tag);
  return Json::Object({{"address", row.address},
                       {"name", row.name},
                       {"owner", row.owner},
                       {"tags", std::move(tags)},
                       {"light", ToString(row.light)},
                       {"since", time(row.since)},
                       {"why", row.why},
                       {"version", number(row.version)},
                       {"published_at", time(row.published_at)},
                       {"rows", number(row.rows)},
                       {"last_run", row.last_run_id},
                       {"last_run_state", row.last_run_state},
                       {"last_run_at", time(row.last_run_at)},
                       {"incident", number(row.incident)},
                       {"age_s", seconds(row.age)},
                       {"age_max_s", seconds(row.age_max)}});
}

Json ToJson(const Board& board) {
  auto seconds = [](const std::optional<Duration>& d) {
    return d ? Json(static_cast<double>(d->count()) / 1e6) : Json();
  };
  Json rows = Json::List();
  for (const auto& row : board.rows) rows.Push(ToJson(row));
  return Json::Object({{"project", board.project},
                       {"at", ToRfc3339(board.at)},
                       {"red", board.red},
                       {"yellow", board.yellow},
                       {"green", board.green},
                       {"grey", board.grey},
                       {"incidents_open", board.incidents_open},
                       {"incidents_30d", board.incidents_30d},
                       {"downtime_30d_s", seconds(board.downtime_30d)},
                       {"to_detection_30d_s", seconds(board.to_detection_30d)},
                       {"to_resolution_30d_s", seconds(board.to_resolution_30d)},
                       {"datasets", std::move(rows)}});
}

}  // namespace andon::board
