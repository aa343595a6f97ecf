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

struct FileToRead {
  FileState* file = nullptr;
  std::vector<const Tracked*> missing;
};

// Reads what is missing of the files' rows: with the same means as a plan of a whole relation has
// (plan.h), bits for dense keys and one count by value for a column of few values. Where a
// statement breaks, its state is false: there can be none, and a check over all rows says why.
// Where it only fails this time, there is no state. Fails with kInterrupted, and where the engine
// cannot go on. Requires: `files` are of `dataset`.
Result<void> ReadStates(sql::Session& session, const sql::QueryOptions& query,
                        const FileStates& dataset, std::vector<FileToRead> files);

}  // namespace andon::quality
