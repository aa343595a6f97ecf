// Publishing: main of several tables moves to their branches, all or none.
//
//   for (int attempt = 0; attempt < kPublishAttemptsMax; ++attempt) {
//     Publication p = TRY(PreparePublish(db, lake, {{"store", "run-7"}, {"staff", "run-7"}}));
//     // p.tables[i].replayed: another writer came between; check p.tables[i].metadata again.
//     auto done = db.Write([&](store::Transaction& tx) -> Result<std::vector<Published>> {
//       auto versions = TRY(CommitPublish(tx, lake, p, {.run_id = "7"}));
//       …cursors, facts, outbox…
//       return versions;
//     });
//     if (done.ok() || done.error().kind != ErrorKind::kConflict) …
//     AbandonPublish(lake, p);
//   }
//
// The n-th publish on main is version n; commits of other writers count; a number
// is never used again, also not after a rollback.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "iceberg/table.h"
#include "lake/lake.h"
#include "lake/reference.h"
#include "store/database.h"

namespace andon::lake {

inline constexpr int kPublishAttemptsMax = 4;

struct PublishItem {
  std::string table;
  std::string branch;
};

struct PreparedTable {
  std::string table;
  std::string branch;
  iceberg::Table before;
  iceberg::Staged staged;  // metadata: what it will be.
  bool replayed = false;   // main had moved: whole-table checks must be made again.
  bool unchanged = false;  // The branch has nothing that main does not have.
  // Of the snapshot that main will have, by file counts.
  int64_t rows_total = 0;
};
struct Publication {
  std::vector<PreparedTable> tables;
};

// Reads the tables, makes the next metadata, writes it durably. Moves nothing.
// kNotFound where a branch does not exist; kConflict, naming the foreign snapshot,
// where a branch that replaced or merged rows finds that main has moved.
Result<Publication> PreparePublish(store::Database& database, const Lake& lake,
                                   const std::vector<PublishItem>& items);

struct PublishNote {
  std::string run_id;
  int64_t release_id = 0;
  Json body;  // Kept with the version, e.g. {"accepted": "reason"}; may be null.
};
struct Published {
  std::string table;
  int64_t version = 0;
  int64_t snapshot_id = 0;
  std::optional<int64_t> previous_snapshot_id;
  std::optional<int64_t> previous_version;
};
// Inside the caller's transaction. kConflict where another writer was faster (the
// transaction must then end without commit; prepare again).
Result<std::vector<Published>> CommitPublish(store::Transaction& tx, const Lake& lake,
                                             const Publication& publication,
                                             const PublishNote& note);
// After the transaction: removes metadata files that are no longer needed.
void FinishPublish(const Lake& lake, const Publication& publication);
// After CommitPublish was kConflict, before the next try: removes what was written for it.
void AbandonPublish(const Lake& lake, const Publication& publication);

// --- Versions.

struct Version {
  int64_t version = 0;
  int64_t snapshot_id = 0;
  std::string state;  // "published", "foreign", "rolled_back"
  Timestamp published_at;
  std::string run_id;
  int64_t release_id = 0;
  Json body;
};
// Newest first.
Result<std::vector<Version>> ListVersions(store::Transaction& tx, const std::string& table);
Result<std::optional<Version>> FindVersion(store::Transaction& tx, const std::string& table,
                                           int64_t version);
// The version that main stands at; nullopt before the first.
Result<std::optional<Version>> CurrentVersion(store::Transaction& tx, const iceberg::Table& table);

// The rows of main's head, by file counts; 0 where there is none.
int64_t RowsTotal(const iceberg::TableMetadata& metadata);

// Gives version numbers to what other writers committed on main since the last
// look. Returns the new ones, oldest first.
Result<std::vector<Version>> RecordForeign(store::Transaction& tx, const iceberg::Table& table);
// The same, having opened every table of the project.
struct ForeignVersions {
  std::string table;
  std::vector<Version> versions;
};
Result<std::vector<ForeignVersions>> RecordForeignOfAll(store::Database& database,
                                                        const Lake& lake);

// --- Rollback.

struct Rollback {
  iceberg::Table before;
  iceberg::Staged staged;
  std::optional<int64_t> snapshot_id;  // None: main is to have none, as before the first publish.
};
// main back (or forward) to a version, snapshot, tag or time. Nothing moves yet.
Result<Rollback> PrepareRollback(store::Database& database, const Lake& lake,
                                 const std::string& table, const Reference& to);
// The same to a snapshot that is known, or to none. Nothing where main stands there already;
// kNotFound where the snapshot has expired.
Result<std::optional<Rollback>> PrepareRollbackTo(store::Database& database, const Lake& lake,
                                                  const std::string& table,
                                                  std::optional<int64_t> snapshot_id);
struct RolledBack {
  std::optional<int64_t> from_version;
  std::optional<int64_t> to_version;
  std::optional<int64_t> from_snapshot_id;
  int64_t to_snapshot_id = 0;  // 0: none.
};
// Marks the versions in between as rolled back. kConflict as CommitPublish.
Result<RolledBack> CommitRollback(store::Transaction& tx, const Lake& lake,
                                  const Rollback& rollback);

}  // namespace andon::lake
