// Starts worker processes of this binary and hands them tasks.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "io/process.h"
#include "line/task.h"

namespace andon::line {

// What became of a worker that did not answer.
struct WorkerEnd {
  std::string says;  // "was killed by signal 9 (Killed)"; empty where it answered.
  bool was_killed = false;
};

struct PoolOptions {
  std::string program;  // This binary.
  std::string spill_dir;
  int parallel = 1;          // Workers at the same time.
  int64_t memory_bytes = 0;  // For all of them; 0: a quarter of the machine.
  Duration time_limit{0};    // Of one task; 0: none.
};

// Thread: each call runs one process and waits for it; several threads may call at once.
class WorkerPool {
 public:
  explicit WorkerPool(PoolOptions options);

  Limits limits() const { return limits_; }
  const PoolOptions& options() const { return options_; }

  // The answer, or the error that the worker answered with. Where it ended without an answer, an
  // error of kind kUnavailable (kInterrupted past the time limit), and `end` says how.
  Result<Json> Do(Task task, std::stop_token stop,
                  const std::function<void(int64_t rows)>& progress, WorkerEnd* end) const;

  Result<LoadOutcome> Load(LoadTask task, std::stop_token stop,
                           const std::function<void(int64_t rows)>& progress, WorkerEnd* end) const;
  Result<CheckOutcome> Check(CheckTask task, std::stop_token stop,
                             const std::function<void(int64_t rows)>& progress,
                             WorkerEnd* end) const;
  Result<SplitOutcome> Split(SplitTask task, std::stop_token stop, WorkerEnd* end) const;
  Result<QueryOutcome> Query(QueryTask task) const;

 private:
  PoolOptions options_;
  Limits limits_;
};

// A quarter of the machine's memory.
int64_t DefaultMemory();
// One for each processor.
int DefaultThreads();

}  // namespace andon::line
