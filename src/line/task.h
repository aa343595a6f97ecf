// Tasks: what a worker process is told, and what it answers. Plain data with JSON codecs.
//
// A worker reads files and writes Parquet; it never sees the control store. `load` turns
// deliveries, or a model's SQL, into data files; `check` judges relations.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "contract/contract.h"
#include "definition/definition.h"
#include "ingest/csv.h"
#include "lake/load.h"
#include "line/files_in_place.h"
#include "line/split.h"
#include "line/written.h"
#include "quality/check.h"
#include "quality/incremental/incremental.h"
#include "quality/run.h"
#include "quality/run_batches.h"
#include "quality/slice.h"

namespace andon::line {

// What a worker may use.
struct Limits {
  int64_t memory_bytes = 0;  // DuckDB's buffers; 0: its default.
  int threads = 1;
  std::string spill_dir;
  int64_t time_limit_us = 0;  // Of each statement; 0: none.
};

struct DeliveryFile {
  int64_t id = 0;
  ingest::CsvFile file;
};

struct NamedRelation {
  std::string name;
  std::string sql;  // A SELECT.
};

struct LoadTask {
  std::string lake_root;
  std::string project;
  std::string table;
  std::string metadata_location;
  std::string branch;
  std::string stage_dir;  // For deliveries that are read more than once.
  lake::LoadMode mode = lake::LoadMode::kReplace;
  std::vector<std::string> key;
  std::string latest_by;
  std::string by;
  // kReplaceInterval without bounds: each delivery (or what the SQL gives) replaces its own range
  // in whole grains, from the least to the greatest value of `by`.
  std::string grain;
  std::string start;  // Bounds; also $start and $end of the SQL. Empty: none.
  std::string end;
  std::vector<definition::Column> columns;  // Empty: as the query or the file has them.
  std::vector<std::string> partition_by;
  std::map<std::string, std::string> summary;

  std::vector<DeliveryFile> deliveries;  // In the order in which they take effect.
  definition::Dataset declared;          // Name, address, columns, positions: for the contract.
  std::vector<definition::Contract> contracts;

  std::string sql;  // A model; then no deliveries.
  std::vector<NamedRelation> inputs;
  bool shape_only = false;  // No rows: only columns and partitions change.
  // kReplace: all deliveries together become the table (a full refresh), not the last one alone.
  bool combine = false;

  // The rows that come are kept apart in the stage, so that they can be split.
  bool keeps_incoming = false;
  // A file that a split made: its good rows are what came.
  std::string split;
};

// What became of one delivery.
struct DeliveryOutcome {
  int64_t id = 0;
  int64_t rows = -1;
  std::optional<ingest::Unreadable> unreadable;
  std::vector<contract::Break> breaks;  // Also those that do not break.
  std::string relation;                 // A SELECT of its rows, while stage and branch exist.

  bool is_good() const { return !unreadable && !contract::HasBreaking(breaks); }
};

struct LoadOutcome {
  std::vector<DeliveryOutcome> deliveries;
  // Nothing where a delivery is not good: then nothing was written.
  std::optional<lake::Delta> delta;
  std::vector<definition::Column> columns;  // That the table gets.
  std::string incoming;  // Where it was asked for: SplitTask::incoming, while the stage exists.
};

struct CheckTask {
  std::string lake_root;
  std::string project;
  std::string table;
  std::string relation;  // A SELECT of the whole dataset with the new rows.
  std::vector<sql::ColumnInfo> columns;
  std::vector<std::string> key;
  std::vector<quality::CheckSpec> checks;
  struct Part {
    int64_t delivery_id = 0;
    std::string relation;
  };
  std::vector<Part> deliveries;
  bool only_deliveries = false;
  std::vector<NamedRelation> tables;
  std::string start, end;
  bool explain = false;  // Only tells what would be scanned.
  // Instead of the whole dataset these batches of it. Only in place: no worker is told.
  quality::BatchChoice batches;
  bool with_slices = true;
  std::vector<std::string> pii;  // Columns whose values no slice may tell.
  std::string newest_of;         // A column whose newest value is wanted; empty: none.
  // The relation file by file, with what is kept of each; none: it is no table of the lake.
  std::optional<quality::FileStates> files;
  // For `explain`, in this process only: what each column has in the files.
  std::map<std::string, int64_t> column_bytes;
  std::string now;  // RFC 3339; for ages. Empty: checks that need it are errors.

  // Databases that the checks look into, with secrets as references: who does the task reads them.
  std::string project_dir;
  std::vector<definition::Source> sources;
  // Where the checked table is one of these: the source's name, and its table there. Then
  // `relation` and `columns` are empty, and `tables` are those of the lake that it is compared
  // with.
  std::string place;
  std::string table_there;
  struct TableThere {
    std::string name;   // As checks name it: the dataset's.
    std::string table;  // As it is called there.
  };
  std::vector<TableThere> tables_there;

  // Where the checked rows are those of files of others: then `relation` and `columns` are empty,
  // and `files` has neither columns nor relations. And other such datasets that the checks name.
  // Of an external dataset with a freshness (line/written.h).
  Written written;
  std::optional<FilesInPlace> in_place;
  std::vector<FilesInPlace> tables_in_place;
};

// As comparisons of an external dataset name the lake; no name of a source has a blank.
inline constexpr char kLakeSource[] = "the lake";

struct DeliveryChecks {
  int64_t delivery_id = 0;
  std::vector<quality::CheckResult> results;
};
struct SliceFound {
  std::string check;
  std::string text;
  double coverage = 0;
  double share = 0;
};
struct CheckOutcome {
  std::vector<DeliveryChecks> deliveries;
  std::vector<quality::CheckResult> dataset;
  std::vector<quality::BatchResults> batches;  // Where batches were chosen.
  std::vector<SliceFound> slices;
  std::string explanation;
  Json explanation_data;  // In this process only.
  std::string newest;
  // What was made of the task's files, by their place in the list, and at -1 of all together:
  // states to be kept.
  std::vector<std::pair<int64_t, Json>> states;
  Written written;                   // As it is now.
  std::vector<std::string> columns;  // That an external dataset has in its place.
  // Of `in_place`: shapes that were found, by the place of the file.
  std::vector<std::pair<int64_t, Json>> shapes;
  quality::Reading reading;
};

// An SQL query of a person (`andon data query`), or a comparison (`andon data diff`).
struct QueryTask {
  std::string sql;
  std::vector<NamedRelation> tables;
  int64_t rows_max = 0;
};
struct QueryOutcome {
  std::vector<sql::ColumnInfo> columns;        // Types are DuckDB's.
  std::vector<std::vector<std::string>> rows;  // As a person reads them.
  std::vector<std::vector<Json>> values;
  bool truncated = false;
};

struct Task {
  Limits limits;
  std::variant<LoadTask, CheckTask, SplitTask, QueryTask> work;
};

Json ToJson(const quality::CheckSpec& check);
quality::CheckSpec CheckSpecFromJson(const Json& json);
Json ToJson(const Task& task);
Result<Task> TaskFromJson(const Json& json);
Json ToJson(const LoadOutcome& outcome);
Result<LoadOutcome> LoadOutcomeFromJson(const Json& json);
Json ToJson(const CheckOutcome& outcome);
Result<CheckOutcome> CheckOutcomeFromJson(const Json& json);
Json ToJson(const QueryOutcome& outcome);
Result<QueryOutcome> QueryOutcomeFromJson(const Json& json);

}  // namespace andon::line
