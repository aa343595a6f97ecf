// Carries out a plan of resources: creates, updates and destroys in the order that the
// references ask for, and keeps a state that is true at every moment.
//
//   Applied applied = Apply(tree, std::move(plan), {.functions = &table, .pool = &pool, …});
//   save(applied.state);   // Also after errors: what was done is in it.
//
// What depends on something that failed is left out; all else is done. After a stop what had
// begun is finished and nothing else begins.
#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/executor.h"
#include "config/terraform/module_tree.h"
#include "hcl/function_table.h"
#include "infra/event.h"
#include "infra/plan.h"
#include "infra/providers.h"
#include "state/journal.h"
#include "state/state.h"

namespace andon::infra {

struct Graph;
class Scope;

struct ApplyOptions {
  const hcl::FunctionTable* functions = nullptr;  // Required.
  ProviderPool* pool = nullptr;                   // Required.
  Executor* executor = nullptr;                   // Required.
  int parallel = 10;
  std::stop_token stop;
  std::string workspace = "default";
  std::string cwd;
  std::string language_version = "1.12.0";
  // The host under which the state names providers of the default one; empty: that one.
  std::string provider_host;
  Listener listener;  // May be empty.
  // More names that expressions of the root module see.
  std::map<std::string, value::Value, std::less<>> names;
  // Told at the end of the walk, for whoever has expressions of his own to evaluate; may be empty.
  std::function<void(const Graph&, const Scope&)> on_scope;
  // Called after each change of an instance, before anything that depends on it begins, for
  // whoever keeps it safe. From several threads at a time; may be empty.
  std::function<void(const state::InstanceChange&)> on_change;
};

struct Applied {
  state::State state;
  int added = 0;
  int changed = 0;
  int destroyed = 0;
  int imported = 0;
  int forgotten = 0;
  bool was_stopped = false;
  Diagnostics diagnostics;

  // "Apply complete! Resources: 1 added, 0 changed, 0 destroyed."
  std::string Summary(Mode mode) const;
};

// Requires: a plan without errors, made of the same tree.
Applied Apply(const config::ModuleTree& tree, Plan plan, const ApplyOptions& options);

}  // namespace andon::infra
