// The project's own rules over planned changes: `policy` blocks of *.andon.hcl.
//
//   policy "encrypted" {
//     resources = ["aws_db_instance"]
//     condition = change.after.storage_encrypted
//     message   = "Databases are encrypted."
//   }
//
//   Policies policies = ReadPolicies(module, &functions);
//   Judgement judgement = Judge(policies, module, variables, &functions, plan);
//   if (judgement.refuses) …
//
// A condition sees one change as `change`: address, type, name, module, provider, action, before
// and after (null where there is none). What only the apply can tell does not count as holding, and
// neither does a condition that cannot be evaluated.
//
// Lifetime: policies point into the module.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "config/module.h"
#include "hcl/function_table.h"
#include "infra/plan.h"

namespace andon::policy {

struct Policy {
  std::string name;
  std::vector<std::string> resources;  // Types, with * for any text; never empty.
  std::vector<std::string> actions;    // "create", …; never empty.
  hcl::Expression condition;           // Empty: never holds.
  hcl::Expression message;             // May be empty.
  bool denies = true;                  // False: it only warns.
  SourceRange range;
};

struct Policies {
  std::vector<Policy> list;  // In the order of the files.
  Diagnostics diagnostics;
};

Policies ReadPolicies(const config::Module& module, const hcl::FunctionTable* functions);

struct Judgement {
  Diagnostics diagnostics;  // One for each change that a policy does not hold for.
  bool refuses = false;
};

// `variables` are those of the root module.
Judgement Judge(const std::vector<Policy>& policies, const config::Module& module,
                const std::map<std::string, value::Value>& variables,
                const hcl::FunctionTable* functions, const infra::Plan& plan);

// "create", "update", "replace", "delete", "forget"; empty for what changes nothing.
std::string_view ActionName(infra::Action action);

}  // namespace andon::policy
