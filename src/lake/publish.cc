#include "lake/publish.h"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace andon::lake {
namespace {

using iceberg::Snapshot;
using iceberg::Table;
using iceberg::TableMetadata;

constexpr char kPublishedState[] = "published";
constexpr char kForeignState[] = "foreign";
constexpr char kRolledBackState[] = "rolled_back";

Version ReadVersion(const store::Row& row) {
  Version version;
  version.version = row.Integer("version");
  version.snapshot_id = row.Integer("snapshot_id");
  version.state = row.Text("state");
  version.published_at = row.Time("published_at");
  version.run_id = row.Text("run_id");
  version.release_id = row.Integer("release_id");
  version.body = row.Document("body");
  return version;
}

Result<std::vector<Version>> QueryVersions(store::Transaction& tx, const std::string& table,
                                           const std::string& more, store::Params params) {
  params.insert(params.begin(), store::Cell(Address(table)));
  store::Rows rows = TRY(
      tx.Query("SELECT version, snapshot_id, state, published_at, run_id, release_id, body FROM "
               "dataset_versions WHERE dataset = ? " +
                   more,
               params));
  std::vector<Version> versions;
  for (const store::Row& row : rows) versions.push_back(ReadVersion(row));
  return versions;
}

// The rows of dataset_versions are never deleted, so the greatest number plus one
// was never used.
Result<int64_t> NextNumber(store::Transaction& tx, const std::string& table) {
  std::optional<store::Row> row = TRY(store::QueryOne(
      tx, "SELECT coalesce(max(version), 0) AS newest FROM dataset_versions WHERE dataset = ?",
      {Address(table)}));
  return row->Integer("newest") + 1;
}

Result<void> Insert(store::Transaction& tx, const std::string& table, const Version& version) {
  TRY(tx.Execute(
      "INSERT INTO dataset_versions (dataset, version, snapshot_id, state, published_at, run_id, "
      "release_id, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      {Address(table), version.version, version.snapshot_id, version.state, version.published_at,
       version.run_id, version.release_id, version.body}));
  return {};
}

// What the log says of a version even after its snapshot has expired.
void Describe(Json& body, const Snapshot* snapshot) {
  if (body.is_null()) body = Json::Object();
  if (snapshot == nullptr) return;
  body.Set("operation", snapshot->operation());
  auto number = [&](const char* member, std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
      auto found = snapshot->summary.find(key);
      if (found == snapshot->summary.end()) continue;
      body.Set(member, static_cast<int64_t>(std::atoll(found->second.c_str())));
      return;
    }
  };
  number("rows_added", {"andon.rows-added", "added-records"});
  number("rows_changed", {"andon.rows-changed"});
  number("rows_removed", {"andon.rows-removed", "deleted-records"});
  number("rows_total", {"total-records"});
}

}  // namespace

// --- Versions

Result<std::vector<Version>> ListVersions(store::Transaction& tx, const std::string& table) {
  return QueryVersions(tx, table, "ORDER BY version DESC", {});
}

int64_t RowsTotal(const TableMetadata& metadata) {
  const Snapshot* snapshot = metadata.current_snapshot();
  if (snapshot == nullptr) return 0;
  auto total = snapshot->summary.find("total-records");
  return total == snapshot->summary.end() ? 0 : std::atoll(total->second.c_str());
}

Result<std::optional<Version>> FindVersion(store::Transaction& tx, const std::string& table,
                                           int64_t version) {
  std::vector<Version> found = TRY(QueryVersions(tx, table, "AND version = ?", {version}));
  return found.empty() ? std::optional<Version>() : std::optional(found[0]);
}

Result<std::optional<Version>> CurrentVersion(store::Transaction& tx, const Table& table) {
  if (!table.metadata.current_snapshot_id) return std::optional<Version>();
  std::vector<Version> found =
      TRY(QueryVersions(tx, table.identifier.name, "AND snapshot_id = ? ORDER BY version DESC",
                        {*table.metadata.current_snapshot_id}));
  return found.empty() ? std::optional<Version>() : std::optional(found[0]);
}

namespace {

// Those of the snapshots that have a version. The history in question is bounded,
// the versions of a table are not; so only these are asked for.
Result<std::set<int64_t>> KnownSnapshots(store::Transaction& tx, const std::string& table,
                                         const std::vector<iceberg::SnapshotLogEntry>& log) {
  constexpr size_t kChunk = 500;
  std::set<int64_t> known;
  for (size_t begin = 0; begin < log.size(); begin += kChunk) {
    size_t end = std::min(begin + kChunk, log.size());
    store::Params params = {Address(table)};
    std::string marks;
    for (size_t i = begin; i < end; ++i) {
      params.emplace_back(log[i].snapshot_id);
      marks += marks.empty() ? "?" : ", ?";
    }
    store::Rows rows = TRY(
        tx.Query("SELECT snapshot_id FROM dataset_versions WHERE dataset = ? AND snapshot_id IN (" +
                     marks + ")",
                 params));
    for (const store::Row& row : rows) known.insert(row.Integer("snapshot_id"));
  }
  return known;
}

Result<std::vector<iceberg::SnapshotLogEntry>> UnknownCommits(store::Transaction& tx,
                                                              const Table& table) {
  std::vector<iceberg::SnapshotLogEntry> log = table.metadata.snapshot_log;
  // Some writers leave the log out; main's head counts in any case.
  if (const Snapshot* head = table.metadata.current_snapshot()) {
    log.push_back({head->timestamp_ms, head->id});
  }
  std::set<int64_t> known = TRY(KnownSnapshots(tx, table.identifier.name, log));
  std::vector<iceberg::SnapshotLogEntry> unknown;
  for (const iceberg::SnapshotLogEntry& entry : log) {
    if (known.insert(entry.snapshot_id).second) unknown.push_back(entry);
  }
  return unknown;
}

}  // namespace

Result<std::vector<Version>> RecordForeign(store::Transaction& tx, const Table& table) {
  std::vector<iceberg::SnapshotLogEntry> unknown = TRY(UnknownCommits(tx, table));
  std::vector<Version> recorded;
  if (unknown.empty()) return recorded;
  const std::string& name = table.identifier.name;
  int64_t number = TRY(NextNumber(tx, name));
  for (const iceberg::SnapshotLogEntry& entry : unknown) {
    Version version;
    version.version = number++;
    version.snapshot_id = entry.snapshot_id;
    version.state = kForeignState;
    version.published_at = FromMillis(entry.timestamp_ms);
    Describe(version.body, table.metadata.FindSnapshot(entry.snapshot_id));
    version.body.Set("foreign", true);
    TRY(Insert(tx, name, version));
    recorded.push_back(std::move(version));
  }
  return recorded;
}

Result<std::vector<ForeignVersions>> RecordForeignOfAll(store::Database& database,
                                                        const Lake& lake) {
  std::vector<std::string> names = TRY(ListTables(database, lake));
  std::vector<ForeignVersions> all;
  for (const std::string& name : names) {
    Table table = TRY(OpenTable(database, lake, name));
    // Mostly there is nothing; then the database is not written to.
    std::vector<iceberg::SnapshotLogEntry> unknown =
        TRY(database.Read([&](store::Transaction& tx) { return UnknownCommits(tx, table); }));
    if (unknown.empty()) continue;
    std::vector<Version> versions =
        TRY(database.Write([&](store::Transaction& tx) { return RecordForeign(tx, table); }));
    if (!versions.empty()) all.push_back({name, std::move(versions)});
  }
  return all;
}

// --- Publish

namespace {

Result<iceberg::Change> MakeChange(const Lake& lake, PreparedTable& prepared) {
  const TableMetadata& metadata = prepared.before.metadata;
  const Snapshot* head = metadata.FindRef(prepared.branch);
  if (head == nullptr) {
    return Error::NotFound("The table {} has no branch \"{}\" to publish", prepared.table,
                           prepared.branch);
  }
  std::optional<int64_t> main = metadata.current_snapshot_id;
  if (main && metadata.IsAncestor(head->id, *main)) {
    prepared.unchanged = true;
    return iceberg::DropRef(metadata, prepared.branch, lake.now_ms());
  }
  if (!main || metadata.IsAncestor(*main, head->id)) {
    return iceberg::FastForward(metadata, prepared.branch, lake.now_ms());
  }
  prepared.replayed = true;
  return iceberg::Replay(metadata, *lake.files, prepared.branch, lake.now_ms());
}

}  // namespace

Result<Publication> PreparePublish(store::Database& database, const Lake& lake,
                                   const std::vector<PublishItem>& items) {
  Publication publication;
  std::set<std::string> names;
  for (const PublishItem& item : items) {
    if (!names.insert(item.table).second) {
      return Error::Invalid("The table {} is named twice in one publish", item.table);
    }
    PreparedTable prepared;
    prepared.table = item.table;
    prepared.branch = item.branch;
    prepared.before = TRY(OpenTable(database, lake, item.table));
    publication.tables.push_back(std::move(prepared));
  }
  std::vector<iceberg::ToStage> changes;
  for (PreparedTable& prepared : publication.tables) {
    Result<iceberg::Change> change = MakeChange(lake, prepared);
    if (!change.ok()) {
      return std::move(change).error().In(fmt::format("Publishing {}", prepared.table));
    }
    changes.push_back({&prepared.before, *std::move(change)});
  }
  std::vector<iceberg::Staged> staged = TRY(iceberg::StageAll(*lake.files, std::move(changes)));
  for (size_t i = 0; i < staged.size(); ++i) {
    publication.tables[i].staged = std::move(staged[i]);
    publication.tables[i].rows_total = RowsTotal(publication.tables[i].staged.metadata);
  }
  return publication;
}

namespace {

Result<Published> CommitOne(store::Transaction& tx, const Lake& lake, const PreparedTable& prepared,
                            const PublishNote& note) {
  TRY(RecordForeign(tx, prepared.before));
  std::optional<Version> before = TRY(CurrentVersion(tx, prepared.before));
  TRY(CommitStaged(tx, lake, prepared.staged));
  Published published;
  published.table = prepared.table;
  published.previous_snapshot_id = prepared.before.metadata.current_snapshot_id;
  if (before) published.previous_version = before->version;
  const TableMetadata& metadata = prepared.staged.metadata;
  if (prepared.unchanged) {
    published.snapshot_id = metadata.current_snapshot_id.value_or(0);
    published.version = before ? before->version : 0;
    return published;
  }
  Version version;
  version.version = TRY(NextNumber(tx, prepared.table));
  version.snapshot_id = metadata.current_snapshot_id.value_or(0);
  version.state = kPublishedState;
  version.published_at = lake.clock->Now();
  version.run_id = note.run_id;
  version.release_id = note.release_id;
  version.body = note.body;
  Describe(version.body, metadata.current_snapshot());
  TRY(Insert(tx, prepared.table, version));
  published.snapshot_id = version.snapshot_id;
  published.version = version.version;
  return published;
}

}  // namespace

Result<std::vector<Published>> CommitPublish(store::Transaction& tx, const Lake& lake,
                                             const Publication& publication,
                                             const PublishNote& note) {
  std::vector<Published> all;
  for (const PreparedTable& prepared : publication.tables) {
    Published published = TRY(CommitOne(tx, lake, prepared, note));
    all.push_back(std::move(published));
  }
  return all;
}

void FinishPublish(const Lake& lake, const Publication& publication) {
  for (const PreparedTable& prepared : publication.tables) {
    RemoveObsolete(lake, prepared.staged);
    if (lake.cache != nullptr) {
      lake.cache->Put(prepared.staged.new_location, prepared.staged.metadata);
    }
  }
}

void AbandonPublish(const Lake& lake, const Publication& publication) {
  for (const PreparedTable& prepared : publication.tables) Discard(lake, prepared.staged);
}

// --- Rollback

Result<Rollback> PrepareRollback(store::Database& database, const Lake& lake,
                                 const std::string& table, const Reference& to) {
  Rollback rollback;
  rollback.before = TRY(OpenTable(database, lake, table));
  const TableMetadata& metadata = rollback.before.metadata;
  // Foreign commits get their numbers before a number is looked up.
  std::optional<int64_t> snapshot_id =
      TRY(database.Write([&](store::Transaction& tx) -> Result<std::optional<int64_t>> {
        TRY(RecordForeign(tx, rollback.before));
        return Resolve(tx, rollback.before, to);
      }));
  if (!snapshot_id) return Error::Invalid("{} was never published: nothing to go back to", table);
  if (snapshot_id == metadata.current_snapshot_id) {
    return Error::Invalid("{} stands at {} already", table, ToString(to));
  }
  iceberg::Change change = TRY(iceberg::SetMain(metadata, *snapshot_id, lake.now_ms()));
  rollback.staged = TRY(iceberg::Stage(*lake.files, rollback.before, std::move(change)));
  rollback.snapshot_id = *snapshot_id;
  return rollback;
}

Result<std::optional<Rollback>> PrepareRollbackTo(store::Database& database, const Lake& lake,
                                                  const std::string& table,
                                                  std::optional<int64_t> snapshot_id) {
  Rollback rollback;
  rollback.before = TRY(OpenTable(database, lake, table));
  rollback.snapshot_id = snapshot_id;
  TRY(database.Write([&](store::Transaction& tx) { return RecordForeign(tx, rollback.before); }));
  const TableMetadata& metadata = rollback.before.metadata;
  if (snapshot_id == metadata.current_snapshot_id) return std::optional<Rollback>();
  iceberg::Change change = iceberg::ClearMain(metadata, lake.now_ms());
  if (snapshot_id) change = TRY(iceberg::SetMain(metadata, *snapshot_id, lake.now_ms()));
  rollback.staged = TRY(iceberg::Stage(*lake.files, rollback.before, std::move(change)));
  return std::optional(std::move(rollback));
}

namespace {

// What main no longer has is rolled back; what it has again counts again.
Result<void> MarkVersions(store::Transaction& tx, const std::string& table,
                          const TableMetadata& metadata, std::optional<int64_t> main) {
  std::vector<Version> versions = TRY(ListVersions(tx, table));
  for (const Version& version : versions) {
    // Of an expired snapshot nothing is known; it stays as it is.
    if (metadata.FindSnapshot(version.snapshot_id) == nullptr) continue;
    const char* state = kRolledBackState;
    if (main && metadata.IsAncestor(version.snapshot_id, *main)) {
      state = version.body["foreign"].AsBool() ? kForeignState : kPublishedState;
    }
    if (version.state == state) continue;
    TRY(tx.Execute("UPDATE dataset_versions SET state = ? WHERE dataset = ? AND version = ?",
                   {state, Address(table), version.version}));
  }
  return {};
}

}  // namespace

Result<RolledBack> CommitRollback(store::Transaction& tx, const Lake& lake,
                                  const Rollback& rollback) {
  const std::string& table = rollback.before.identifier.name;
  std::optional<Version> from = TRY(CurrentVersion(tx, rollback.before));
  TRY(CommitStaged(tx, lake, rollback.staged));
  TRY(MarkVersions(tx, table, rollback.staged.metadata, rollback.snapshot_id));
  Table after{rollback.before.identifier, rollback.staged.new_location, rollback.staged.metadata};
  std::optional<Version> to = TRY(CurrentVersion(tx, after));
  RolledBack done;
  if (from) done.from_version = from->version;
  if (to) done.to_version = to->version;
  done.from_snapshot_id = rollback.before.metadata.current_snapshot_id;
  done.to_snapshot_id = rollback.snapshot_id.value_or(0);
  return done;
}

}  // namespace andon::lake
