#include "lake/dropped.h"

#include <algorithm>
#include <set>

#include "io/path.h"
#include "store/meta.h"

namespace andon::lake {
namespace {

constexpr char kKind[] = "lake.dropped";

std::string Key(const Lake& lake, const std::string& table, int64_t snapshot_id) {
  return fmt::format("{}/{}/{}", lake.project, table, snapshot_id);
}

// The manifests of a dropped snapshot; nothing where its list was removed already.
Result<std::optional<std::vector<iceberg::ManifestFile>>> ManifestsOf(
    const Lake& lake, const DroppedSnapshot& dropped) {
  iceberg::Snapshot snapshot;
  snapshot.manifest_list = dropped.manifest_list;
  Result<std::vector<iceberg::ManifestFile>> manifests = iceberg::Manifests(*lake.files, snapshot);
  if (manifests.ok()) return std::optional(*std::move(manifests));
  if (manifests.error().kind != ErrorKind::kNotFound) return std::move(manifests).error();
  return std::optional<std::vector<iceberg::ManifestFile>>();
}

class Finder {
 public:
  Finder(const Lake& lake, const iceberg::Table& table)
      : lake_(lake),
        table_(table),
        root_(io::Normalize(iceberg::LocationPath(table.metadata.location))) {}

  Result<void> Keep(const std::vector<DroppedSnapshot>& waiting) {
    for (const iceberg::Snapshot& snapshot : table_.metadata.snapshots) {
      std::vector<iceberg::ManifestFile> manifests =
          TRY(iceberg::Manifests(*lake_.files, snapshot));
      KeepAll(manifests);
    }
    for (const DroppedSnapshot& snapshot : waiting) {
      auto manifests = TRY(ManifestsOf(lake_, snapshot));
      if (manifests) KeepAll(*manifests);
    }
    return {};
  }

  Result<void> Drop(const DroppedSnapshot& snapshot) {
    auto manifests = TRY(ManifestsOf(lake_, snapshot));
    found_.done.push_back(snapshot);
    if (!manifests) return {};
    AddOwn(lists_, snapshot.manifest_list);
    std::set<std::string> named;
    for (const iceberg::ManifestFile& manifest : *manifests) {
      named.insert(manifest.path);
      if (!kept_.contains(manifest.path)) TRY(DropManifest(manifest));
    }
    if (!common_) {
      common_ = std::move(named);
    } else {
      std::erase_if(*common_, [&](const std::string& path) { return !named.contains(path); });
    }
    return {};
  }

  int64_t candidates() const { return static_cast<int64_t>(candidates_.size()); }

  Result<DroppedFiles> Finish() {
    TRY(TakeOutWhatIsKept());
    found_.paths.assign(candidates_.begin(), candidates_.end());
    found_.paths.insert(found_.paths.end(), manifests_.begin(), manifests_.end());
    found_.paths.insert(found_.paths.end(), lists_.begin(), lists_.end());
    return std::move(found_);
  }

 private:
  void KeepAll(const std::vector<iceberg::ManifestFile>& manifests) {
    for (const iceberg::ManifestFile& manifest : manifests) kept_[manifest.path] = manifest;
  }

  // What lies elsewhere was not written by us: another tool registered it where it is.
  void AddOwn(std::set<std::string>& paths, const std::string& location) const {
    std::string path = io::Normalize(iceberg::LocationPath(location));
    if (io::IsWithin(path, root_)) paths.insert(std::move(path));
  }

  Result<void> DropManifest(const iceberg::ManifestFile& manifest) {
    std::string path = io::Normalize(iceberg::LocationPath(manifest.path));
    if (manifests_.contains(path)) return {};
    AddOwn(manifests_, manifest.path);
    Result<std::vector<iceberg::ManifestEntry>> entries =
        iceberg::Entries(table_.metadata, *lake_.files, manifest);
    if (!entries.ok()) {
      // Removed by a collection that did not come to its end; its data files went before it.
      if (entries.error().kind == ErrorKind::kNotFound) return {};
      return std::move(entries).error();
    }
    for (const iceberg::ManifestEntry& entry : *entries) {
      if (entry.status != iceberg::EntryStatus::kDeleted) AddOwn(candidates_, entry.file.path);
    }
    return {};
  }

  // A file is in one manifest of a snapshot. So one of a manifest that only the dropped had is in
  // none that each of the dropped has; the others may have taken it over when manifests were
  // merged.
  Result<void> TakeOutWhatIsKept() {
    for (const auto& [location, manifest] : kept_) {
      if (candidates_.empty()) return {};
      if (manifest.live_files() == 0 || (common_ && common_->contains(location))) continue;
      std::vector<iceberg::ManifestEntry> entries =
          TRY(iceberg::Entries(table_.metadata, *lake_.files, manifest));
      for (const iceberg::ManifestEntry& entry : entries) {
        if (entry.status == iceberg::EntryStatus::kDeleted) continue;
        candidates_.erase(io::Normalize(iceberg::LocationPath(entry.file.path)));
      }
    }
    return {};
  }

  const Lake& lake_;
  const iceberg::Table& table_;
  const std::string root_;
  std::map<std::string, iceberg::ManifestFile> kept_;  // By location.
  std::optional<std::set<std::string>> common_;        // Locations that each dropped one names.
  std::set<std::string> candidates_, manifests_, lists_;
  DroppedFiles found_;
};

}  // namespace

Result<void> RememberDropped(store::Transaction& tx, const Lake& lake,
                             const iceberg::Staged& staged) {
  for (const iceberg::Snapshot& snapshot : staged.dropped) {
    TRY(store::PutDocument(tx,
                           {.kind = kKind,
                            .key = Key(lake, staged.identifier.name, snapshot.id),
                            .updated_at = lake.clock->Now(),
                            .body = Json::Object({{"table", staged.identifier.name},
                                                  {"snapshot_id", snapshot.id},
                                                  {"manifest_list", snapshot.manifest_list}})}));
  }
  return {};
}

Result<bool> AnyDropped(store::Transaction& tx, Timestamp until) {
  auto row = TRY(store::QueryOne(
      tx, "SELECT 1 FROM documents WHERE kind = ? AND updated_at <= ? LIMIT 1", {kKind, until}));
  return row.has_value();
}

Result<std::map<std::string, std::vector<DroppedSnapshot>>> ListDropped(store::Transaction& tx,
                                                                        const Lake& lake) {
  std::vector<store::Document> documents = TRY(store::ListDocuments(tx, kKind));
  std::map<std::string, std::vector<DroppedSnapshot>> dropped;
  for (const store::Document& d : documents) {
    if (!d.key.starts_with(lake.project + "/")) continue;
    dropped[d.body["table"].AsString()].push_back(
        {d.body["snapshot_id"].AsInteger(), d.body["manifest_list"].AsString(), d.updated_at});
  }
  for (auto& [table, list] : dropped) {
    std::stable_sort(list.begin(), list.end(),
                     [](const DroppedSnapshot& a, const DroppedSnapshot& b) {
                       return a.dropped_at < b.dropped_at;
                     });
  }
  return dropped;
}

Result<void> ForgetDropped(store::Transaction& tx, const Lake& lake, const std::string& table,
                           const std::vector<DroppedSnapshot>& dropped) {
  for (const DroppedSnapshot& snapshot : dropped) {
    TRY(store::RemoveDocument(tx, kKind, Key(lake, table, snapshot.id)));
  }
  return {};
}

Result<DroppedFiles> FilesOfDropped(const Lake& lake, const iceberg::Table& table,
                                    const std::vector<DroppedSnapshot>& dropped,
                                    const std::vector<DroppedSnapshot>& kept, int64_t files_max) {
  Finder finder(lake, table);
  TRY(finder.Keep(kept));
  for (const DroppedSnapshot& snapshot : dropped) {
    TRY(finder.Drop(snapshot));
    if (finder.candidates() >= files_max) break;
  }
  return finder.Finish();
}

}  // namespace andon::lake
