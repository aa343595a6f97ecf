// Drift: what somebody or something else changed since the last apply, as facts with a time.
//
// Each distinct drift (an object, and what of it differs from what to what) is recorded once, when
// it is first seen, and once more when it is gone; in between only the time at which it was last
// seen moves. Values that are sensitive are not kept, only that they differ.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "infra/plan.h"
#include "policy/readers.h"
#include "store/database.h"

namespace andon::policy {

// Kinds of facts in the journal.
inline constexpr char kDriftSeen[] = "drift_seen";
inline constexpr char kDriftGone[] = "drift_gone";

struct DriftedAttribute {
  std::string name;
  std::string before;  // As JSON; "(sensitive)" where it is not shown.
  std::string after;
};

struct Drift {
  std::string address;
  std::string action;  // "update", "delete"
  std::vector<DriftedAttribute> attributes;
  Timestamp first_seen;
  Timestamp last_seen;
  bool is_gone = false;
  Timestamp gone;  // Where it is.

  Json ToJson() const;
};

// Whether values may be kept in the clear. Where the state is encrypted they may not: only that
// they differ is told.
enum class Keeping { kValues, kNamesAlone };

// What differs in one object of Plan::drift. Times are not set.
Drift DriftOf(const infra::ResourceChange& change, Keeping keeping = Keeping::kValues);

// Records what `plan` saw. Where it asked for everything, what it did not see is gone. The facts
// name the data blocks that read what drifted.
Result<void> RecordDrift(store::Database& db, const Clock& clock, const std::string& actor,
                         const infra::Plan& plan, bool was_asked, const Readers& readers = {},
                         Keeping keeping = Keeping::kValues);

// The newest first; with those that are gone where `all`.
Result<std::vector<Drift>> ReadDrift(store::Database& db, bool all);

}  // namespace andon::policy
