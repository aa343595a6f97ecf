// Session: one open connection with an engine that answers statements, whichever engine it is.
//
// Checks, profiles and comparisons speak to a Session; what an engine spells differently is in
// its Dialect, and what it cannot do at all is done beside it, from counts of values.
//
//   Target target = TRY(OpenTarget("postgres://ada@db.shop/rental", {.table = "payment"}));
//   std::vector<TableColumn> columns = TRY(target.session->Columns(target.relation));
//   ResultSet rows = TRY(target.session->Query("SELECT count(*) FROM " + target.relation));
//
// Errors name the cause as the engine's user would: kUnavailable (unreachable, the server dropped
// the connection), kInterrupted (stopped, or past the limit of time), kIo (files, memory, disk);
// all else (a wrong password, a missing grant, TLS refused, the statement) is kInvalid. No message
// holds a password.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "sql/expr.h"
#include "sql/host_function.h"
#include "sql/quote.h"
#include "sql/result_set.h"

namespace andon::sql {

// A value given to a statement. A Timestamp is bound as TIMESTAMP in UTC.
using Value = std::variant<std::monostate, bool, int64_t, double, std::string, Timestamp>;

// `$name` in the text, where the engine knows names (DuckDB, SQLite); with an empty name, the next
// `?` or `$1`, `$2`….
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
  std::function<void(const Progress&)> progress;  // Called about every 100 ms from another thread,
                                                  // by engines that know (DuckDB).
  int64_t rows_max = 0;  // 0: all. More rows than that are left out; see truncated().
};

// A column of a relation, with the engine's own name of its type ("character varying(30)").
// `type` is the narrowest of Andon's types that holds its values; "string" where there is none.
struct TableColumn {
  std::string name;
  std::string type;
  std::string native_type;

  bool operator==(const TableColumn&) const = default;
};

// One statement at a time; used by one thread.
class Session {
 public:
  virtual ~Session() = default;

  virtual Dialect dialect() const = 0;
  // "PostgreSQL 15.18", "SQLite 3.40.1", "DuckDB v1.5.5".
  virtual std::string Name() const = 0;

  // One statement with its rows. The statement is in the session's dialect; parameters are bound.
  virtual Result<ResultSet> Query(std::string_view sql,
                                  const std::vector<Parameter>& parameters = {},
                                  const QueryOptions& options = {}) = 0;

  // The columns of what may stand behind FROM; no row is read.
  virtual Result<std::vector<TableColumn>> Columns(std::string_view relation) = 0;

  // Makes the functions known to the statements that follow; those that are known stay. kInvalid
  // on a server, which runs no functions of ours: there they are applied to counts of values.
  virtual Result<void> Register(const std::vector<HostFunction>& functions) = 0;

  // From here to EndView the statements see the data as they stood at the first of them, where the
  // engine can do that and others may write meanwhile: on a server. Not within another view.
  virtual void BeginView() {}
  virtual void EndView() {}
};

// The length of a view, for whoever asks several statements of which each counts on the others.
class View {
 public:
  explicit View(Session& session) : session_(session) { session_.BeginView(); }
  ~View() { session_.EndView(); }
  View(const View&) = delete;
  View& operator=(const View&) = delete;

 private:
  Session& session_;
};

}  // namespace andon::sql
