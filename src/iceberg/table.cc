#include "iceberg/table.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "iceberg/table_internal.h"
#include "io/path.h"

namespace andon::iceberg {
namespace internal {

int64_t NewSnapshotId(const TableMetadata& metadata) {
  while (true) {
    std::string hex;
    for (char c : RandomUuid()) {
      if (c != '-') hex += c;
    }
    uint64_t high = 0;
    uint64_t low = 0;
    std::from_chars(hex.data(), hex.data() + 16, high, 16);
    std::from_chars(hex.data() + 16, hex.data() + 32, low, 16);
    int64_t id = static_cast<int64_t>((high ^ low) & INT64_MAX);
    if (id != 0 && metadata.FindSnapshot(id) == nullptr) return id;
  }
}

void PointRef(TableMetadata& metadata, const std::string& branch, int64_t snapshot_id,
              int64_t now_ms) {
  auto [ref, made] = metadata.refs.try_emplace(branch, Ref{snapshot_id, Branch{}, std::nullopt});
  ref->second.snapshot_id = snapshot_id;
  if (branch != kMain) return;
  metadata.current_snapshot_id = snapshot_id;
  metadata.snapshot_log.push_back({now_ms, snapshot_id});
}

std::string Describe(const Snapshot* snapshot) {
  if (snapshot == nullptr) return "no snapshot";
  return fmt::format("snapshot {} ({}, {})", snapshot->id, snapshot->operation(),
                     ToRfc3339(FromMillis(snapshot->timestamp_ms)));
}

namespace {

std::optional<int> SummaryInt(const Snapshot& snapshot, const char* key) {
  auto found = snapshot.summary.find(key);
  if (found == snapshot.summary.end()) return std::nullopt;
  int value = 0;
  const std::string& text = found->second;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

// base → wanted on the branch, base → current by another.
Result<int> Choose(std::string_view what, const std::string& branch, int base, int wanted,
                   int current) {
  if (wanted == base || wanted == current) return current;
  if (current == base) return wanted;
  return Error::Conflict(
      "Branch \"{}\" and another writer both changed the table's {} (from {}, to {} and to {}). "
      "Run again, so that the change is made against the new {}",
      branch, what, base, wanted, current, what);
}

}  // namespace

Result<Evolved> EvolvedBy(const TableMetadata& base, const Snapshot& head,
                          const std::string& branch) {
  Evolved evolved;
  int schema_base = SummaryInt(head, kBaseSchemaId).value_or(base.current_schema_id);
  int schema_wanted = head.schema_id.value_or(schema_base);
  evolved.schema_id =
      TRY(Choose("schema", branch, schema_base, schema_wanted, base.current_schema_id));
  int spec_base = SummaryInt(head, kBaseSpecId).value_or(base.default_spec_id);
  int spec_wanted = SummaryInt(head, kSpecId).value_or(spec_base);
  evolved.spec_id = TRY(Choose("partition", branch, spec_base, spec_wanted, base.default_spec_id));
  if (base.FindSchema(evolved.schema_id) == nullptr || base.FindSpec(evolved.spec_id) == nullptr) {
    return Error::Corrupt("branch \"{}\" names a schema or partition that the table lacks", branch);
  }
  return evolved;
}

Result<std::vector<ManifestEntry>> ReadEntries(const TableMetadata& metadata,
                                               const io::FileSystem& files,
                                               const ManifestFile& manifest) {
  std::string bytes = TRY(files.Read(LocationPath(manifest.path)));
  const PartitionSpec* spec = metadata.FindSpec(manifest.spec_id);
  if (spec == nullptr) {
    return Error::Corrupt("manifest {} has partition spec {}, which the table lacks", manifest.path,
                          manifest.spec_id);
  }
  return ReadManifest(bytes, manifest, *spec, PartitionTypes(*spec, metadata.schemas));
}

}  // namespace internal

using internal::Describe;

// --- Refs

namespace {

Change Next(const TableMetadata& base, int64_t now_ms) {
  Change change;
  change.metadata = base;
  change.metadata.last_updated_ms = std::max(now_ms, base.last_updated_ms);
  return change;
}

Result<Change> CreateRef(const TableMetadata& base, const std::string& name, Ref ref,
                         int64_t now_ms) {
  if (name.empty()) return Error::Invalid("a branch or tag needs a name");
  if (base.FindSnapshot(ref.snapshot_id) == nullptr) {
    return Error::NotFound("there is no snapshot {}", ref.snapshot_id);
  }
  auto found = base.refs.find(name);
  if (found != base.refs.end() && (found->second.is_branch() != ref.is_branch() ||
                                   found->second.snapshot_id != ref.snapshot_id)) {
    return Error::Conflict("\"{}\" is already a {} of {}", name,
                           found->second.is_branch() ? "branch" : "tag",
                           Describe(base.FindSnapshot(found->second.snapshot_id)));
  }
  Change change = Next(base, now_ms);
  change.snapshot_id = ref.snapshot_id;
  change.metadata.refs.try_emplace(name, std::move(ref));
  return change;
}

}  // namespace

Result<Change> CreateBranch(const TableMetadata& base, const std::string& name, int64_t snapshot_id,
                            int64_t now_ms) {
  return CreateRef(base, name, {snapshot_id, Branch{}, std::nullopt}, now_ms);
}

Result<Change> CreateTag(const TableMetadata& base, const std::string& name, int64_t snapshot_id,
                         int64_t now_ms) {
  return CreateRef(base, name, {snapshot_id, Tag{}, std::nullopt}, now_ms);
}

Result<Change> DropRef(const TableMetadata& base, const std::string& name, int64_t now_ms) {
  if (name == kMain) return Error::Invalid("main cannot be dropped");
  if (!base.refs.contains(name)) return Error::NotFound("there is no branch or tag \"{}\"", name);
  Change change = Next(base, now_ms);
  change.metadata.refs.erase(name);
  return change;
}

Result<Change> SetMain(const TableMetadata& base, int64_t snapshot_id, int64_t now_ms) {
  const Snapshot* snapshot = base.FindSnapshot(snapshot_id);
  if (snapshot == nullptr) return Error::NotFound("there is no snapshot {}", snapshot_id);
  Change change = Next(base, now_ms);
  change.snapshot_id = snapshot_id;
  // An earlier schema would read later columns as gone; so it goes back with its rows.
  if (snapshot->schema_id && base.FindSchema(*snapshot->schema_id) != nullptr) {
    change.metadata.current_schema_id = *snapshot->schema_id;
  }
  internal::PointRef(change.metadata, kMain, snapshot_id, change.metadata.last_updated_ms);
  return change;
}

Change ClearMain(const TableMetadata& base, int64_t now_ms) {
  Change change = Next(base, now_ms);
  change.metadata.refs.erase(kMain);
  change.metadata.current_snapshot_id.reset();
  // The log stays: what it names is kept as main's history.
  return change;
}

Result<Change> FastForward(const TableMetadata& base, const std::string& branch, int64_t now_ms,
                           bool drop_branch) {
  const Snapshot* head = base.FindRef(branch);
  if (head == nullptr || branch == kMain) {
    return Error::NotFound("there is no branch \"{}\"", branch);
  }
  Change change = Next(base, now_ms);
  change.snapshot_id = head->id;
  if (base.current_snapshot_id != head->id) {
    if (base.current_snapshot_id && !base.IsAncestor(*base.current_snapshot_id, head->id)) {
      return Error::Conflict(
          "main moved to {} since branch \"{}\" began; it can no longer be fast-forwarded",
          Describe(base.current_snapshot()), branch);
    }
    internal::Evolved evolved = TRY(internal::EvolvedBy(base, *head, branch));
    change.metadata.current_schema_id = evolved.schema_id;
    change.metadata.default_spec_id = evolved.spec_id;
    internal::PointRef(change.metadata, kMain, head->id, change.metadata.last_updated_ms);
  }
  if (drop_branch) change.metadata.refs.erase(branch);
  return change;
}

// --- Schema and spec

std::vector<Schema> ProposedSchemas(const TableMetadata& metadata, int schema_id) {
  std::vector<Schema> proposed;
  for (const Schema& schema : metadata.schemas) {
    // A dropped column's id is in earlier schemas only, so it is never given again.
    if (schema.id > schema_id) proposed.push_back(schema);
  }
  return proposed;
}

AddedSchema AddSchema(const TableMetadata& base, const Evolution& evolution) {
  AddedSchema added{base, 0};
  for (const Schema& schema : base.schemas) {
    if (schema.SameColumns(evolution.schema)) {
      added.schema_id = schema.id;
      // Documentation is not part of what makes schemas equal; an equal one with
      // other words is a schema of its own.
      if (ToJson(schema)["fields"] == ToJson(evolution.schema)["fields"]) return added;
    }
  }
  Schema schema = evolution.schema;
  schema.id = 0;
  for (const Schema& other : base.schemas) schema.id = std::max(schema.id, other.id + 1);
  added.schema_id = schema.id;
  added.metadata.last_column_id = std::max(base.last_column_id, evolution.last_column_id);
  added.metadata.schemas.push_back(std::move(schema));
  return added;
}

Result<AddedSpec> AddSpec(const TableMetadata& base, const std::vector<PartitionBy>& by,
                          int schema_id) {
  const Schema* schema = base.FindSchema(schema_id);
  if (schema == nullptr) return Error::Invalid("schema {} is not in the table", schema_id);
  AddedSpec added{base, 0};
  PartitionSpec spec = TRY(MakeSpec(by, *schema, base.specs, &added.metadata.last_partition_id));
  added.spec_id = spec.id;
  if (base.FindSpec(spec.id) == nullptr) added.metadata.specs.push_back(std::move(spec));
  return added;
}

// --- History

namespace {

void KeepLine(const TableMetadata& base, int64_t head, int64_t until, std::set<int64_t>& keep) {
  const Snapshot* at = base.FindSnapshot(head);
  for (size_t steps = 0; at != nullptr && steps <= base.snapshots.size(); ++steps) {
    if (until != 0 && at->id != head && base.IsAncestor(at->id, until)) return;
    keep.insert(at->id);
    at = at->parent_id ? base.FindSnapshot(*at->parent_id) : nullptr;
  }
}

// What main is or was, newest first.
std::vector<int64_t> MainHistory(const TableMetadata& base) {
  std::set<int64_t> members;
  for (const SnapshotLogEntry& entry : base.snapshot_log) members.insert(entry.snapshot_id);
  if (base.current_snapshot_id) KeepLine(base, *base.current_snapshot_id, 0, members);
  std::vector<int64_t> history;
  for (auto it = base.snapshots.rbegin(); it != base.snapshots.rend(); ++it) {
    if (members.contains(it->id)) history.push_back(it->id);
  }
  return history;
}

}  // namespace

TableMetadata Expire(const TableMetadata& base, const ExpireOptions& options) {
  std::set<int64_t> keep = options.keep;
  for (const auto& [name, ref] : base.refs) {
    keep.insert(ref.snapshot_id);
    // A branch keeps its own snapshots; those it shares with main count as main's.
    if (name != kMain && ref.is_branch()) {
      KeepLine(base, ref.snapshot_id, base.current_snapshot_id.value_or(0), keep);
    }
  }
  std::vector<int64_t> history = MainHistory(base);
  size_t kept_of_main = std::min(history.size(), static_cast<size_t>(options.snapshots_min));
  keep.insert(history.begin(), history.begin() + static_cast<std::ptrdiff_t>(kept_of_main));
  if (std::all_of(base.snapshots.begin(), base.snapshots.end(),
                  [&](const Snapshot& snapshot) { return keep.contains(snapshot.id); })) {
    return base;
  }
  TableMetadata expired = base;
  expired.snapshots.KeepIf([&](const Snapshot& snapshot) { return keep.contains(snapshot.id); });
  // A log with gaps would answer "as of" wrongly, so it begins behind the last gap.
  std::vector<SnapshotLogEntry> log;
  for (const SnapshotLogEntry& entry : expired.snapshot_log) {
    if (keep.contains(entry.snapshot_id)) {
      log.push_back(entry);
    } else {
      log.clear();
    }
  }
  expired.snapshot_log = std::move(log);
  return expired;
}

// --- Files

std::string LocationPath(std::string_view location) { return io::FromFileUrl(location); }

Result<std::vector<ManifestFile>> Manifests(const io::FileSystem& files, const Snapshot& snapshot) {
  std::string path = LocationPath(snapshot.manifest_list);
  std::string bytes = TRY(files.Read(path));
  Result<std::vector<ManifestFile>> manifests = ReadManifestList(bytes);
  if (!manifests.ok()) {
    return std::move(manifests).error().In(fmt::format("manifest list {}", path));
  }
  return manifests;
}

Result<std::vector<ManifestEntry>> Entries(const TableMetadata& metadata,
                                           const io::FileSystem& files,
                                           const ManifestFile& manifest) {
  return internal::ReadEntries(metadata, files, manifest);
}

Result<std::vector<LiveFile>> LiveFiles(const TableMetadata& metadata, const io::FileSystem& files,
                                        const Snapshot& snapshot) {
  std::vector<ManifestFile> manifests = TRY(Manifests(files, snapshot));
  std::vector<LiveFile> live;
  for (const ManifestFile& manifest : manifests) {
    if (manifest.live_files() == 0) continue;
    std::vector<ManifestEntry> entries = TRY(internal::ReadEntries(metadata, files, manifest));
    for (ManifestEntry& entry : entries) {
      if (entry.status == EntryStatus::kDeleted) continue;
      live.push_back({std::move(entry.file), entry.sequence_number.value_or(0),
                      entry.snapshot_id.value_or(manifest.added_snapshot_id)});
    }
  }
  return live;
}

// --- Writing

std::string NextMetadataLocation(const TableMetadata& metadata, const std::string& current) {
  std::string name = io::Basename(LocationPath(current));
  int version = -1;
  std::from_chars(name.data(), name.data() + name.size(), version);
  return fmt::format("{}/metadata/{:05}-{}.metadata.json", metadata.location, version + 1,
                     RandomUuid());
}

namespace {

constexpr int64_t kPreviousVersionsDefault = 100;
constexpr int64_t kSnapshotsMinDefault = 100;

void LogMetadata(TableMetadata& metadata, const Table& table, Staged& staged) {
  if (table.metadata_location.empty()) return;
  metadata.metadata_log.push_back({table.metadata.last_updated_ms, table.metadata_location});
  int64_t most = std::max<int64_t>(
      metadata.IntegerProperty("write.metadata.previous-versions-max", kPreviousVersionsDefault),
      1);
  bool remove = metadata.Property("write.metadata.delete-after-commit.enabled") == "true";
  while (static_cast<int64_t>(metadata.metadata_log.size()) > most) {
    if (remove) staged.obsolete.push_back(LocationPath(metadata.metadata_log[0].metadata_file));
    metadata.metadata_log.erase(metadata.metadata_log.begin());
  }
}

std::vector<Snapshot> Dropped(const TableMetadata& before, const TableMetadata& after) {
  std::set<int64_t> left;
  for (const Snapshot& snapshot : after.snapshots) left.insert(snapshot.id);
  std::vector<Snapshot> dropped;
  for (const Snapshot& snapshot : before.snapshots) {
    if (!left.contains(snapshot.id)) dropped.push_back(snapshot);
  }
  return dropped;
}

Result<Staged> WriteChange(io::FileSystem& files, const Table& table, Change change,
                           std::vector<std::string>& to_sync) {
  Staged staged;
  staged.identifier = table.identifier;
  staged.expected_location = table.metadata_location;
  staged.snapshot_id = change.snapshot_id;
  ExpireOptions expire;
  expire.snapshots_min = static_cast<int>(std::max<int64_t>(
      change.metadata.IntegerProperty("andon.history.snapshots-min", kSnapshotsMinDefault), 1));
  staged.metadata = Expire(change.metadata, expire);
  staged.dropped = Dropped(table.metadata, staged.metadata);
  LogMetadata(staged.metadata, table, staged);
  staged.new_location = NextMetadataLocation(staged.metadata, table.metadata_location);
  for (const NewFile& file : change.files) {
    TRY(files.Write(file.path, file.bytes));
    staged.written.push_back(file.path);
  }
  std::string path = LocationPath(staged.new_location);
  TRY(files.Write(path, ToJsonText(staged.metadata)));
  staged.written.push_back(std::move(path));
  to_sync.insert(to_sync.end(), staged.written.begin(), staged.written.end());
  to_sync.insert(to_sync.end(), change.durable_paths.begin(), change.durable_paths.end());
  return staged;
}

}  // namespace

Result<Staged> Stage(io::FileSystem& files, const Table& table, Change change) {
  std::vector<std::string> to_sync;
  Staged staged = TRY(WriteChange(files, table, std::move(change), to_sync));
  TRY(files.Sync(to_sync));
  return staged;
}

Result<std::vector<Staged>> StageAll(io::FileSystem& files, std::vector<ToStage> changes) {
  std::vector<Staged> all;
  std::vector<std::string> to_sync;
  for (ToStage& item : changes) {
    Staged staged = TRY(WriteChange(files, *item.table, std::move(item.change), to_sync));
    all.push_back(std::move(staged));
  }
  TRY(files.Sync(to_sync));
  return all;
}

}  // namespace andon::iceberg
