#include "graph/walk.h"

#include <algorithm>
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
         const PartedVisit& visit)
      : dag_(dag),
        parallel_(parallel),
        executor_(executor),
        stop_(std::move(stop)),
        visit_(visit),
        left_(dag.size()),
        nodes_(dag.size()),
        outcomes_(dag.size(), Outcome::kSkipped) {}

  std::vector<Outcome> Run() {
    std::unique_lock lock(mutex_);
    for (NodeId node = 0; node < dag_.size(); ++node) {
      nodes_[node].waiting = static_cast<int>(dag_.DependenciesOf(node).size());
      if (nodes_[node].waiting == 0) ready_.push(node);
    }
    StartWorkers();
    // The last worker counts down under the mutex and notifies before letting it go,
    // so nothing touches this object after the wait.
    finished_.wait(lock, [&] { return left_ == 0 && workers_ == 0; });
    return std::move(outcomes_);
  }

 private:
  struct State {
    int waiting = 0;  // Dependencies that are not over.
    int parts = 0;    // Known once it has begun.
    int next = 0;     // The part that begins next.
    int unfinished = 0;
    bool skip = false;  // A dependency failed or was skipped.
    bool failed = false;
    bool stopped = false;
  };
  enum class Stage { kBegin, kPart };
  struct Work {
    NodeId node = 0;
    Stage stage = Stage::kBegin;
    int part = 0;
  };

  // Requires: mutex_ held.
  bool Take(Work* work) {
    while (!ready_.empty()) {
      NodeId node = ready_.top();
      State& state = nodes_[node];
      if (stop_.stop_requested()) {
        ready_.pop();
        if (state.parts == 0) {
          Finish(node, Outcome::kStopped);
        } else {
          // What was begun ends once its running parts are over.
          state.stopped = true;
          state.unfinished -= state.parts - state.next;
          state.next = state.parts;
          if (state.unfinished == 0) ends_.push_back(node);
        }
        continue;
      }
      if (state.parts == 0) {
        ready_.pop();
        *work = {node, Stage::kBegin, 0};
        return true;
      }
      *work = {node, Stage::kPart, state.next++};
      if (state.next == state.parts) ready_.pop();
      return true;
    }
    return false;
  }

  // Requires: mutex_ held.
  void StartWorkers() {
    size_t open = 0;
    for (int wanted = parallel_ - workers_; wanted > 0 && open < Available(); --wanted, ++open) {
      ++workers_;
      executor_.Submit([this] { Loop(); });
    }
  }

  // How many workers could find something to do at once. Requires: mutex_ held.
  size_t Available() const {
    if (ready_.empty()) return 0;
    const State& first = nodes_[ready_.top()];
    return ready_.size() - 1 + std::max(1, first.parts - first.next);
  }

  void Loop() {
    std::unique_lock lock(mutex_);
    Work work;
    while (Take(&work) || !ends_.empty()) {
      if (!ends_.empty()) {
        // A node that a stop cut short; `work` was not taken then.
        NodeId node = ends_.back();
        ends_.pop_back();
        End(node, &lock);
        continue;
      }
      if (work.stage == Stage::kBegin) {
        lock.unlock();
        int parts = visit_.begin(work.node);
        lock.lock();
        Begun(work.node, parts, &lock);
      } else {
        lock.unlock();
        bool done = visit_.part(work.node, work.part);
        lock.lock();
        State& state = nodes_[work.node];
        state.failed |= !done;
        if (--state.unfinished == 0) End(work.node, &lock);
      }
    }
    --workers_;
    if (left_ == 0 && workers_ == 0) finished_.notify_all();
  }

  // Requires: mutex_ held by `lock`.
  void Begun(NodeId node, int parts, std::unique_lock<std::mutex>* lock) {
    State& state = nodes_[node];
    state.failed = parts < 0;
    if (parts <= 0) return End(node, lock);
    state.parts = state.unfinished = parts;
    ready_.push(node);
    StartWorkers();
  }

  // Requires: mutex_ held by `lock`.
  void End(NodeId node, std::unique_lock<std::mutex>* lock) {
    State& state = nodes_[node];
    bool done = !state.failed;
    if (visit_.end) {
      lock->unlock();
      bool ended = visit_.end(node);
      lock->lock();
      done &= ended;
    }
    Finish(node, state.stopped ? Outcome::kStopped : done ? Outcome::kDone : Outcome::kFailed);
    StartWorkers();
  }

  // Requires: mutex_ held.
  void Finish(NodeId node, Outcome outcome) {
    outcomes_[node] = outcome;
    --left_;
    for (NodeId dependent : dag_.DependentsOf(node)) {
      // What waits for a node that was stopped was stopped too; for one that failed
      // or was skipped it is skipped, whatever else happens.
      State& state = nodes_[dependent];
      if (outcome == Outcome::kFailed || outcome == Outcome::kSkipped) state.skip = true;
      if (--state.waiting > 0) continue;
      if (state.skip) {
        skipped_.push_back(dependent);
      } else {
        ready_.push(dependent);
      }
    }
    if (is_skipping_) return;
    // In a loop, for a chain of skipped nodes may be as long as the graph.
    is_skipping_ = true;
    while (!skipped_.empty()) {
      NodeId next = skipped_.back();
      skipped_.pop_back();
      Finish(next, Outcome::kSkipped);
    }
    is_skipping_ = false;
  }

  const Dag& dag_;
  const int parallel_;
  Executor& executor_;
  const std::stop_token stop_;
  const PartedVisit& visit_;

  std::mutex mutex_;  // Guards all below.
  std::condition_variable finished_;
  int left_;
  int workers_ = 0;
  bool is_skipping_ = false;
  std::vector<State> nodes_;
  // Nodes whose turn it is, and those that have parts left to begin.
  std::priority_queue<NodeId, std::vector<NodeId>, std::greater<>> ready_;
  std::vector<NodeId> ends_;
  std::vector<NodeId> skipped_;
  std::vector<Outcome> outcomes_;
};

}  // namespace

std::vector<Outcome> Walk(const Dag& dag, int parallel, Executor& executor, std::stop_token stop,
                          const std::function<bool(NodeId)>& visit) {
  PartedVisit whole{.begin = [&](NodeId node) { return visit(node) ? 0 : -1; }};
  return WalkParts(dag, parallel, executor, std::move(stop), whole);
}

std::vector<Outcome> WalkParts(const Dag& dag, int parallel, Executor& executor,
                               std::stop_token stop, const PartedVisit& visit) {
  ASSERT(parallel >= 1);
  ASSERT(dag.Order().has_value());
  return Walker(dag, parallel, executor, std::move(stop), visit).Run();
}

}  // namespace andon::graph
