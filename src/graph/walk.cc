#include "graph/walk.h"

#include <condition_variable>
#include <mutex>
#include <queue>

#include "base/assert.h"
#include "base/executor.h"

namespace andon::graph {
namespace {

class Walker {
 public:
  Walker(const Dag& dag, int parallel, Executor& executor, std::stop_token stop,
         const std::function<bool(NodeId)>& visit)
      : dag_(dag),
        parallel_(parallel),
        executor_(executor),
        stop_(std::move(stop)),
        visit_(visit),
        left_(dag.size()),
        waiting_(dag.size()),
        outcomes_(dag.size(), Outcome::kSkipped) {}

  std::vector<Outcome> Run() {
    std::unique_lock lock(mutex_);
    for (NodeId node = 0; node < dag_.size(); ++node) {
      waiting_[node] = static_cast<int>(dag_.DependenciesOf(node).size());
      if (waiting_[node] == 0) ready_.push(node);
    }
    StartReady();
    // The last visit counts down under the mutex and notifies before letting it go,
    // so nothing touches this object after the wait.
    finished_.wait(lock, [&] { return left_ == 0; });
    return std::move(outcomes_);
  }

 private:
  // Requires: mutex_ held.
  void StartReady() {
    while (!ready_.empty() && running_ < parallel_) {
      NodeId node = ready_.top();
      ready_.pop();
      if (skip_[node]) {
        Finish(node, Outcome::kSkipped);
      } else if (stop_.stop_requested()) {
        Finish(node, Outcome::kStopped);
      } else {
        ++running_;
        executor_.Submit([this, node] { Visit(node); });
      }
    }
    if (left_ == 0) finished_.notify_all();
  }

  void Visit(NodeId node) {
    // It may have waited for a thread long enough for the stop to come.
    bool stopped = stop_.stop_requested();
    bool done = !stopped && visit_(node);
    std::lock_guard lock(mutex_);
    --running_;
    Finish(node, stopped ? Outcome::kStopped : done ? Outcome::kDone : Outcome::kFailed);
    StartReady();
  }

  // Requires: mutex_ held.
  void Finish(NodeId node, Outcome outcome) {
    outcomes_[node] = outcome;
    --left_;
    for (NodeId dependent : dag_.DependentsOf(node)) {
      // What waits for a node that was stopped was stopped too; for one that failed
      // or was skipped it is skipped, whatever else happens.
      if (outcome == Outcome::kFailed || outcome == Outcome::kSkipped) skip_[dependent] = true;
      if (--waiting_[dependent] == 0) ready_.push(dependent);
    }
  }

  const Dag& dag_;
  const int parallel_;
  Executor& executor_;
  const std::stop_token stop_;
  const std::function<bool(NodeId)>& visit_;

  std::mutex mutex_;  // Guards all below.
  std::condition_variable finished_;
  int left_;
  int running_ = 0;
  std::vector<int> waiting_;
  std::vector<char> skip_ = std::vector<char>(waiting_.size());
  std::priority_queue<NodeId, std::vector<NodeId>, std::greater<>> ready_;
  std::vector<Outcome> outcomes_;
};

}  // namespace

std::vector<Outcome> Walk(const Dag& dag, int parallel, Executor& executor, std::stop_token stop,
                          const std::function<bool(NodeId)>& visit) {
  ASSERT(parallel >= 1);
  ASSERT(dag.Order().has_value());
  return Walker(dag, parallel, executor, std::move(stop), visit).Run();
}

}  // namespace andon::graph
