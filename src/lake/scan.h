// Reading a snapshot with DuckDB: the SQL of a relation, and the files behind it.
//
//   Scan scan = TRY(PlanScan(lake, table.metadata, snapshot_id));
//   connection.Query("select count(*) from (" + scan.sql + ")");
//   connection.Execute("create temp view payment as " + scan.sql);
//
// Columns are found by field id, so renamed, dropped, added and widened columns
// read right in every old file. Position deletes that other writers left are
// applied; what cannot be read rightly (equality deletes, files that are no
// Parquet, renamed fields inside structs) is refused with its reason.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "iceberg/table.h"
#include "lake/lake.h"

namespace andon::lake {

// One comparison; several are joined by AND. Values are DuckDB's text of the
// column's type, e.g. "2005-08-20 00:00:00".
struct Condition {
  enum class Op { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kIsNull, kIsNotNull };
  std::string column;
  Op op = Op::kEqual;
  std::string value;
};

struct ScanOptions {
  // Rows must fulfil these; files whose partition or bounds rule it out are not opened.
  std::vector<Condition> where;
  // Adds the columns _file (path) and _pos (row in the file, from 0).
  bool with_position = false;
  // Only these data files of the snapshot.
  std::optional<std::set<std::string>> only_files;
  // Read with these columns (ids decide) instead of the snapshot's own.
  std::optional<iceberg::Schema> schema;
};

struct Scan {
  std::string sql;  // One SELECT without a semicolon; typed and empty where there are no files.
  iceberg::Schema schema;
  std::vector<iceberg::LiveFile> files;    // Data files that will be opened.
  std::vector<iceberg::LiveFile> deletes;  // Position deletes, applied to those.
  bool has_deletes = false;
  int64_t rows_max = 0;  // Exact where there are no deletes and no `where`.
};

// `snapshot_id` nullopt: an empty relation with the table's current schema.
Result<Scan> PlanScan(const Lake& lake, const iceberg::TableMetadata& metadata,
                      std::optional<int64_t> snapshot_id, const ScanOptions& options = {});

// One data file of a scan.
struct FileScan {
  const iceberg::LiveFile* file = nullptr;  // Lifetime: that of the scan.
  std::string sql;                          // Its live rows, with the scan's columns.
  std::vector<std::string> deletes;         // Paths of the delete files that may apply to it.
};
// The scan file by file, in its order: one after another they give the scan's rows.
// Requires: a scan without `where` and positions.
Result<std::vector<FileScan>> SplitByFile(const Scan& scan);

// The relation of a data file set with a given schema; `files` may be empty.
Result<std::string> FilesSql(const std::vector<std::string>& paths, const iceberg::Schema& schema,
                             bool with_position);

// A value in DuckDB's SQL: CAST('2005-08-20 00:00:00+00' AS TIMESTAMP WITH TIME ZONE).
Result<std::string> LiteralSql(const iceberg::Type& type, const std::string& text);

// True where no row of the file can fulfil all conditions.
bool CanSkip(const iceberg::DataFile& file, const iceberg::PartitionSpec& spec,
             const iceberg::Schema& schema, const std::vector<Condition>& where);

}  // namespace andon::lake
