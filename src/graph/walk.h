// The parallel walk over a graph that skips what lies downstream of a failure.
#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "graph/dag.h"

namespace andon {
class Executor;
}

namespace andon::graph {

// What became of one node of a walk.
enum class Outcome {
  kDone,     // The visit succeeded.
  kFailed,   // The visit failed.
  kSkipped,  // Not visited: a node that it depends on is not kDone.
  kStopped,  // Not visited: the walk was asked to stop first.
};

// Visits every node of `dag` once, after all the nodes that it depends on.
// Nodes that do not depend on one another are visited at the same time, at
// most `parallel` of them.
//
// A failure does not end the walk: only what lies downstream of it is skipped.
// So `apply` keeps, and records, whatever could succeed, and a run of a
// pipeline finishes its other branches.
//
// Returns one outcome per node, indexed by NodeId.
// Thread:   `visit` runs on the executor's threads. What a visit wrote is
//           visible to the visits of its dependents.
// Lifetime: nothing is kept after the return; the caller blocks until then.
// Order:    with parallel == 1 it is dag.Order(), which is stable across runs.
// Requires: parallel >= 1; no cycle; not called on one of the executor's threads.
std::vector<Outcome> Walk(const Dag& dag, int parallel, Executor& executor, std::stop_token stop,
                          const std::function<bool(NodeId)>& visit);

}  // namespace andon::graph
