#include "line/task.h"

#include "base/json_strings.h"
#include "definition/source.h"
#include "sql/types.h"

namespace andon::line {
namespace {

Json Columns(const std::vector<definition::Column>& columns) {
  Json out = Json::List();
  for (const definition::Column& c : columns) {
    out.Push(Json::Object({{"name", c.name},
                           {"type", c.type},
                           {"required", c.required},
                           {"doc", c.doc},
                           {"timezone", c.timezone}}));
  }
  return out;
}
std::vector<definition::Column> Columns(const Json& json) {
  std::vector<definition::Column> out;
  for (const Json& c : json.items()) {
    out.push_back({.name = c["name"].AsString(),
                   .type = c["type"].AsString(),
                   .required = c["required"].AsBool(),
                   .doc = c["doc"].AsString(),
                   .timezone = c["timezone"].AsString()});
  }
  return out;
}

Json Infos(const std::vector<sql::ColumnInfo>& columns) {
  Json out = Json::List();
  for (const sql::ColumnInfo& c : columns) {
    out.Push(Json::Object({{"name", c.name}, {"type", c.type}}));
  }
  return out;
}
std::vector<sql::ColumnInfo> Infos(const Json& json) {
  std::vector<sql::ColumnInfo> out;
  for (const Json& c : json.items()) out.push_back({c["name"].AsString(), c["type"].AsString()});
  return out;
}

Json Relations(const std::vector<NamedRelation>& relations) {
  Json out = Json::List();
  for (const NamedRelation& r : relations) {
    out.Push(Json::Object({{"name", r.name}, {"sql", r.sql}}));
  }
  return out;
}
std::vector<NamedRelation> Relations(const Json& json) {
  std::vector<NamedRelation> out;
  for (const Json& r : json.items()) out.push_back({r["name"].AsString(), r["sql"].AsString()});
  return out;
}

Json ToJson(const ingest::CsvFile& f) {
  return Json::Object({{"path", f.path},
                       {"name", f.name},
                       {"delimiter", f.delimiter},
                       {"quote", f.quote},
                       {"escape", f.escape},
                       {"null", f.null},
                       {"encoding", f.encoding},
                       {"timestamp_format", f.timestamp_format},
                       {"date_format", f.date_format}});
}
ingest::CsvFile CsvFileFromJson(const Json& j) {
  return {.path = j["path"].AsString(),
          .name = j["name"].AsString(),
          .delimiter = j["delimiter"].AsString(),
          .quote = j["quote"].AsString(),
          .escape = j["escape"].AsString(),
          .null = j["null"].AsString(),
          .encoding = j["encoding"].AsString(),
          .timestamp_format = j["timestamp_format"].AsString(),
          .date_format = j["date_format"].AsString()};
}

}  // namespace

Json ToJson(const quality::CheckSpec& c) {
  Json json = Json::Object({{"name", c.name},
                            {"type", c.type},
                            {"kwargs", c.kwargs},
                            {"severity", quality::ToString(c.severity)},
                            {"quarantine_max", c.quarantine_max},
                            {"file", c.declared.filename},
                            {"line", c.declared.start.line}});
  if (c.on_delivery) json.Set("on_delivery", *c.on_delivery);
  if (c.on_dataset) json.Set("on_dataset", *c.on_dataset);
  return json;
}
quality::CheckSpec CheckSpecFromJson(const Json& j) {
  quality::CheckSpec c{
      .name = j["name"].AsString(), .type = j["type"].AsString(), .kwargs = j["kwargs"]};
  c.severity = quality::SeverityFromString(j["severity"].AsString());
  c.quarantine_max = j["quarantine_max"].AsDouble();
  if (j.Has("on_delivery")) c.on_delivery = j["on_delivery"].AsBool();
  if (j.Has("on_dataset")) c.on_dataset = j["on_dataset"].AsBool();
  c.declared.filename = j["file"].AsString();
  c.declared.start.line = c.declared.end.line = static_cast<int32_t>(j["line"].AsInteger(1));
  return c;
}

namespace {

constexpr std::pair<lake::LoadMode, std::string_view> kModes[] = {
    {lake::LoadMode::kAppend, "append"},
    {lake::LoadMode::kMerge, "merge"},
    {lake::LoadMode::kReplace, "replace"},
    {lake::LoadMode::kReplaceInterval, "replace_interval"},
};

Json ToJson(const LoadTask& t) {
  std::string_view mode;
  for (const auto& [value, word] : kModes) {
    if (value == t.mode) mode = word;
  }
  Json deliveries = Json::List(), contracts = Json::List(), summary = Json::Object();
  for (const DeliveryFile& d : t.deliveries) {
    deliveries.Push(Json::Object({{"id", d.id}, {"file", ToJson(d.file)}}));
  }
  for (const definition::Contract& c : t.contracts) {
    contracts.Push(Json::Object({{"address", c.address},
                                 {"name", c.name},
                                 {"dataset", c.dataset},
                                 {"version", c.version},
                                 {"status", c.status},
                                 {"promised", Strings(c.promised)},
                                 {"consumers", Strings(c.consumers)},
                                 {"positions", c.positions}}));
  }
  for (const auto& [key, value] : t.summary) summary.Set(key, value);
  return Json::Object({{"kind", "load"},
                       {"lake_root", t.lake_root},
                       {"project", t.project},
                       {"table", t.table},
                       {"metadata_location", t.metadata_location},
                       {"branch", t.branch},
                       {"stage_dir", t.stage_dir},
                       {"mode", mode},
                       {"key", Strings(t.key)},
                       {"latest_by", t.latest_by},
                       {"by", t.by},
                       {"grain", t.grain},
                       {"start", t.start},
                       {"end", t.end},
                       {"columns", Columns(t.columns)},
                       {"partition_by", Strings(t.partition_by)},
                       {"summary", std::move(summary)},
                       {"deliveries", std::move(deliveries)},
                       {"address", t.declared.address},
                       {"name", t.declared.name},
                       {"positions", t.declared.positions},
                       {"declared", Columns(t.declared.columns)},
                       {"contracts", std::move(contracts)},
                       {"sql", t.sql},
                       {"inputs", Relations(t.inputs)},
                       {"shape_only", t.shape_only},
                       {"combine", t.combine},
                       {"keeps_incoming", t.keeps_incoming},
                       {"split", t.split}});
}

LoadTask LoadTaskFromJson(const Json& j) {
  LoadTask t{.lake_root = j["lake_root"].AsString(),
             .project = j["project"].AsString(),
             .table = j["table"].AsString(),
             .metadata_location = j["metadata_location"].AsString(),
             .branch = j["branch"].AsString(),
             .stage_dir = j["stage_dir"].AsString(),
             .key = Strings(j["key"]),
             .latest_by = j["latest_by"].AsString(),
             .by = j["by"].AsString(),
             .grain = j["grain"].AsString(),
             .start = j["start"].AsString(),
             .end = j["end"].AsString(),
             .columns = Columns(j["columns"]),
             .partition_by = Strings(j["partition_by"]),
             .sql = j["sql"].AsString(),
             .inputs = Relations(j["inputs"]),
             .shape_only = j["shape_only"].AsBool(),
             .combine = j["combine"].AsBool(),
             .keeps_incoming = j["keeps_incoming"].AsBool(),
             .split = j["split"].AsString()};
  for (const auto& [value, word] : kModes) {
    if (j["mode"].AsString() == word) t.mode = value;
  }
  for (const auto& [key, value] : j["summary"].members()) t.summary[key] = value.AsString();
  for (const Json& d : j["deliveries"].items()) {
    t.deliveries.push_back({d["id"].AsInteger(), CsvFileFromJson(d["file"])});
  }
  t.declared.address = j["address"].AsString();
  t.declared.name = j["name"].AsString();
  t.declared.positions = j["positions"];
  t.declared.columns = Columns(j["declared"]);
  for (const Json& c : j["contracts"].items()) {
    t.contracts.push_back({.address = c["address"].AsString(),
                           .name = c["name"].AsString(),
                           .dataset = c["dataset"].AsString(),
                           .version = c["version"].AsString(),
                           .status = c["status"].AsString(),
                           .promised = Strings(c["promised"]),
                           .consumers = Strings(c["consumers"]),
                           .positions = c["positions"]});
  }
  return t;
}

Json ToJson(const CheckTask& t) {
  Json checks = Json::List(), deliveries = Json::List();
  for (const quality::CheckSpec& c : t.checks) checks.Push(line::ToJson(c));
  for (const CheckTask::Part& p : t.deliveries) {
    deliveries.Push(Json::Object({{"id", p.delivery_id}, {"relation", p.relation}}));
  }
  Json sources = Json::List(), tables_there = Json::List();
  for (const definition::Source& source : t.sources) sources.Push(definition::ToJson(source));
  for (const CheckTask::TableThere& other : t.tables_there) {
    tables_there.Push(Json::Object({{"name", other.name}, {"table", other.table}}));
  }
  Json json = Json::Object({{"kind", "check"},
                            {"lake_root", t.lake_root},
                            {"project", t.project},
                            {"table", t.table},
                            {"relation", t.relation},
                            {"columns", Infos(t.columns)},
                            {"key", Strings(t.key)},
                            {"checks", std::move(checks)},
                            {"deliveries", std::move(deliveries)},
                            {"only_deliveries", t.only_deliveries},
                            {"tables", Relations(t.tables)},
                            {"start", t.start},
                            {"end", t.end},
                            {"explain", t.explain},
                            {"with_slices", t.with_slices},
                            {"pii", Strings(t.pii)},
                            {"newest_of", t.newest_of},
                            {"now", t.now},
                            {"project_dir", t.project_dir},
                            {"sources", std::move(sources)},
                            {"place", t.place},
                            {"table_there", t.table_there},
                            {"tables_there", std::move(tables_there)}});
  if (t.files) json.Set("files", quality::ToJson(*t.files));
  json.Set("written", ToJson(t.written));
  if (t.in_place) json.Set("in_place", ToJson(*t.in_place));
  Json tables_in_place = Json::List();
  for (const FilesInPlace& other : t.tables_in_place) tables_in_place.Push(ToJson(other));
  json.Set("tables_in_place", std::move(tables_in_place));
  return json;
}

CheckTask CheckTaskFromJson(const Json& j) {
  CheckTask t{.lake_root = j["lake_root"].AsString(),
              .project = j["project"].AsString(),
              .table = j["table"].AsString(),
              .relation = j["relation"].AsString(),
              .columns = Infos(j["columns"]),
              .key = Strings(j["key"]),
              .only_deliveries = j["only_deliveries"].AsBool(),
              .tables = Relations(j["tables"]),
              .start = j["start"].AsString(),
              .end = j["end"].AsString(),
              .explain = j["explain"].AsBool(),
              .with_slices = j["with_slices"].AsBool(true),
              .pii = Strings(j["pii"]),
              .newest_of = j["newest_of"].AsString(),
              .now = j["now"].AsString(),
              .project_dir = j["project_dir"].AsString(),
              .place = j["place"].AsString(),
              .table_there = j["table_there"].AsString()};
  for (const Json& source : j["sources"].items())
    t.sources.push_back(definition::SourceFromJson(source));
  for (const Json& other : j["tables_there"].items())
    t.tables_there.push_back({other["name"].AsString(), other["table"].AsString()});
  for (const Json& c : j["checks"].items()) t.checks.push_back(CheckSpecFromJson(c));
  for (const Json& d : j["deliveries"].items()) {
    t.deliveries.push_back({d["id"].AsInteger(), d["relation"].AsString()});
  }
  if (const Json* files = j.Find("files")) t.files = quality::FileStatesFromJson(*files);
  t.written = WrittenFromJson(j["written"]);
  if (const Json* files = j.Find("in_place")) t.in_place = FilesInPlaceFromJson(*files);
  for (const Json& other : j["tables_in_place"].items())
    t.tables_in_place.push_back(FilesInPlaceFromJson(other));
  return t;
}

Json ToJson(const QueryTask& t) {
  return Json::Object({{"kind", "query"},
                       {"sql", t.sql},
                       {"tables", Relations(t.tables)},
                       {"rows_max", t.rows_max}});
}

Json Results(const std::vector<quality::CheckResult>& results) {
  Json out = Json::List();
  for (const quality::CheckResult& r : results) out.Push(quality::ToJson(r));
  return out;
}
Result<std::vector<quality::CheckResult>> Results(const Json& json) {
  std::vector<quality::CheckResult> out;
  for (const Json& r : json.items()) {
    auto result = TRY(quality::CheckResultFromJson(r));
    out.push_back(std::move(result));
  }
  return out;
}

}  // namespace

Json ToJson(const Task& task) {
  Json json = std::visit([](const auto& work) { return ToJson(work); }, task.work);
  json.Set("limits", Json::Object({{"memory_bytes", task.limits.memory_bytes},
                                   {"threads", task.limits.threads},
                                   {"spill_dir", task.limits.spill_dir},
                                   {"time_limit_us", task.limits.time_limit_us}}));
  return json;
}

Result<Task> TaskFromJson(const Json& json) {
  const Json& limits = json["limits"];
  Task task{.limits = {.memory_bytes = limits["memory_bytes"].AsInteger(),
                       .threads = static_cast<int>(limits["threads"].AsInteger(1)),
                       .spill_dir = limits["spill_dir"].AsString(),
                       .time_limit_us = limits["time_limit_us"].AsInteger()}};
  const std::string& kind = json["kind"].AsString();
  if (kind == "load") {
    task.work = LoadTaskFromJson(json);
  } else if (kind == "check") {
    task.work = CheckTaskFromJson(json);
  } else if (kind == "split") {
    task.work = SplitTaskFromJson(json);
  } else if (kind == "query") {
    task.work =
        QueryTask{json["sql"].AsString(), Relations(json["tables"]), json["rows_max"].AsInteger()};
  } else {
    return Error::Invalid("a worker was told to do \"{}\", which it does not know", kind);
  }
  return task;
}

Json ToJson(const LoadOutcome& o) {
  Json deliveries = Json::List();
  for (const DeliveryOutcome& d : o.deliveries) {
    Json breaks = Json::List();
    for (const contract::Break& b : d.breaks) breaks.Push(contract::ToJson(b));
    Json entry = Json::Object(
        {{"id", d.id}, {"rows", d.rows}, {"breaks", std::move(breaks)}, {"relation", d.relation}});
    if (d.unreadable) entry.Set("unreadable", ingest::ToJson(*d.unreadable));
    deliveries.Push(std::move(entry));
  }
  Json json = Json::Object({{"deliveries", std::move(deliveries)},
                            {"columns", Columns(o.columns)},
                            {"incoming", o.incoming}});
  if (o.delta) json.Set("delta", lake::ToJson(*o.delta));
  return json;
}

Result<LoadOutcome> LoadOutcomeFromJson(const Json& json) {
  LoadOutcome o{.columns = Columns(json["columns"]), .incoming = json["incoming"].AsString()};
  for (const Json& d : json["deliveries"].items()) {
    DeliveryOutcome delivery{.id = d["id"].AsInteger(),
                             .rows = d["rows"].AsInteger(-1),
                             .relation = d["relation"].AsString()};
    if (d.Has("unreadable")) delivery.unreadable = ingest::UnreadableFromJson(d["unreadable"]);
    for (const Json& b : d["breaks"].items()) delivery.breaks.push_back(contract::BreakFromJson(b));
    o.deliveries.push_back(std::move(delivery));
  }
  if (json.Has("delta")) o.delta = TRY(lake::DeltaFromJson(json["delta"]));
  return o;
}

Json ToJson(const CheckOutcome& o) {
  Json deliveries = Json::List(), slices = Json::List();
  for (const DeliveryChecks& d : o.deliveries) {
    deliveries.Push(Json::Object({{"id", d.delivery_id}, {"results", Results(d.results)}}));
  }
  for (const SliceFound& s : o.slices) {
    slices.Push(Json::Object(
        {{"check", s.check}, {"text", s.text}, {"coverage", s.coverage}, {"share", s.share}}));
  }
  Json states = Json::List();
  for (const auto& [file, made] : o.states) states.Push(Json::List({file, made}));
  Json shapes = Json::List();
  for (const auto& [file, shape] : o.shapes) shapes.Push(Json::List({file, shape}));
  const quality::Reading& r = o.reading;
  return Json::Object(
      {{"deliveries", std::move(deliveries)},
       {"dataset", Results(o.dataset)},
       {"slices", std::move(slices)},
       {"explanation", o.explanation},
       {"newest", o.newest},
       {"states", std::move(states)},
       {"shapes", std::move(shapes)},
       {"written", ToJson(o.written)},
       {"columns", Strings(o.columns)},
       {"reading", Json::List({r.files, r.files_read, r.rows_read, r.checks_in_full})}});
}

Result<CheckOutcome> CheckOutcomeFromJson(const Json& json) {
  CheckOutcome o{.explanation = json["explanation"].AsString(),
                 .newest = json["newest"].AsString()};
  for (const Json& made : json["states"].items()) {
    if (made.items().size() == 2)
      o.states.emplace_back(made.items()[0].AsInteger(), made.items()[1]);
  }
  o.written = WrittenFromJson(json["written"]);
  o.columns = Strings(json["columns"]);
  for (const Json& shape : json["shapes"].items()) {
    if (shape.items().size() == 2)
      o.shapes.emplace_back(shape.items()[0].AsInteger(), shape.items()[1]);
  }
  if (const auto& r = json["reading"].items(); r.size() == 4)
    o.reading = {r[0].AsInteger(), r[1].AsInteger(), r[2].AsInteger(), r[3].AsInteger()};
  for (const Json& d : json["deliveries"].items()) {
    DeliveryChecks checks{.delivery_id = d["id"].AsInteger()};
    checks.results = TRY(Results(d["results"]));
    o.deliveries.push_back(std::move(checks));
  }
  o.dataset = TRY(Results(json["dataset"]));
  for (const Json& s : json["slices"].items()) {
    o.slices.push_back({s["check"].AsString(), s["text"].AsString(), s["coverage"].AsDouble(),
                        s["share"].AsDouble()});
  }
  return o;
}

Json ToJson(const QueryOutcome& o) {
  Json rows = Json::List(), values = Json::List();
  for (const auto& row : o.rows) rows.Push(Strings(row));
  for (const auto& row : o.values) values.Push(Json::List(row));
  return Json::Object({{"columns", Infos(o.columns)},
                       {"rows", std::move(rows)},
                       {"values", std::move(values)},
                       {"truncated", o.truncated}});
}

Result<QueryOutcome> QueryOutcomeFromJson(const Json& json) {
  QueryOutcome o{.columns = Infos(json["columns"]), .truncated = json["truncated"].AsBool()};
  for (const Json& row : json["rows"].items()) o.rows.push_back(Strings(row));
  for (const Json& row : json["values"].items()) o.values.push_back(row.items());
  return o;
}

}  // namespace andon::line
