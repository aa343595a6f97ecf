#include "line/schema_fact.h"

#include "lake/publish.h"

namespace andon::line {

Json ColumnsOf(const definition::Dataset& dataset) {
  Json columns = Json::Object();
  for (const definition::Column& column : dataset.columns) columns.Set(column.name, column.type);
  return columns;
}

std::optional<Json> SchemaChange(const Json& before, const Json& after) {
  if (before.members().empty() || after.members().empty()) return {};
  Json added = Json::Object(), removed = Json::Object(), changed = Json::Object();
  for (const auto& [name, type] : after.members()) {
    const Json* was = before.Find(name);
    if (was == nullptr)
      added.Set(name, type);
    else if (*was != type)
      changed.Set(name, Json::List({*was, type}));
  }
  for (const auto& [name, type] : before.members()) {
    if (after.Find(name) == nullptr) removed.Set(name, type);
  }
  if (added.members().empty() && removed.members().empty() && changed.members().empty()) return {};
  return Json::Object({{"added", added},
                       {"removed", removed},
                       {"changed", changed},
                       {"before", before},
                       {"after", after}});
}

Result<void> WriteSchemaFact(store::Transaction& tx, const definition::Dataset& dataset,
                             std::optional<int64_t> previous_version, store::Fact fact) {
  if (!previous_version) return {};
  auto previous = TRY(lake::FindVersion(tx, dataset.name, *previous_version));
  if (!previous) return {};
  auto change = SchemaChange(previous->body["columns"], ColumnsOf(dataset));
  if (!change) return {};
  fact.kind = kSchemaChanged;
  fact.address = dataset.address;
  fact.body = std::move(*change);
  TRY(store::Append(tx, fact));
  return {};
}

}  // namespace andon::line
