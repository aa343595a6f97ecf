// What expressions see while a graph is walked: the values found so far, put together as
// the objects var, local, module, data and those of the resource types.
//
// Only what an expression names is put in, so the cost of a scope follows the expression.
// Thread: one node's values are written by its own visit; visits of its dependents read them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "address/address.h"
#include "hcl/eval.h"
#include "infra/expansion.h"
#include "infra/graph.h"
#include "infra/provider_functions.h"
#include "value/value.h"

namespace andon::infra {

// One instance of a module: module.a["eu"].module.b[0].
struct ModuleInstance {
  std::vector<address::ModuleStep> path;
  int parent = 0;  // Index among the instances of the module around it.
  address::Key key;
  value::Value each;
};

struct ScopeOptions {
  const hcl::FunctionTable* functions = nullptr;  // Required.
  std::string workspace = "default";
  std::string cwd;               // path.cwd
  ProviderPool* pool = nullptr;  // Whose functions may be called too. Required.
  // More names that the root module's expressions see, as `run` in tests.
  std::map<std::string, value::Value, std::less<>> names;
};

class Scope {
 public:
  Scope(const Graph& graph, ScopeOptions options);

  // ---- What the walk found.

  // Of a node, by instance of its module. Unknown until it is set.
  const value::Value& ValueOf(NodeId node, int instance) const;
  void Set(NodeId node, int instance, value::Value value);
  // Makes room for one value of the node in each instance of its module, all unknown.
  void Prepare(NodeId node);

  const std::vector<ModuleInstance>& InstancesOf(int module) const {
    return instances_[static_cast<size_t>(module)];
  }
  // Of a call's node: the expansion in one instance of the module around it.
  void SetInstances(int module, std::vector<ModuleInstance> instances);
  void SetRepetition(NodeId call, Repetition repetition) {
    repetitions_[static_cast<size_t>(call)] = repetition;
  }
  // The instance with this path; -1 where there is none.
  int FindInstance(int module, const std::vector<address::ModuleStep>& path) const;

  // ---- What expressions see.

  // Everything that `uses` names, in one instance of a module.
  hcl::EvalContext Context(int module, int instance, const Uses& uses) const;
  // The same for a single expression, for what no node stands for.
  hcl::EvalContext ContextFor(int module, int instance, hcl::Expression expression) const;

 private:
  value::Value ModuleValue(NodeId call, int instance, const ModuleUse& use) const;

  const Graph& graph_;
  ScopeOptions options_;
  mutable ProviderFunctions provider_functions_;  // Finds them when they are first called.
  const value::Value unknown_ = value::Value::Dynamic();
  std::vector<std::vector<value::Value>> values_;       // By node.
  std::vector<std::vector<ModuleInstance>> instances_;  // By module.
  std::vector<Repetition> repetitions_;                 // By node, of calls.
};

}  // namespace andon::infra
