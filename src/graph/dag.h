// A directed graph of numbered nodes. What a node means is the caller's: keep a
// vector of payloads beside it, indexed by NodeId.
//
//   Dag dag;
//   NodeId rental = dag.AddNode(), report = dag.AddNode();
//   dag.AddEdge(report, rental);            // report depends on rental
//   for (NodeId n : *dag.Order()) ...       // rental, report
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace andon::graph {

using NodeId = int32_t;  // 0, 1, 2, … in the order of AddNode.

class Dag {
 public:
  Dag() = default;
  explicit Dag(int nodes);  // With that many nodes and no edges.

  NodeId AddNode();
  // `node` depends on `on`: `on` comes first. An edge that exists already, or from
  // a node to itself with allow_self false, is kept once; a self edge is a cycle.
  // Requires: both nodes exist.
  void AddEdge(NodeId node, NodeId on);

  int size() const { return static_cast<int>(dependencies_.size()); }
  int64_t edges() const { return edges_; }
  bool HasEdge(NodeId node, NodeId on) const;

  // In the order in which the edges were added.
  const std::vector<NodeId>& DependenciesOf(NodeId node) const { return dependencies_[node]; }
  const std::vector<NodeId>& DependentsOf(NodeId node) const { return dependents_[node]; }

  // Every node after all that it depends on; among the free ones the lowest NodeId
  // first, so it is the same in every run. Nothing where there is a cycle.
  std::optional<std::vector<NodeId>> Order() const;

  // A shortest cycle through its lowest node, as n0 → n1 → … → n0 with each
  // depending on the next, the first one repeated at the end; empty where there
  // is none.
  std::vector<NodeId> FindCycle() const;

  // The strongly connected components: nodes that depend on one another in a
  // circle stand together, the others alone. Ordered so that each component
  // stands after those that it depends on; nodes within one by NodeId.
  std::vector<std::vector<NodeId>> Components() const;

  // All that the nodes depend on, directly or not (`UpstreamOf`), or that depends
  // on them (`DownstreamOf`), without the nodes themselves unless one lies on the
  // way to another; by NodeId. `depth` limits the steps; negative: no limit.
  std::vector<NodeId> UpstreamOf(const std::vector<NodeId>& nodes, int depth = -1) const;
  std::vector<NodeId> DownstreamOf(const std::vector<NodeId>& nodes, int depth = -1) const;

  // A graph without the edges that others imply. Requires: no cycle.
  Dag TransitiveReduction() const;

 private:
  std::vector<std::vector<NodeId>> dependencies_;
  std::vector<std::vector<NodeId>> dependents_;
  int64_t edges_ = 0;
};

// One node per component of `dag` (in Components() order), with the edges between
// them. `component_of`, where given, receives each node's component.
Dag Condense(const Dag& dag, std::vector<NodeId>* component_of = nullptr);

}  // namespace andon::graph
