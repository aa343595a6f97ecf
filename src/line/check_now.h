// `andon check`: the checks of a dataset as it stands on main, or at another reference, now.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "lake/reference.h"
#include "line/check_specs.h"
#include "line/run.h"
#include "line/sight.h"
#include "line/task.h"

namespace andon::line {

struct CheckNowOptions {
  lake::Reference at = lake::MainReference{};
  std::set<std::string> only;  // Names of checks; empty: all.
  int64_t memory_bytes = 0;    // 0: a quarter of the machine's.
  bool explain = false;        // Nothing is judged; tells what would be scanned.
};

struct CheckedDataset {
  std::string address;
  std::string name;
  bool has_data = false;  // False: it was never published, and nothing was checked.
  std::string branch;     // Or the tag; empty at a version or a time.
  int64_t snapshot_id = 0;
  int64_t version = 0;            // That this snapshot is; 0: it never was main's.
  std::vector<Verdict> verdicts;  // Of those that look at the whole dataset.
  std::string explanation;
};

// Runs in this process. kNotFound where `only` names a check that the dataset does not have, or
// the reference does not exist.
Result<CheckedDataset> CheckNow(const World& world, const Sight& sight,
                                const definition::Dataset& dataset, const CheckNowOptions& options);

// The rows of a table at a reference, as a SELECT; an empty relation where it has none.
Result<std::string> RelationAt(const World& world, const definition::Dataset& dataset,
                               const lake::Reference& at);

}  // namespace andon::line
