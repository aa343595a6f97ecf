// `andon check`: the checks of a dataset as it stands on main, or at another reference, now.
#pragma once

#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "lake/reference.h"
#include "line/check_specs.h"
#include "line/run.h"
#include "line/sight.h"
#include "line/source_session.h"
#include "line/task.h"
#include "quality/batches.h"

namespace andon::line {

struct CheckNowOptions {
  lake::Reference at = lake::MainReference{};
  std::set<std::string> only;    // Names of checks; empty: all.
  int64_t memory_bytes = 0;      // 0: a quarter of the machine's.
  bool explain = false;          // Nothing is judged; tells what would be scanned.
  bool full = false;             // All files are read, whatever is kept of them.
  quality::BatchChoice batches;  // Of CheckBatches.
  std::stop_token stop;          // Ends the statements; then kInterrupted.
  // Shared by several calls: each database is opened once. Null: each call opens its own.
  SourceSessions* sessions = nullptr;
};

struct CheckedDataset {
  std::string address;
  std::string name;
  bool has_data = false;  // False: it was never published, and nothing was checked.
  std::string branch;     // Or the tag; empty at a version or a time.
  int64_t snapshot_id = 0;
  int64_t version = 0;              // That this snapshot is; 0: it never was main's.
  quality::Batch batch;             // Without a name: the whole.
  std::vector<Verdict> verdicts;    // Of those that look at the whole dataset.
  std::vector<std::string> breaks;  // Of an external dataset: what a contract promises in vain.
  std::string explanation;
  Json explanation_data;     // quality::Explanation::json.
  quality::Reading reading;  // Of a table of the lake.
  int64_t bytes_read = -1;   // About; of all batches together. -1: not known.
};

// Runs in this process. kNotFound where `only` names a check that the dataset does not have, or
// the reference does not exist.
Result<CheckedDataset> CheckNow(const World& world, const Sight& sight,
                                const definition::Dataset& dataset, const CheckNowOptions& options);

// The same of the chosen batches, one for each; where none are chosen (the definition is whole), or
// nothing was ever published, one of the whole. kNotFound also for a batch that is not there,
// kInvalid where the definition does not fit the dataset.
Result<std::vector<CheckedDataset>> CheckBatches(const World& world, const Sight& sight,
                                                 const definition::Dataset& dataset,
                                                 const CheckNowOptions& options);

// One for each batch of an outcome, or for the whole where it has none, with verdicts that are
// masked; all else is as in `about`.
std::vector<CheckedDataset> ByBatch(const CheckedDataset& about,
                                    const std::vector<quality::CheckSpec>& checks,
                                    CheckOutcome outcome, const validation::PiiColumns& pii);
// The datasets of the lake among `checked_with`, as main has them.
Result<void> AddLakeTables(const World& world, const definition::Dataset& dataset,
                           const std::vector<std::string>& checked_with, CheckTask* task);

// The rows of a table at a reference, as a SELECT; an empty relation where it has none.
Result<std::string> RelationAt(const World& world, const definition::Dataset& dataset,
                               const lake::Reference& at);

}  // namespace andon::line
