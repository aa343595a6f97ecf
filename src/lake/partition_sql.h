// Partition transforms as SQL expressions. Only for this folder.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "iceberg/partition_spec.h"

namespace andon::lake {

struct PartitionSql {
  std::vector<std::string> expressions;  // "… AS "_partition_0""
  std::vector<std::string> columns;      // ""_partition_0""
};

// One expression for each field of the spec that is not void. kInvalid for a
// transform that is not computed in SQL (bucket of decimals and times, truncate of
// binary).
Result<PartitionSql> MakePartitionSql(const iceberg::PartitionSpec& spec,
                                      const iceberg::Schema& schema);

// The partition of a file from the map of column → text that COPY returned.
Result<std::vector<iceberg::Datum>> ReadPartition(const iceberg::PartitionSpec& spec,
                                                  const iceberg::Schema& schema, const Json& keys);

}  // namespace andon::lake
