#include "pipeline/retry.h"

#include <algorithm>

namespace andon::pipeline {

Duration RetryDelay(const RetryPolicy& policy, int failed_attempts) {
  Duration delay = std::min(policy.delay, kRetryDelayMax);
  for (int i = 1; i < failed_attempts && delay < kRetryDelayMax; ++i) delay *= 2;
  return std::min(delay, kRetryDelayMax);
}

Result<RetryPolicy> ReadRetryPolicy(int retries, std::string_view delay, std::string_view timeout) {
  RetryPolicy policy{.retries = std::max(0, retries)};
  if (!delay.empty()) policy.delay = TRY(ParseDuration(delay));
  if (!timeout.empty()) policy.timeout = TRY(ParseDuration(timeout));
  return policy;
}

std::string_view ToString(TaskState state) {
  switch (state) {
    case TaskState::kPending:
      return "pending";
    case TaskState::kRunning:
      return "running";
    case TaskState::kWaiting:
      return "waiting";
    case TaskState::kGreen:
      return "green";
    case TaskState::kRed:
      return "red";
    case TaskState::kFailed:
      return "failed";
    case TaskState::kHeld:
      return "held";
    case TaskState::kCancelled:
      return "cancelled";
  }
  return "pending";
}

namespace {
bool IsEnd(TaskState state) {
  return state == TaskState::kGreen || state == TaskState::kRed || state == TaskState::kFailed ||
         state == TaskState::kHeld || state == TaskState::kCancelled;
}
}  // namespace

Tasks::Tasks(std::vector<TaskOrder> order, int parallel)
    : order_(std::move(order)), tasks_(order_.size()), parallel_(parallel) {
  ASSERT(parallel >= 1);
}

void Tasks::Take(Timestamp now, const Event& event) {
  if (event.kind == Event::kStop) {
    is_stopped_ = true;
    return;
  }
  Task& task = tasks_[event.unit];
  ASSERT(task.state == TaskState::kRunning);
  --running_;
  switch (event.kind) {
    case Event::kGreen:
      task.state = TaskState::kGreen;
      break;
    case Event::kRed:
      task.state = TaskState::kRed;
      break;
    case Event::kFailedForGood:
      task.state = TaskState::kFailed;
      break;
    default: {
      const RetryPolicy& policy = order_[event.unit].policy;
      if (task.attempt > policy.retries) {
        task.state = TaskState::kFailed;
      } else {
        task.state = TaskState::kWaiting;
        task.due = now + RetryDelay(policy, task.attempt);
      }
    }
  }
}

std::vector<Effect> Tasks::Step(Timestamp now, const std::vector<Event>& events) {
  for (const Event& event : events) Take(now, event);
  std::vector<Effect> effects;
  // One pass is enough: what a task needs stands before it.
  for (size_t i = 0; i < tasks_.size(); ++i) {
    Task& task = tasks_[i];
    const int unit = static_cast<int>(i);
    if (task.state != TaskState::kPending && task.state != TaskState::kWaiting) continue;
    if (is_stopped_) {
      task.state = TaskState::kCancelled;
      effects.push_back({.kind = Effect::kCancel, .unit = unit});
      continue;
    }
    if (task.state == TaskState::kPending) {
      std::vector<int> bad;
      bool ready = true;
      for (int on : order_[i].depends_on) {
        ready = ready && IsEnd(tasks_[on].state);
        if (IsEnd(tasks_[on].state) && tasks_[on].state != TaskState::kGreen) bad.push_back(on);
      }
      for (int on : order_[i].after) ready = ready && IsEnd(tasks_[on].state);
      if (!ready) continue;
      if (!bad.empty()) {
        task.state = TaskState::kHeld;
        effects.push_back({.kind = Effect::kHold, .unit = unit, .because = std::move(bad)});
        continue;
      }
    } else if (task.due > now) {
      continue;
    }
    if (running_ >= parallel_) continue;
    ++running_;
    ++task.attempt;
    task.state = TaskState::kRunning;
    effects.push_back({.kind = Effect::kStart, .unit = unit, .attempt = task.attempt});
  }
  return effects;
}

std::optional<Timestamp> Tasks::next_wake() const {
  std::optional<Timestamp> next;
  for (const Task& task : tasks_) {
    if (task.state == TaskState::kWaiting && (!next || task.due < *next)) next = task.due;
  }
  return next;
}

bool Tasks::is_over() const {
  return std::all_of(tasks_.begin(), tasks_.end(), [](const Task& t) { return IsEnd(t.state); });
}

}  // namespace andon::pipeline
