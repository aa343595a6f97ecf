// The main job: `andon run`. Every stale dataset is ingested or built on a branch, checked, and
// published or held.
//
//   RunReport report = TRY(Run({db, project, lake, files, clock}, options, [](const Progress& p)
//   {…})); return report.exit_code();
//
// A unit publishes in one transaction: its tables, cursors, version numbers, facts, incidents and
// notifications, or none of it. A process that is killed at any moment leaves main as it was
// before or after; the next run finds the dead one by its lease and goes on as if nothing had
// happened.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "definition/definition.h"
#include "incident/incident.h"
#include "io/file_system.h"
#include "lake/lake.h"
#include "pipeline/retry.h"
#include "store/database.h"

namespace andon::line {

// What a run works on. Lifetime: all outlive it.
struct World {
  store::Database& db;
  const definition::Project& project;
  lake::Lake lake;
  io::FileSystem& files;
  const Clock& clock;
  std::string project_dir;  // Absolute.
  std::string program;      // This binary, for workers.
  std::string andon_version;
  std::string actor;  // For the journal.
  int64_t release_id = 0;
};

struct RunOptions {
  std::string command = "andon run";   // As the lease names it.
  std::vector<std::string> selection;  // As pipeline::Select reads it; empty: all.
  std::string pipeline;                // Address of the pipeline that runs; empty: none.
  bool full_refresh = false;           // What is selected is made again from nothing.
  int parallel = 0;                    // Units at a time; 0: one for each processor, at most 4.
  Duration lock_timeout{0};
  int64_t memory_bytes = 0;                    // For all workers; 0: a quarter of the machine.
  std::optional<pipeline::RetryPolicy> retry;  // Nothing: as the pipelines say.
  std::stop_token stop;
};

enum class Outcome {
  kUpToDate,  // Nothing to do.
  kWaiting,   // Never published, and what it needs is not there yet.
  kPublished,
  kUnchanged,   // Loaded, and main has all of it already.
  kRed,         // Checks failed; main stays.
  kContract,    // What came is not what was promised; nothing was loaded.
  kUnreadable,  // What came cannot be read; nothing was loaded.
  kFailed,      // The task failed.
  kHeld,        // Not tried: an upstream is not green, or a person holds it.
  kCancelled,
};
std::string_view ToString(Outcome outcome);  // "published", "up_to_date", …

// A delivery that was not loaded.
struct RejectedDelivery {
  int64_t id = 0;
  std::string path;
  std::string period;
  std::string reason;
};

struct TaskReport {
  std::string dataset;  // Address.
  std::string name;
  Outcome outcome = Outcome::kUpToDate;
  bool is_standing = false;  // Red since an earlier run; not tried again in this one.
  std::string why;           // Why it ran, or did not.
  std::string message;       // What is wrong: sentences.
  int attempt = 0;           // 0: it did not run.
  Duration duration{0};
  int64_t version = 0;
  int64_t rows_delivered = -1;
  int64_t rows_added = 0;
  int64_t rows_removed = 0;
  int64_t rows_total = -1;
  int64_t rows_quarantined = 0;  // Taken aside by this run.
  int64_t rows_settled = 0;      // That were aside, and are no more: what corrects them came.
  int checks = 0;                // That ran.
  std::vector<std::string> deliveries;  // Paths that were loaded.
  std::vector<RejectedDelivery> rejected;
  std::vector<incident::FailedCheck> failed;  // Also warnings.
  std::vector<std::string> breaks;            // Of the contract, and what is only to be known.
  std::vector<incident::SliceEvidence> slices;
  std::vector<std::string> held_by;  // Datasets' names.
  int64_t incident = 0;
};
Json ToJson(const TaskReport& report);

struct RunReport {
  std::string run_id;
  std::string state;  // "succeeded", "red", "failed", "cancelled"
  Timestamp started_at;
  Duration duration{0};
  std::vector<TaskReport> tasks;  // In the line's order; of what was selected.
  std::vector<int64_t> incidents_opened;
  std::vector<int64_t> incidents_resolved;
  // Of earlier runs, that nothing needs any more and that were removed.
  int64_t garbage_files = 0;
  int64_t garbage_bytes = 0;
  std::string garbage_problem;  // Why not; the run is none the worse for it.

  int Count(Outcome outcome) const;
  // 0; 3 where data or a contract is red; 4 where a task failed or a delivery is unreadable;
  // 130 where it was stopped.
  int exit_code() const;
};

// What happens while it runs. Thread: called by several, one at a time.
struct Progress {
  enum Kind { kStarted, kStep, kRows, kEnded } kind = kStarted;
  std::string dataset;  // Address.
  std::string step;     // "loading", "building", "checking", "publishing"
  int64_t rows = 0;     // kRows: so far.
  Duration elapsed{0};
  const TaskReport* report = nullptr;  // kEnded.
};
using ProgressSink = std::function<void(const Progress&)>;

// kHeld names who runs already. Errors are those of the machinery as a whole; what became of each
// dataset is in the report.
Result<RunReport> Run(const World& world, const RunOptions& options, const ProgressSink& sink = {});

// The name of the lease that runs exclude one another by.
inline constexpr char kRunLease[] = "run";

}  // namespace andon::line
