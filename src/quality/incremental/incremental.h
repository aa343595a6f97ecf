// Checks of a dataset whose data files mostly stay: each file's share in a metric is computed once
// and kept, so that a check reads the files that are new.
//
//   FileStates files = {{.id = "…/00001.parquet", .relation = "(SELECT …)", .states = kept}, …};
//   results = TRY(RunIncrementally(session, relation, columns, checks, options, &dataset));
//   // keep the states of the files that are is_changed
//
// A full check goes the same way and keeps nothing from before, so both give the same bits. Checks
// of which a metric has no states that merge (metric_state.h) are run over the whole relation, as
// RunChecks does; ExplainIncrementally says which.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "quality/run.h"

namespace andon::quality {

// One data file.
struct FileState {
  std::string id;        // What makes its rows: its path, and the delete files that apply.
  std::string relation;  // Its live rows; may stand behind FROM.
  // What its footer or a manifest knows exactly; none where deletes apply.
  std::optional<int64_t> rows;
  std::map<std::string, ColumnStatistics> statistics;
  int64_t rows_max = 0;  // Before deletes.
  // For explanations, in this process only: what each column has in the file, compressed.
  std::map<std::string, int64_t> column_bytes;
  Json states;  // By StateName. Kept from before, and with those that were made.
  bool is_changed = false;
};

struct FileStates {
  std::vector<FileState> files;           // In the order of the manifest.
  std::vector<sql::TableColumn> columns;  // Of the relation.
  // What makes a column the same one over time: its field id and type.
  std::map<std::string, std::string> column_ids;
  std::set<std::string> pii;  // Columns of which no value may be kept: only counts are.
  bool has_order = true;      // The relation's rows are those of the files one after another.
  Json shared;                // What is known of all files together, by StateName (key_states.h).
  bool is_shared_changed = false;
  std::string key_dir;  // Where runs of keys are kept; empty: none are.
};

struct Reading {
  int64_t files = 0;       // Of the dataset.
  int64_t files_read = 0;  // For states that were not there.
  int64_t rows_read = 0;
  int64_t checks_in_full = 0;  // That were run over all rows.
};

// As RunChecks. `relation`: the rows of all files. The session is asked for nothing where all that
// is needed is kept and no check fails. `options.statistics` and `options.rows` are not used.
Result<std::vector<CheckResult>> RunIncrementally(sql::Session& session, std::string_view relation,
                                                  const std::vector<sql::ColumnInfo>& columns,
                                                  const std::vector<CheckSpec>& checks,
                                                  const RunOptions& options, FileStates* dataset,
                                                  Reading* reading);

// What it would do; its data also have "files", "files_to_read", "rows_to_read". Nothing is read
// for the checks that are answered by states.
Result<Explanation> ExplainIncrementally(sql::Session& session, std::string_view relation,
                                         const std::vector<sql::ColumnInfo>& columns,
                                         const std::vector<CheckSpec>& checks,
                                         const RunOptions& options, const FileStates& dataset);

// Between processes: what a worker is given, and the states that it made.
Json ToJson(const FileStates& dataset);
FileStates FileStatesFromJson(const Json& json);

}  // namespace andon::quality
