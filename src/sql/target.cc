#include "sql/target.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "sql/engine.h"
#include "sql/engines/duckdb_file.h"
#include "sql/engines/postgres.h"
#include "sql/engines/sqlite.h"

namespace andon::sql {
namespace {

namespace fs = std::filesystem;

// More tables than that are not told one by one.
constexpr size_t kTablesNamed = 20;
constexpr int64_t kTablesMax = 10'000;
// Of a file as small as this another thread takes longer to start than it helps.
constexpr uintmax_t kSmallFile = 1 << 20;

EngineOptions EngineOf(const TargetOptions& options) {
  EngineOptions engine{.memory_limit_bytes = options.memory_limit_bytes,
                       .threads = options.threads,
                       .temp_directory = options.temp_directory};
  // DuckDB makes the folder when it spills, and removes it at the end.
  if (engine.temp_directory.empty()) {
    std::error_code error;
    fs::path folder = fs::temp_directory_path(error);
    engine.temp_directory =
        (folder / fmt::format("andon-spill-{}", RandomUuid().substr(0, 13))).string();
  }
  return engine;
}

// "deliveries/payment-*.csv.gz" gives "payment".
std::string NameOfFile(std::string_view path) {
  std::string name = fs::path(path).filename();
  name.resize(std::min(name.size(), name.find('.')));
  name.resize(std::min(name.size(), name.find_first_of("*?[")));
  while (name.ends_with('-') || name.ends_with('_')) name.pop_back();
  return name.empty() ? "data" : name;
}

// The names of tables, qualified where they are of another schema than the default.
std::string_view TablesSql(Dialect dialect) {
  switch (dialect) {
    case Dialect::kSqlite:
      return "SELECT NULL, name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT "
             "LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    case Dialect::kDuckDb:
      return "SELECT schema_name, name, schema_name = current_schema() FROM "
             "(SELECT schema_name, table_name AS name FROM duckdb_tables() WHERE NOT internal "
             "UNION SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal) "
             "ORDER BY 3 DESC, 1, 2";
    default:
      return "SELECT n.nspname, c.relname, pg_table_is_visible(c.oid) FROM pg_catalog.pg_class c "
             "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN "
             "('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
             "AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 3 DESC, 1, 2";
  }
}

struct Table {
  std::string schema;
  std::string name;
  bool is_default = true;

  std::string Text() const { return is_default ? name : schema + "." + name; }
  std::string Relation() const {
    return is_default ? QuoteIdentifier(name)
                      : QuoteIdentifier(schema) + "." + QuoteIdentifier(name);
  }
};

Result<std::vector<Table>> Tables(Session& session) {
  ResultSet rows = TRY(session.Query(TablesSql(session.dialect()), {}, {.rows_max = kTablesMax}));
  std::vector<Table> tables;
  for (int64_t row = 0; row < rows.row_count(); row++) {
    bool has_schema = !rows.IsNull(row, 0);
    tables.push_back({has_schema ? rows.Bytes(row, 0) : "", rows.Bytes(row, 1),
                      !has_schema || rows.Bool(row, 2)});
  }
  return tables;
}

Error NameOne(const std::vector<Table>& tables) {
  if (tables.empty()) return Error::NotFound("The database has no table that this user may see.");
  std::vector<std::string> names;
  for (const Table& table : tables) names.push_back(table.Text());
  bool has_more = names.size() > kTablesNamed;
  names.resize(std::min(names.size(), kTablesNamed));
  return Error::Invalid("Name the table: the database has {}{}.", Join(names, ", "),
                        has_more ? ", …" : "");
}

// As the user may have meant what is written.
std::vector<Table> Readings(const TargetOptions& options) {
  if (!options.schema.empty()) return {{options.schema, options.table, false}};
  std::vector<Table> readings = {{"", options.table, true}};
  size_t dot = options.table.find('.');
  if (dot != std::string::npos)
    readings.push_back({options.table.substr(0, dot), options.table.substr(dot + 1), false});
  return readings;
}

Error NoTable(const std::string& written, const std::string& name,
              const std::vector<Table>& tables) {
  std::vector<std::string> names;
  std::string elsewhere;
  for (const Table& table : tables) {
    names.push_back(table.Text());
    if (table.is_default && !table.schema.empty()) names.push_back(table.schema + "." + table.name);
    if (table.name == name && elsewhere.empty()) elsewhere = table.Text();
  }
  std::string meant = elsewhere.empty() ? DidYouMean(written, names) : elsewhere;
  return Error::NotFound("There is no table \"{}\" in the database.{}", written,
                         meant.empty() ? "" : " Did you mean \"" + meant + "\"?");
}

// What the user wrote as the table, where there is one.
Result<Table> FindTable(Session& session, const TargetOptions& options) {
  if (options.table.empty()) {
    std::vector<Table> tables = TRY(Tables(session));
    if (tables.size() != 1) return NameOne(tables);
    return tables[0];
  }
  std::optional<Error> reason;
  for (const Table& table : Readings(options)) {
    Result<std::vector<TableColumn>> columns = session.Columns(table.Relation());
    if (columns.ok()) return table;
    if (columns.error().kind != ErrorKind::kInvalid) return columns.error();
    if (!reason) reason = columns.error();
  }
  std::vector<Table> tables = TRY(Tables(session));
  std::string written =
      options.schema.empty() ? options.table : options.schema + "." + options.table;
  for (const Table& table : tables) {
    bool is_there = table.Text() == written || table.schema + "." + table.name == written;
    if (is_there) return *reason;  // A view that is broken, a schema without its grant.
  }
  return NoTable(written, options.table, tables);
}

// The table or the query of a database.
Result<Target> Complete(std::unique_ptr<Session> session, const TargetOptions& options) {
  Target target{.session = std::move(session)};
  if (options.session_only) return target;
  if (!options.query.empty()) {
    target.name = options.table.empty() ? "query" : options.table;
    target.relation = "(" + options.query + ") AS " + QuoteIdentifier(target.name);
    return target;
  }
  Table table = TRY(FindTable(*target.session, options));
  target.name = table.name;
  target.relation = table.Relation();
  return target;
}

Result<Target> OpenServer(std::string_view url, const TargetOptions& options) {
  PostgresOptions server = TRY(ReadPostgresUrl(url));
  if (server.password.empty()) server.password = options.password;
  server.tunnel = options.tunnel;
  auto session = TRY(OpenPostgres(server, options.stop));
  return Complete(std::move(session), options);
}

Result<Target> OpenSqliteFile(std::string path, const TargetOptions& options) {
  auto session = TRY(OpenSqlite({.path = std::move(path)}));
  return Complete(std::move(session), options);
}

Result<Target> OpenDuckDbFile(const std::string& path, const TargetOptions& options) {
  if (access(path.c_str(), F_OK) != 0) return Error::NotFound("There is no file \"{}\".", path);
  EngineOptions engine_options = EngineOf(options);
  engine_options.path = path;
  engine_options.read_only = true;
  Engine engine = TRY(Engine::Open(engine_options));
  Connection connection = TRY(engine.Connect());
  return Complete(std::make_unique<Connection>(std::move(connection)), options);
}

Result<Target> OpenFiles(std::string path, const TargetOptions& options) {
  if (!options.table.empty() || !options.schema.empty()) {
    return Error::Invalid("\"{}\" is a file of rows: it has no tables to choose from.", path);
  }
  EngineOptions engine_options = EngineOf(options);
  std::error_code is_no_file;
  const uintmax_t bytes = fs::file_size(path, is_no_file);
  const bool is_small = !is_no_file && bytes <= kSmallFile && options.query.empty();
  if (is_small && options.threads == 0) engine_options.threads = 1;
  Engine engine = TRY(Engine::Open(engine_options));
  auto connection = TRY(engine.Connect());
  Target target{.name = NameOfFile(path),
                .files = path,
                .format = std::string(FileFormat(path).value_or(""))};
  target.relation = QuoteIdentifier(target.name);
  TRY(CreateFileView(connection, {.path = path, .all_text = options.all_text}, target.name));
  if (!options.query.empty()) target.relation = "(" + options.query + ") AS query";
  target.session = std::make_unique<Connection>(std::move(connection));
  return target;
}

bool TakePrefix(std::string_view* text, std::string_view prefix) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// SQLAlchemy writes sqlite:///relative and sqlite:////absolute.
std::string SqlitePath(std::string_view rest) {
  TakePrefix(&rest, "///");
  return std::string(rest);
}

bool IsSqliteFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string magic(16, '\0');
  file.read(magic.data(), 16);
  return magic == std::string_view("SQLite format 3\0", 16);
}

}  // namespace

Result<std::string> FindRelation(Session& session, const TargetOptions& options) {
  Table table = TRY(FindTable(session, options));
  return table.Relation();
}

Result<Target> OpenTarget(std::string_view data, const TargetOptions& options) {
  if (IsPostgresUrl(data)) return OpenServer(data, options);
  std::string_view rest = data;
  if (TakePrefix(&rest, "sqlite:")) return OpenSqliteFile(SqlitePath(rest), options);
  if (TakePrefix(&rest, "duckdb:")) return OpenDuckDbFile(std::string(rest), options);
  std::string path(data);
  if (path.ends_with(".duckdb")) return OpenDuckDbFile(path, options);
  if (IsSqliteFile(path)) return OpenSqliteFile(path, options);
  // The scheme alone: what follows may hold a password.
  if (size_t scheme = path.find("://"); scheme != std::string::npos) {
    return Error::Invalid(
        "\"{}://\" is not read: data is a file, postgres://…, sqlite:FILE or duckdb:FILE.",
        path.substr(0, scheme));
  }
  if (FileFormat(path) || fs::is_directory(path)) return OpenFiles(path, options);
  if (access(path.c_str(), F_OK) != 0 && path.find_first_of("*?[") == std::string::npos)
    return Error::NotFound("There is no file \"{}\".", path);
  return Error::Invalid(
      "\"{}\" is of no known kind: data ends with .parquet, .csv, .tsv, .json, .jsonl, .ndjson, "
      ".duckdb or .sqlite, or begins with postgres://, sqlite: or duckdb:.",
      path);
}

}  // namespace andon::sql
