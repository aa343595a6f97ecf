// The graph of a configuration as pictures, in the language DOT of Graphviz.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "infra/graph.h"
#include "state/state.h"

namespace andon::infra {

// What the resources need of one another, with all that stands between them left out, and what
// follows from other edges too.
struct ResourceEdges {
  std::vector<NodeId> resources;                 // Those that are declared; module by module.
  std::vector<std::pair<NodeId, NodeId>> edges;  // From who needs to what is needed.
};
ResourceEdges ResourcesOf(const Graph& graph);
// The same as a picture: a box for each resource, a frame for each module.
std::string ResourceDot(const Graph& graph);

// The steps of an operation, with providers, variables, outputs and modules.
enum class DrawnOperation { kPlan, kPlanDestroy, kApply };
// `draw_cycles`: the edges of cycles are red.
std::string OperationDot(const Graph& graph, DrawnOperation operation, const state::State& state,
                         bool draw_cycles);

// What a plan does with an instance.
struct DrawnChange {
  address::Address address;
  bool makes = false;        // Creates, updates, reads.
  bool destroys = false;     // With `makes`: replaces,
  bool makes_first = false;  // in this order or the other.
};
// The steps of applying these changes. Of a plan that only destroys: the destructions alone.
std::string ChangesDot(const Graph& graph, const std::vector<DrawnChange>& changes,
                       bool only_destroys, bool draw_cycles);

}  // namespace andon::infra
