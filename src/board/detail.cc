// One dataset, one incident, runs and releases: the pages below the board.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "board/board.h"
#include "board/rows.h"
#include "board/service_levels.h"
#include "contract/contract.h"
#include "definition/quarantine.h"
#include "store/database.h"

namespace andon::board {
namespace {

Json Time(const std::optional<Timestamp>& t) { return t ? Json(ToRfc3339(*t)) : Json(); }

// Of two verdicts on one check in one run, the worse one is shown.
int Badness(std::string_view state) {
  if (state == "error") return 3;
  if (state == "failed") return 2;
  return state.empty() ? 0 : 1;
}

// Of the last version of the table beside the dataset.
Result<std::optional<int64_t>> ReadQuarantined(store::Transaction& tx,
                                               const definition::Dataset& dataset) {
  auto row = TRY(store::QueryOne(
      tx,
      "SELECT body FROM dataset_versions WHERE dataset = ? AND state <> 'rolled_back' "
      "ORDER BY version DESC LIMIT 1",
      {"dataset." + definition::QuarantineTable(dataset.name)}));
  if (!row) return std::optional<int64_t>();
  return RowsOf(row->Document("body"));
}

Result<std::vector<VersionRow>> ReadVersions(store::Transaction& tx,
                                             const definition::Dataset& dataset) {
  auto rows =
      TRY(tx.Query("SELECT version, snapshot_id, state, published_at, run_id, release_id, body "
                   "FROM dataset_versions "
                   "WHERE dataset IN (?, ?) ORDER BY version DESC LIMIT ?",
                   {dataset.address, dataset.name, kVersionsMax}));
  std::vector<VersionRow> list;
  for (const store::Row& row : rows) {
    Json body = row.Document("body");
    const Json& accepted = body["accepted"];
    list.push_back({.version = row.Integer("version"),
                    .snapshot_id = row.Integer("snapshot_id"),
                    .state = row.Text("state"),
                    .published_at = row.Time("published_at"),
                    .run_id = row.Text("run_id"),
                    .release_id = row.Integer("release_id"),
                    .rows = RowsOf(body),
                    .accepted = accepted.is_object() ? accepted["reason"].AsString("accepted")
                                                     : accepted.AsString()});
  }
  return list;
}

Result<std::vector<DeliveryRow>> ReadDeliveries(store::Transaction& tx,
                                                const definition::Dataset& dataset) {
  auto rows = TRY(tx.Query(
      "SELECT delivery_id, path, period, state, arrived_at, body FROM deliveries WHERE dataset = ? "
      "ORDER BY delivery_id DESC LIMIT ?",
      {dataset.address, kVersionsMax}));
  std::vector<DeliveryRow> list;
  for (const store::Row& row : rows) {
    list.push_back({row.Integer("delivery_id"), row.Text("path"), row.Text("period"),
                    row.Text("state"), row.Time("arrived_at"),
                    row.Document("body")["reason"].AsString()});
  }
  return list;
}

Result<Grid> ReadGrid(store::Transaction& tx, const definition::Dataset& dataset) {
  Grid grid;
  auto runs =
      TRY(tx.Query("SELECT run_id, min(time) AS t FROM check_results WHERE dataset IN (?, ?) GROUP "
                   "BY run_id ORDER BY t DESC LIMIT ?",
                   {dataset.address, dataset.name, kGridRunsMax}));
  std::map<std::string, size_t> column;
  for (size_t i = runs.size(); i-- > 0;) {
    column[runs[i].Text("run_id")] = grid.runs.size();
    grid.runs.push_back(runs[i].Text("run_id"));
    grid.times.push_back(runs[i].Time("t"));
  }
  if (grid.runs.empty()) return grid;
  auto results =
      TRY(tx.Query("SELECT check_key, state, severity, run_id, body FROM check_results WHERE "
                   "dataset IN (?, ?) AND time >= ? ORDER BY result_id",
                   {dataset.address, dataset.name, grid.times.front()}));
  std::map<std::string, GridRow> rows;
  std::vector<std::string> order;
  for (const store::Row& row : results) {
    auto at = column.find(row.Text("run_id"));
    if (at == column.end()) continue;
    auto [found, is_new] = rows.try_emplace(row.Text("check_key"));
    GridRow& line = found->second;
    Json body = row.Document("body");
    if (is_new) {
      order.push_back(row.Text("check_key"));
      line.check = row.Text("check_key");
      line.cells.resize(grid.runs.size());
    }
    line.type = body["type"].AsString(line.type);
    line.severity = row.Text("severity");
    GridCell& cell = line.cells[at->second];
    if (Badness(row.Text("state")) > Badness(cell.state))
      cell = {row.Text("state"), body["message"].AsString()};
  }
  for (const auto& name : order) grid.rows.push_back(std::move(rows[name]));
  return grid;
}

RunRow RunFrom(const store::Row& row) {
  return {.id = row.Text("run_id"),
          .address = row.Text("address"),
          .state = row.Text("state"),
          .release_id = row.Integer("release_id"),
          .started_at = row.Time("started_at"),
          .ended_at = row.OptionalTime("ended_at"),
          .actor = row.Text("actor"),
          .body = row.Document("body")};
}

Json ToJson(const definition::Dataset& d) {
  Json columns = Json::List(), checks = Json::List(), key = Json::List(), parts = Json::List();
  for (const auto& c : d.columns) {
    Json column = Json::Object(
        {{"name", c.name}, {"type", c.type}, {"required", c.required}, {"unique", c.unique}});
    if (c.references) column.Set("references", c.references->dataset + "." + c.references->column);
    if (c.quarantines()) column.Set("severity", c.severity);
    if (!c.unit.empty()) column.Set("unit", c.unit);
    if (!c.doc.empty()) column.Set("doc", c.doc);
    columns.Push(std::move(column));
  }
  for (const auto& c : d.checks) {
    checks.Push(Json::Object({{"name", c.name},
                              {"type", c.type},
                              {"kwargs", c.kwargs},
                              {"severity", c.severity},
                              {"position", c.position}}));
  }
  for (const auto& k : d.load.key) key.Push(k);
  for (const auto& p : d.partition_by) parts.Push(p);
  return Json::Object({{"description", d.description},
                       {"source", d.source},
                       {"source_table", d.source_table},
                       {"sql", d.sql},
                       {"sql_file", d.sql_file},
                       {"load", Json::Object({{"mode", definition::ToString(d.load.mode)},
                                              {"key", std::move(key)}})},
                       {"partition_by", std::move(parts)},
                       {"schedule", d.schedule},
                       {"columns", std::move(columns)},
                       {"checks", std::move(checks)},
                       {"position", definition::PositionOf(d.positions, "")}});
}

Json ReachedJson(const std::vector<lineage::Reached>& list) {
  Json out = Json::List();
  for (const auto& r : list)
    out.Push(Json::Object({{"id", r.id}, {"depth", r.depth}, {"via", r.via}}));
  return out;
}

Json GridJson(const Grid& grid) {
  Json runs = Json::List(), rows = Json::List();
  for (size_t i = 0; i < grid.runs.size(); ++i) {
    runs.Push(Json::Object({{"run", grid.runs[i]}, {"at", ToRfc3339(grid.times[i])}}));
  }
  for (const GridRow& row : grid.rows) {
    Json cells = Json::List();
    for (const GridCell& cell : row.cells) {
      cells.Push(cell.state.empty()
                     ? Json()
                     : Json::Object({{"state", cell.state}, {"message", cell.message}}));
    }
    rows.Push(Json::Object({{"check", row.check},
                            {"type", row.type},
                            {"severity", row.severity},
                            {"cells", std::move(cells)}}));
  }
  return Json::Object({{"runs", std::move(runs)}, {"rows", std::move(rows)}});
}

}  // namespace

std::optional<int64_t> RowsOf(const Json& body) {
  for (const char* name : {"rows", "rows_total"}) {
    if (body[name].is_integer()) return body[name].AsInteger();
  }
  return std::nullopt;
}

Result<DatasetDetail> ReadDataset(store::Transaction& tx, const definition::Project& project,
                                  const lineage::Graph& graph, std::string_view name,
                                  Timestamp now) {
  const definition::Dataset* dataset = project.FindDataset(name);
  if (!dataset) {
    std::vector<std::string> names;
    for (const auto& d : project.datasets) names.push_back(d.name);
    std::string meant = DidYouMean(name, names);
    return Error::NotFound("There is no dataset \"{}\"{}", name,
                           meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant));
  }
  DatasetDetail detail;
  Facts facts = TRY(ReadFacts(tx, project));
  detail.row = RowOf(*dataset, facts, now);
  detail.definition = *dataset;
  detail.versions = TRY(ReadVersions(tx, *dataset));
  detail.rows_quarantined = TRY(ReadQuarantined(tx, *dataset));
  detail.deliveries = TRY(ReadDeliveries(tx, *dataset));
  detail.grid = TRY(ReadGrid(tx, *dataset));
  detail.upstream = graph.Upstream(dataset->address);
  detail.downstream = graph.Downstream(dataset->address);
  for (const auto* contract : contract::ContractsOf(project, dataset->address))
    detail.contracts.push_back(*contract);
  for (const definition::Contract& contract : detail.contracts) {
    auto measured = TRY(MeasureContract(tx, project, contract, now));
    detail.service_levels.push_back(std::move(measured));
  }
  detail.incidents = TRY(incident::List(tx, {.dataset = dataset->address, .limit = 20}));
  if (auto hold = facts.holds.find(dataset->address); hold != facts.holds.end())
    detail.hold = hold->second.why;
  return detail;
}

Json ToJson(const DatasetDetail& detail) {
  Json json = ToJson(detail.row);
  json.Set("definition", ToJson(detail.definition));
  Json versions = Json::List(), deliveries = Json::List(), contracts = Json::List(),
       incidents = Json::List();
  for (const auto& v : detail.versions) {
    versions.Push(Json::Object({{"version", v.version},
                                {"snapshot_id", v.snapshot_id},
                                {"state", v.state},
                                {"published_at", ToRfc3339(v.published_at)},
                                {"run", v.run_id},
                                {"release", v.release_id},
                                {"rows", v.rows ? Json(*v.rows) : Json()},
                                {"accepted", v.accepted}}));
  }
  for (const auto& d : detail.deliveries) {
    deliveries.Push(Json::Object({{"id", d.id},
                                  {"path", d.path},
                                  {"period", d.period},
                                  {"state", d.state},
                                  {"arrived_at", ToRfc3339(d.arrived_at)},
                                  {"reason", d.reason}}));
  }
  for (size_t i = 0; i < detail.contracts.size(); ++i) {
    const definition::Contract& c = detail.contracts[i];
    Json levels = Json::List();
    if (i < detail.service_levels.size()) {
      for (const auto& level : detail.service_levels[i]) levels.Push(contract::ToJson(level));
    }
    Json promised = Json::List(), consumers = Json::List();
    for (const auto& p : c.promised) promised.Push(p);
    for (const auto& p : c.consumers) consumers.Push(p);
    contracts.Push(Json::Object({{"address", c.address},
                                 {"version", c.version},
                                 {"status", c.status},
                                 {"promised", std::move(promised)},
                                 {"consumers", std::move(consumers)},
                                 {"sla", c.sla},
                                 {"service_levels", std::move(levels)}}));
  }
  for (const auto& in : detail.incidents) {
    incidents.Push(Json::Object({{"number", in.number},
                                 {"state", incident::ToString(in.state)},
                                 {"title", in.title},
                                 {"opened_at", ToRfc3339(in.opened_at)},
                                 {"resolved_at", Time(in.resolved_at)}}));
  }
  json.Set("versions", std::move(versions));
  if (detail.rows_quarantined) json.Set("rows_quarantined", *detail.rows_quarantined);
  json.Set("deliveries", std::move(deliveries));
  json.Set("check_history", GridJson(detail.grid));
  json.Set("upstream", ReachedJson(detail.upstream));
  json.Set("downstream", ReachedJson(detail.downstream));
  json.Set("contracts", std::move(contracts));
  json.Set("incidents", std::move(incidents));
  json.Set("hold", detail.hold);
  return json;
}

Result<IncidentDetail> ReadIncident(store::Transaction& tx, std::string_view number,
                                    Timestamp now) {
  IncidentDetail detail;
  detail.incident = TRY(incident::Find(tx, number));
  detail.times = incident::TimesOf(detail.incident, now);
  detail.events = TRY(incident::Events(tx, detail.incident.number));
  return detail;
}

Json ToJson(const IncidentDetail& detail) {
  Json json = incident::ToJson(detail.incident);
  json.Set("times", incident::ToJson(detail.times));
  Json events = Json::List();
  for (const auto& event : detail.events) events.Push(incident::ToJson(event));
  json.Set("timeline", std::move(events));
  return json;
}

Result<std::vector<RunRow>> ReadRuns(store::Transaction& tx, int64_t limit) {
  auto rows = TRY(tx.Query(
      "SELECT run_id, address, state, release_id, started_at, ended_at, actor, body FROM runs "
      "ORDER BY started_at DESC, run_id DESC LIMIT ?",
      {limit}));
  std::vector<RunRow> list;
  for (const store::Row& row : rows) list.push_back(RunFrom(row));
  return list;
}

Result<RunDetail> ReadRun(store::Transaction& tx, std::string_view run_id) {
  auto row = TRY(store::QueryOne(tx,
                                 "SELECT run_id, address, state, release_id, started_at, ended_at, "
                                 "actor, body FROM runs WHERE run_id = ?",
                                 {run_id}));
  if (!row) return Error::NotFound("There is no run \"{}\"", run_id);
  RunDetail detail{.run = RunFrom(*row)};
  auto tasks =
      TRY(tx.Query("SELECT task, attempt, dataset, state, started_at, ended_at, body FROM "
                   "run_tasks WHERE run_id = ? "
                   "ORDER BY started_at, task, attempt",
                   {run_id}));
  for (const store::Row& t : tasks) {
    detail.tasks.push_back({t.Text("task"), t.Integer("attempt"), t.Text("dataset"),
                            t.Text("state"), t.OptionalTime("started_at"),
                            t.OptionalTime("ended_at"), t.Document("body")});
  }
  return detail;
}

Json ToJson(const RunRow& run) {
  return Json::Object({{"id", run.id},
                       {"address", run.address},
                       {"state", run.state},
                       {"release", run.release_id},
                       {"started_at", ToRfc3339(run.started_at)},
                       {"ended_at", Time(run.ended_at)},
                       {"actor", run.actor},
                       {"body", run.body}});
}

Json ToJson(const RunDetail& detail) {
  Json json = ToJson(detail.run);
  Json tasks = Json::List();
  for (const auto& t : detail.tasks) {
    tasks.Push(Json::Object({{"task", t.task},
                             {"attempt", t.attempt},
                             {"dataset", t.dataset},
                             {"state", t.state},
                             {"started_at", Time(t.started_at)},
                             {"ended_at", Time(t.ended_at)},
                             {"body", t.body}}));
  }
  json.Set("tasks", std::move(tasks));
  return json;
}

Result<std::vector<ReleaseRow>> ReadReleases(store::Transaction& tx, int64_t limit) {
  auto rows =
      TRY(tx.Query("SELECT release_id, state, opened_at, closed_at, actor, body FROM releases "
                   "ORDER BY release_id DESC LIMIT ?",
                   {limit}));
  std::vector<ReleaseRow> list;
  for (const store::Row& row : rows) {
    list.push_back({row.Integer("release_id"), row.Text("state"), row.Time("opened_at"),
                    row.OptionalTime("closed_at"), row.Text("actor"), row.Document("body")});
  }
  return list;
}

Json ToJson(const ReleaseRow& row) {
  return Json::Object({{"id", row.id},
                       {"state", row.state},
                       {"opened_at", ToRfc3339(row.opened_at)},
                       {"closed_at", Time(row.closed_at)},
                       {"actor", row.actor},
                       {"body", row.body}});
}

}  // namespace andon::board
