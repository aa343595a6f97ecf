// Makes a plan of resources: reads what is there, and asks the providers what would change.
//
//   Plan plan = MakePlan(tree, prior, {.functions = &table, .providers = &pool, …});
//   if (plan.diagnostics.has_errors()) …
//
// Nothing outside is changed but by imports' reading. Cost is linear in the instances and
// the references between blocks.
//
// Lifetime: the schemas that the plan points to live as long as the pool; `tree` must outlive
// the call.
#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "config/terraform/module_tree.h"
#include "hcl/function_table.h"
#include "infra/event.h"
#include "infra/plan.h"
#include "infra/providers.h"
#include "state/state.h"

namespace andon::infra {

struct Graph;
class Scope;

struct PlanOptions {
  const hcl::FunctionTable* functions = nullptr;  // Required.
  ProviderPool* pool = nullptr;                   // Required.
  Executor* executor = nullptr;                   // Required.
  int parallel = 10;
  std::stop_token stop;
  std::map<std::string, value::Value> variables;  // Of the root module: one for each it declares.
  Mode mode = Mode::kNormal;
  bool refresh = true;                     // Ask the world what has become of the objects.
  std::vector<address::Address> targets;   // Only these, and what they need.
  std::vector<address::Address> excludes;  // All but these, and what needs them.
  std::vector<address::Address> replace;   // To be made anew.
  // Objects that exist already, by the address that they are to have: their ids. Beside the files'
  // import blocks.
  std::map<address::Address, std::string> imports;
  std::string workspace = "default";
  std::string cwd;
  std::string language_version = "1.12.0";  // What providers are told.
  // The host under which the state names providers of the default one; empty: that one.
  std::string provider_host;
  Listener listener;  // May be empty.
  // More names that expressions of the root module see.
  std::map<std::string, value::Value, std::less<>> names;
  // Told at the end of the walk, for whoever has expressions of his own to evaluate; may be empty.
  std::function<void(const Graph&, const Scope&)> on_scope;
};

Plan MakePlan(const config::ModuleTree& tree, state::State prior, const PlanOptions& options);

}  // namespace andon::infra
