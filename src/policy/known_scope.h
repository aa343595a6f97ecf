// What the expressions of a module are, as far as its files alone tell: variables, locals and
// functions of them. Whatever only a plan or a provider knows is unknown, and nothing is an error:
// mistakes are validation's matter.
//
//   KnownScope root(module, variables, functions);
//   KnownScope child(*node.module, root, *node.call);
//
// Thread: one at a time. Lifetime: modules, calls, functions and the parent outlive it.
#pragma once

#include <map>
#include <set>
#include <string>

#include "config/module.h"
#include "hcl/eval.h"
#include "hcl/function_table.h"
#include "value/value.h"

namespace andon::policy {

class KnownScope {
 public:
  KnownScope(const config::Module& module, std::map<std::string, value::Value> variables,
             const hcl::FunctionTable* functions);
  KnownScope(const config::Module& module, KnownScope& parent, const config::ModuleCall& call);

  // `more` are names beside those of the module, as "change". Without marks.
  value::Value Evaluate(hcl::Expression expression,
                        const std::map<std::string, value::Value>& more = {});
  // The same with its marks, and with what went wrong.
  hcl::Evaluated EvaluateWhole(hcl::Expression expression,
                               const std::map<std::string, value::Value>& more);

 private:
  value::Value Variable(const std::string& name);
  value::Value Local(const std::string& name);

  const config::Module& module_;
  const hcl::FunctionTable* functions_;
  std::map<std::string, value::Value> variables_;
  KnownScope* parent_ = nullptr;
  const config::ModuleCall* call_ = nullptr;
  std::map<std::string, value::Value> locals_;
  std::set<std::string> open_;  // Locals that are being evaluated.
};

}  // namespace andon::policy
