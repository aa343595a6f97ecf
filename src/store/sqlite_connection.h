// One connection to an SQLite file, for sqlite_database.cc alone: statements with
// our cells, and SQLite's codes as our errors.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "store/database.h"

struct sqlite3;
struct sqlite3_stmt;

namespace andon::store {

// kCorrupt, naming the file and the cure.
Error Damaged(const std::string& path, std::string_view reason);

// Thread: one at a time.
class SqliteConnection {
  struct Key {
    explicit Key() = default;
  };

 public:
  // By Open alone.
  SqliteConnection(Key, sqlite3* db, std::string path) : db_(db), path_(std::move(path)) {}
  static Result<std::unique_ptr<SqliteConnection>> Open(const std::string& path, bool create,
                                                        bool read_only, Duration timeout);
  ~SqliteConnection();

  Result<int64_t> Execute(std::string_view sql, const Params& params);
  Result<Rows> Query(std::string_view sql, const Params& params);
  // Several statements separated by ';', without parameters.
  Result<void> Script(const std::string& sql);
  // Takes back what is open; fine where nothing is.
  void Rollback();

  // The Error of the connection's last failure, naming file and cure.
  Error ToError(int code, std::string_view sql) const;

 private:
  // Prepared, bound and reset; kept for the next time.
  Result<sqlite3_stmt*> Prepare(std::string_view sql, const Params& params);

  sqlite3* db_;
  std::string path_;
  std::map<std::string, sqlite3_stmt*, std::less<>> statements_;
};

}  // namespace andon::store
