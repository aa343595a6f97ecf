#include "iceberg/table_metadata.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace andon::iceberg {
namespace {

// What this code understands; everything else is kept as it was read.
constexpr std::array<std::string_view, 21> kKnown = {"format-version",
                                                     "table-uuid",
                                                     "location",
                                                     "last-sequence-number",
                                                     "last-updated-ms",
                                                     "last-column-id",
                                                     "schemas",
                                                     "current-schema-id",
                                                     "partition-specs",
                                                     "default-spec-id",
                                                     "last-partition-id",
                                                     "sort-orders",
                                                     "default-sort-order-id",
                                                     "properties",
                                                     "current-snapshot-id",
                                                     "snapshots",
                                                     "snapshot-log",
                                                     "metadata-log",
                                                     "refs",
                                                     "schema",
                                                     "partition-spec"};

constexpr int kFormatVersion = 2;

template <typename Items>
Json List(const Items& items) {
  Json list = Json::List();
  for (const auto& item : items) list.Push(ToJson(item));
  return list;
}

template <typename T>
const T* FindId(const std::vector<T>& items, int id) {
  for (const T& item : items) {
    if (item.id == id) return &item;
  }
  return nullptr;
}

Result<void> ReadParts(const Json& json, TableMetadata& metadata) {
  for (const Json& item : json["schemas"].items()) {
    Schema schema = TRY(SchemaFromJson(item));
    metadata.schemas.push_back(std::move(schema));
  }
  for (const Json& item : json["partition-specs"].items()) {
    PartitionSpec spec = TRY(PartitionSpecFromJson(item));
    metadata.specs.push_back(std::move(spec));
  }
  for (const Json& item : json["sort-orders"].items()) {
    SortOrder order = TRY(SortOrderFromJson(item));
    metadata.sort_orders.push_back(std::move(order));
  }
  for (const Json& item : json["snapshots"].items()) {
    Snapshot snapshot = TRY(SnapshotFromJson(item));
    metadata.snapshots.push_back(std::move(snapshot));
  }
  for (const auto& [name, item] : json["refs"].members()) {
    Ref ref = TRY(RefFromJson(item));
    metadata.refs.emplace(name, std::move(ref));
  }
  return {};
}

Result<void> CheckWhole(const TableMetadata& metadata) {
  if (metadata.FindSchema(metadata.current_schema_id) == nullptr) {
    return Error::Corrupt("the current schema {} is not listed", metadata.current_schema_id);
  }
  if (metadata.FindSpec(metadata.default_spec_id) == nullptr) {
    return Error::Corrupt("the default partition spec {} is not listed", metadata.default_spec_id);
  }
  for (const auto& [name, ref] : metadata.refs) {
    if (metadata.FindSnapshot(ref.snapshot_id) == nullptr) {
      return Error::Corrupt("\"{}\" points to snapshot {}, which is not listed", name,
                            ref.snapshot_id);
    }
  }
  if (metadata.current_snapshot_id &&
      metadata.FindSnapshot(*metadata.current_snapshot_id) == nullptr) {
    return Error::Corrupt("the current snapshot {} is not listed", *metadata.current_snapshot_id);
  }
  return {};
}

}  // namespace

const Schema* TableMetadata::FindSchema(int id) const { return FindId(schemas, id); }
const PartitionSpec* TableMetadata::FindSpec(int id) const { return FindId(specs, id); }

const Schema& TableMetadata::schema() const {
  const Schema* schema = FindSchema(current_schema_id);
  ASSERT(schema != nullptr);
  return *schema;
}
const PartitionSpec& TableMetadata::spec() const {
  const PartitionSpec* spec = FindSpec(default_spec_id);
  ASSERT(spec != nullptr);
  return *spec;
}

const Snapshot* TableMetadata::FindSnapshot(int64_t id) const {
  // New ones are asked for more often.
  for (auto it = snapshots.rbegin(); it != snapshots.rend(); ++it) {
    if (it->id == id) return &*it;
  }
  return nullptr;
}

const Snapshot* TableMetadata::current_snapshot() const {
  return current_snapshot_id ? FindSnapshot(*current_snapshot_id) : nullptr;
}

const Snapshot* TableMetadata::FindRef(std::string_view name) const {
  auto found = refs.find(std::string(name));
  return found == refs.end() ? nullptr : FindSnapshot(found->second.snapshot_id);
}

bool TableMetadata::IsAncestor(int64_t ancestor, int64_t descendant) const {
  const Snapshot* at = FindSnapshot(descendant);
  // A parent is older, so more steps than snapshots would be a damaged circle.
  for (size_t steps = 0; at != nullptr && steps <= snapshots.size(); ++steps) {
    if (at->id == ancestor) return true;
    if (!at->parent_id) return false;
    if (*at->parent_id == ancestor) return true;
    at = FindSnapshot(*at->parent_id);
  }
  return false;
}

const Schema& TableMetadata::SchemaOf(const Snapshot& snapshot) const {
  if (current_snapshot_id == snapshot.id || !snapshot.schema_id) return schema();
  const Schema* own = FindSchema(*snapshot.schema_id);
  return own != nullptr ? *own : schema();
}

const Snapshot* TableMetadata::AsOf(int64_t timestamp_ms) const {
  const Snapshot* found = nullptr;
  for (const SnapshotLogEntry& entry : snapshot_log) {
    if (entry.timestamp_ms <= timestamp_ms) found = FindSnapshot(entry.snapshot_id);
  }
  return found;
}

std::string TableMetadata::Property(std::string_view key, std::string_view other) const {
  auto found = properties.find(std::string(key));
  return found == properties.end() ? std::string(other) : found->second;
}

int64_t TableMetadata::IntegerProperty(std::string_view key, int64_t other) const {
  std::string text = Property(key);
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : other;
}

std::string ToJsonText(const TableMetadata& metadata) {
  Json properties = Json::Object();
  for (const auto& [key, value] : metadata.properties) properties.Set(key, value);
  Json refs = Json::Object();
  for (const auto& [name, ref] : metadata.refs) refs.Set(name, ToJson(ref));
  Json snapshot_log = Json::List();
  for (const SnapshotLogEntry& entry : metadata.snapshot_log) {
    snapshot_log.Push(
        Json::Object({{"timestamp-ms", entry.timestamp_ms}, {"snapshot-id", entry.snapshot_id}}));
  }
  Json metadata_log = Json::List();
  for (const MetadataLogEntry& entry : metadata.metadata_log) {
    metadata_log.Push(Json::Object(
        {{"timestamp-ms", entry.timestamp_ms}, {"metadata-file", entry.metadata_file}}));
  }
  Json json = Json::Object({
      {"format-version", kFormatVersion},
      {"table-uuid", metadata.uuid},
      {"location", metadata.location},
      {"last-sequence-number", metadata.last_sequence_number},
      {"last-updated-ms", metadata.last_updated_ms},
      {"last-column-id", metadata.last_column_id},
      {"current-schema-id", metadata.current_schema_id},
      {"schemas", List(metadata.schemas)},
      {"default-spec-id", metadata.default_spec_id},
      {"partition-specs", List(metadata.specs)},
      {"last-partition-id", metadata.last_partition_id},
      {"default-sort-order-id", metadata.default_sort_order_id},
      {"sort-orders", List(metadata.sort_orders)},
      {"properties", std::move(properties)},
  });
  if (metadata.current_snapshot_id) json.Set("current-snapshot-id", *metadata.current_snapshot_id);
  json.Set("refs", std::move(refs));
  json.Set("snapshot-log", std::move(snapshot_log));
  json.Set("metadata-log", std::move(metadata_log));
  for (const auto& [key, value] : metadata.unknown) json.Set(key, value);
  // Most of the text are the snapshots, and most of them were printed before.
  std::string text = json.Dump();
  ASSERT(text.ends_with('}'));
  text.pop_back();
  return text + ",\"snapshots\":" + metadata.snapshots.ToJsonText() + "}";
}

Result<TableMetadata> ParseTableMetadata(std::string_view text) {
  Result<Json> parsed = Json::Parse(text);
  if (!parsed.ok()) return Error::Corrupt("it is no JSON: {}", parsed.error().message);
  const Json& json = *parsed;
  int64_t version = json["format-version"].AsInteger(0);
  if (version != kFormatVersion) {
    return Error::Corrupt(
        "it has Iceberg format version {}; Andon reads and writes version 2. Make the table with "
        "\"format-version\" = \"2\"",
        version);
  }
  for (std::string_view key : {"table-uuid", "location", "schemas", "partition-specs",
                               "last-column-id", "current-schema-id", "default-spec-id"}) {
    if (!json.Has(key)) return Error::Corrupt("it lacks the member \"{}\"", key);
  }
  TableMetadata metadata;
  metadata.uuid = json["table-uuid"].AsString();
  metadata.location = json["location"].AsString();
  metadata.last_sequence_number = json["last-sequence-number"].AsInteger();
  metadata.last_updated_ms = json["last-updated-ms"].AsInteger();
  metadata.last_column_id = static_cast<int>(json["last-column-id"].AsInteger());
  metadata.current_schema_id = static_cast<int>(json["current-schema-id"].AsInteger());
  metadata.default_spec_id = static_cast<int>(json["default-spec-id"].AsInteger());
  metadata.last_partition_id = static_cast<int>(json["last-partition-id"].AsInteger(999));
  metadata.default_sort_order_id = static_cast<int>(json["default-sort-order-id"].AsInteger());
  Result<void> parts = ReadParts(json, metadata);
  if (!parts.ok()) return Error::Corrupt("{}", parts.error().message);
  for (const auto& [key, value] : json["properties"].members()) {
    metadata.properties[key] = value.AsString();
  }
  int64_t current = json["current-snapshot-id"].AsInteger(-1);
  if (current != -1) {
    metadata.current_snapshot_id = current;
    // Older writers leave the refs out; main is always there once there is a snapshot.
    metadata.refs.try_emplace(kMain, Ref{current, Branch{}, std::nullopt});
  }
  for (const Json& entry : json["snapshot-log"].items()) {
    metadata.snapshot_log.push_back(
        {entry["timestamp-ms"].AsInteger(), entry["snapshot-id"].AsInteger()});
  }
  for (const Json& entry : json["metadata-log"].items()) {
    metadata.metadata_log.push_back(
        {entry["timestamp-ms"].AsInteger(), entry["metadata-file"].AsString()});
  }
  for (const auto& [key, value] : json.members()) {
    if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end()) {
      metadata.unknown.emplace_back(key, value);
    }
  }
  TRY(CheckWhole(metadata));
  return metadata;
}

Result<TableMetadata> NewTableMetadata(std::string location, std::vector<Field> fields,
                                       const std::vector<PartitionBy>& partition_by,
                                       std::map<std::string, std::string> properties,
                                       int64_t now_ms, const std::vector<std::string>& identifier) {
  TableMetadata metadata;
  metadata.uuid = RandomUuid();
  metadata.location = std::move(location);
  metadata.last_updated_ms = now_ms;
  Schema schema;
  schema.fields = std::move(fields);
  AssignFieldIds(schema.fields, &metadata.last_column_id);
  for (const std::string& name : identifier) {
    const Field* field = schema.Find(name);
    // Only required columns may be identifiers.
    if (field != nullptr && field->required) schema.identifier_field_ids.push_back(field->id);
  }
  metadata.schemas.push_back(std::move(schema));
  PartitionSpec spec =
      TRY(MakeSpec(partition_by, metadata.schema(), {}, &metadata.last_partition_id));
  metadata.specs.push_back(std::move(spec));
  metadata.sort_orders.push_back({});
  metadata.properties = std::move(properties);
  return metadata;
}

}  // namespace andon::iceberg
