// The control database: one SQLite file (`.andon/andon.db`) by default. It also
// holds Iceberg's catalog tables, so publishing a table, its cursor, its facts
// and its notifications are one transaction.
//
//   auto db = TRY(store::OpenSqlite(".andon/andon.db", {.create = true}));
//   TRY(db->Write([&](store::Transaction& tx) -> Result<void> {
//     TRY(tx.Execute("UPDATE runs SET state = ? WHERE run_id = ?", {"failed", run_id}));
//     TRY(store::Append(tx, fact));
//     return {};
//   }));
//
// Statements keep to what SQLite and PostgreSQL share, with `?` for parameters.
// Nothing of the engine shows in this header.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "store/cell.h"

namespace andon::store {

// Valid only inside the function it was given to, on that thread.
class Transaction {
 public:
  virtual ~Transaction() = default;
  // One statement; the number of rows that it changed. kConflict where it breaks
  // a unique, foreign key or check constraint.
  virtual Result<int64_t> Execute(std::string_view sql, const Params& params = {}) = 0;
  // One statement with its rows, also INSERT … RETURNING.
  virtual Result<Rows> Query(std::string_view sql, const Params& params = {}) = 0;
};

// The first row, or nothing.
Result<std::optional<Row>> QueryOne(Transaction& tx, std::string_view sql,
                                    const Params& params = {});

// Thread: may be used from several threads; writers queue, readers do not wait.
class Database {
 public:
  virtual ~Database() = default;

  // Runs `body(Transaction&)`, a function that returns Result<T> for any T, as one
  // write transaction. Committed and durable when Write returns without error;
  // where the body returns an error, or the commit fails, nothing has happened.
  // Keep the body short (no I/O, no waiting): there is one writer at a time.
  // Requires: not called from inside another Write of the same database.
  template <typename Body>
  std::invoke_result_t<Body&, Transaction&> Write(Body&& body) {
    return Do(true, body);
  }

  // The same for reading: all queries see one moment. Changing anything is an error.
  template <typename Body>
  std::invoke_result_t<Body&, Transaction&> Read(Body&& body) {
    return Do(false, body);
  }

  // Single statements, each a transaction of its own.
  Result<int64_t> Execute(std::string_view sql, const Params& params = {});
  Result<Rows> Query(std::string_view sql, const Params& params = {});

  // Where the data is, for messages.
  virtual const std::string& location() const = 0;

 protected:
  virtual Result<void> RunWrite(const std::function<Result<void>(Transaction&)>& body) = 0;
  virtual Result<void> RunRead(const std::function<Result<void>(Transaction&)>& body) = 0;

 private:
  template <typename Body>
  std::invoke_result_t<Body&, Transaction&> Do(bool write, Body& body) {
    using R = std::invoke_result_t<Body&, Transaction&>;
    auto run = [&](const std::function<Result<void>(Transaction&)>& f) {
      return write ? RunWrite(f) : RunRead(f);
    };
    if constexpr (std::is_same_v<R, Result<void>>) {
      return run([&](Transaction& tx) { return body(tx); });
    } else {
      std::optional<R> answer;
      Result<void> done = run([&](Transaction& tx) -> Result<void> {
        answer.emplace(body(tx));
        if (!answer->ok()) return answer->error();
        return {};
      });
      if (!done.ok()) return std::move(done).error();
      return std::move(*answer);
    }
  }
};

struct OpenOptions {
  bool create = false;     // Otherwise kNotFound where there is no file.
  bool read_only = false;  // Migrates nothing; kInvalid where the schema is older.
  // How long a statement waits for another process's write transaction.
  Duration timeout = std::chrono::seconds(10);
};

// Opens, checks and migrates the file; makes the folder above it.
// kNotFound; kCorrupt, naming the file and the cure; kInvalid where a newer Andon
// wrote it, or where it lies on a network file system; kIo.
Result<std::unique_ptr<Database>> OpenSqlite(const std::string& path, OpenOptions options = {});

}  // namespace andon::store
