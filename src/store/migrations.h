// The schema of the control database, as the steps that lead to it. A step that
// was released is never changed: a change is a further step.
#pragma once

#include <string_view>
#include <vector>

#include "store/database.h"

namespace andon::store {

struct Migration {
  int version;
  std::string_view name;
  std::string_view sql;  // Statements separated by ';'.
};

// In order of version, which counts from 1 without gaps.
const std::vector<Migration>& Migrations();

// The version that this binary writes.
int SchemaVersion();

}  // namespace andon::store
