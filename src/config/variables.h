// The values of a module's variables, with Terraform's precedence: the default,
// the environment (TF_VAR_x, then ANDON_VAR_x), terraform.tfvars,
// terraform.tfvars.json, *.auto.tfvars and *.auto.tfvars.json in order of name,
// then what the command line gives, in its order.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "config/module.h"
#include "io/file_system.h"
#include "value/value.h"

namespace andon::config {

struct VariableInput {
  // In the order of the command line: {"var", "a=b"} or {"var-file", "x.tfvars"}.
  std::vector<std::pair<std::string, std::string>> flags;
  // The process environment; only TF_VAR_ and ANDON_VAR_ are read.
  std::map<std::string, std::string> environment;
  // What a test sets for itself; wins over all others.
  std::vector<std::pair<std::string, value::Value>> values;
};

// Takes TF_VAR_* and ANDON_VAR_* from the environment of this process.
std::map<std::string, std::string> VariableEnvironment();

struct VariableValues {
  std::map<std::string, value::Value> values;  // One for each variable; unknown after an error.
  Diagnostics diagnostics;
};

// Converts to the declared types and marks what is sensitive. The validation
// blocks are evaluated by plan, since they may call functions. Text files that
// are read are added to `module.sources`.
VariableValues ReadVariables(const io::FileSystem& files, Module& module,
                             const VariableInput& input);

}  // namespace andon::config
