// A state as text for people: `show`, `state show`, `state list`, `output`.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "infratext/render_options.h"
#include "state/state.h"

namespace andon::infratext {

// Every object and output, as `show` prints them; a sentence where there is nothing.
std::string RenderState(const state::State& state, const SchemaOf& schemas,
                        const RenderOptions& options);

// One object, as `state show ADDRESS` prints it. kNotFound where there is none.
Result<std::string> RenderStateObject(const state::State& state, const address::Address& instance,
                                      const SchemaOf& schemas, const RenderOptions& options);

// `name = value` lines, as `output` and the end of an apply print them.
std::string RenderOutputs(const std::map<std::string, state::Output>& outputs,
                          const RenderOptions& options);

// The addresses of the current objects in the order of `state list`: of the root module
// first, data sources before resources, then module by module. `filters` may name modules,
// resources or instances; none means all.
std::vector<std::string> StateList(const state::State& state,
                                   const std::vector<address::Address>& filters);

}  // namespace andon::infratext
