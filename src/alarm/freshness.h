// Freshness: when a dataset is late, and when to look again.
//
// A pure state machine, `Step(now, facts) -> effects`: whoever owns a clock (the server, each
// `andon run`) calls it with what is known and stores the states; so a crash is a replay, and
// tests turn the hands. A string in `freshness` means: since the last arrival. An object may name
// an event-time column (then the newest value of it counts), and hours of the week: time outside
// of them does not make a dataset older.
//
//   StepResult r = Step(now, {FreshnessInput{.dataset = &payment, .last_at = arrived}});
//   for (const Transition& t : r.transitions) …   // OK -> ALARM: open an incident
//   // sleep until r.next_due
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "definition/definition.h"

namespace andon::alarm {

// Seconds to add to UTC at an instant (seconds since the epoch): pipeline::TimeZone::OffsetAt of
// the dataset's time zone, passed in since this room knows no zone data. Empty is UTC.
using UtcOffset = std::function<int64_t(int64_t utc)>;

// Hours of the week in which time counts: "Mon-Fri 08:00-20:00", "Sat,Sun 00:00-24:00",
// "Mon-Fri 22:00-06:00" (over midnight: belongs to the day on which it begins), "09:00-17:00"
// (every day); several, separated by ";". On the wall clock of one time zone.
class Hours {
 public:
  // kInvalid with what is wrong and an example.
  static Result<Hours> Parse(std::string_view text, UtcOffset offset = {});

  // The time between two instants that counts. Zero where `from` >= `to`.
  Duration Between(Timestamp from, Timestamp to) const;
  // The first instant at which Between(from, instant) is `by`. Requires: by >= 0.
  Timestamp Add(Timestamp from, Duration by) const;
  bool Contains(Timestamp t) const;

 private:
  struct Span {  // Minutes since Monday 00:00, within one week, not overlapping, sorted.
    int start = 0;
    int end = 0;
  };
  struct Window {
    Timestamp start;
    Timestamp end;
  };
  // The windows of the local week that begins `week` weeks after Monday, 1970-01-05.
  std::vector<Window> WindowsOf(int64_t week) const;
  int64_t WeekOf(Timestamp t) const;
  Timestamp ToUtc(int64_t local_minutes) const;

  std::vector<Span> spans_;
  UtcOffset offset_;
};

// CloudWatch's three states.
enum class State { kInsufficientData, kOk, kAlarm };
std::string_view ToString(State state);  // "INSUFFICIENT_DATA", "OK", "ALARM"
State StateFromString(std::string_view text);

struct FreshnessInput {
  const definition::Dataset* dataset = nullptr;  // One with `freshness`; others are skipped.
  // The last arrival (the last publish, for a model) or the newest event time; none: never yet.
  std::optional<Timestamp> last_at;
  // Since when it is watched: the apply of the release that declared it. A dataset that never
  // had data is late as from here.
  std::optional<Timestamp> watched_since;
  State state = State::kInsufficientData;  // As stored.
  UtcOffset offset;                        // Of the dataset's time zone, for `during`.
};

struct Transition {
  std::string dataset;  // Address.
  State from = State::kInsufficientData;
  State to = State::kOk;
  std::optional<Timestamp> last_at;
  Timestamp due;    // The instant at which it became, or will become, late.
  Duration age{0};  // Time that counts since last_at.
  Duration max{0};
  std::string reason;  // "payment is late: no delivery for 1h 20m, at most 1h is allowed."
};

struct StepResult {
  std::vector<Transition> transitions;  // In the order of the inputs; only what changed.
  std::optional<Timestamp> next_due;    // When the next one would change; none: nothing is awaited.
  std::vector<std::string> problems;    // Sentences: definitions that cannot be read.
};

StepResult Step(Timestamp now, const std::vector<FreshnessInput>& inputs);

// How old a dataset is now by its definition, and when it becomes late; kInvalid for a definition
// that cannot be read. Requires: dataset.freshness and last_at.
struct Age {
  Duration age{0};
  Duration max{0};
  Timestamp due;
  bool is_late = false;
};
Result<Age> AgeOf(const definition::Dataset& dataset, Timestamp last_at, Timestamp now,
                  const UtcOffset& offset = {});

}  // namespace andon::alarm
