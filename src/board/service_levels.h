// The service levels of contracts, measured from what the control store knows: publishes, what was
// seen of external datasets, incidents and the messages about them.
#pragma once

#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "contract/objective.h"
#include "definition/definition.h"
#include "store/database.h"

namespace andon::board {

inline constexpr Duration kServiceWindow = std::chrono::hours(24 * 30);

// One objective for each property that the contract promises, over `window` up to now; what was not
// there yet was promised to nobody, so a younger dataset has a shorter one.
// Requires: window > 0.
Result<std::vector<contract::Objective>> MeasureContract(store::Transaction& tx,
                                                         const definition::Project& project,
                                                         const definition::Contract& contract,
                                                         Timestamp now,
                                                         Duration window = kServiceWindow);

}  // namespace andon::board
