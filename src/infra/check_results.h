// What conditions said, as state files keep it: by block, with its objects.
#pragma once

#include <vector>

#include "infra/plan.h"
#include "state/state.h"

namespace andon::infra {

std::vector<state::CheckResult> Together(const std::vector<CheckOutcome>& outcomes);

}  // namespace andon::infra
