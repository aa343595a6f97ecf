// Retries: when a task that failed is tried again. A pure state machine: what happened and
// the time go in, what is to be done comes out, so a test turns the clock and a crash is a
// replay.
//
//   Tasks tasks(line_of_units, policy, /*parallel=*/2);
//   for (const Effect& e : tasks.Step(now, {})) Start(e.unit, e.attempt);
//   ...
//   tasks.Step(now, {{.kind = Event::kFailed, .unit = 0}});   // Nothing yet: it waits.
//   tasks.next_wake();                                        // Then.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace andon::pipeline {

struct RetryPolicy {
  int retries = 0;
  Duration delay = std::chrono::seconds(30);  // Before the first; doubles with each.
  Duration timeout{0};                        // Of one attempt; 0: none.
};

inline constexpr Duration kRetryDelayMax = std::chrono::minutes(30);

// The pause after that many failed attempts (from 1).
Duration RetryDelay(const RetryPolicy& policy, int failed_attempts);

// From a pipeline's words; empty ones are the defaults. kInvalid for no duration.
Result<RetryPolicy> ReadRetryPolicy(int retries, std::string_view delay, std::string_view timeout);

// What became of one unit of a run.
enum class TaskState {
  kPending,  // Waits for others, or for a free place.
  kRunning,
  kWaiting,    // Failed; will be tried again.
  kGreen,      // Done: published, or nothing to do.
  kRed,        // Its checks failed: not tried again.
  kFailed,     // Failed, and no try is left.
  kHeld,       // Not started: one that it depends on is not green.
  kCancelled,  // The run was stopped first.
};
std::string_view ToString(TaskState state);

struct Event {
  enum Kind { kGreen, kRed, kFailed, kFailedForGood, kStop } kind = kGreen;
  int unit = 0;
};

struct Effect {
  enum Kind { kStart, kHold, kCancel } kind = kStart;
  int unit = 0;
  int attempt = 1;           // kStart.
  std::vector<int> because;  // kHold: the red, failed or held ones that it depends on.
};

struct TaskOrder {
  std::vector<int> depends_on;  // Held where one of these is not green.
  std::vector<int> after;       // Only later than these.
  RetryPolicy policy;
};

// Requires: each task's `depends_on` and `after` are smaller than its own index.
class Tasks {
 public:
  Tasks(std::vector<TaskOrder> order, int parallel);

  // Takes what happened and gives what is to be done now. Each unit is started at most
  // once an attempt, and held or cancelled at most once.
  std::vector<Effect> Step(Timestamp now, const std::vector<Event>& events);

  // When a waiting one is due; nothing where none waits.
  std::optional<Timestamp> next_wake() const;
  bool is_over() const;
  TaskState state(int unit) const { return tasks_[unit].state; }
  int attempt(int unit) const { return tasks_[unit].attempt; }

 private:
  struct Task {
    TaskState state = TaskState::kPending;
    int attempt = 0;
    Timestamp due;
  };
  void Take(Timestamp now, const Event& event);

  std::vector<TaskOrder> order_;
  std::vector<Task> tasks_;
  int parallel_;
  int running_ = 0;
  bool is_stopped_ = false;
};

}  // namespace andon::pipeline
