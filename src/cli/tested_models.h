// The tests of models, run for a report.
#pragma once

#include <vector>

#include "base/result.h"
#include "builtin/project.h"
#include "cli/command.h"
#include "validation/validation.h"

namespace andon::cli {

// One validation for each file of tests; its checks are the tests. Requires: the project was loaded
// with_tests and has no errors.
Result<std::vector<validation::Validation>> TestModels(Context& context, const Arguments& arguments,
                                                       builtin::ProjectFiles& project);

}  // namespace andon::cli
