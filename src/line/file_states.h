// What is kept of each data file of a dataset for its checks (quality/incremental): states in the
// control store, one row for each file, and runs of keys under .andon/keys, one file for each
// (docs/formats/check_states.md). They are a cache: what is not there, is damaged, or was made by
// another version, is computed anew.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lake/scan.h"
#include "line/run.h"
#include "quality/incremental/incremental.h"

namespace andon::line {

// So many files that the checked snapshot does not have (of branches, of versions before) keep
// their states, the newest first.
inline constexpr size_t kOtherFilesMax = 256;

// The files of a scan, with what is kept of them; `full`: with nothing. Of columns with `pii`
// nothing but counts is kept.
Result<quality::FileStates> FileStatesOf(const World& world, const definition::Dataset& dataset,
                                         const lake::Scan& scan,
                                         const std::vector<quality::CheckSpec>& checks, bool full);

// Keeps the states that were made, by the place of their file in `files` (-1: of all together), in
// one transaction; then removes runs of keys that no state names any more. `shapes`: in the same
// way the columns that were found in files of others (files_in_place.h).
Result<void> KeepFileStates(const World& world, const std::string& dataset,
                            const quality::FileStates& files,
                            const std::vector<std::pair<int64_t, Json>>& made,
                            const std::vector<std::pair<int64_t, Json>>& shapes = {});

// Of files that are gone.
Result<void> ForgetFileStates(const World& world, const std::vector<std::string>& paths);

}  // namespace andon::line
