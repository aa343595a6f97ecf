// The load modes: rows of a query into a branch of a table.
//
// Loading has two halves. WriteLoad writes Parquet and may run in a worker
// process: it needs the engine and the files, not the database. CommitLoad puts
// the result on the branch, in the parent:
//
//   Delta delta = TRY(WriteLoad(connection, lake, table, request));   // worker; ToJson → pipe
//   LoadResult done = TRY(CommitLoad(database, lake, "payment", request, delta));
//
// main does not move (lake/publish.h does that).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iceberg/table.h"
#include "lake/lake.h"
#include "lake/write.h"
#include "sql/engine.h"
#include "store/database.h"

namespace andon::lake {

enum class LoadMode {
  kAppend,           // All rows are added.
  kMerge,            // Rows with a key that the table has replace its rows; others are added.
  kReplace,          // The rows become the table.
  kReplaceInterval,  // The rows become the table's rows whose `by` lies in the intervals.
};

// start <= x < end, as DuckDB's text of the column's type.
struct Interval {
  std::string start;
  std::string end;
};

struct LoadRequest {
  LoadMode mode = LoadMode::kAppend;
  std::string query;   // A SELECT; columns by name (see WriteDataFiles).
  std::string branch;  // "run-7".
  // True: the branch begins at main's present snapshot, whatever it was before.
  // False: the load goes on top of the branch, where there is one.
  bool from_main = true;
  // To `main` at once, which nothing else may do: for tables of the system, which have neither
  // checks nor versions. The branch is "main" then.
  bool is_unchecked = false;

  std::vector<std::string> key;  // kMerge. A row with a null in its key replaces nothing.
  // kMerge: of several rows with one key in the delivery, the one with the
  // greatest value of this column is taken. Empty: all are written, so that the
  // check `unique` sees them.
  std::string latest_by;

  std::string by;  // kReplaceInterval: a column of date or timestamp type.
  // Which rows of the table are replaced, in any order, also overlapping; all rows of the query lie
  // in one of them. None: nothing is replaced, and there are no rows.
  std::vector<Interval> intervals;

  // The columns the table shall have (without ids); empty: as it is. New and
  // widened columns are added to the metadata, become current with the publish.
  std::vector<iceberg::Field> columns;
  std::vector<iceberg::Rename> renames;
  // The partition that new files shall have; nullopt: as it is.
  std::optional<std::vector<iceberg::PartitionBy>> partition_by;

  // Into the snapshot's summary: "andon.run-id", "andon.cursor", "andon.delivery"…
  iceberg::Summary summary;
  WriteOptions write;
};

// What a load changes. Only data; made by WriteLoad, used by CommitLoad.
struct Delta {
  std::vector<iceberg::DataFile> added;
  std::vector<std::string> removed;  // Paths of data files.
  bool removes_all = false;
  std::optional<int64_t> base_snapshot_id;  // What it was computed against.
  iceberg::Schema schema;                   // With ids.
  iceberg::PartitionSpec spec;
  std::vector<std::string> schema_changes;  // "added column x"
  int64_t rows_delivered = 0;
  int64_t rows_inserted = 0;  // Rows with a key that was not there, or all.
  int64_t rows_updated = 0;   // kMerge: rows of the delivery whose key was there with other values.
  int64_t rows_unchanged = 0;  // kMerge: rows of the delivery that were there just so.
  int64_t rows_removed = 0;    // Rows of the table that are there no more, or in a new form.
};
Json ToJson(const Delta& delta);
Result<Delta> DeltaFromJson(const Json& json);

// Computes and writes. `table` is as the catalog has it; see OpenTableAt.
// kInvalid for rows that do not fit (naming the column), a missing key column, a
// type that cannot be widened.
Result<Delta> WriteLoad(sql::Connection& connection, const Lake& lake, const iceberg::Table& table,
                        const LoadRequest& request);

struct LoadResult {
  iceberg::Table table;  // After the commit.
  int64_t snapshot_id = 0;
  std::optional<int64_t> parent_snapshot_id;
  int64_t rows_added = 0;
  int64_t rows_removed = 0;
  int64_t rows_total = 0;  // Of the branch; by the counts of the files.
  std::vector<iceberg::DataFile> files;
};

// Commits to request.branch (request.query is not looked at). Tries again when
// another writer moved the table without touching the branch's base; kConflict
// naming the foreign snapshot where the delta no longer fits.
Result<LoadResult> CommitLoad(store::Database& database, const Lake& lake, const std::string& table,
                              const LoadRequest& request, const Delta& delta);

// Both halves in one process.
Result<LoadResult> Load(store::Database& database, sql::Connection& connection, const Lake& lake,
                        const std::string& table, const LoadRequest& request);

// The branch's unpublished files go, and so does the branch. Fine where there is none.
Result<void> DropBranch(store::Database& database, const Lake& lake, const std::string& table,
                        const std::string& branch);

}  // namespace andon::lake
