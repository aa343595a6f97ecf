// Expressions of the root module over the configuration and the state as they are: no plan is
// made and no provider asked but for schemas. What the state does not know is unknown.
//
//   Evaluation evaluation(tree, state, {.functions = &table, .pool = &pool, …});
//   evaluation.Evaluate(expression).value
//
// Lifetime: the tree, functions and pool outlive it.
#pragma once

#include <map>
#include <string>

#include "config/terraform/module_tree.h"
#include "hcl/eval.h"
#include "infra/graph.h"
#include "infra/messages.h"
#include "infra/providers.h"
#include "infra/scope.h"
#include "state/state.h"

namespace andon::infra {

struct EvaluationOptions {
  const hcl::FunctionTable* functions = nullptr;  // Required.
  ProviderPool* pool = nullptr;                   // Required.
  // Of the root module; what is missing is unknown.
  std::map<std::string, value::Value> variables;
  std::string workspace = "default";
  std::string cwd;
};

class Evaluation {
 public:
  Evaluation(const config::ModuleTree& tree, state::State state, const EvaluationOptions& options);

  hcl::Evaluated Evaluate(hcl::Expression expression) const;
  // What went wrong on the way: expressions may then see less than they should.
  const Diagnostics& diagnostics() const { return diagnostics_; }

 private:
  void Walk(const EvaluationOptions& options);

  Diagnostics diagnostics_;
  const state::State state_;
  const Graph graph_;
  Scope scope_;
  Messages messages_;
};

}  // namespace andon::infra
