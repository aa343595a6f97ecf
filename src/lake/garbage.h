// Garbage: branches of runs that died, and files that no snapshot needs.
//
// A file is removed only if nothing of the table refers to it (no snapshot of the
// current metadata, no metadata file of its log), and it is older than `age_min`:
// a running load has written files that no commit names yet.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lake/lake.h"

namespace andon::lake {

struct GarbageOptions {
  Duration age_min = std::chrono::hours(24);
  // Says whether the run of a branch "run-<id>" may still be using it; branches of
  // others are dropped. Not given: no branch is dropped.
  std::function<bool(const std::string& run_id)> is_running;
  bool dry_run = false;
};

struct Garbage {
  std::vector<std::string> branches;  // "payment: run-7"
  std::vector<std::string> files;
  int64_t bytes = 0;
};

Result<Garbage> CollectGarbage(store::Database& database, const Lake& lake,
                               const std::string& table, const GarbageOptions& options);
// All tables of the project.
Result<Garbage> CollectAllGarbage(store::Database& database, const Lake& lake,
                                  const GarbageOptions& options);

}  // namespace andon::lake
