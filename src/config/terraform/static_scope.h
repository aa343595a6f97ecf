// What is known before planning: variables that have a value, locals made of them, paths
// and the workspace. The source and version of a module, a backend's arguments and the
// for_each of a provider may refer to nothing else.
//
// Thread: one at a time. Lifetime: the module, the parent scope and the functions outlive it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "config/module.h"
#include "hcl/function_table.h"
#include "value/value.h"

namespace andon::config {

class StaticScope {
 public:
  struct Options {
    std::string root_dir = ".";
    std::string workspace = "default";
    const hcl::FunctionTable* functions = nullptr;
  };
  // Of the root module: the variables that were given a value; the others have their defaults.
  StaticScope(const Module& module, std::map<std::string, value::Value> variables,
              const Options& options);
  // Of a module that is called: what the call's body gives, in the scope of the caller.
  StaticScope(const Module& module, StaticScope& parent, const ModuleCall& call);

  // `subject` names what the value is for in messages: "module.a.source". After a mistake
  // the value is unknown.
  hcl::Evaluated Evaluate(hcl::Expression expression, std::string_view subject);

 private:
  bool AddName(const hcl::Traversal& traversal, std::string_view subject,
               std::map<std::string, value::Value::Members>* names, Diagnostics* diagnostics);
  hcl::Evaluated Local(const Local& local);
  hcl::Evaluated VariableValue(const Variable& variable, const SourceRange& at);
  hcl::Evaluated Prepare(const Variable& variable, value::Value given, const SourceRange& at);

  const Module& module_;
  std::map<std::string, value::Value> variables_;
  Options options_;
  StaticScope* parent_ = nullptr;
  const ModuleCall* call_ = nullptr;
  std::map<std::string, value::Value> locals_;  // Evaluated already.
  std::set<std::string> open_;                  // Locals that are being evaluated.
};

}  // namespace andon::config
