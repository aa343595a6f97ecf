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

// The same walk where a node's work falls into parts that are known only when its
// turn comes: a resource into its instances.
struct PartedVisit {
  // The node's turn: how many parts it has, or a negative number where it failed.
  std::function<int(NodeId)> begin;
  // One part, of 0 … parts - 1; parts of one node run at the same time. Null: nodes have none.
  std::function<bool(NodeId, int)> part;
  // After the last part, also where some failed or were stopped; before the node's dependents.
  // Its answer is the node's, where all parts succeeded. Null: the node is done.
  std::function<bool(NodeId)> end;
};

// As Walk, with at most `parallel` parts (and beginnings and ends) at a time. Parts of an earlier
// node go before those of a later one. After a stop no more parts begin, but `end` is called for
// each node that was begun, and its outcome is kStopped.
std::vector<Outcome> WalkParts(const Dag& dag, int parallel, Executor& executor,
                               std::stop_token stop, const PartedVisit& visit);

}  // namespace andon::graph
