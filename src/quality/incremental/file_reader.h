// The states of one data file: from its statistics, and else from its rows. Only for this folder.
#pragma once

#include <string>
#include <vector>

#include "quality/incremental/split.h"

namespace andon::quality {

// Sets the states that follow from the file's statistics.
void TakeStatistics(const std::vector<Tracked>& tracked, FileState* file);

// Each name once. Lifetime: points into `tracked`.
std::vector<const Tracked*> MissingStates(const std::vector<Tracked>& tracked,
                                          const FileState& file);

// Reads them of the file's rows: with the same means as a plan of a whole relation has (plan.h),
// bits for dense keys and one count by value for a column of few values. Where a statement breaks,
// its state is false: there can be none, and a check over all rows says why. Where it only fails
// this time, there is no state. Fails with kInterrupted, and where the engine cannot go on.
Result<void> ReadStates(sql::Session& session, const sql::QueryOptions& query,
                        const std::string& key_dir, const std::vector<const Tracked*>& missing,
                        FileState* file);

}  // namespace andon::quality
