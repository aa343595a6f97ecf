// andon init in a folder of infrastructure: its providers brought below .terraform/providers, and
// their versions and hashes into the lock file.
#pragma once

#include "cli/command.h"

namespace andon::cli {

ExitCode InitInfrastructure(Context& context, const Arguments& arguments);

}  // namespace andon::cli
