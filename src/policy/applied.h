// What applies did to infrastructure, as facts of the journal: that one began, each object that it
// changed, with what of it differs and where it is written, and how it ended.
//
// The beginning is recorded before anything is done: where a crash keeps the end from the journal,
// it stands there which objects were about to change. Values that are sensitive are not kept, only
// that they differ.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "infra/plan.h"
#include "policy/drift.h"
#include "policy/readers.h"
#include "store/database.h"

namespace andon::policy {

// Kinds of facts.
inline constexpr char kApplyBegun[] = "infrastructure_apply_begun";
inline constexpr char kApplyEnded[] = "infrastructure_apply_ended";
inline constexpr char kResourceChanged[] = "resource_changed";

struct AppliedChange {
  std::string address;
  // {"action": …, "attributes": [{"name", "before", "after"}], "position": "main.tf:3",
  //  "readers": ["source.rental"]}
  Json body;
};

// What carrying the plan out will change. Taken before: what apply makes known is not in it.
std::vector<AppliedChange> ChangesOf(const infra::Plan& plan, const Readers& readers,
                                     Keeping keeping);
// The data blocks that read the resource, as a list of texts.
Json ReadersOf(const std::string& address, const Readers& readers);

Result<void> RecordApplyBegun(store::Database& db, Timestamp now, const std::string& actor,
                              const std::vector<AppliedChange>& changes);
// `done`: addresses of the objects that were changed. `outcome`: "done", "failed", "interrupted".
Result<void> RecordApplyEnded(store::Database& db, Timestamp now, const std::string& actor,
                              const std::vector<AppliedChange>& changes,
                              const std::set<std::string>& done, const std::string& outcome);

}  // namespace andon::policy
