// -generate-config-out: the resource blocks that import blocks lack, written from the objects
// themselves into a new file.
#pragma once

#include "base/result.h"
#include "cli/infrastructure.h"

namespace andon::cli {

enum class Generated {
  kNothing,    // Every import block has its resource.
  kInProject,  // The file is one of the project's: it has to be read again.
  kElsewhere,  // The file stands where the project does not read it.
};

// Asks the providers for the objects; changes nothing but the new file, which must not exist.
// Mistakes are reported, and are an error.
Result<Generated> GenerateConfig(Context& context, const Arguments& arguments,
                                 Infrastructure& infrastructure);

}  // namespace andon::cli
