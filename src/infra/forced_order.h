// Which resources are created anew before the old object is destroyed: those that say so, and
// all that these depend on, since the old dependent lives until its successor is there.
#pragma once

#include <map>
#include <vector>

#include "address/address.h"
#include "infra/graph.h"
#include "state/state.h"

namespace andon::infra {

// By node.
std::vector<bool> ForcedCreateBeforeDestroy(
    const Graph& graph, const state::State& state,
    const std::map<NodeId, std::vector<address::Address>>& by_node);

}  // namespace andon::infra
