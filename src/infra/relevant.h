// Which attributes of resources had a part in what a plan changes, through however many locals,
// variables and outputs: what a reader of the plan's JSON looks at to tell which drift matters.
//
// By the text alone, as OpenTofu does it (internal/lang/globalref): what an expression names
// counts, whether it decides the value or not. Cost: the references that are passed on the way,
// each once.
#pragma once

#include <vector>

#include "infra/graph.h"
#include "infra/plan.h"
#include "infra/scope.h"

namespace andon::infra {

// Of the changes and outputs of the plan that do something; by address, each once.
std::vector<RelevantAttribute> RelevantAttributes(const Graph& graph, const Scope& scope,
                                                  const Plan& plan);

}  // namespace andon::infra
