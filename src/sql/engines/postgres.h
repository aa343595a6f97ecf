// PostgreSQL and its family, read in place: one connection, one statement at a time.
//
//   PostgresOptions options = TRY(ReadPostgresUrl("postgres://ada@db.shop/rental"));
//   auto session = TRY(OpenPostgres(options));
//
// Rows are taken as they come, so rows_max bounds the memory; a stop or the limit of time cancels
// the statement on the server, and the connection goes on. After a lost connection the next
// statement connects again.
//
// Times are in UTC, floats have the digits that read back, numerics are exact. To read only, each
// statement (or each view of several) is a transaction of its own, and leaves no setting behind in
// a pool's connection.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "io/ssh_tunnel.h"
#include "sql/session.h"

namespace andon::sql {

// What is empty or 0 is libpq's default: PGHOST, PGUSER, ~/.pgpass and so on, then a socket of this
// machine and the user's own name.
struct PostgresOptions {
  std::string host;  // A name, an address, or the folder of a socket.
  int port = 0;
  std::string database;
  std::string user;
  std::string password;
  // As libpq has it. Empty: verify-full, or prefer where the server is this machine.
  std::string sslmode;
  // The authorities to trust. Empty, or "system": libpq's ~/.postgresql/root.crt where it is there,
  // else those of the system.
  std::string sslrootcert;
  Duration connect_timeout = std::chrono::seconds(10);
  std::string application_name = "andon";
  bool read_only = true;                       // What writes is refused by the server.
  std::map<std::string, std::string> others;   // Other words of libpq: sslcert, options, ….
  std::optional<io::SshTunnelOptions> tunnel;  // Through a bastion; its target is filled in.
};

// "postgres://user:password@host:port/database?sslmode=…", also "postgresql://" and SQLAlchemy's
// "postgresql+psycopg2://". kInvalid says what is wrong, and never shows the URL.
Result<PostgresOptions> ReadPostgresUrl(std::string_view url);
bool IsPostgresUrl(std::string_view text);

// Errors name the cause: an unknown host, refused, a wrong password, an unknown database, TLS
// refused or not trusted. The tunnel lives as long as the session.
Result<std::unique_ptr<Session>> OpenPostgres(const PostgresOptions& options,
                                              std::stop_token stop = {});

}  // namespace andon::sql
