// The functions that render a template with variables of its own.
#pragma once

#include <memory>
#include <vector>

#include "functions/environment.h"
#include "hcl/function_table.h"

namespace andon::functions {

// templatefile and templatestring. `inner` are the functions that templates may call.
std::vector<hcl::Function> TemplateFunctions(std::shared_ptr<const Environment> environment,
                                             std::shared_ptr<const hcl::FunctionTable> inner);

}  // namespace andon::functions
