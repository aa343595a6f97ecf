// What checks said, as plans and states in JSON show it: by what declares them, and in it by
// instance.
#pragma once

#include <vector>

#include "infra/plan.h"
#include "infratext/json_writer.h"
#include "state/state.h"

namespace andon::infratext {

// An array, by address.
void WriteChecks(std::vector<state::CheckResult> results, JsonWriter& out);

// The outcomes of instances gathered under what declares them. The status of the whole is that of
// its worst instance.
std::vector<state::CheckResult> GatherChecks(const std::vector<infra::CheckOutcome>& outcomes);

}  // namespace andon::infratext
