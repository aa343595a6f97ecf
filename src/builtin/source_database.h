// The types of sources that are databases: what they take, and what can be wrong with it. Whether a
// database is there is never asked: a plan touches none.
#pragma once

#include <string_view>

#include "builtin/block.h"

namespace andon::builtin {

config::TypeSchema PostgresSource();
config::TypeSchema SqliteSource();
config::TypeSchema DuckDbSource();

// Whether its tables are read where they are, by an SQL engine that has them.
bool IsDatabase(std::string_view type);

void CheckDatabase(const Item& item, Diagnostics* diagnostics);

}  // namespace andon::builtin
