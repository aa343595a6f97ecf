#include "sql/engines/sqlite.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <chrono>
#include <set>

#include "base/text.h"
#include "sql/engines/sqlite_internal.h"
#include "sql/result_rows.h"

namespace andon::sql {
namespace {

// Instructions of SQLite's machine between two looks at the clock: well below a millisecond.
constexpr int kStepsBetweenLooks = 2'000;

struct Statement {
  sqlite3_stmt* handle = nullptr;
  Statement() = default;
  Statement(Statement&& other) noexcept : handle(std::exchange(other.handle, nullptr)) {}
  Statement& operator=(Statement&&) = delete;
  ~Statement() { sqlite3_finalize(handle); }
};

// While it lives, the connection's statements end when asked to stop or past their time.
class Deadline {
 public:
  Deadline(sqlite3* db, const QueryOptions& options) : db_(db), options_(options) {
    if (!options.stop.stop_possible() && options.time_limit.count() == 0) return;
    at_ = std::chrono::steady_clock::now() + options.time_limit;
    sqlite3_progress_handler(
        db, kStepsBetweenLooks, [](void* self) { return static_cast<Deadline*>(self)->IsOver(); },
        this);
  }
  ~Deadline() { sqlite3_progress_handler(db_, 0, nullptr, nullptr); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  Error ToError() const {
    if (!is_late_) return Error::Interrupted("The statement was stopped.");
    return Error::Interrupted("The statement ran longer than its limit of {}.",
                              HumanDuration(options_.time_limit));
  }

 private:
  int IsOver() {
    is_late_ = options_.time_limit.count() > 0 && std::chrono::steady_clock::now() >= at_;
    return is_late_ || options_.stop.stop_requested();
  }

  sqlite3* db_;
  const QueryOptions& options_;
  std::chrono::steady_clock::time_point at_;
  bool is_late_ = false;
};

// The file is read only, and nothing else is opened or made beside it.
int Authorize(void*, int action, const char*, const char*, const char*, const char*) {
  return action == SQLITE_ATTACH || action == SQLITE_DETACH ? SQLITE_DENY : SQLITE_OK;
}

void CallTest(sqlite3_context* context, int, sqlite3_value** args) {
  std::string_view texts[2];
  for (int i = 0; i < 2; i++) {
    if (sqlite3_value_type(args[i]) == SQLITE_NULL) return;
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(args[i]));
    if (text) texts[i] = {text, static_cast<size_t>(sqlite3_value_bytes(args[i]))};
  }
  auto test = reinterpret_cast<decltype(HostFunction::test)>(sqlite3_user_data(context));
  sqlite3_result_int(context, test(texts[0], texts[1]) ? 1 : 0);
}

// A whole number in a column of booleans is one.
bool IsBoolean(std::string_view type) { return AsciiLower(type).find("bool") != std::string::npos; }

void AddCell(sqlite3_stmt* statement, int column, bool is_boolean, CellStore* rows) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      rows->AddNull();
      return;
    case SQLITE_INTEGER: {
      int64_t value = sqlite3_column_int64(statement, column);
      bool fits = is_boolean && (value == 0 || value == 1);
      rows->AddInteger(fits ? CellKind::kBool : CellKind::kInteger, value);
      return;
    }
    case SQLITE_FLOAT:
      rows->AddDouble(CellKind::kDouble, sqlite3_column_double(statement, column));
      return;
    default: {
      bool is_blob = sqlite3_column_type(statement, column) == SQLITE_BLOB;
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
      auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
      rows->AddBytes(is_blob ? CellKind::kBlob : CellKind::kText, {bytes ? bytes : "", size});
    }
  }
}

std::string_view StorageName(int type) {
  switch (type) {
    case SQLITE_INTEGER:
      return "INTEGER";
    case SQLITE_FLOAT:
      return "REAL";
    case SQLITE_BLOB:
      return "BLOB";
    case SQLITE_TEXT:
      return "TEXT";
    default:
      return "";
  }
}

class SqliteSession final : public Session {
 public:
  SqliteSession(sqlite3* db, std::string path) : db_(db), path_(std::move(path)) {}
  ~SqliteSession() override { sqlite3_close_v2(db_); }
  SqliteSession(const SqliteSession&) = delete;
  SqliteSession& operator=(const SqliteSession&) = delete;

  Dialect dialect() const override { return Dialect::kSqlite; }
  std::string Name() const override { return std::string("SQLite ") + sqlite3_libversion(); }

  Result<ResultSet> Query(std::string_view sql, const std::vector<Parameter>& parameters,
                          const QueryOptions& options) override {
    if (options.stop.stop_requested()) return Error::Interrupted("The statement was stopped.");
    Statement statement = TRY(Prepare(sql));
    TRY(Bind(statement.handle, parameters));
    auto rows = std::make_unique<CellStore>();
    std::vector<bool> booleans = ReadColumns(statement.handle, rows.get());
    Deadline deadline(db_, options);
    int code;
    while ((code = sqlite3_step(statement.handle)) == SQLITE_ROW) {
      if (options.rows_max > 0 && rows->row_count == options.rows_max) {
        rows->truncated = true;
        return ResultSet(std::move(rows));
      }
      for (size_t i = 0; i < booleans.size(); i++) {
        AddCell(statement.handle, static_cast<int>(i), booleans[i], rows.get());
      }
      NameTypes(statement.handle, rows.get());
    }
    if (code == SQLITE_INTERRUPT) return deadline.ToError();
    if (code != SQLITE_DONE) return ToError(code, sql);
    return ResultSet(std::move(rows));
  }

  Result<std::vector<TableColumn>> Columns(std::string_view relation) override {
    std::string sql = fmt::format("SELECT * FROM {} LIMIT 0", relation);
    Statement statement = TRY(Prepare(sql));
    std::vector<TableColumn> columns;
    for (int i = 0; i < sqlite3_column_count(statement.handle); i++) {
      const char* declared = sqlite3_column_decltype(statement.handle, i);
      std::string type = declared ? declared : "";
      columns.push_back({sqlite3_column_name(statement.handle, i), FromSqliteType(type), type});
    }
    return columns;
  }

  Result<void> Register(const std::vector<HostFunction>& functions) override {
    for (const HostFunction& function : functions) {
      if (!functions_.insert(function.name).second) continue;
      int code = sqlite3_create_function_v2(
          db_, function.name, 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
          reinterpret_cast<void*>(function.test), CallTest, nullptr, nullptr, nullptr);
      if (code != SQLITE_OK)
        return Error::Invalid("SQLite does not take the function {}.", function.name);
    }
    return {};
  }

  // What stands in SQLite's own words, with the file where it is at fault.
  Error ToError(int code, std::string_view sql) const {
    std::string reason = sqlite3_errmsg(db_);
    switch (code & 0xff) {
      case SQLITE_NOTADB:
        return Error::Invalid("\"{}\" is no SQLite database (or an encrypted one).", path_);
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        return Error::Unavailable(
            "\"{}\" is locked: another program writes to it. Try again when it is done.", path_);
      case SQLITE_CORRUPT:
        return {ErrorKind::kCorrupt,
                fmt::format("\"{}\" is damaged ({}). SQLite's \".recover\" may save what is left.",
                            path_, reason)};
      case SQLITE_NOMEM:
        return Error::Io("SQLite: out of memory.");
      case SQLITE_INTERRUPT:
        return Error::Interrupted("The statement was stopped.");
      case SQLITE_CANTOPEN:
      case SQLITE_IOERR:
      case SQLITE_FULL:
      case SQLITE_PERM:
      case SQLITE_READONLY:
        if (sql.empty()) return Error::Io("\"{}\" cannot be opened: {}.", path_, reason);
        return Error::Io("\"{}\": {}.", path_, reason);
      case SQLITE_AUTH:
        return Error::Invalid("SQLite: ATTACH and DETACH are not allowed here.");
      default:
        return Error::Invalid("SQLite: {}{}.", reason, Place(sql));
    }
  }

 private:
  // " (line 2, column 8)", where SQLite knows it.
  std::string Place(std::string_view sql) const {
    int byte = sqlite3_error_offset(db_);
    if (byte < 0 || static_cast<size_t>(byte) > sql.size()) return {};
    std::string_view before = sql.substr(0, static_cast<size_t>(byte));
    auto line = 1 + std::count(before.begin(), before.end(), '\n');
    size_t start = before.rfind('\n') + 1;  // npos + 1 is 0.
    return fmt::format(" (line {}, column {})", line, 1 + GraphemeCount(before.substr(start)));
  }

  Result<Statement> Prepare(std::string_view sql) {
    Statement statement;
    const char* tail = nullptr;
    int code =
        sqlite3_prepare_v2(db_, sql.data(), static_cast<int>(sql.size()), &statement.handle, &tail);
    if (code != SQLITE_OK) return ToError(code, sql);
    if (!statement.handle) return Error::Invalid("SQLite: there is no statement.");
    std::string_view rest = Trim(sql.substr(static_cast<size_t>(tail - sql.data())));
    while (rest.starts_with(";")) rest = Trim(rest.substr(1));
    // What is left may be a comment, which is none.
    Statement more;
    if (!rest.empty() && (sqlite3_prepare_v2(db_, rest.data(), static_cast<int>(rest.size()),
                                             &more.handle, nullptr) != SQLITE_OK ||
                          more.handle)) {
      return Error::Invalid("SQLite: one statement is expected, and here is another behind it.");
    }
    return statement;
  }

  Result<void> Bind(sqlite3_stmt* statement, const std::vector<Parameter>& parameters) {
    int position = 0;
    for (const Parameter& parameter : parameters) {
      position++;
      std::string name = parameter.name.empty() ? std::to_string(position) : parameter.name;
      int index = sqlite3_bind_parameter_index(statement, ("$" + name).c_str());
      if (index == 0 && parameter.name.empty() &&
          position <= sqlite3_bind_parameter_count(statement))
        index = position;
      if (index == 0 && !parameter.name.empty()) continue;  // One that the statement does not use.
      int code = index == 0 ? SQLITE_RANGE : BindValue(statement, index, parameter.value);
      if (code != SQLITE_OK) return Error::Invalid("SQLite: parameter {} cannot be bound.", name);
    }
    return {};
  }

  static int BindValue(sqlite3_stmt* statement, int index, const Value& value) {
    auto bind_text = [&](std::string_view text) {
      return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_TRANSIENT,
                                 SQLITE_UTF8);
    };
    if (auto* b = std::get_if<bool>(&value)) return sqlite3_bind_int(statement, index, *b ? 1 : 0);
    if (auto* i = std::get_if<int64_t>(&value)) return sqlite3_bind_int64(statement, index, *i);
    if (auto* d = std::get_if<double>(&value)) return sqlite3_bind_double(statement, index, *d);
    if (auto* s = std::get_if<std::string>(&value)) return bind_text(*s);
    // SQLite's times are texts: "2005-08-20 11:03:42".
    if (auto* t = std::get_if<Timestamp>(&value)) {
      std::string text = ToRfc3339(*t);
      text[text.find('T')] = ' ';
      text.pop_back();  // 'Z'
      return bind_text(text);
    }
    return sqlite3_bind_null(statement, index);
  }

  // Which columns hold booleans.
  static std::vector<bool> ReadColumns(sqlite3_stmt* statement, CellStore* rows) {
    std::vector<bool> booleans;
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
      const char* declared = sqlite3_column_decltype(statement, i);
      rows->columns.push_back({sqlite3_column_name(statement, i), declared ? declared : ""});
      booleans.push_back(IsBoolean(rows->columns.back().type));
    }
    return booleans;
  }

  // What has no declared type is named by the first value that is not null.
  static void NameTypes(sqlite3_stmt* statement, CellStore* rows) {
    for (size_t i = 0; i < rows->columns.size(); i++) {
      if (rows->columns[i].type.empty())
        rows->columns[i].type = StorageName(sqlite3_column_type(statement, static_cast<int>(i)));
    }
  }

  sqlite3* db_;
  std::string path_;
  std::set<std::string> functions_;
};

}  // namespace

Result<std::unique_ptr<Session>> OpenSqlite(const SqliteOptions& options) {
  struct stat info{};
  if (stat(options.path.c_str(), &info) != 0 && errno == ENOENT)
    return Error::NotFound("There is no file \"{}\".", options.path);
  if (S_ISDIR(info.st_mode))
    return Error::Invalid("\"{}\" is a folder, not an SQLite database.", options.path);
  sqlite3* db = nullptr;
  int code = sqlite3_open_v2(options.path.c_str(), &db, SQLITE_OPEN_READONLY, nullptr);
  if (!db) return Error::Io("SQLite: out of memory.");
  auto session = std::make_unique<SqliteSession>(db, options.path);
  if (code != SQLITE_OK) return session->ToError(code, "");
  auto wait = std::chrono::ceil<std::chrono::milliseconds>(options.lock_wait);
  sqlite3_busy_timeout(db, static_cast<int>(wait.count()));
  sqlite3_set_authorizer(db, Authorize, nullptr);
  code = AddSqliteFunctions(db);
  // SQLite looks into the file only now.
  if (code == SQLITE_OK)
    code = sqlite3_exec(db, "SELECT 1 FROM sqlite_schema LIMIT 1", nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return session->ToError(code, "");
  return std::unique_ptr<Session>(std::move(session));
}

}  // namespace andon::sql
