// Looks for leaks in the infrastructure that a project declares: LeakRule says which there are.
//
//   context.Report(FindLeaks(tree, {.variables = values, .functions = &table, .plan = &plan}));
//
// Without a plan it sees what the files alone tell; with one, what its instances will be. Each leak
// is a warning at its line. A comment at that line, on the lines right above it or above the head
// of its block says that it is meant, and why:
//
//   # andon: allow public-policy a website is read by everybody
#pragma once

#include <map>
#include <string>

#include "base/diagnostics.h"
#include "config/terraform/module_tree.h"
#include "hcl/function_table.h"
#include "infra/plan.h"

namespace andon::policy {

struct LeakOptions {
  std::map<std::string, value::Value> variables;  // Of the root module.
  const hcl::FunctionTable* functions = nullptr;  // Null: calls are unknown.
  const infra::Plan* plan = nullptr;              // Null: of the files alone.
};

Diagnostics FindLeaks(const config::ModuleTree& tree, const LeakOptions& options);

}  // namespace andon::policy
