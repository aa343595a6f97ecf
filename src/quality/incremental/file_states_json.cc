#include "quality/incremental/incremental.h"

namespace andon::quality {

Json ToJson(const FileStates& dataset) {
  Json files = Json::List(), columns = Json::List(), pii = Json::List();
  for (const std::string& column : dataset.pii) pii.Push(column);
  for (const sql::TableColumn& column : dataset.columns) {
    auto id = dataset.column_ids.find(column.name);
    columns.Push(Json::List({column.name, column.type, column.native_type,
                             id == dataset.column_ids.end() ? "" : id->second}));
  }
  for (const FileState& file : dataset.files) {
    Json statistics = Json::Object();
    for (const auto& [name, known] : file.statistics)
      statistics.Set(name, Json::List({known.null_count ? Json(*known.null_count) : Json(),
                                       known.least, known.greatest}));
    files.Push(Json::Object({{"id", file.id},
                             {"relation", file.relation},
                             {"rows", file.rows ? Json(*file.rows) : Json()},
                             {"rows_max", file.rows_max},
                             {"statistics", std::move(statistics)},
                             {"states", file.states},
                             {"is_changed", file.is_changed}}));
  }
  return Json::Object({{"files", std::move(files)},
                       {"columns", std::move(columns)},
                       {"pii", std::move(pii)},
                       {"has_order", dataset.has_order},
                       {"shared", dataset.shared},
                       {"key_dir", dataset.key_dir}});
}

FileStates FileStatesFromJson(const Json& json) {
  FileStates dataset{.has_order = json["has_order"].AsBool(),
                     .shared = json["shared"],
                     .key_dir = json["key_dir"].AsString()};
  for (const Json& column : json["pii"].items()) dataset.pii.insert(column.AsString());
  for (const Json& column : json["columns"].items()) {
    if (column.items().size() != 4) continue;
    const auto& texts = column.items();
    dataset.columns.push_back({texts[0].AsString(), texts[1].AsString(), texts[2].AsString()});
    dataset.column_ids[texts[0].AsString()] = texts[3].AsString();
  }
  for (const Json& j : json["files"].items()) {
    FileState file{.id = j["id"].AsString(),
                   .relation = j["relation"].AsString(),
                   .rows_max = j["rows_max"].AsInteger(),
                   .states = j["states"],
                   .is_changed = j["is_changed"].AsBool()};
    if (!j["rows"].is_null()) file.rows = j["rows"].AsInteger();
    for (const auto& [name, known] : j["statistics"].members()) {
      if (known.items().size() != 3) continue;
      ColumnStatistics& column = file.statistics[name];
      if (!known.items()[0].is_null()) column.null_count = known.items()[0].AsInteger();
      column.least = known.items()[1];
      column.greatest = known.items()[2];
    }
    dataset.files.push_back(std::move(file));
  }
  return dataset;
}

}  // namespace andon::quality
