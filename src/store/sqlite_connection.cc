#include "store/sqlite_connection.h"

#include <sqlite3.h>
#include <cerrno>

#include <cmath>

namespace andon::store {
namespace {

// More different statements than the whole program has; beyond it they are made anew.
constexpr size_t kStatementsMax = 256;

// A parameter, without copying: it lives until the statement was reset.
int Bind(sqlite3_stmt* statement, int at, const Cell& cell) {
  if (cell.is_null()) return sqlite3_bind_null(statement, at);
  if (cell.is_integer()) return sqlite3_bind_int64(statement, at, cell.AsInteger());
  if (cell.is_double()) return sqlite3_bind_double(statement, at, cell.AsDouble());
  const std::string& bytes = cell.AsText();
  return cell.is_blob()
             ? sqlite3_bind_blob64(statement, at, bytes.data(), bytes.size(), SQLITE_STATIC)
             : sqlite3_bind_text64(statement, at, bytes.data(), bytes.size(), SQLITE_STATIC,
                                   SQLITE_UTF8);
}

Cell ReadCell(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return Cell(static_cast<int64_t>(sqlite3_column_int64(statement, column)));
    case SQLITE_FLOAT:
      return Cell(sqlite3_column_double(statement, column));
    case SQLITE_TEXT: {
      auto text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return Cell(std::string(text ? text : "", sqlite3_column_bytes(statement, column)));
    }
    case SQLITE_BLOB: {
      auto bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
      return Cell(Blob{std::string(bytes ? bytes : "", sqlite3_column_bytes(statement, column))});
    }
    default:
      return Cell();
  }
}

// Ends a use of a statement whatever happened: the parameters' memory goes away.
class Use {
 public:
  explicit Use(sqlite3_stmt* statement) : statement_(statement) {}
  ~Use() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

Error Damaged(const std::string& path, std::string_view reason) {
  return Error::Corrupt(
      "the control database {0} is damaged ({1}). Put back a copy from a backup. Without one, move "
      "{0}, {0}-wal and {0}-shm away, then \"andon apply\" and \"andon run\" load everything that "
      "is "
      "delivered again; the history of versions, runs and incidents is lost, the lake's files stay",
      path, reason);
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(const std::string& path,
                                                                 bool create, bool read_only,
                                                                 Duration timeout) {
  sqlite3* db = nullptr;
  int flags = (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
              (create ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_NOMUTEX;
  int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
  auto connection = std::make_unique<SqliteConnection>(Key(), db, path);
  if (code != SQLITE_OK) return connection->ToError(code, "open");
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, static_cast<int>(timeout.count() / 1000));
  return connection;
}

SqliteConnection::~SqliteConnection() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(db_);
}

Error SqliteConnection::ToError(int code, std::string_view sql) const {
  std::string reason = db_ ? sqlite3_errmsg(db_) : sqlite3_errstr(code);
  const int system_error = db_ ? sqlite3_system_errno(db_) : 0;
  // Growing the -shm file fails so as "disk I/O error"; the system knows more.
  if ((code & 0xff) == SQLITE_IOERR && (system_error == ENOSPC || system_error == EDQUOT)) {
    code = SQLITE_FULL;
  }
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Damaged(path_, reason);
    case SQLITE_FULL:
      return Error::Io(
          "cannot write {}: no space left on device; free space and run again; nothing was changed",
          path_);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error::Held(
          "the control database {} is being written by another process; try again when it has "
          "ended",
          path_);
    case SQLITE_CONSTRAINT:
      return Error::Conflict("{}: {}", path_, reason);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Error::Io("cannot write {}: it is read-only for this user; nothing was changed",
                       path_);
    case SQLITE_CANTOPEN:
      return Error::Io("cannot open {}: {}; check that its folder exists and can be written", path_,
                       reason);
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
      return Error::Io("cannot use {}: {}; nothing was changed", path_, reason);
    case SQLITE_INTERRUPT:
      return Error::Interrupted("{}: {}", path_, reason);
    default:
      return Error::Invalid("{}: {} in \"{}\"", path_, reason, sql);
  }
}

Result<sqlite3_stmt*> SqliteConnection::Prepare(std::string_view sql, const Params& params) {
  sqlite3_stmt* statement = nullptr;
  auto known = statements_.find(sql);
  if (known != statements_.end()) {
    statement = known->second;
  } else {
    const char* tail = nullptr;
    int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                  SQLITE_PREPARE_PERSISTENT, &statement, &tail);
    if (code != SQLITE_OK) return ToError(code, sql);
    if (!statement) return Error::Invalid("an empty statement");
    std::string_view rest(tail, sql.data() + sql.size() - tail);
    if (rest.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
      sqlite3_finalize(statement);
      return Error::Invalid("more than one statement in \"{}\"", sql);
    }
    if (statements_.size() >= kStatementsMax) {
      for (auto& [text, old] : statements_) sqlite3_finalize(old);
      statements_.clear();
    }
    statements_.emplace(sql, statement);
  }
  int wanted = sqlite3_bind_parameter_count(statement);
  if (wanted != static_cast<int>(params.size())) {
    return Error::Invalid("{} parameters for the {} of \"{}\"", params.size(), wanted, sql);
  }
  for (int i = 0; i < wanted; ++i) {
    int code = Bind(statement, i + 1, params[i]);
    if (code != SQLITE_OK) return ToError(code, sql);
  }
  return statement;
}

Result<int64_t> SqliteConnection::Execute(std::string_view sql, const Params& params) {
  sqlite3_stmt* statement = TRY(Prepare(sql, params));
  Use use(statement);
  int code;
  // sqlite3_changes keeps the count of the last change, also over statements that change nothing.
  int64_t before = sqlite3_total_changes64(db_);
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
  }
  if (code != SQLITE_DONE) return ToError(code, sql);
  // Without the rows that triggers and foreign keys changed.
  return sqlite3_total_changes64(db_) == before ? 0 : sqlite3_changes64(db_);
}

Result<Rows> SqliteConnection::Query(std::string_view sql, const Params& params) {
  sqlite3_stmt* statement = TRY(Prepare(sql, params));
  Use use(statement);
  std::shared_ptr<const std::vector<std::string>> columns;
  Rows rows;
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    int count = sqlite3_column_count(statement);
    // Not before the first step: it may prepare anew after a change of the schema.
    if (!columns) {
      auto names = std::make_shared<std::vector<std::string>>();
      for (int i = 0; i < count; ++i) names->emplace_back(sqlite3_column_name(statement, i));
      columns = std::move(names);
    }
    std::vector<Cell> cells;
    cells.reserve(count);
    for (int i = 0; i < count; ++i) cells.push_back(ReadCell(statement, i));
    rows.emplace_back(columns, std::move(cells));
  }
  if (code != SQLITE_DONE) return ToError(code, sql);
  return rows;
}

Result<void> SqliteConnection::Script(const std::string& sql) {
  int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return ToError(sqlite3_extended_errcode(db_), sql);
  return {};
}

void SqliteConnection::Rollback() {
  // After some errors (disk full) SQLite has taken the transaction back already.
  if (!sqlite3_get_autocommit(db_)) (void)Script("ROLLBACK");
}

}  // namespace andon::store
