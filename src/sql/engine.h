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

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/session.h"
#include "sql/types.h"

namespace andon::sql {

// A mistake in a statement, in DuckDB's words.
struct StatementError {
  std::string type;     // "Parser", "Binder", "Catalog", …
  std::string message;  // Its first line.
  int64_t byte = -1;    // Where in the statement; -1: it does not say.
  std::string subtype;  // "COLUMN_NOT_FOUND", "MISSING_ENTRY", …; may be empty.
  std::string entry;    // Of MISSING_ENTRY: "Table", "Scalar Function", ….
  std::string name;     // What was not found.
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
class Connection final : public Session {
 public:
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection() override;

  Dialect dialect() const override { return Dialect::kDuckDb; }
  std::string Name() const override;
  Result<ResultSet> Query(std::string_view sql, const std::vector<Parameter>& parameters = {},
                          const QueryOptions& options = {}) override;
  Result<std::vector<TableColumn>> Columns(std::string_view relation) override;
  // For all connections of the engine.
  Result<void> Register(const std::vector<HostFunction>& functions) override;

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
