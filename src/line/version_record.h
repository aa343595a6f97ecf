// What is written down with a version of a dataset, inside the transaction that makes it main's.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "store/database.h"

namespace andon::line {

// Adds the members of `about` to the version's body: "basis" (what it was made of), "rows",
// "newest" (event times), "accepted" (by whom and why, where it is red).
Result<void> DescribeVersion(store::Transaction& tx, const std::string& table, int64_t version,
                             const Json& about);

// The cursor of that snapshot: the deliveries that are loaded in it, as they stand in `tx`.
Result<void> WriteCursor(store::Transaction& tx, const std::string& dataset, int64_t snapshot_id,
                         const std::string& run_id, Timestamp now);

// After a rollback to that snapshot: deliveries that it does not have are new again, those that it
// has are loaded. Nothing where it has no cursor (another tool made it). Returns how many changed.
Result<int> RestoreCursor(store::Transaction& tx, const std::string& dataset, int64_t snapshot_id,
                          Timestamp now);

}  // namespace andon::line
