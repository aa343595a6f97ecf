// New snapshots: what becomes of the parent's manifests, what is added, and the
// summary of it.

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "iceberg/table.h"
#include "iceberg/table_internal.h"

namespace andon::iceberg {
namespace {

// Manifests of one size class (1 to 9 files, 10 to 99, …) are merged when there are
// this many, so a table of n files has about 9 · log10(n) manifests and each entry
// is written log10(n) times in its life.
constexpr size_t kMergeCount = 10;
// Near the 8 MB that other writers aim at; a bigger manifest is not merged again.
constexpr int64_t kMergeFilesMax = 40'000;

std::vector<int> SpecIdsOf(const std::vector<DataFile>& files) {
  std::vector<int> ids;
  for (const DataFile& file : files) {
    if (std::find(ids.begin(), ids.end(), file.spec_id) == ids.end()) ids.push_back(file.spec_id);
  }
  return ids;
}

int SizeClass(const ManifestFile& manifest) {
  return static_cast<int>(std::log10(std::max(manifest.live_files(), 1)));
}

// What a summary counts: of one commit.
struct Counts {
  int64_t added_files = 0;
  int64_t added_rows = 0;
  int64_t added_bytes = 0;
  int64_t deleted_files = 0;
  int64_t deleted_rows = 0;
  int64_t removed_bytes = 0;
  int64_t removed_delete_files = 0;
  int64_t removed_position_deletes = 0;
  int64_t removed_equality_deletes = 0;
  std::set<std::string> partitions;
};

int64_t Number(const Summary& summary, const std::string& key) {
  auto found = summary.find(key);
  int64_t value = 0;
  if (found == summary.end()) return -1;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
  return value;
}

void SetTotal(Summary& summary, const Snapshot* parent, const std::string& key, int64_t change) {
  int64_t before = parent == nullptr ? 0 : Number(parent->summary, key);
  // Where the parent does not say, the total is not known.
  if (before < 0) return;
  summary[key] = std::to_string(std::max<int64_t>(before + change, 0));
}

void SetPositive(Summary& summary, const std::string& key, int64_t value) {
  if (value > 0) summary[key] = std::to_string(value);
}

class Producer {
 public:
  Producer(const TableMetadata& base, const io::FileSystem& files, const CommitOptions& options)
      : files_(files), options_(options) {
    change_.metadata = base;
    metadata_ = &change_.metadata;
  }

  // Finds the parent and the numbers of the new snapshot.
  Result<void> Begin() {
    auto ref = metadata_->refs.find(options_.branch);
    if (ref != metadata_->refs.end() && !ref->second.is_branch()) {
      return Error::Invalid("\"{}\" is a tag; only a branch can be written to", options_.branch);
    }
    bool exists = ref != metadata_->refs.end();
    parent_ =
        exists ? metadata_->FindSnapshot(ref->second.snapshot_id) : metadata_->current_snapshot();
    began_here_ = !exists;
    snapshot_.id = internal::NewSnapshotId(*metadata_);
    if (parent_ != nullptr) snapshot_.parent_id = parent_->id;
    snapshot_.sequence_number = ++metadata_->last_sequence_number;
    snapshot_.timestamp_ms = std::max(options_.now_ms, metadata_->last_updated_ms);
    snapshot_.schema_id = options_.schema_id;
    if (!snapshot_.schema_id && parent_ != nullptr && exists && options_.branch != kMain) {
      snapshot_.schema_id = parent_->schema_id;
    }
    if (!snapshot_.schema_id) snapshot_.schema_id = metadata_->current_schema_id;
    if (metadata_->FindSchema(*snapshot_.schema_id) == nullptr) {
      return Error::Invalid("schema {} is not in the table", *snapshot_.schema_id);
    }
    if (options_.spec_id && metadata_->FindSpec(*options_.spec_id) == nullptr) {
      return Error::Invalid("partition spec {} is not in the table", *options_.spec_id);
    }
    uuid_ = RandomUuid();
    if (parent_ != nullptr) manifests_ = TRY(Manifests(files_, *parent_));
    std::erase_if(manifests_, [](const ManifestFile& m) { return m.live_files() == 0; });
    return {};
  }

  Result<void> Add(const std::vector<DataFile>& added) {
    for (int spec_id : SpecIdsOf(added)) {
      std::vector<ManifestEntry> entries;
      for (const DataFile& file : added) {
        if (file.spec_id != spec_id) continue;
        ManifestEntry entry;
        entry.status = EntryStatus::kAdded;
        entry.snapshot_id = snapshot_.id;
        entry.file = file;
        CountAdded(file);
        change_.durable_paths.push_back(LocationPath(file.path));
        entries.push_back(std::move(entry));
      }
      TRY(PutManifest(spec_id, ManifestContent::kData, entries, fresh_));
    }
    return {};
  }

  // Takes the files that `is_removed` names out of the parent's manifests.
  template <typename Predicate>
  Result<void> Remove(const Predicate& is_removed, bool delete_files_too) {
    std::vector<ManifestFile> kept;
    for (ManifestFile& manifest : manifests_) {
      bool data = manifest.content == ManifestContent::kData;
      if (!data && !delete_files_too) {
        kept.push_back(std::move(manifest));
        continue;
      }
      std::vector<ManifestEntry> entries = TRY(ReadEntries(manifest));
      std::erase_if(entries,
                    [](const ManifestEntry& e) { return e.status == EntryStatus::kDeleted; });
      bool touched = false;
      for (ManifestEntry& entry : entries) {
        entry.status = EntryStatus::kExisting;
        if (!is_removed(entry.file)) continue;
        touched = true;
        entry.status = EntryStatus::kDeleted;
        entry.snapshot_id = snapshot_.id;
        CountRemoved(entry.file);
      }
      if (!touched) {
        kept.push_back(std::move(manifest));
      } else {
        TRY(PutManifest(manifest.spec_id, manifest.content, entries, kept));
      }
    }
    manifests_ = std::move(kept);
    return {};
  }

  Result<void> Merge() {
    for (int size = 0; size < 6; ++size) {
      for (ManifestContent content : {ManifestContent::kData, ManifestContent::kDeletes}) {
        for (const PartitionSpec& spec : metadata_->specs) {
          TRY(MergeClass(size, content, spec.id));
        }
      }
    }
    return {};
  }

  Result<Change> Finish(const std::string& operation) {
    TRY(Merge());
    // New files first: readers that look for recent data find it early.
    std::vector<ManifestFile> all = fresh_;
    all.insert(all.end(), manifests_.begin(), manifests_.end());
    for (ManifestFile& manifest : all) {
      if (manifest.added_snapshot_id == snapshot_.id) {
        manifest.sequence_number = snapshot_.sequence_number;
      }
    }
    snapshot_.manifest_list =
        fmt::format("{}/metadata/snap-{}-1-{}.avro", metadata_->location, snapshot_.id, uuid_);
    change_.files.push_back(
        {LocationPath(snapshot_.manifest_list),
         WriteManifestList(all, snapshot_.id, snapshot_.parent_id, snapshot_.sequence_number)});
    Summarize(operation);
    change_.snapshot_id = snapshot_.id;
    metadata_->last_updated_ms = snapshot_.timestamp_ms;
    int64_t id = snapshot_.id;
    int64_t now = snapshot_.timestamp_ms;
    int schema_id = *snapshot_.schema_id;
    metadata_->snapshots.push_back(std::move(snapshot_));
    internal::PointRef(*metadata_, options_.branch, id, now);
    if (options_.branch == kMain) {
      metadata_->current_schema_id = schema_id;
      if (options_.spec_id) metadata_->default_spec_id = *options_.spec_id;
    }
    return std::move(change_);
  }

  bool removed_anything() const { return counts_.deleted_files + counts_.removed_delete_files > 0; }
  bool added_anything() const { return counts_.added_files > 0; }

 private:
  Result<std::vector<ManifestEntry>> ReadEntries(const ManifestFile& manifest) {
    return internal::ReadEntries(*metadata_, files_, manifest);
  }

  Result<void> PutManifest(int spec_id, ManifestContent content,
                           const std::vector<ManifestEntry>& entries,
                           std::vector<ManifestFile>& list) {
    const PartitionSpec* spec = metadata_->FindSpec(spec_id);
    if (spec == nullptr) return Error::Invalid("partition spec {} is not in the table", spec_id);
    std::string path =
        fmt::format("{}/metadata/{}-m{}.avro", metadata_->location, uuid_, manifest_count_++);
    WrittenManifest written =
        WriteManifest(path, *metadata_->FindSchema(*snapshot_.schema_id), *spec,
                      PartitionTypes(*spec, metadata_->schemas), content, entries, snapshot_.id,
                      snapshot_.sequence_number);
    list.push_back(std::move(written.file));
    change_.files.push_back({LocationPath(path), std::move(written.bytes)});
    return {};
  }

  // The parent's manifests only: what this commit adds stays by itself, so that its
  // files are found by their manifest.
  Result<void> MergeClass(int size, ManifestContent content, int spec_id) {
    std::vector<ManifestFile> chosen;
    std::vector<ManifestFile> others;
    for (const ManifestFile& manifest : manifests_) {
      bool fits = manifest.content == content && manifest.spec_id == spec_id &&
                  SizeClass(manifest) == size && manifest.added_snapshot_id != snapshot_.id;
      (fits ? chosen : others).push_back(manifest);
    }
    int64_t total = 0;
    for (const ManifestFile& manifest : chosen) total += manifest.live_files();
    if (chosen.size() < kMergeCount || total > kMergeFilesMax) return {};
    std::vector<ManifestEntry> merged;
    for (const ManifestFile& manifest : chosen) {
      std::vector<ManifestEntry> entries = TRY(ReadEntries(manifest));
      for (ManifestEntry& entry : entries) {
        if (entry.status == EntryStatus::kDeleted) continue;
        entry.status = EntryStatus::kExisting;
        merged.push_back(std::move(entry));
      }
    }
    TRY(PutManifest(spec_id, content, merged, others));
    manifests_ = std::move(others);
    return {};
  }

  std::string PartitionKey(const DataFile& file) {
    const PartitionSpec* spec = metadata_->FindSpec(file.spec_id);
    if (spec == nullptr) return "";
    std::vector<Type> types = PartitionTypes(*spec, metadata_->schemas);
    std::string key = std::to_string(file.spec_id);
    for (size_t i = 0; i < types.size() && i < file.partition.size(); ++i) {
      key += "/" + (IsNull(file.partition[i]) ? "null" : ToText(types[i], file.partition[i]));
    }
    return key;
  }

  void CountAdded(const DataFile& file) {
    ++counts_.added_files;
    counts_.added_rows += file.record_count;
    counts_.added_bytes += file.size_bytes;
    counts_.partitions.insert(PartitionKey(file));
  }

  void CountRemoved(const DataFile& file) {
    counts_.removed_bytes += file.size_bytes;
    counts_.partitions.insert(PartitionKey(file));
    if (file.content == FileContent::kData) {
      ++counts_.deleted_files;
      counts_.deleted_rows += file.record_count;
      return;
    }
    ++counts_.removed_delete_files;
    (file.content == FileContent::kPositionDeletes ? counts_.removed_position_deletes
                                                   : counts_.removed_equality_deletes) +=
        file.record_count;
  }

  void Summarize(const std::string& operation) {
    Summary& summary = snapshot_.summary;
    summary = options_.summary;
    summary["operation"] = operation;
    SetPositive(summary, "added-data-files", counts_.added_files);
    SetPositive(summary, "added-records", counts_.added_rows);
    SetPositive(summary, "added-files-size", counts_.added_bytes);
    SetPositive(summary, "deleted-data-files", counts_.deleted_files);
    SetPositive(summary, "deleted-records", counts_.deleted_rows);
    SetPositive(summary, "removed-files-size", counts_.removed_bytes);
    SetPositive(summary, "removed-delete-files", counts_.removed_delete_files);
    SetPositive(summary, "changed-partition-count",
                static_cast<int64_t>(counts_.partitions.size()));
    SetTotal(summary, parent_, "total-data-files", counts_.added_files - counts_.deleted_files);
    SetTotal(summary, parent_, "total-records", counts_.added_rows - counts_.deleted_rows);
    SetTotal(summary, parent_, "total-files-size", counts_.added_bytes - counts_.removed_bytes);
    SetTotal(summary, parent_, "total-delete-files", -counts_.removed_delete_files);
    SetTotal(summary, parent_, "total-position-deletes", -counts_.removed_position_deletes);
    SetTotal(summary, parent_, "total-equality-deletes", -counts_.removed_equality_deletes);
    if (options_.branch == kMain) return;
    // What the branch began with, so that publishing sees whether another writer
    // changed it meanwhile.
    auto inherit = [&](const char* key, int now) {
      auto found = began_here_ || parent_ == nullptr ? summary.end() : parent_->summary.find(key);
      bool known = !began_here_ && parent_ != nullptr && found != parent_->summary.end();
      summary[key] = known ? found->second : std::to_string(now);
    };
    inherit(internal::kBaseSchemaId, metadata_->current_schema_id);
    inherit(internal::kBaseSpecId, metadata_->default_spec_id);
    if (options_.spec_id) {
      summary[internal::kSpecId] = std::to_string(*options_.spec_id);
    } else if (!began_here_ && parent_ != nullptr && parent_->summary.contains(internal::kSpecId)) {
      summary[internal::kSpecId] = parent_->summary.at(internal::kSpecId);
    }
  }

  const io::FileSystem& files_;
  const CommitOptions& options_;
  Change change_;
  TableMetadata* metadata_ = nullptr;  // change_.metadata.
  const Snapshot* parent_ = nullptr;
  bool began_here_ = false;
  Snapshot snapshot_;
  std::string uuid_;
  int manifest_count_ = 0;
  std::vector<ManifestFile> manifests_;  // The parent's, as they will be.
  std::vector<ManifestFile> fresh_;      // With this commit's files.
  Counts counts_;
};

}  // namespace

Result<Change> Append(const TableMetadata& base, const io::FileSystem& files,
                      const CommitOptions& options, const std::vector<DataFile>& added) {
  Producer producer(base, files, options);
  TRY(producer.Begin());
  TRY(producer.Add(added));
  return producer.Finish("append");
}

Result<Change> Overwrite(const TableMetadata& base, const io::FileSystem& files,
                         const CommitOptions& options, const std::set<std::string>& removed,
                         const std::vector<DataFile>& added) {
  Producer producer(base, files, options);
  TRY(producer.Begin());
  std::set<std::string> left = removed;
  if (!removed.empty()) {
    TRY(producer.Remove(
        [&](const DataFile& file) {
          if (file.content != FileContent::kData || !removed.contains(file.path)) return false;
          left.erase(file.path);
          return true;
        },
        false));
  }
  if (!left.empty()) {
    return Error::Conflict(
        "The data file {} is no longer part of branch \"{}\": another writer removed it",
        *left.begin(), options.branch);
  }
  TRY(producer.Add(added));
  return producer.Finish(producer.added_anything() || !producer.removed_anything() ? "overwrite"
                                                                                   : "delete");
}

Result<Change> ReplaceAll(const TableMetadata& base, const io::FileSystem& files,
                          const CommitOptions& options, const std::vector<DataFile>& added) {
  Producer producer(base, files, options);
  TRY(producer.Begin());
  TRY(producer.Remove([](const DataFile&) { return true; }, true));
  TRY(producer.Add(added));
  return producer.Finish("overwrite");
}

namespace {

// The snapshots of the branch that main does not have, newest first.
std::vector<const Snapshot*> OwnSnapshots(const TableMetadata& base, const Snapshot& head) {
  std::vector<const Snapshot*> own;
  const Snapshot* at = &head;
  while (at != nullptr && own.size() <= base.snapshots.size()) {
    if (base.current_snapshot_id && base.IsAncestor(at->id, *base.current_snapshot_id)) break;
    own.push_back(at);
    at = at->parent_id ? base.FindSnapshot(*at->parent_id) : nullptr;
  }
  return own;
}

}  // namespace

Result<Change> Replay(const TableMetadata& base, const io::FileSystem& files,
                      const std::string& branch, int64_t now_ms, bool drop_branch) {
  const Snapshot* head = base.FindRef(branch);
  if (head == nullptr) return Error::NotFound("there is no branch \"{}\"", branch);
  std::vector<const Snapshot*> own = OwnSnapshots(base, *head);
  if (own.empty()) return Error::Invalid("branch \"{}\" has nothing to replay", branch);
  std::set<int64_t> ids;
  for (const Snapshot* snapshot : own) {
    ids.insert(snapshot->id);
    auto replayable = snapshot->summary.find("andon.replayable");
    bool refused = replayable != snapshot->summary.end() && replayable->second == "false";
    if (snapshot->operation() == "append" && !refused) continue;
    return Error::Conflict(
        "Branch \"{}\" changed rows of the table (snapshot {}, operation {}), and meanwhile "
        "another writer moved main to {}. Only added rows can be put on top of foreign changes; "
        "run again, so that the load is made against the new main",
        branch, snapshot->id, snapshot->operation(), internal::Describe(base.current_snapshot()));
  }
  std::vector<LiveFile> live = TRY(LiveFiles(base, files, *head));
  std::vector<DataFile> added;
  for (LiveFile& file : live) {
    if (ids.contains(file.snapshot_id)) added.push_back(std::move(file.file));
  }
  CommitOptions options;
  options.now_ms = now_ms;
  for (const auto& [key, value] : head->summary) {
    if (key.starts_with("andon.")) options.summary[key] = value;
  }
  options.summary["source-snapshot-id"] = std::to_string(head->id);
  internal::Evolved evolved = TRY(internal::EvolvedBy(base, *head, branch));
  options.schema_id = evolved.schema_id;
  options.spec_id = evolved.spec_id;
  Change change = TRY(Append(base, files, options, added));
  if (drop_branch) change.metadata.refs.erase(branch);
  return change;
}

}  // namespace andon::iceberg
