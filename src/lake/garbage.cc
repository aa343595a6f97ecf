#include "lake/garbage.h"

#include <algorithm>
#include <set>

#include "iceberg/manifest.h"
#include "io/path.h"

namespace andon::lake {
namespace {

constexpr std::string_view kRunPrefix = "run-";

void AddPaths(const Json& json, std::set<std::string>& paths) {
  if (json.is_string()) paths.insert(iceberg::LocationPath(json.AsString()));
  for (const Json& item : json.items()) AddPaths(item, paths);
  for (const auto& [key, value] : json.members()) AddPaths(value, paths);
}

// Everything that a reader of any snapshot could ask for.
Result<std::set<std::string>> Referenced(const Lake& lake, const iceberg::Table& table) {
  std::set<std::string> paths;
  auto add = [&](const std::string& location) {
    return paths.insert(io::Normalize(iceberg::LocationPath(location))).second;
  };
  add(table.metadata_location);
  for (const auto& entry : table.metadata.metadata_log) add(entry.metadata_file);
  // Statistics files and what else later versions name.
  for (const auto& [key, value] : table.metadata.unknown) AddPaths(value, paths);
  for (const iceberg::Snapshot& snapshot : table.metadata.snapshots) {
    add(snapshot.manifest_list);
    std::vector<iceberg::ManifestFile> manifests = TRY(iceberg::Manifests(*lake.files, snapshot));
    for (const iceberg::ManifestFile& manifest : manifests) {
      if (!add(manifest.path)) continue;  // Read for another snapshot.
      const iceberg::PartitionSpec* spec = table.metadata.FindSpec(manifest.spec_id);
      if (spec == nullptr) {
        return Error::Corrupt("{} has an unknown partition spec", manifest.path);
      }
      std::string bytes = TRY(lake.files->Read(iceberg::LocationPath(manifest.path)));
      std::vector<iceberg::ManifestEntry> entries = TRY(iceberg::ReadManifest(
          bytes, manifest, *spec, iceberg::PartitionTypes(*spec, table.metadata.schemas)));
      for (const iceberg::ManifestEntry& entry : entries) {
        if (entry.status != iceberg::EntryStatus::kDeleted) add(entry.file.path);
      }
    }
  }
  return paths;
}

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

}  // namespace

Result<Garbage> CollectGarbage(store::Database& database, const Lake& lake,
                               const std::string& table, const GarbageOptions& options) {
  Garbage garbage;
  iceberg::Table opened = TRY(OpenTable(database, lake, table));
  if (options.is_running) {
    opened = TRY(DropDeadBranches(database, lake, std::move(opened), options, garbage));
  }
  std::set<std::string> referenced = TRY(Referenced(lake, opened));
  std::string root = iceberg::LocationPath(opened.metadata.location);
  Timestamp limit = lake.clock->Now() - options.age_min;
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
      if (!info.ok() || info->is_dir || info->mtime > limit) continue;
      if (!options.dry_run) {
        Result<void> removed = lake.files->Remove(path);
        if (!removed.ok() && removed.error().kind != ErrorKind::kNotFound) {
          return std::move(removed).error();
        }
      }
      garbage.bytes += info->size;
      garbage.files.push_back(std::move(path));
    }
  }
  return garbage;
}

Result<Garbage> CollectAllGarbage(store::Database& database, const Lake& lake,
                                  const GarbageOptions& options) {
  std::vector<std::string> tables = TRY(ListTables(database, lake));
  Garbage all;
  for (const std::string& table : tables) {
    Garbage one = TRY(CollectGarbage(database, lake, table, options));
    all.branches.insert(all.branches.end(), one.branches.begin(), one.branches.end());
    all.files.insert(all.files.end(), one.files.begin(), one.files.end());
    all.bytes += one.bytes;
  }
  return all;
}

}  // namespace andon::lake
