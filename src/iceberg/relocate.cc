// A lake folder that was moved: the same tables with other paths.

#include <algorithm>

#include "base/text.h"
#include "iceberg/catalog.h"
#include "iceberg/table_internal.h"
#include "io/path.h"

namespace andon::iceberg {
namespace {

class Relocation {
 public:
  Relocation(io::FileSystem& files, std::string from, std::string to)
      : files_(files), from_(io::Normalize(from)), to_(io::Normalize(to)) {}

  bool Concerns(const std::string& location) const {
    return io::IsWithin(LocationPath(location), from_);
  }

  std::string Moved(const std::string& location) const {
    std::string path = LocationPath(location);
    if (!io::IsWithin(path, from_)) return location;
    return io::Join(to_, io::Relative(path, from_));
  }

  // Rewrites one table; everything that it refers to has moved with the folder.
  Result<Staged> Rewrite(const CatalogEntry& entry, int64_t now_ms,
                         std::vector<std::string>& to_sync) {
    Table table = TRY(LoadTableAt(files_, entry.identifier, Moved(entry.metadata_location)));
    TableMetadata& metadata = table.metadata;
    metadata.location = Moved(metadata.location);
    metadata.last_updated_ms = std::max(now_ms, metadata.last_updated_ms);
    // Earlier metadata files hold the old paths: of no use any more.
    metadata.metadata_log.clear();
    manifests_.clear();
    SnapshotList moved;
    for (Snapshot snapshot : metadata.snapshots) {
      std::vector<ManifestFile> list = TRY(ReadListAt(Moved(snapshot.manifest_list)));
      for (ManifestFile& manifest : list) {
        manifest = TRY(RewriteManifest(metadata, manifest, to_sync));
      }
      snapshot.manifest_list = fmt::format("{}/metadata/snap-{}-1-{}.avro", metadata.location,
                                           snapshot.id, RandomUuid());
      TRY(Put(snapshot.manifest_list,
              WriteManifestList(list, snapshot.id, snapshot.parent_id, snapshot.sequence_number),
              to_sync));
      moved.push_back(std::move(snapshot));
    }
    metadata.snapshots = std::move(moved);
    Staged staged;
    staged.identifier = entry.identifier;
    staged.expected_location = entry.metadata_location;
    staged.new_location = NextMetadataLocation(metadata, entry.metadata_location);
    TRY(Put(staged.new_location, ToJsonText(metadata), to_sync));
    staged.metadata = std::move(metadata);
    return staged;
  }

 private:
  Result<std::vector<ManifestFile>> ReadListAt(const std::string& path) {
    std::string bytes = TRY(files_.Read(LocationPath(path)));
    return ReadManifestList(bytes);
  }

  // Snapshots share manifests, so each is rewritten once.
  Result<ManifestFile> RewriteManifest(const TableMetadata& metadata, ManifestFile manifest,
                                       std::vector<std::string>& to_sync) {
    auto known = manifests_.find(manifest.path);
    if (known != manifests_.end()) return known->second;
    if (manifest.content == ManifestContent::kDeletes && manifest.live_files() > 0) {
      return Error::Invalid(
          "The table at {} has delete files of another writer, which hold the old paths of data "
          "files. Move the folder back, rewrite the table without delete files, and move it then",
          metadata.location);
    }
    std::string old_path = manifest.path;
    manifest.path = Moved(manifest.path);
    std::vector<ManifestEntry> entries = TRY(internal::ReadEntries(metadata, files_, manifest));
    for (ManifestEntry& entry : entries) {
      entry.file.path = Moved(entry.file.path);
      if (entry.file.referenced_data_file) {
        entry.file.referenced_data_file = Moved(*entry.file.referenced_data_file);
      }
    }
    const PartitionSpec& spec = *metadata.FindSpec(manifest.spec_id);
    std::string path = fmt::format("{}/metadata/{}-m0.avro", metadata.location, RandomUuid());
    WrittenManifest written = WriteManifest(
        path, metadata.schema(), spec, PartitionTypes(spec, metadata.schemas), manifest.content,
        entries, manifest.added_snapshot_id, manifest.sequence_number);
    manifest.path = path;
    manifest.length = written.file.length;
    TRY(Put(path, written.bytes, to_sync));
    manifests_[old_path] = manifest;
    return manifest;
  }

  Result<void> Put(const std::string& path, const std::string& bytes,
                   std::vector<std::string>& to_sync) {
    TRY(files_.Write(LocationPath(path), bytes));
    to_sync.push_back(LocationPath(path));
    return {};
  }

  io::FileSystem& files_;
  std::string from_;
  std::string to_;
  std::map<std::string, ManifestFile> manifests_;  // Of the present table, by old path.
};

}  // namespace

Result<int> RelocateTables(store::Database& database, io::FileSystem& files,
                           const std::string& from, const std::string& to, int64_t now_ms) {
  if (!io::IsAbsolute(from) || !io::IsAbsolute(to)) {
    return Error::Invalid("both places must be absolute paths: \"{}\", \"{}\"", from, to);
  }
  std::vector<CatalogEntry> entries =
      TRY(database.Read([](store::Transaction& tx) { return ListTables(tx); }));
  Relocation relocation(files, from, to);
  std::vector<Staged> staged;
  std::vector<std::string> to_sync;
  for (const CatalogEntry& entry : entries) {
    if (!relocation.Concerns(entry.metadata_location)) continue;
    Staged one = TRY(relocation.Rewrite(entry, now_ms, to_sync));
    staged.push_back(std::move(one));
  }
  TRY(files.Sync(to_sync));
  TRY(database.Write([&](store::Transaction& tx) -> Result<void> {
    for (const Staged& one : staged) TRY(Commit(tx, one));
    return {};
  }));
  return static_cast<int>(staged.size());
}

}  // namespace andon::iceberg
