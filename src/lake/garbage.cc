#include "lake/garbage.h"

#include <algorithm>
#include <set>

#include "iceberg/manifest.h"
#include "io/path.h"
#include "lake/dropped.h"
#include "store/meta.h"

namespace andon::lake {
namespace {

constexpr std::string_view kRunPrefix = "run-";
constexpr char kSweep[] = "lake.sweep";

void AddPaths(const Json& json, std::set<std::string>& paths) {
  if (json.is_string()) paths.insert(iceberg::LocationPath(json.AsString()));
  for (const Json& item : json.items()) AddPaths(item, paths);
  for (const auto& [key, value] : json.members()) AddPaths(value, paths);
}

class References {
 public:
  References(const Lake& lake, const iceberg::Table& table) : lake_(lake), table_(table) {}

  // Everything that a reader of any snapshot could ask for; `dropped`: who began before they were.
  Result<std::set<std::string>> Find(const std::vector<DroppedSnapshot>& dropped) {
    Add(table_.metadata_location);
    for (const auto& entry : table_.metadata.metadata_log) Add(entry.metadata_file);
    // Statistics files and what else later versions name.
    for (const auto& [key, value] : table_.metadata.unknown) AddPaths(value, paths_);
    for (const iceberg::Snapshot& snapshot : table_.metadata.snapshots) TRY(AddSnapshot(snapshot));
    for (const DroppedSnapshot& waiting : dropped) {
      iceberg::Snapshot snapshot;
      snapshot.manifest_list = waiting.manifest_list;
      Result<void> added = AddSnapshot(snapshot);
      // It is being collected: some of it is gone already.
      if (!added.ok() && added.error().kind != ErrorKind::kNotFound)
        return std::move(added).error();
    }
    return std::move(paths_);
  }

 private:
  bool Add(const std::string& location) {
    return paths_.insert(io::Normalize(iceberg::LocationPath(location))).second;
  }

  Result<void> AddSnapshot(const iceberg::Snapshot& snapshot) {
    Add(snapshot.manifest_list);
    std::vector<iceberg::ManifestFile> manifests = TRY(iceberg::Manifests(*lake_.files, snapshot));
    for (const iceberg::ManifestFile& manifest : manifests) {
      if (!Add(manifest.path)) continue;  // Read for another snapshot.
      std::vector<iceberg::ManifestEntry> entries =
          TRY(iceberg::Entries(table_.metadata, *lake_.files, manifest));
      for (const iceberg::ManifestEntry& entry : entries) {
        if (entry.status != iceberg::EntryStatus::kDeleted) Add(entry.file.path);
      }
    }
    return {};
  }

  const Lake& lake_;
  const iceberg::Table& table_;
  std::set<std::string> paths_;
};

Result<iceberg::Table> DropDeadBranches(store::Database& database, const Lake& lake,
                                        iceberg::Table table, const GarbageOptions& options,
                                        Garbage& garbage) {
  iceberg::Change change;
  change.metadata = table.metadata;
  bool dropped = false;
  for (const auto& [name, ref] : table.metadata.refs) {
    if (!ref.is_branch() || !name.starts_with(kRunPrefix)) continue;
    if (options.is_running(name.substr(kRunPrefix.size()))) continue;
    garbage.branches.push_back(table.identifier.name + ": " + name);
    change.metadata.refs.erase(name);
    dropped = true;
  }
  if (!dropped || options.dry_run) return table;
  change.metadata.last_updated_ms = std::max(lake.now_ms(), table.metadata.last_updated_ms);
  return CommitAlone(database, lake, table, std::move(change));
}

Result<void> RemoveFile(const Lake& lake, const std::string& path, const GarbageOptions& options,
                        Garbage& garbage) {
  Result<io::FileInfo> info = lake.files->Stat(path);
  if (!info.ok() || info->is_dir) return {};
  if (!options.dry_run) {
    Result<void> removed = lake.files->Remove(path);
    if (!removed.ok() && removed.error().kind != ErrorKind::kNotFound) return removed;
  }
  garbage.bytes += info->size;
  garbage.files.push_back(path);
  return {};
}

}  // namespace

void Garbage::Add(Garbage other) {
  branches.insert(branches.end(), other.branches.begin(), other.branches.end());
  files.insert(files.end(), other.files.begin(), other.files.end());
  bytes += other.bytes;
  if (other.next_due) next_due = std::min(next_due.value_or(*other.next_due), *other.next_due);
}

Result<Garbage> CollectGarbage(store::Database& database, const Lake& lake,
                               const std::string& table, const GarbageOptions& options) {
  Garbage garbage;
  iceberg::Table opened = TRY(OpenTable(database, lake, table));
  if (options.is_running) {
    opened = TRY(DropDeadBranches(database, lake, std::move(opened), options, garbage));
  }
  Timestamp limit = lake.clock->Now() - options.age_min;
  auto dropped = TRY(database.Read([&](store::Transaction& tx) { return ListDropped(tx, lake); }));
  std::erase_if(dropped[table], [&](const DroppedSnapshot& d) { return d.dropped_at <= limit; });
  std::set<std::string> referenced = TRY(References(lake, opened).Find(dropped[table]));
  std::string root = iceberg::LocationPath(opened.metadata.location);
  for (const char* folder : {"data", "metadata"}) {
    std::string dir = io::Join(root, folder);
    Result<std::vector<std::string>> names = io::ListRecursively(*lake.files, dir);
    if (!names.ok()) {
      if (names.error().kind == ErrorKind::kNotFound) continue;
      return std::move(names).error();
    }
    for (const std::string& name : *names) {
      std::string path = io::Normalize(io::Join(dir, name));
      if (referenced.contains(path)) continue;
      Result<io::FileInfo> info = lake.files->Stat(path);
      if (!info.ok() || info->is_dir) continue;
      const bool is_full = static_cast<int64_t>(garbage.files.size()) >= options.files_max;
      if (info->mtime > limit || is_full) {
        Timestamp due = info->mtime + options.age_min;
        garbage.next_due = std::min(garbage.next_due.value_or(due), due);
        continue;
      }
      TRY(RemoveFile(lake, path, options, garbage));
    }
  }
  return garbage;
}

// --- What is due

Result<void> SweepLater(store::Transaction& tx, const Lake& lake, const std::string& table,
                        Timestamp due) {
  const std::string key = lake.project + "/" + table;
  auto known = TRY(store::GetDocument(tx, kSweep, key));
  if (known && known->updated_at <= due) return {};
  return store::PutDocument(
      tx,
      {.kind = kSweep, .key = key, .updated_at = due, .body = Json::Object({{"table", table}})});
}

namespace {

struct Due {
  std::map<std::string, std::vector<DroppedSnapshot>> dropped;  // By table; also the young ones.
  std::vector<std::string> sweeps;                              // Tables.
};

Result<Due> FindDue(store::Database& database, const Lake& lake, const GarbageOptions& options) {
  return database.Read([&](store::Transaction& tx) -> Result<Due> {
    Due due;
    const bool any = TRY(AnyDropped(tx, lake.clock->Now() - options.age_min));
    if (any) due.dropped = TRY(ListDropped(tx, lake));
    std::vector<store::Document> sweeps = TRY(store::ListDocuments(tx, kSweep));
    std::stable_sort(sweeps.begin(), sweeps.end(),
                     [](const auto& a, const auto& b) { return a.updated_at < b.updated_at; });
    for (const store::Document& sweep : sweeps) {
      if (sweep.updated_at > lake.clock->Now() || due.sweeps.size() == kSweepsMax) break;
      if (sweep.key.starts_with(lake.project + "/")) {
        due.sweeps.push_back(sweep.body["table"].AsString());
      }
    }
    return due;
  });
}

// The dropped snapshots of one table that are old enough.
Result<Garbage> CollectDropped(store::Database& database, const Lake& lake,
                               const std::string& table, std::vector<DroppedSnapshot> all,
                               const GarbageOptions& options) {
  Garbage garbage;
  const Timestamp limit = lake.clock->Now() - options.age_min;
  auto young = std::find_if(all.begin(), all.end(),
                            [&](const DroppedSnapshot& d) { return d.dropped_at > limit; });
  const auto old = std::min(static_cast<size_t>(young - all.begin()), kDroppedMax);
  if (old == 0) return garbage;
  if (old < kDroppedTogether && all[0].dropped_at > limit - kDroppedWaitMax) return garbage;
  std::vector<DroppedSnapshot> kept(all.begin() + static_cast<std::ptrdiff_t>(old), all.end());
  all.resize(old);
  iceberg::Table opened = TRY(OpenTable(database, lake, table));
  DroppedFiles found = TRY(FilesOfDropped(lake, opened, all, kept, options.files_max));
  for (const std::string& path : found.paths) TRY(RemoveFile(lake, path, options, garbage));
  if (options.dry_run) return garbage;
  TRY(database.Write(
      [&](store::Transaction& tx) { return ForgetDropped(tx, lake, table, found.done); }));
  return garbage;
}

Result<Garbage> Sweep(store::Database& database, const Lake& lake, const std::string& table,
                      const GarbageOptions& options) {
  Garbage garbage = TRY(CollectGarbage(database, lake, table, options));
  if (options.dry_run) return garbage;
  TRY(database.Write([&](store::Transaction& tx) -> Result<void> {
    TRY(store::RemoveDocument(tx, kSweep, lake.project + "/" + table));
    if (garbage.next_due) TRY(SweepLater(tx, lake, table, *garbage.next_due));
    return {};
  }));
  return garbage;
}

// Of tables that the catalog does not have (a run was killed before the table was made, or somebody
// took it out) nothing is collected: their files are no business of ours.
Result<void> ForgetUnknown(store::Database& database, const Lake& lake, Due& due) {
  std::vector<std::string> names = TRY(ListTables(database, lake));
  std::set<std::string> known(names.begin(), names.end());
  Due unknown;
  for (const auto& [table, dropped] : due.dropped) {
    if (!known.contains(table)) unknown.dropped[table] = dropped;
  }
  for (const std::string& table : due.sweeps) {
    if (!known.contains(table)) unknown.sweeps.push_back(table);
  }
  if (unknown.dropped.empty() && unknown.sweeps.empty()) return {};
  std::erase_if(due.dropped, [&](const auto& entry) { return !known.contains(entry.first); });
  std::erase_if(due.sweeps, [&](const std::string& table) { return !known.contains(table); });
  return database.Write([&](store::Transaction& tx) -> Result<void> {
    for (const auto& [table, dropped] : unknown.dropped) {
      TRY(ForgetDropped(tx, lake, table, dropped));
    }
    for (const std::string& table : unknown.sweeps) {
      TRY(store::RemoveDocument(tx, kSweep, lake.project + "/" + table));
    }
    return {};
  });
}

}  // namespace

Result<Garbage> CollectDueGarbage(store::Database& database, const Lake& lake,
                                  const GarbageOptions& options) {
  Due due = TRY(FindDue(database, lake, options));
  Garbage all;
  if (due.dropped.empty() && due.sweeps.empty()) return all;
  TRY(ForgetUnknown(database, lake, due));
  for (auto& [table, dropped] : due.dropped) {
    Garbage one = TRY(CollectDropped(database, lake, table, std::move(dropped), options));
    all.Add(std::move(one));
  }
  for (const std::string& table : due.sweeps) {
    Garbage one = TRY(Sweep(database, lake, table, options));
    all.Add(std::move(one));
  }
  return all;
}

Result<Garbage> CollectAllGarbage(store::Database& database, const Lake& lake,
                                  const GarbageOptions& options) {
  std::vector<std::string> tables = TRY(ListTables(database, lake));
  Garbage all;
  for (const std::string& table : tables) {
    Garbage one = TRY(CollectGarbage(database, lake, table, options));
    all.Add(std::move(one));
  }
  return all;
}

}  // namespace andon::lake
