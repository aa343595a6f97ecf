// What the files of SQLite share. Only for this folder.
#pragma once

#include <string>
#include <string_view>

struct sqlite3;

namespace andon::sql {

// SQLite's code of the failure, or 0.
int AddSqliteFunctions(sqlite3* db);

// The narrowest of Andon's types for a declared one; SQLite takes any word there.
std::string FromSqliteType(std::string_view declared);

}  // namespace andon::sql
