// Target: what stands behind `-data`, opened: a session, and the relation in it that is checked.
//
//   Target target = TRY(OpenTarget("payment.parquet"));
//   Target target = TRY(OpenTarget("postgres://ada@db.shop/rental", {.table = "payment"}));
//   target.session->Query("SELECT count(*) FROM " + target.relation);
//
//   FILE.parquet                     also a pattern: deliveries/payment-*.parquet
//   FILE.csv, .tsv, also .gz, .zst   with a header; the types are those that every row fits
//   FILE.json, .jsonl, .ndjson       one list of objects, or one object a line; also .gz, .zst
//   FILE.duckdb, duckdb:FILE         a table of it, read only
//   sqlite:FILE, FILE.sqlite, .db    a table of it, read only
//   postgres://…                     a table there, read only
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/ssh_tunnel.h"
#include "sql/session.h"

namespace andon::sql {

struct TargetOptions {
  // Of a database. Where it has only one table, that is meant. "rental.payment" is table payment of
  // the schema rental, where there is no table of the whole name.
  std::string table;
  std::string schema;
  std::string query;  // Instead of a table or of a file's rows: one SELECT in the engine's SQL.
  // Of a database: only the session is wanted, whose tables FindRelation finds.
  bool session_only = false;

  bool all_text = false;                       // Columns of CSV are not given types.
  int64_t memory_limit_bytes = 0;              // Of DuckDB. 0: a quarter of the machine's.
  int threads = 0;                             // 0: one for each processor.
  std::string temp_directory;                  // Where DuckDB spills. Empty: in the system's.
  std::string password;                        // For the server, where its URL has none.
  std::optional<io::SshTunnelOptions> tunnel;  // To the server.
  std::stop_token stop;
};

struct Target {
  std::unique_ptr<Session> session;
  std::string relation;  // What stands behind FROM; quoted.
  std::string name;      // "payment": of the table, or of the file without its endings.
  // Of files: the pattern, and how they are read: "parquet", "csv", "json". Empty for databases.
  std::string files;
  std::string format;
};

// kNotFound where the file or the table is not there, with what was probably meant. Otherwise as
// the session's errors. No message holds a password.
Result<Target> OpenTarget(std::string_view data, const TargetOptions& options = {});

// What stands behind FROM for a table of an open database: `table` and `schema` of the options,
// read and told as OpenTarget does.
Result<std::string> FindRelation(Session& session, const TargetOptions& options);

}  // namespace andon::sql
