// The names of tables and columns that only evaluation tells:
// source.x.table["orders_${each.key}"]. Which tables a source has no file says, so
// the object that stands for them is made of those names that the expression asks for.
#pragma once

#include <set>
#include <string>

#include "hcl/ast.h"
#include "hcl/eval.h"

namespace andon::plan {

// The keys behind `.table` and `.column` as they evaluate in `context`, and every
// literal text (a for expression may hand one on). Never reports anything.
void CollectOpenNames(hcl::Expression expression, const hcl::EvalContext& context,
                      std::set<std::string>* names);

}  // namespace andon::plan
