#include "definition/definition.h"

#include "base/json_strings.h"

#include <algorithm>

namespace andon::definition {
namespace {

// The last label of an address: "dataset.payment" -> "payment"; an instance key
// becomes part of the name: dataset.payment["eu"] -> payment_eu.
std::string NameOf(std::string_view address) {
  std::string out;
  size_t bracket =
      address.find('[', address.rfind(']') == address.size() - 1 ? address.rfind('.') : 0);
  std::string_view plain = address.substr(0, bracket);
  size_t dot = plain.rfind('.');
  out = plain.substr(dot == std::string_view::npos ? 0 : dot + 1);
  if (bracket != std::string_view::npos) {
    out += '_';
    for (char c : address.substr(bracket)) {
      if (c != '[' && c != ']' && c != '"') out += c;
    }
  }
  return out;
}

Column ReadColumn(const std::string& name, const Json& a) {
  Column column{.name = name,
                .type = a["type"].AsString(),
                .required = a["required"].AsBool(),
                .unique = a["unique"].AsBool(),
                .unit = a["unit"].AsString(),
                .doc = a["doc"].AsString(),
                .timezone = a["timezone"].AsString()};
  if (a["pii"].is_bool()) column.pii = a["pii"].AsBool();
  column.severity = a["severity"].AsString();
  if (a["quarantine_max"].is_number()) column.quarantine_max = a["quarantine_max"].AsDouble();
  if (const Json& r = a["references"]; r.is_object()) {
    column.references = ColumnReference{r["dataset"].AsString(), r["column"].AsString()};
  }
  return column;
}

Check ReadCheck(const std::string& name, const Json& a, const Json& positions) {
  Check check{.name = name,
              .type = a["type"].AsString(),
              .kwargs = a["kwargs"],
              .severity = a["severity"].AsString("critical"),
              .on = a["on"].AsString(),
              .position = PositionOf(positions, "checks." + name)};
  if (a["quarantine_max"].is_number()) check.quarantine_max = a["quarantine_max"].AsDouble();
  return check;
}

Result<Load> ReadLoad(const std::string& address, const Json& a) {
  Load load{.key = Strings(a["key"]),
            .cursor = a["cursor"].AsString(),
            .lookback = a["lookback"].AsString(),
            .by = a["by"].AsString(),
            .grain = a["grain"].AsString(),
            .on_duplicate = a["on_duplicate"].AsString()};
  const std::string& mode = a["mode"].AsString();
  for (LoadMode known :
       {LoadMode::kAppend, LoadMode::kMerge, LoadMode::kReplace, LoadMode::kReplaceInterval}) {
    if (mode == ToString(known)) {
      load.mode = known;
      return load;
    }
  }
  return Error::Corrupt("{} has the load mode \"{}\", which this version does not know", address,
                        mode);
}

std::optional<Freshness> ReadFreshness(const Json& a) {
  if (a.is_string()) return Freshness{.max = a.AsString()};
  if (!a.is_object()) return std::nullopt;
  return Freshness{
      .max = a["max"].AsString(), .of = a["of"].AsString(), .during = a["during"].AsString()};
}

Result<Dataset> ReadDataset(const Object& object) {
  const Json& a = object.attributes;
  Dataset dataset{
      .address = object.address,
      .name = NameOf(object.address),
      .description = a["description"].AsString(),
      .owner = a["owner"].AsString(),
      .tags = Strings(a["tags"]),
      .source = a["from"]["source"].AsString(),
      .source_table = a["from"]["table"].AsString(),
      .sql = a["sql"].AsString(),
      .external_source = a["external"]["source"].AsString(),
      .external_table = a["external"]["relation"].AsString(a["external"]["table"].AsString()),
      .partition_by = Strings(a["partition_by"]),
      .freshness = ReadFreshness(a["freshness"]),
      .schedule = a["schedule"].AsString(),
      .timezone = a["timezone"].AsString(),
      .depends_on = Strings(a["depends_on"]),
      .positions = object.positions,
      .inputs = Strings(object.derived["inputs"])};
  for (const auto& [column, from] : object.derived["lineage"].members()) {
    dataset.lineage[column] = Strings(from);
  }
  for (const auto& [name, by] : a["batches"].members()) dataset.batches[name] = by.AsString();
  std::string sql_at = PositionOf(object.positions, "sql");
  dataset.sql_file = sql_at.substr(0, sql_at.rfind(':'));
  if (!dataset.is_external()) dataset.load = TRY(ReadLoad(object.address, a["load"]));
  for (const auto& [name, column] : a["columns"].members()) {
    dataset.columns.push_back(ReadColumn(name, column));
  }
  for (const auto& [name, check] : a["checks"].members()) {
    dataset.checks.push_back(ReadCheck(name, check, object.positions));
  }
  return dataset;
}

Contract ReadContract(const Object& object) {
  const Json& a = object.attributes;
  return {.address = object.address,
          .name = NameOf(object.address),
          .dataset = a["dataset"].AsString(),
          .version = a["version"].AsString(),
          .status = a["status"].AsString("active"),
          .purpose = a["purpose"].AsString(),
          .promised = Strings(a["promised"]),
          .consumers = Strings(a["consumers"]),
          .sla = a["sla"],
          .notice = a["notice"].AsString(),
          .owner = a["owner"].AsString(),
          .description = a["description"].AsString(),
          .need = a["need"],
          .announced = a["announced"].AsString(),
          .agreed = Strings(a["agreed"]),
          .odcs = a["odcs"],
          .document = a["document"],
          .table = a["table"].AsString(),
          .positions = object.positions};
}

Pipeline ReadPipeline(const Object& object) {
  const Json& a = object.attributes;
  return {.address = object.address,
          .name = NameOf(object.address),
          .schedule = a["schedule"].AsString(),
          .timezone = a["timezone"].AsString("UTC"),
          .build = Strings(a["build"]),
          .retries = int(a["retries"].AsInteger()),
          .retry_delay = a["retry_delay"].AsString("30s"),
          .timeout = a["timeout"].AsString(),
          .positions = object.positions};
}

Checkpoint ReadCheckpoint(const Object& object) {
  const Json& a = object.attributes;
  Checkpoint checkpoint{.address = object.address,
                        .name = NameOf(object.address),
                        .description = a["description"].AsString(),
                        .positions = object.positions};
  for (const Json& v : a["validate"].items()) {
    checkpoint.validate.push_back(
        {v["dataset"].AsString(), v["batches"].AsString(), v["batch"].AsString("last")});
  }
  for (const Json& action : a["actions"].items()) {
    std::string_view otherwise = action.Has("notify") ? "failure" : "all";
    checkpoint.actions.push_back({.docs = action["docs"].AsString(),
                                  .notify = action["notify"].AsString(),
                                  .report = action["report"].AsString(),
                                  .on = action["on"].AsString(otherwise)});
  }
  return checkpoint;
}

template <typename T>
const T* FindByAddress(const std::vector<T>& list, std::string_view address) {
  auto it =
      std::find_if(list.begin(), list.end(), [&](const T& t) { return t.address == address; });
  return it == list.end() ? nullptr : &*it;
}

}  // namespace

std::string_view ToString(LoadMode mode) {
  switch (mode) {
    case LoadMode::kAppend:
      return "append";
    case LoadMode::kMerge:
      return "merge";
    case LoadMode::kReplace:
      return "replace";
    case LoadMode::kReplaceInterval:
      return "replace_interval";
  }
  return "";
}

std::string PositionOf(const Json& positions, std::string_view part) {
  return positions[part].AsString();
}

const Column* Dataset::FindColumn(std::string_view column) const {
  for (const Column& c : columns) {
    if (c.name == column) return &c;
  }
  return nullptr;
}

const Dataset* Project::FindDataset(std::string_view wanted) const {
  for (const Dataset& dataset : datasets) {
    if (dataset.address == wanted || dataset.name == wanted) return &dataset;
  }
  return nullptr;
}

const Source* Project::FindSource(std::string_view a) const { return FindByAddress(sources, a); }
const Channel* Project::FindChannel(std::string_view a) const { return FindByAddress(channels, a); }
const Team* Project::FindTeam(std::string_view a) const { return FindByAddress(teams, a); }

Result<Project> ReadProject(const std::vector<Object>& objects) {
  Project project;
  for (const Object& object : objects) {
    const Json& a = object.attributes;
    if (object.kind == "andon") {
      project.name = a["project"].AsString("default");
      project.lake = a["lake"].AsString("lake");
      project.channels_default = Strings(a["channels"]);
      project.retention = {
          .validations = a["retention"]["validations"].AsString(project.retention.validations),
          .samples = a["retention"]["samples"].AsString(project.retention.samples)};
    } else if (object.kind == "dataset") {
      Dataset dataset = TRY(ReadDataset(object));
      project.datasets.push_back(std::move(dataset));
    } else if (object.kind == "source") {
      project.sources.push_back({.address = object.address,
                                 .name = NameOf(object.address),
                                 .type = object.type,
                                 .path = a["path"].AsString(),
                                 .options = object.type == "files" ? a["options"] : a,
                                 .positions = object.positions});
    } else if (object.kind == "dbt") {
      project.sources.push_back({.address = object.address,
                                 .name = NameOf(object.address),
                                 .type = "dbt",
                                 .path = a["project"].AsString(),
                                 .options = a,
                                 .positions = object.positions});
    } else if (object.kind == "channel") {
      project.channels.push_back({.address = object.address,
                                  .name = NameOf(object.address),
                                  .type = object.type,
                                  .settings = a});
    } else if (object.kind == "person") {
      project.people.push_back({object.address, NameOf(object.address), a["email"].AsString()});
    } else if (object.kind == "team") {
      project.teams.push_back(
          {object.address, NameOf(object.address), Strings(a["members"]), Strings(a["channels"])});
    } else if (object.kind == "contract") {
      project.contracts.push_back(ReadContract(object));
    } else if (object.kind == "pipeline") {
      project.pipelines.push_back(ReadPipeline(object));
    } else if (object.kind == "checkpoint") {
      project.checkpoints.push_back(ReadCheckpoint(object));
    } else {
      return Error::Corrupt("{} is of the kind \"{}\", which this version does not know",
                            object.address, object.kind);
    }
  }
  return project;
}

}  // namespace andon::definition
