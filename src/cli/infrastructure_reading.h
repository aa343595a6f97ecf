// The infrastructure for commands that look and change nothing: console, graph. Variables without
// a value are unknown, and no mistake.
#pragma once

#include <optional>

#include "cli/infrastructure.h"

namespace andon::cli {

// Where the folder declares infrastructure and no data, which has readers of its own. Mistakes in
// the files are reported, and in `has_errors`; what could be read is there all the same.
std::optional<Infrastructure> ReadInfrastructure(Context& context, const Arguments& arguments);

}  // namespace andon::cli
