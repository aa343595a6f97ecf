// What a run's variables are: those of the command line, the environment and the files of values,
// then the test file's, then the run's own.
#pragma once

#include <string>

#include "config/variables.h"
#include "hcl/function_table.h"
#include "infratest/test_file.h"

namespace andon::infratest {

struct VariableSource {
  const io::FileSystem* files = nullptr;          // Required.
  const hcl::FunctionTable* functions = nullptr;  // Required.
  // Flags and environment. Names that a module does not declare are no mistake here.
  config::VariableInput input;
};

struct RunVariables {
  std::map<std::string, value::Value> declared;  // One for each of the module's.
  Values undeclared;                             // Which assertions may read all the same.
  Diagnostics diagnostics;
};

// `runs` is what the expressions see as `run`. The texts read are added to `module`.
RunVariables VariablesOf(const VariableSource& source, config::Module& module, const TestFile& file,
                         const Run& run, const value::Value& runs);

}  // namespace andon::infratest
