// Declared columns as Iceberg's and DuckDB's.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "definition/definition.h"
#include "iceberg/partition_spec.h"
#include "iceberg/schema.h"

namespace andon::line {

// All optional in the table: `required` is a check, which names the rows at fault, and lets a
// person accept them. kInvalid for a type that is none.
Result<std::vector<iceberg::Field>> FieldsOf(const std::vector<definition::Column>& columns);
Result<std::vector<iceberg::PartitionBy>> PartitionsOf(const std::vector<std::string>& entries);

// A SELECT of those columns without a row.
std::string EmptyRelation(const std::vector<definition::Column>& columns);

}  // namespace andon::line
