// What can be said of a configuration without values, state or providers: references,
// types, the meta-arguments, what modules are given, cycles.
//
//   Diagnostics found = Validate(tree, {});
//
// Every expression is evaluated with unknown values in place of what only a plan can tell,
// so whatever fails for all values is told. Each mistake is told once; what depends on it
// is unknown, silently.
#pragma once

#include "base/diagnostics.h"
#include "config/terraform/module_tree.h"
#include "config/terraform/shape.h"
#include "hcl/function_table.h"

namespace andon::config {

struct ValidateOptions {
  // Schemas of providers. Empty, or null for a type: its body is only evaluated. The built-in
  // provider is known without it.
  ShapeLookup shapes;
  const hcl::FunctionTable* functions = nullptr;  // Null: a table of the validation's own.
};

// Without the diagnostics of the tree itself. Where a file has syntax errors nothing is checked.
Diagnostics Validate(const ModuleTree& tree, const ValidateOptions& options = {});

}  // namespace andon::config
