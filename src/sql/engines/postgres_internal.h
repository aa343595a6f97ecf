// What the files of PostgreSQL share, without libpq. Only for this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sql/engines/postgres.h"
#include "sql/result_rows.h"

namespace andon::sql {

// The type of a column as the server tells it.
struct PostgresType {
  uint32_t oid = 0;
  int32_t modifier = -1;

  auto operator<=>(const PostgresType&) const = default;
};

// "numeric(7,2)", as the server's format_type has it; nothing for types that we do not know.
std::optional<std::string> PostgresTypeName(PostgresType type);
// The narrowest of Andon's types. A numeric without a scale is "decimal(38,18)": no type of ours
// holds all of them.
std::string FromPostgresType(PostgresType type);
// Takes a value in the server's text form. What does not read as its type says is kept as text.
void AddPostgresCell(PostgresType type, std::string_view text, CellStore* rows);

// What libpq is given; the names have static storage. `address`: where to connect instead of the
// host, or empty.
std::vector<std::pair<std::string, std::string>> ConnectionWords(const PostgresOptions& options,
                                                                 const std::string& address,
                                                                 int port);
// What the server is called in messages: "db.shop:5432".
std::string ServerName(const PostgresOptions& options);

// libpq's message of a connection that failed, asked for with the server's codes.
Error ConnectionError(const PostgresOptions& options, std::string_view message);

// A failure as the server reports it.
struct PostgresFailure {
  std::string code;  // SQLSTATE; empty: it is libpq's.
  std::string message;
  std::string detail;
  std::string hint;
  int64_t position = 0;  // In characters of the statement, from 1; 0: it does not say.
};
Error StatementFailure(const PostgresFailure& failure, std::string_view sql,
                       const std::string& user);

}  // namespace andon::sql
