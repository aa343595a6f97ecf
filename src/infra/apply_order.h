// The order in which a plan is carried out: the graph of the files, and beside each resource
// the destruction of its objects, which goes against the direction of the references.
// (Reference: DESTROYING in OpenTofu's docs/destroying.md.)
#pragma once

#include <map>
#include <vector>

#include "graph/dag.h"
#include "infra/graph.h"
#include "infra/plan.h"
#include "state/state.h"

namespace andon::infra {

// The objects of one resource that are to go, together.
struct Destruction {
  NodeId resource = -1;
  std::vector<size_t> changes;  // Indices into Plan::changes.
};

struct ApplyOrder {
  graph::Dag dag;  // The graph's nodes, then one for each destruction.
  std::vector<Destruction> destructions;
  std::map<NodeId, std::vector<size_t>> changes;  // By resource: what its own turn does.

  bool IsDestruction(NodeId id, const Graph& graph) const { return id >= graph.dag.size(); }
  const Destruction& At(NodeId id, const Graph& graph) const {
    return destructions[static_cast<size_t>(id - graph.dag.size())];
  }
};

// A cycle is reported, and then the order is empty.
ApplyOrder OrderOf(const Graph& graph, const Plan& plan, Diagnostics* diagnostics);

}  // namespace andon::infra
