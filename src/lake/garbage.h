// Garbage: branches of runs that died, and files that no snapshot needs.
//
// A file is removed only if nothing of the table refers to it (no snapshot of the
// current metadata, no metadata file of its log, no snapshot that was dropped less
// than `age_min` ago), and it is older than `age_min`: a running load has written
// files that no commit names yet, and a reader may still be at what was dropped.
//
// There are two ways to find it. What commits drop is remembered with the commit
// (lake/dropped.h) and costs what was dropped. What no commit knows of (a run that
// was killed, a task that failed) takes a sweep over the table's folder; so a table
// is swept only after somebody said that it may be needed (SweepLater).
// CollectDueGarbage does both as far as they are due; where nothing is, it is one look
// into the database.
//
// Killed in the middle, nothing is lost: what is not removed is found again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lake/lake.h"

namespace andon::lake {

struct GarbageOptions {
  Duration age_min = std::chrono::hours(24);
  // Says whether the run of a branch "run-<id>" may still be using it; branches of
  // others are dropped. Not given: no branch is dropped.
  // "<id>" is all that stands behind "run-", also the number of the try.
  std::function<bool(const std::string& run_id)> is_running;
  bool dry_run = false;
  // Of one call for one table; the rest is left to the next.
  int64_t files_max = 10'000;
};

struct Garbage {
  std::vector<std::string> branches;  // "payment: run-7"
  std::vector<std::string> files;
  int64_t bytes = 0;
  // The time at which the oldest file that nothing refers to, and that is still too young, may be
  // removed.
  std::optional<Timestamp> next_due;

  void Add(Garbage other);
};

Result<Garbage> CollectGarbage(store::Database& database, const Lake& lake,
                               const std::string& table, const GarbageOptions& options);
// The table is swept by CollectDueGarbage, at `due` or soon after; earlier where that was asked
// for already.
Result<void> SweepLater(store::Transaction& tx, const Lake& lake, const std::string& table,
                        Timestamp due);
// What is due, of all tables, within the bounds below; for the end of a run.
Result<Garbage> CollectDueGarbage(store::Database& database, const Lake& lake,
                                  const GarbageOptions& options);

// Reading the manifest lists of a table's history is shared by the snapshots that are collected
// together, so they wait for so many of them, but no longer than that.
inline constexpr size_t kDroppedTogether = 20;
inline constexpr Duration kDroppedWaitMax = std::chrono::hours(24);
// A run is not to be held up by tidying: in one call at most so many dropped snapshots of a table,
// and so many sweeps.
inline constexpr size_t kDroppedMax = 200;
inline constexpr size_t kSweepsMax = 16;

// All tables of the project, due or not.
Result<Garbage> CollectAllGarbage(store::Database& database, const Lake& lake,
                                  const GarbageOptions& options);

}  // namespace andon::lake
