// Writing the rows of a query as Parquet data files of a table.
//
// Files carry field ids on every node and are zstd-compressed at level 1; their
// statistics come from the writer itself, so nothing is read twice. They are not
// part of the table until a commit names them, and not durable until the commit
// is staged.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iceberg/table.h"
#include "lake/lake.h"
#include "sql/engine.h"

namespace andon::lake {

struct WriteOptions {
  int64_t file_size_bytes = 512 << 20;  // About; a bigger result is split. 0: one file.
  sql::QueryOptions query;              // Stop, time limit, progress.
};

struct Written {
  std::vector<iceberg::DataFile> files;  // None where the query gave no rows.
  int64_t rows = 0;
};

// `query` gives at least the schema's columns, by name, in any order and of types
// that can be cast; other columns are an error. kInvalid names a column that is
// missing, unknown, null though required, or whose value does not fit its type.
// On failure no file is left.
Result<Written> WriteDataFiles(sql::Connection& connection, const Lake& lake,
                               const std::string& table_location, const iceberg::Schema& schema,
                               const iceberg::PartitionSpec& spec, std::string_view query,
                               const WriteOptions& options = {});

// The metrics of one file from the map that COPY … RETURN_STATS gives as JSON.
// `mode` is the property write.metadata.metrics.default: bounds of text are cut at 16.
Result<iceberg::DataFile> DataFileFromStatistics(const std::string& path, int64_t rows,
                                                 int64_t size_bytes, const Json& statistics,
                                                 const iceberg::Schema& schema);

}  // namespace andon::lake
