// The watch over freshness: asks alarm/freshness.h what has become late or fresh, keeps the states,
// opens and ends incidents. Called by the server's loop when something is due, and by `andon run`
// at its end, so that nothing is missed where no server runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "alarm/freshness.h"
#include "base/clock.h"
#include "base/result.h"
#include "definition/definition.h"
#include "incident/incident.h"
#include "store/database.h"

namespace andon::board {

struct WatchResult {
  std::vector<alarm::Transition> transitions;
  std::vector<int64_t> incidents;     // Opened or joined.
  std::optional<Timestamp> next_due;  // When to call again at the latest.
  std::vector<std::string> problems;  // Definitions that cannot be read.
};

// One transaction. Also ends acceptances whose time is over.
Result<WatchResult> WatchFreshness(store::Database& db, const incident::Context& context,
                                   Timestamp now);

// What Step needs, from the store: the last delivery (the last publish, for a model), or the
// newest event time where the last published version tells it.
Result<std::vector<alarm::FreshnessInput>> FreshnessInputs(store::Transaction& tx,
                                                           const definition::Project& project);

// The offset of an IANA time zone for alarm; UTC where it is unknown or empty.
alarm::UtcOffset OffsetOf(const std::string& timezone);

}  // namespace andon::board
