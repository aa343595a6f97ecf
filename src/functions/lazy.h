// The functions that look at an expression before it is evaluated.
#pragma once

#include <vector>

#include "hcl/function_table.h"

namespace andon::functions {

// try and can.
std::vector<hcl::Function> LazyFunctions();

}  // namespace andon::functions
