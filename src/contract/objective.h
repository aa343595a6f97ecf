// Service levels as objectives: what was promised, what was measured, and how much of the error
// budget is left.
//
//   std::vector<Objective> objectives = Measure(document.sla, facts);
//   // availability 99.9 %: 99.95 % measured, 21m 36s of 43m 12s spent
//
// The facts are data, put together by whoever can see the journal; here is only arithmetic, so the
// figures of a page, of the command line and of a test are the same.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "contract/document.h"

namespace andon::contract {

struct Span {
  Timestamp from, to;
};

// One incident, as far as its times are known.
struct IncidentTimes {
  std::string id;
  Timestamp began;                    // The delivery arrived that was wrong, or was due.
  Timestamp detected;                 // The incident was opened.
  std::optional<Timestamp> notified;  // The first message was sent.
  std::optional<Timestamp> repaired;  // Good data was published.
};

struct ServiceFacts {
  Span window;                      // What is looked at; `to` is now.
  std::vector<Span> down;           // Times in which bad or stale data was served, or none.
  std::vector<Timestamp> arrivals;  // When new data was published; sorted or not.
  std::vector<IncidentTimes> incidents;
  std::optional<Duration> retained;  // How far back the data reaches.
};

struct Objective {
  std::string property;  // The standard's: "availability", "timeToDetect", …
  std::string promised;  // "99.9 %", "1h"
  std::string measured;  // "99.95 %", "at most 12m, 4 times"; empty: nothing was measured.
  std::string why_not;   // Why nothing was measured; else empty.
  std::optional<bool> is_met;
  // Of what may go wrong in the window; not set where the promise leaves no room.
  std::optional<Duration> budget;
  std::optional<Duration> spent;

  // Share of the budget that is left, from 0 to 1; below 0 where it is overspent.
  std::optional<double> budget_left() const;
};

// One for each property, in their order.
//
//   availability              1 - down / window; the budget is the rest
//   freshness, latency        the longest time without new data, and the time beyond the promise;
//                             the budget is that of the availability, where one is promised
//   frequency                 the longest time between two arrivals
//   timeToDetect, …Notify,    the longest among the incidents of the window; an incident that still
//   …Repair                   waits counts up to now
//   retention                 how far back the data reaches
//
// Everything else says that nothing measures it.
std::vector<Objective> Measure(const std::vector<SlaProperty>& sla, const ServiceFacts& facts);

// The time that the spans cover within the window; spans may overlap.
Duration Covered(std::vector<Span> spans, const Span& window);

// "21m 36s of 43m 12s spent (50 %)"; empty where there is no budget.
std::string BudgetText(const Objective& objective);

Json ToJson(const Objective& objective);

}  // namespace andon::contract
