// What is said of a plan of infrastructure beside what it does: leaks, the project's policies, and
// drift, which is kept.
#pragma once

#include "cli/infrastructure.h"

namespace andon::cli {

// Reports leaks as warnings and what policies say. False: a policy refuses the plan.
bool RulesAllow(Context& context, const Infrastructure& infrastructure, const infra::Plan& plan);

// Leaks that the files alone show, and what is wrong with policies.
Diagnostics RulesOfFiles(const config::ModuleTree& tree,
                         const std::map<std::string, value::Value>& variables);

// Keeps what the plan saw of drift in the control database, where the project has one.
// `was_asked`: the providers were asked how the resources stand. Where it cannot be kept that is
// said, and no reason to stop.
void RecordDrift(const Context& context, const infra::Plan& plan, bool was_asked);

}  // namespace andon::cli
