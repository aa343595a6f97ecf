// What differs between two versions of a table, row by row. Only files that the
// two do not share are opened, so the cost follows the change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "lake/lake.h"
#include "sql/engine.h"

namespace andon::lake {

struct DiffOptions {
  // Columns that tell rows apart. Empty: whole rows are compared, and a changed
  // row shows as one removed and one added.
  std::vector<std::string> key;
  int64_t samples_max = 20;  // Of each kind.
  sql::QueryOptions query;
};

struct ChangedRow {
  Json before;  // Objects: column → value.
  Json after;
  std::vector<std::string> columns;  // That differ.
};

struct Diff {
  int64_t added = 0;
  int64_t removed = 0;
  int64_t changed = 0;
  std::vector<std::string> columns;  // All columns of either side; the newer's order first.
  std::vector<std::string> key;
  std::vector<Json> added_rows;  // Samples, in order of the key.
  std::vector<Json> removed_rows;
  std::vector<ChangedRow> changed_rows;
  std::vector<std::string> schema_changes;
  int64_t files_read = 0;
  int64_t files_shared = 0;

  bool empty() const {
    return added == 0 && removed == 0 && changed == 0 && schema_changes.empty();
  }
};

// nullopt is the empty table. kInvalid where a key column is missing on a side.
Result<Diff> DiffSnapshots(sql::Connection& connection, const Lake& lake,
                           const iceberg::TableMetadata& metadata,
                           std::optional<int64_t> from_snapshot_id,
                           std::optional<int64_t> to_snapshot_id, const DiffOptions& options);

}  // namespace andon::lake
