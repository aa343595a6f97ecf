// SQLite files, read in place. The file is opened to be read only, and never made.
//
//   auto session = TRY(OpenSqlite({.path = "shop.db"}));
//   ResultSet rows = TRY(session->Query("SELECT count(*) FROM payment"));
//
// What checks need and SQLite has not is added as functions:
//   andon_regexp(text, pattern)   true where RE2 finds the pattern in the text; also as
//                                 `text REGEXP pattern`. Linear in the text, whatever the pattern.
//   andon_stddev(x)               of the sample; null below two values
//   andon_median(x)               as a double; the mean of two
//   andon_quantile_disc(x, q)     the first value in SQLite's order at which so great a share (0 to
//                                 1) is reached, as PostgreSQL's percentile_disc
// Nulls do not count. Characters are counted by length().
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "sql/session.h"

namespace andon::sql {

struct SqliteOptions {
  std::string path;
  // How long a statement waits for another program that writes.
  Duration lock_wait = std::chrono::seconds(5);
};

// kNotFound where there is no such file; kInvalid for what is no SQLite database.
Result<std::unique_ptr<Session>> OpenSqlite(const SqliteOptions& options);

}  // namespace andon::sql
