// `andon check -suite SUITE -data DATA`: a suite of Great Expectations over one table or file,
// without a project.
#pragma once

#include <vector>

#include "cli/command.h"

namespace andon::cli {

// True where the flags ask for a suite over data instead of a project's checks.
bool AsksForSuite(const Arguments& arguments);
ExitCode RunSuiteCheck(Context& context, const Arguments& arguments);

}  // namespace andon::cli
