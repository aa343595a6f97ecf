// Which columns each output column of a serialised statement is computed from.
// Only for this folder.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "sql/analyze.h"

namespace andon::sql {

struct ColumnLineage {
  std::string name;
  std::set<ColumnUse> inputs;
  bool is_exact = true;
};

// One entry for each output column in order, or nothing where the number of columns cannot be
// told from the tree. `node` is a query node of json_serialize_sql.
std::optional<std::vector<ColumnLineage>> TraceColumns(const Json& node,
                                                       const std::vector<KnownTable>& tables);

}  // namespace andon::sql
