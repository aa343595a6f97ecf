// Engine: an embedded DuckDB, and connections to it.
//
// Reads files, tests, transforms, writes Parquet. Nothing is ever downloaded: extensions
// are neither installed nor loaded by themselves.
//
//   Engine engine = TRY(Engine::Open({.memory_limit_bytes = 1 << 30}));
//   Connection connection = TRY(engine.Connect());
//   ResultSet rows = TRY(connection.Query("select $n + 1 as n", {{"n", int64_t{41}}}));
//   rows.Integer(0, 0);  // 42
//
// An error's message is the first line of DuckDB's, with "line n, column m" where it knows
// the place. Kinds: kInterrupted (stopped, or past the limit of time), kIo (files, memory),
// kNotFound never; all else is kInvalid.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "sql/types.h"

namespace andon::sql {

// `name` as an SQL identifier, always in quotes: a "b" gives "a ""b""".
std::string QuoteIdentifier(std::string_view name);
// `text` as an SQL string literal: it's gives 'it''s'.
std::string QuoteLiteral(std::string_view text);

// A value given to a statement. A Timestamp is bound as TIMESTAMP in UTC.
using Value = std::variant<std::monostate, bool, int64_t, double, std::string, Timestamp>;

// `$name` in the text; with an empty name, the next `?` or `$1`, `$2`….
struct Parameter {
  std::string name;
  Value value;
};

struct Progress {
  double percent = 0;  // 0 to 100, or -1 where the engine does not know.
  int64_t rows = 0;
  int64_t rows_total = 0;
};

struct QueryOptions {
  std::stop_token stop;                           // Ends the statement with kInterrupted.
  Duration time_limit{0};                         // 0: none. Then kInterrupted.
  std::function<void(const Progress&)> progress;  // Called about every 100 ms from another thread.
  int64_t rows_max = 0;  // 0: all. More rows than that are left out; see truncated().
};

// The type is DuckDB's own text: "DECIMAL(7,2)", "VARCHAR[]".
struct ResultColumn {
  std::string name;
  std::string type;
};

// A mistake in a statement, in DuckDB's words.
struct StatementError {
  std::string type;     // "Parser", "Binder", "Catalog", …
  std::string message;  // Its first line.
  int64_t byte = -1;    // Where in the statement; -1: it does not say.
  std::string subtype;  // "COLUMN_NOT_FOUND", "MISSING_ENTRY", …; may be empty.
  std::string entry;    // Of MISSING_ENTRY: "Table", "Scalar Function", ….
  std::string name;     // What was not found.
};

// Rows in memory. Cheap to move; immutable.
// Requires of all accessors: row < row_count(), column < columns().size().
class ResultSet {
 public:
  ResultSet();
  ResultSet(ResultSet&&) noexcept;
  ResultSet& operator=(ResultSet&&) noexcept;
  ~ResultSet();

  const std::vector<ResultColumn>& columns() const;
  int64_t row_count() const;
  bool empty() const { return row_count() == 0; }
  bool truncated() const;        // rows_max left rows out.
  int64_t rows_changed() const;  // Of INSERT, UPDATE, DELETE, COPY TO; else 0.
  // The index of a column by its exact name, or -1.
  int Find(std::string_view name) const;

  bool IsNull(int64_t row, size_t column) const;
  // The content converted: numbers, booleans and dates (days) or timestamps (microseconds) as
  // integers, cut off at int64's ends; 0 for null and for what is no number.
  int64_t Integer(int64_t row, size_t column) const;
  double Double(int64_t row, size_t column) const;
  bool Bool(int64_t row, size_t column) const;
  // As a person reads it: "4.99", "2005-08-20 11:03:42", "[1, 2]", "{'a': 1}"; null is "NULL".
  std::string Text(int64_t row, size_t column) const;
  // The bytes of a string or blob as they are; Text of anything else; empty for null.
  std::string Bytes(int64_t row, size_t column) const;
  // Numbers as numbers (decimals and integers that a double cannot hold, as text), lists as
  // arrays, structs and maps with string keys as objects, times and blobs as text.
  Json ToJson(int64_t row, size_t column) const;

 private:
  friend class Connection;
  friend class RowStream;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Rows that arrive as they are asked for; memory stays bounded by one batch.
// Lifetime: ends before its connection, which does nothing else meanwhile.
class RowStream {
 public:
  RowStream(RowStream&&) noexcept;
  RowStream& operator=(RowStream&&) noexcept;
  ~RowStream();

  const std::vector<ResultColumn>& columns() const;
  // The next rows (at most 2,048), or none at the end.
  Result<ResultSet> Next();

 private:
  friend class Connection;
  struct Impl;
  explicit RowStream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// One statement at a time; used by one thread, but Interrupt() by any.
class Connection {
 public:
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  // One statement with its rows.
  Result<ResultSet> Query(std::string_view sql, const std::vector<Parameter>& parameters = {},
                          const QueryOptions& options = {});
  // One statement, or without parameters several, for their effect.
  Result<void> Execute(std::string_view sql, const std::vector<Parameter>& parameters = {},
                       const QueryOptions& options = {});
  Result<RowStream> Stream(std::string_view sql, const std::vector<Parameter>& parameters = {},
                           const QueryOptions& options = {});
  // What is wrong with a statement, or nothing; it is bound but not run.
  std::optional<StatementError> Check(std::string_view sql);
  // The names and types (DuckDB's) that a statement would return; nothing is run.
  Result<std::vector<ResultColumn>> Describe(std::string_view sql);

  // Ends the statement that runs, if any.
  void Interrupt();

 private:
  friend class Engine;
  struct Impl;
  explicit Connection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct EngineOptions {
  std::string path;                // A database file; empty: in memory.
  int64_t memory_limit_bytes = 0;  // 0: a quarter of the machine's.
  int threads = 0;                 // 0: one for each processor.
  std::string temp_directory;      // Where to spill; empty: beyond the limit a query fails.
  bool read_only = false;          // Of `path`.
};

// Thread: any. Lifetime: connections keep their engine alive.
class Engine {
 public:
  static Result<Engine> Open(const EngineOptions& options = {});
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  Result<Connection> Connect();

 private:
  friend class Connection;
  struct Impl;
  explicit Engine(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

// "v1.5.5": the version of DuckDB inside.
std::string EngineVersion();

}  // namespace andon::sql
