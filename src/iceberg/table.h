// Table: one table as it was read, and the changes that make its next metadata.
//
// A change is a pure function from metadata to metadata and the files that must
// exist before the catalog may point to it. Nothing is visible until the catalog
// is moved (iceberg/catalog.h):
//
//   Change change = TRY(Append(table.metadata, files, {.branch = "run-7", .now_ms = now},
//   data_files)); Staged staged = TRY(Stage(files, table, std::move(change)));  // written and
//   durable TRY(database.Write([&](store::Transaction& tx) { return Commit(tx, staged); }));
//
// The cost of a commit does not grow with the number of commits before it:
// manifests of like size are merged ten at a time, and snapshots that nothing
// refers to are dropped beyond a number (see ExpireOptions).
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "iceberg/manifest.h"
#include "iceberg/table_metadata.h"
#include "io/file_system.h"

namespace andon::iceberg {

struct TableIdentifier {
  std::string name_space;  // Levels joined by '.'.
  std::string name;

  std::string ToString() const { return name_space + "." + name; }
  auto operator<=>(const TableIdentifier&) const = default;
};

struct Table {
  TableIdentifier identifier;
  std::string metadata_location;
  TableMetadata metadata;
};

struct NewFile {
  std::string path;
  std::string bytes;
};

// What a commit will be: the next metadata, and the files it needs.
struct Change {
  TableMetadata metadata;
  std::vector<NewFile> files;              // Manifests and manifest lists.
  std::vector<std::string> durable_paths;  // Data files, written but perhaps not durable yet.
  int64_t snapshot_id = 0;                 // The new or newly referred-to snapshot, or 0.
};

struct CommitOptions {
  std::string branch = kMain;  // Made from main's snapshot where there is none.
  int64_t now_ms = 0;
  Summary summary;  // Added to the counts, e.g. "andon.run-id".
  // The schema and spec of the new snapshot, which must be in the metadata.
  // Default: those of the branch's head, or else the current ones.
  std::optional<int> schema_id;
  std::optional<int> spec_id;
};

// --- Snapshots. Each makes one on options.branch.

// Adds files. `operation` of the summary is "append".
Result<Change> Append(const TableMetadata& base, const io::FileSystem& files,
                      const CommitOptions& options, const std::vector<DataFile>& added);

// Removes the data files with these paths, and adds files: "overwrite", or
// "delete" where nothing is added. kConflict naming a path that is not live.
Result<Change> Overwrite(const TableMetadata& base, const io::FileSystem& files,
                         const CommitOptions& options, const std::set<std::string>& removed,
                         const std::vector<DataFile>& added);

// Removes all files, and adds files.
Result<Change> ReplaceAll(const TableMetadata& base, const io::FileSystem& files,
                          const CommitOptions& options, const std::vector<DataFile>& added);

// --- Refs.

// kConflict where the name is taken by another snapshot or kind.
Result<Change> CreateBranch(const TableMetadata& base, const std::string& name, int64_t snapshot_id,
                            int64_t now_ms);
Result<Change> CreateTag(const TableMetadata& base, const std::string& name, int64_t snapshot_id,
                         int64_t now_ms);
// kNotFound; kInvalid for main.
Result<Change> DropRef(const TableMetadata& base, const std::string& name, int64_t now_ms);
// main → any snapshot of the table. Schema: that of the snapshot.
Result<Change> SetMain(const TableMetadata& base, int64_t snapshot_id, int64_t now_ms);
// main → no snapshot, as before the first; the snapshots stay.
Change ClearMain(const TableMetadata& base, int64_t now_ms);

// main → the branch's head. kConflict, naming the snapshot that came between,
// where main is no ancestor of it. The current schema and default spec become
// those of the head, unless another writer changed them since the branch began
// (kConflict). The branch is dropped where `drop_branch`.
Result<Change> FastForward(const TableMetadata& base, const std::string& branch, int64_t now_ms,
                           bool drop_branch = true);

// Where main moved since the branch began: the files that the branch added are
// added to main again. kConflict, naming the foreign snapshot, where the branch
// did anything but append, or says "andon.replayable" = "false".
Result<Change> Replay(const TableMetadata& base, const io::FileSystem& files,
                      const std::string& branch, int64_t now_ms, bool drop_branch = true);

// --- Schema, spec, properties. The current schema moves only where said.

struct AddedSchema {
  TableMetadata metadata;
  int schema_id = 0;  // An equal schema is found again, not added twice.
};
// The schemas that came after `schema_id`: proposed, or left behind by a rollback.
std::vector<Schema> ProposedSchemas(const TableMetadata& metadata, int schema_id);
AddedSchema AddSchema(const TableMetadata& base, const Evolution& evolution);
struct AddedSpec {
  TableMetadata metadata;
  int spec_id = 0;
};
Result<AddedSpec> AddSpec(const TableMetadata& base, const std::vector<PartitionBy>& by,
                          int schema_id);

// --- History.

struct ExpireOptions {
  // The newest snapshots of main's history that are kept though nothing refers
  // to them. What a branch or a tag names is always kept, and so are `keep`.
  int snapshots_min = 100;
  std::set<int64_t> keep;
};
// Drops snapshots, log entries and schemas that nothing needs any more. Files
// are not touched: garbage collection removes them later.
TableMetadata Expire(const TableMetadata& base, const ExpireOptions& options);

// --- Files.

struct LiveFile {
  DataFile file;
  int64_t sequence_number = 0;
  int64_t snapshot_id = 0;  // That added it.
};
// The data and delete files that a reader of the snapshot sees.
Result<std::vector<LiveFile>> LiveFiles(const TableMetadata& metadata, const io::FileSystem& files,
                                        const Snapshot& snapshot);
Result<std::vector<ManifestFile>> Manifests(const io::FileSystem& files, const Snapshot& snapshot);
// What a manifest of the table says, also of files that it took out. kNotFound where it is gone.
Result<std::vector<ManifestEntry>> Entries(const TableMetadata& metadata,
                                           const io::FileSystem& files,
                                           const ManifestFile& manifest);

// --- Writing.

// A change whose files are on disk and durable, ready for the catalog.
struct Staged {
  TableIdentifier identifier;
  std::string expected_location;  // What the catalog must still say; empty for a new table.
  std::string new_location;
  TableMetadata metadata;
  int64_t snapshot_id = 0;
  // Metadata files beyond "write.metadata.previous-versions-max"; remove them
  // after the commit.
  std::vector<std::string> obsolete;
  // Snapshots that the table had and will not have; their files may be of no more use.
  std::vector<Snapshot> dropped;
  // What was written for this change alone (no data files): of no use where the
  // commit is lost to another writer.
  std::vector<std::string> written;
};
Result<Staged> Stage(io::FileSystem& files, const Table& table, Change change);
// The same for several tables with one wait for the disk. In order of `tables`.
struct ToStage {
  const Table* table = nullptr;
  Change change;
};
Result<std::vector<Staged>> StageAll(io::FileSystem& files, std::vector<ToStage> changes);

// "<location>/metadata/00007-<uuid>.metadata.json"
std::string NextMetadataLocation(const TableMetadata& metadata, const std::string& current);
// A plain path from a location: "file:///a" and "/a" give "/a".
std::string LocationPath(std::string_view location);

}  // namespace andon::iceberg
