// andon init in a folder of infrastructure: its modules brought below .terraform/modules, its
// providers below .terraform/providers, and their versions and hashes into the lock file.
#pragma once

#include "cli/command.h"

namespace andon::cli {

ExitCode InitInfrastructure(Context& context, const Arguments& arguments);

// The flags of it alone.
std::vector<Flag> WithInitFlags(std::vector<Flag> flags);

}  // namespace andon::cli
