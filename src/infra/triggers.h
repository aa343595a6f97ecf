// lifecycle { replace_triggered_by = [ … ] }: whether something else changes that asks for
// this object to be made anew.
#pragma once

#include <functional>
#include <vector>

#include "hcl/eval.h"
#include "infra/graph.h"
#include "infra/plan.h"

namespace andon::infra {

// `changes_of` gives what is planned for a node that comes before this one.
bool IsReplaceTriggered(const Graph& graph, const Node& node, const address::Address& address,
                        const hcl::EvalContext& context,
                        const std::function<std::vector<const ResourceChange*>(NodeId)>& changes_of,
                        Diagnostics* diagnostics);

}  // namespace andon::infra
