// The states of one data file: from its statistics, and else from its rows. Only for this folder.
#pragma once

#include <string>
#include <vector>

#include "quality/incremental/split.h"

namespace andon::quality {

// Sets the states that follow from the file's statistics.
void TakeStatistics(const std::vector<Tracked>& tracked, FileState* file);

// Lifetime: points into `tracked`.
std::vector<const Tracked*> MissingStates(const std::vector<Tracked>& tracked,
                                          const FileState& file);

// Reads them of the file's rows. Where one breaks, its state is false: there can be none, and a
// check over all rows says why. Fails only with kInterrupted, and where the engine cannot go on.
Result<void> ReadStates(sql::Session& session, const sql::QueryOptions& query,
                        const std::string& key_dir, const std::vector<const Tracked*>& missing,
                        FileState* file);

}  // namespace andon::quality
