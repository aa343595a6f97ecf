// `andon incident accept`: red data are published all the same, by a person, with a reason and an
// end, and marked so for ever.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "line/run.h"

namespace andon::line {

struct AcceptReport {
  int64_t incident = 0;
  struct Table {
    std::string name;
    int64_t version = 0;
    int64_t rows = 0;
  };
  std::vector<Table> published;
};
// Publishes the red branch of an incident all the same; `until` is when it opens again. Where main
// has moved on since, rows that were only added are put on top of it, as any publish does; no check
// is made again, since a person answers for the rows. kInvalid where there is nothing to publish (a
// broken contract, an unreadable file: nothing was loaded); kConflict where main has moved on and
// the load replaces rows of what it was.
Result<AcceptReport> AcceptIncident(const World& world, int64_t incident, const std::string& reason,
                                    std::optional<Timestamp> until,
                                    Duration lock_timeout = Duration{0});

}  // namespace andon::line
