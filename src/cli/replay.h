// Replay of checks over the versions that datasets had, their batches or their deliveries: `andon
// check -replay`, `andon plan -replay`.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "plan/plan.h"
#include "store/database.h"

namespace andon::cli {

// -replay.
Flag ReplayFlag();

// The checks of the named datasets (all without names; "payment.amount_in_range" is one check), as
// the files declare them, whether they were applied or not.
ExitCode RunReplay(Context& context, const Arguments& arguments);

// Those that a plan adds or changes. Prints nothing where there are none.
Result<void> ReplayChanges(Context& context, const Arguments& arguments, const plan::Plan& plan);

}  // namespace andon::cli
