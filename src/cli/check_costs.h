// What the checks of a plan will cost: one line for each dataset whose checks it changes.
#pragma once

#include "cli/command.h"
#include "plan/plan.h"
#include "store/database.h"

namespace andon::cli {

// "payment: 12 checks (2 changed) in 1 scan, about 1,234 of 5,678 bytes, takes about 12 ms (…); 3
// follow from others".
// Prints nothing where no dataset with data has changed checks. Best effort: a dataset that cannot
// be opened is passed over, for the plan does not depend on it.
void TellCheckCosts(Context& context, const plan::Plan& plan);

// What reading takes, of an explanation's data: sets "seconds", "bytes_per_second" and
// "rate_basis", and returns "takes about 120 ms (250 MB a second, as validation 12 read)". Empty
// where the bytes are not known, or there are none. `address` without a `db`, or unknown to it: the
// assumed rate.
std::string EstimateTime(store::Database* db, const std::string& address, Json* explained);

// How long the last validation of a dataset took, with its rows: "the last validation, 12, took 35
// ms for 1,157 rows". Empty where there was none.
std::string LastDuration(store::Database& db, const std::string& address);

}  // namespace andon::cli
