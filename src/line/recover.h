// After a crash: what a dead run left is put in order, so that the next one sees nothing of it.
#pragma once

#include "base/result.h"
#include "lake/garbage.h"
#include "line/run.h"

namespace andon::line {

// Runs that are "running" in the store though nobody holds the run lease but us are dead: they and
// their tasks become "lost", their unpublished branches and staged files go away; what they left in
// the folders of tables is looked for by CollectGarbage.
// Requires: the run lease is held.
Result<void> RecoverDeadRuns(const World& world);

// Branches that were kept for `incident accept`, and are of no more use: their deliveries were
// superseded, loaded or withdrawn, or their incident is over.
Result<void> DropOldBranches(const World& world);

// What killed runs, failed tasks and dropped branches left in the lake, as far as it is old enough
// (lake/garbage.h). What a red branch that waits for `incident accept` needs stays.
// Requires: the run lease is held, and no task is at work.
Result<lake::Garbage> CollectGarbage(const World& world);

}  // namespace andon::line
