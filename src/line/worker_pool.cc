#include "line/worker_pool.h"

#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/text.h"
#include "line/work.h"

namespace andon::line {
namespace {

// What DuckDB and its libraries need beside the buffers that its own limit covers.
constexpr int64_t kMemoryMin = 128 << 20;
constexpr size_t kErrorTailMax = 2000;

// Splits a stream into its lines.
class Lines {
 public:
  template <typename F>
  void Add(std::string_view bytes, F&& take) {
    rest_ += bytes;
    size_t from = 0;
    for (size_t at; (at = rest_.find('\n', from)) != std::string::npos; from = at + 1) {
      take(std::string_view(rest_).substr(from, at - from));
    }
    rest_.erase(0, from);
  }

 private:
  std::string rest_;
};

}  // namespace

int DefaultThreads() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

int64_t DefaultMemory() {
  const int64_t pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
  return pages > 0 && size > 0 ? pages * size / 4 : int64_t{1} << 30;
}

WorkerPool::WorkerPool(PoolOptions options) : options_(std::move(options)) {
  const int64_t budget = options_.memory_bytes > 0 ? options_.memory_bytes : DefaultMemory();
  const int processors = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  limits_.memory_bytes = std::max(kMemoryMin, budget / (options_.parallel + 1));
  limits_.threads = std::max(1, processors / std::max(1, options_.parallel));
  limits_.spill_dir = options_.spill_dir;
  limits_.time_limit_us = options_.time_limit.count();
}

Result<Json> WorkerPool::Do(Task task, std::stop_token stop,
                            const std::function<void(int64_t rows)>& progress,
                            WorkerEnd* end) const {
  task.limits = limits_;
  io::Command command{
      .argv = {options_.program, "worker"}, .input = ToJson(task).Dump(), .die_with_parent = true};
  if (options_.time_limit.count() > 0) {
    // The worker ends its statement itself; this is for one that does not.
    command.time_limit = options_.time_limit + std::chrono::seconds(5);
  }
  Lines lines;
  std::optional<Json> answer;
  std::string error_tail;
  auto done = io::Run(command, stop, [&](bool is_stderr, std::string_view bytes) {
    if (is_stderr) {
      error_tail += bytes;
      if (error_tail.size() > kErrorTailMax) error_tail.erase(0, error_tail.size() - kErrorTailMax);
      return;
    }
    lines.Add(bytes, [&](std::string_view line) {
      auto json = Json::Parse(line);
      if (!json.ok()) return;
      if (json->Has("progress")) {
        if (progress) progress((*json)["progress"].AsInteger());
      } else {
        answer = std::move(*json);
      }
    });
  });
  if (!done.ok()) return std::move(done).error();
  if (answer && done->status.ok()) {
    if (const Json* ok = answer->Find("ok")) return *ok;
    return ErrorFromJson((*answer)["error"]);
  }
  const std::string says = io::ToString(done->status);
  if (end) *end = {says, done->status.signal != 0 || done->status.timed_out};
  std::string message = fmt::format("the worker process {}", says);
  if (done->status.signal == 9 && !done->status.timed_out) {
    message += "; the system kills a process so when memory runs out";
  }
  if (std::string_view tail = Trim(error_tail); !tail.empty()) message += fmt::format(": {}", tail);
  return Error{done->status.timed_out ? ErrorKind::kInterrupted : ErrorKind::kUnavailable, message};
}

Result<LoadOutcome> WorkerPool::Load(LoadTask task, std::stop_token stop,
                                     const std::function<void(int64_t rows)>& progress,
                                     WorkerEnd* end) const {
  auto json = TRY(Do({.work = std::move(task)}, stop, progress, end));
  return LoadOutcomeFromJson(json);
}

Result<CheckOutcome> WorkerPool::Check(CheckTask task, std::stop_token stop,
                                       const std::function<void(int64_t rows)>& progress,
                                       WorkerEnd* end) const {
  auto json = TRY(Do({.work = std::move(task)}, stop, progress, end));
  return CheckOutcomeFromJson(json);
}

Result<SplitOutcome> WorkerPool::Split(SplitTask task, std::stop_token stop, WorkerEnd* end) const {
  auto json = TRY(Do({.work = std::move(task)}, stop, nullptr, end));
  return SplitOutcomeFromJson(json);
}

Result<QueryOutcome> WorkerPool::Query(QueryTask task) const {
  auto json = TRY(Do({.work = std::move(task)}, {}, nullptr, nullptr));
  return QueryOutcomeFromJson(json);
}

}  // namespace andon::line
