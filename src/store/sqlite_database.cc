#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "base/assert.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "store/database.h"
#include "store/migrations.h"
#include "store/sqlite_connection.h"

namespace andon::store {
namespace {

// Idle reading connections that are kept; more threads than that open their own.
constexpr size_t kReadersKept = 8;

constexpr std::string_view kVersionTable =
    "CREATE TABLE IF NOT EXISTS schema_version ("
    " version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL)";

class SqliteTransaction final : public Transaction {
 public:
  explicit SqliteTransaction(SqliteConnection& connection) : connection_(connection) {}
  Result<int64_t> Execute(std::string_view sql, const Params& params) override {
    return connection_.Execute(sql, params);
  }
  Result<Rows> Query(std::string_view sql, const Params& params) override {
    return connection_.Query(sql, params);
  }

 private:
  SqliteConnection& connection_;
};

// Two that open a new file both want it alone for a moment; SQLite tells the later one at once that
// it is held, without the waiting that all else has. So it waits by a transaction that has it.
Result<void> SwitchToWal(SqliteConnection& connection, Duration timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    auto done = connection.Query("PRAGMA journal_mode = WAL", {});
    if (done.ok()) return {};
    if (done.error().kind != ErrorKind::kHeld || std::chrono::steady_clock::now() >= until)
      return std::move(done).error();
    TRY(connection.Script("BEGIN EXCLUSIVE"));
    TRY(connection.Script("ROLLBACK"));
  }
}

Result<void> Configure(SqliteConnection& connection, bool writes, Duration timeout) {
  TRY(connection.Script("PRAGMA foreign_keys = ON"));
  // A wrong integer in a page's cell must not lead astray.
  TRY(connection.Script("PRAGMA cell_size_check = ON"));
  if (!writes) {
    TRY(connection.Script("PRAGMA query_only = ON"));
    return {};
  }
  // FULL: in WAL mode NORMAL may lose the last commits in a power cut, and a publish
  // that was announced must not be one of them.
  TRY(connection.Script("PRAGMA synchronous = FULL"));
  return SwitchToWal(connection, timeout);
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::string path, OpenOptions options, std::unique_ptr<SqliteConnection> writer)
      : path_(std::move(path)), options_(options), writer_(std::move(writer)) {}

  const std::string& location() const override { return path_; }

 protected:
  Result<void> RunWrite(const std::function<Result<void>(Transaction&)>& body) override;
  Result<void> RunRead(const std::function<Result<void>(Transaction&)>& body) override;

 private:
  Result<std::unique_ptr<SqliteConnection>> TakeReader();
  void GiveBackReader(std::unique_ptr<SqliteConnection> reader);

  const std::string path_;
  const OpenOptions options_;
  std::mutex write_mutex_;  // Guards writer_; held over the body: one writer at a time.
  std::unique_ptr<SqliteConnection> writer_;
  std::atomic<std::thread::id> writing_thread_{};
  std::mutex readers_mutex_;  // Guards readers_.
  std::vector<std::unique_ptr<SqliteConnection>> readers_;
};

Result<void> RunBetween(SqliteConnection& connection, std::string_view begin,
                        const std::function<Result<void>(Transaction&)>& body) {
  TRY(connection.Execute(begin, {}));
  SqliteTransaction transaction(connection);
  Result<void> done = body(transaction);
  if (done.ok()) {
    auto committed = connection.Execute("COMMIT", {});
    if (committed.ok()) return {};
    done = std::move(committed).error();
  }
  connection.Rollback();
  return done;
}

Result<void> SqliteDatabase::RunWrite(const std::function<Result<void>(Transaction&)>& body) {
  if (options_.read_only) return Error::Invalid("{} was opened for reading only", path_);
  // A second one from inside the first would wait for itself.
  ASSERT(writing_thread_.load() != std::this_thread::get_id());
  std::lock_guard lock(write_mutex_);
  writing_thread_ = std::this_thread::get_id();
  // IMMEDIATE: the write lock at once, so that waiting comes before the body and a
  // body that has read is never told afterwards that it cannot write.
  auto done = RunBetween(*writer_, "BEGIN IMMEDIATE", body);
  writing_thread_ = std::thread::id();
  return done;
}

Result<void> SqliteDatabase::RunRead(const std::function<Result<void>(Transaction&)>& body) {
  auto reader = TRY(TakeReader());
  auto done = RunBetween(*reader, "BEGIN", body);
  GiveBackReader(std::move(reader));
  return done;
}

Result<std::unique_ptr<SqliteConnection>> SqliteDatabase::TakeReader() {
  {
    std::lock_guard lock(readers_mutex_);
    if (!readers_.empty()) {
      auto reader = std::move(readers_.back());
      readers_.pop_back();
      return reader;
    }
  }
  // Not SQLITE_OPEN_READONLY: a reader may be the one who rebuilds the WAL's index.
  auto reader = TRY(SqliteConnection::Open(path_, false, options_.read_only, options_.timeout));
  TRY(Configure(*reader, false, options_.timeout));
  return reader;
}

void SqliteDatabase::GiveBackReader(std::unique_ptr<SqliteConnection> reader) {
  std::lock_guard lock(readers_mutex_);
  if (readers_.size() < kReadersKept) readers_.push_back(std::move(reader));
}

// The version of the schema; 0 of an empty file.
Result<int64_t> ReadVersion(SqliteConnection& connection) {
  auto table = TRY(connection.Query(
      "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'", {}));
  if (table.empty()) return int64_t{0};
  auto rows = TRY(connection.Query("SELECT MAX(version) AS version FROM schema_version", {}));
  return rows.empty() ? int64_t{0} : rows[0].Integer("version");
}

Result<void> RefuseNewer(int64_t version, const std::string& path) {
  if (version <= SchemaVersion()) return {};
  return Error::Invalid(
      "{} was written by a newer Andon (schema {}, this one knows {}); use that version, or a "
      "newer one",
      path, version, SchemaVersion());
}

Result<void> Migrate(SqliteConnection& connection, const std::string& path) {
  auto version = TRY(ReadVersion(connection));
  TRY(RefuseNewer(version, path));
  if (version == SchemaVersion()) return {};
  // All steps in one transaction; asked again inside it, since two processes may
  // have found the same old file.
  TRY(connection.Script("BEGIN IMMEDIATE"));
  auto migrate = [&]() -> Result<void> {
    TRY(connection.Script(std::string(kVersionTable)));
    auto from = TRY(ReadVersion(connection));
    TRY(RefuseNewer(from, path));
    for (const Migration& migration : Migrations()) {
      if (migration.version <= from) continue;
      TRY(connection.Script(std::string(migration.sql)));
      TRY(connection.Execute("INSERT INTO schema_version (version, name) VALUES (?, ?)",
                             {migration.version, migration.name}));
    }
    TRY(connection.Script("COMMIT"));
    return {};
  };
  auto done = migrate();
  if (!done.ok()) connection.Rollback();
  return done;
}

// Up to here a pass over the whole file costs at most about 5 ms at each command;
// in a larger one a damaged page is found when it is read.
constexpr int64_t kCheckedWhollyMax = 2 << 20;

int64_t SizeOf(const io::FileSystem& files, const std::string& path) {
  auto info = files.Stat(path);
  return info.ok() ? info->size : 0;
}

Result<void> CheckWhole(Transaction& tx, const std::string& path, const io::FileSystem& files) {
  // Reads the header and the schema: what something else than a database fails at.
  TRY(tx.Query("SELECT COUNT(*) FROM sqlite_master"));
  // A WAL may hold pages behind the end of the file; without one it must be all there.
  auto pages =
      TRY(tx.Query("SELECT page_count * page_size AS bytes"
                   " FROM pragma_page_count(), pragma_page_size()"));
  int64_t size = SizeOf(files, path);
  if (SizeOf(files, path + "-wal") == 0 && size < pages.at(0).Integer("bytes")) {
    return Damaged(path, "it is cut off");
  }
  if (size > kCheckedWhollyMax) return {};
  auto findings = TRY(tx.Query("PRAGMA quick_check(1)"));
  if (findings.size() == 1 && findings[0][0].AsText() == "ok") return {};
  return Damaged(path, findings.empty() ? "the check failed" : findings[0][0].AsText());
}

}  // namespace

Result<std::unique_ptr<Database>> OpenSqlite(const std::string& path, OpenOptions options) {
  io::LocalFileSystem files;
  if (!files.Exists(path)) {
    if (!options.create || options.read_only) {
      return Error::NotFound("there is no control database {}; \"andon apply\" makes one", path);
    }
    TRY(io::RefuseNetworkFileSystem(io::Dirname(path)));
    TRY(files.MakeDirs(io::Dirname(path)));
  }
  TRY(io::RefuseNetworkFileSystem(path));
  auto writer = TRY(SqliteConnection::Open(path, options.create && !options.read_only,
                                           options.read_only, options.timeout));
  // One reading transaction, so that nobody grows the file between the questions.
  TRY(RunBetween(*writer, "BEGIN", [&](Transaction& tx) { return CheckWhole(tx, path, files); }));
  if (options.read_only) {
    TRY(Configure(*writer, false, options.timeout));
    auto version = TRY(ReadVersion(*writer));
    TRY(RefuseNewer(version, path));
    if (version < SchemaVersion()) {
      return Error::Invalid(
          "{} was written by an older Andon; \"andon apply\" brings it up to date", path);
    }
  } else {
    TRY(Configure(*writer, true, options.timeout));
    TRY(Migrate(*writer, path));
  }
  return std::unique_ptr<Database>(
      std::make_unique<SqliteDatabase>(path, options, std::move(writer)));
}

}  // namespace andon::store
