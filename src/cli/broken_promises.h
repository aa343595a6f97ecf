// What plan and apply say of a plan that takes back a promise: who is hit, what notice was
// promised, what would be compatible; and whether the command may go on.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "contract/enforce.h"
#include "plan/plan.h"
#include "store/database.h"

namespace andon::cli {

// -fail-on.
std::vector<Flag> WithFailOn(std::vector<Flag> flags);

// Prints the breaking changes of the plan (with -json as events) against the release that it was
// made against, with the consumers that contracts name and the datasets that read what changes.
// kBreaking where the plan must not go on, kDone otherwise. `db` may be null: then there is no
// release, and nothing was promised.
Result<ExitCode> CheckPromises(Context& context, const Arguments& arguments, store::Database* db,
                               const plan::Plan& plan);

}  // namespace andon::cli
