// -target and -exclude: the part of a graph that a plan is about.
#pragma once

#include <set>
#include <vector>

#include "address/address.h"
#include "infra/graph.h"

namespace andon::infra {

class Selection {
 public:
  // Whether the node takes part. Everything, where nothing was asked for.
  bool Has(NodeId node) const { return nodes_.empty() || nodes_[static_cast<size_t>(node)]; }
  // Whether the instance does, given that its node does: -target=x[0] leaves x[1] alone.
  bool Has(const address::Address& instance) const;

 private:
  friend Selection Select(const Graph&, const std::vector<address::Address>&,
                          const std::vector<address::Address>&, bool, Diagnostics*);
  std::vector<bool> nodes_;
  std::vector<bool> is_named_;  // By node: named by a target, and not only needed by one.
  const Graph* graph_ = nullptr;
  std::vector<address::Address> targets_;
  std::vector<address::Address> excludes_;
};

// With targets: these and what they need; where everything is destroyed, these and what needs
// them. With excludes: all but these, and what needs them. An address that names nothing is
// reported. Lifetime: the graph outlives it.
Selection Select(const Graph& graph, const std::vector<address::Address>& targets,
                 const std::vector<address::Address>& excludes, bool is_destroy,
                 Diagnostics* diagnostics);

// By node: whether its value must be known to destroy the objects of these resources. That is what
// configures their providers, and what says which instances of modules there are.
std::vector<bool> NeededToDestroy(const Graph& graph, const std::set<NodeId>& resources);

}  // namespace andon::infra
