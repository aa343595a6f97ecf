// How incidents lie in the control store: the tables incidents and incident_events.
// Only for this folder.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "incident/incident.h"
#include "store/database.h"

namespace andon::incident {

// Everything that has no column of its own. Written and read by these two only.
Json BodyOf(const Incident& incident);
void ReadBody(const Json& body, Incident& incident);

// Inserts where number is 0, and sets it; else updates.
Result<void> Save(store::Transaction& tx, Incident& incident);
Result<void> AddEvent(store::Transaction& tx, int64_t number, const Event& event);
// Not over, oldest first.
Result<std::vector<Incident>> ListOpen(store::Transaction& tx);

}  // namespace andon::incident
