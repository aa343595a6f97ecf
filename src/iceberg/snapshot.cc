#include "iceberg/snapshot.h"

namespace andon::iceberg {

std::string Snapshot::operation() const {
  auto found = summary.find("operation");
  return found == summary.end() ? "" : found->second;
}

Json ToJson(const Snapshot& snapshot) {
  Json summary = Json::Object();
  // The specification's readers expect the operation, so it stands first.
  if (snapshot.summary.contains("operation")) summary.Set("operation", snapshot.operation());
  for (const auto& [key, value] : snapshot.summary) {
    if (key != "operation") summary.Set(key, value);
  }
  Json json = Json::Object({{"snapshot-id", snapshot.id}});
  if (snapshot.parent_id) json.Set("parent-snapshot-id", *snapshot.parent_id);
  json.Set("sequence-number", snapshot.sequence_number);
  json.Set("timestamp-ms", snapshot.timestamp_ms);
  json.Set("manifest-list", snapshot.manifest_list);
  json.Set("summary", std::move(summary));
  if (snapshot.schema_id) json.Set("schema-id", *snapshot.schema_id);
  return json;
}

std::string SnapshotList::ToJsonText() const {
  std::string text = "[";
  for (const auto& entry : list_) {
    std::call_once(entry->printed, [&] { entry->json = ToJson(entry->snapshot).Dump(); });
    if (text.size() > 1) text += ',';
    text += entry->json;
  }
  return text + "]";
}

Json ToJson(const Ref& ref) {
  Json json = Json::Object(
      {{"snapshot-id", ref.snapshot_id}, {"type", ref.is_branch() ? "branch" : "tag"}});
  if (const Branch* branch = std::get_if<Branch>(&ref.kind)) {
    if (branch->min_snapshots_to_keep) {
      json.Set("min-snapshots-to-keep", *branch->min_snapshots_to_keep);
    }
    if (branch->max_snapshot_age_ms) json.Set("max-snapshot-age-ms", *branch->max_snapshot_age_ms);
  }
  if (ref.max_ref_age_ms) json.Set("max-ref-age-ms", *ref.max_ref_age_ms);
  return json;
}

Result<Snapshot> SnapshotFromJson(const Json& json) {
  Snapshot snapshot;
  if (!json["snapshot-id"].is_integer() || !json["manifest-list"].is_string()) {
    return Error::Corrupt("a snapshot needs \"snapshot-id\" and \"manifest-list\"");
  }
  snapshot.id = json["snapshot-id"].AsInteger();
  if (json["parent-snapshot-id"].is_integer()) {
    snapshot.parent_id = json["parent-snapshot-id"].AsInteger();
  }
  snapshot.sequence_number = json["sequence-number"].AsInteger();
  snapshot.timestamp_ms = json["timestamp-ms"].AsInteger();
  snapshot.manifest_list = json["manifest-list"].AsString();
  for (const auto& [key, value] : json["summary"].members()) {
    snapshot.summary[key] = value.is_string() ? value.AsString() : value.Dump();
  }
  if (json["schema-id"].is_integer()) {
    snapshot.schema_id = static_cast<int>(json["schema-id"].AsInteger());
  }
  return snapshot;
}

Result<Ref> RefFromJson(const Json& json) {
  Ref ref;
  const std::string& type = json["type"].AsString();
  if (!json["snapshot-id"].is_integer() || (type != "branch" && type != "tag")) {
    return Error::Corrupt("a ref needs \"snapshot-id\" and the type \"branch\" or \"tag\"");
  }
  ref.snapshot_id = json["snapshot-id"].AsInteger();
  if (json["max-ref-age-ms"].is_integer()) ref.max_ref_age_ms = json["max-ref-age-ms"].AsInteger();
  if (type == "tag") {
    ref.kind = Tag{};
    return ref;
  }
  Branch branch;
  if (json["min-snapshots-to-keep"].is_integer()) {
    branch.min_snapshots_to_keep = static_cast<int>(json["min-snapshots-to-keep"].AsInteger());
  }
  if (json["max-snapshot-age-ms"].is_integer()) {
    branch.max_snapshot_age_ms = json["max-snapshot-age-ms"].AsInteger();
  }
  ref.kind = branch;
  return ref;
}

}  // namespace andon::iceberg
