// A saved plan: a JSON document with a version and the hash of what it holds
// (docs/formats/plan.md), so that a changed or cut-off file is noticed.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "plan/plan.h"

namespace andon::plan {

std::string WritePlanFile(const Plan& plan);

// kCorrupt for a file that is no plan or was changed; kInvalid where a newer
// Andon wrote it.
Result<Plan> ReadPlanFile(std::string_view text);

}  // namespace andon::plan
