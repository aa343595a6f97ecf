// The JSON of validate: Terraform's format 1.0, with the code and the help of a message
// beside what Terraform says.
#pragma once

#include "base/diagnostics.h"
#include "base/json.h"
#include "base/source.h"

namespace andon::cli {

Json ValidationJson(const Diagnostics& diagnostics, const Sources& sources);

}  // namespace andon::cli
