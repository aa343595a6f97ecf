// Cron expressions: five fields, minute hour day-of-month month day-of-week, as
// Debian's cron reads them.
//
//   auto cron = TRY(Cron::Parse("*/15 6-20 * * mon-fri"));
//   auto next = cron.Next(now, TRY(TimeZone::Load("Europe/Berlin")));
//
// Names of months and days, lists, ranges, steps, 7 for Sunday, "L" for the last day
// of the month, and @yearly @annually @monthly @weekly @daily @midnight @hourly. Where
// both days are restricted (neither field begins with '*'), either one matches.
//
// Daylight saving: a job at fixed times that falls into the gap runs right after it,
// and runs once in the fold; a job whose minute or hour begins with '*' follows the
// wall clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "pipeline/time_zone.h"

namespace andon::pipeline {

class Cron {
 public:
  // kInvalid says which field is wrong, why, and what it may be.
  static Result<Cron> Parse(std::string_view text);

  // The first instant after `after`, on a whole minute; nothing where there is none
  // within 28 years ("0 0 30 2 *").
  std::optional<Timestamp> Next(Timestamp after, const TimeZone& zone) const;

 private:
  bool MatchesDay(int64_t year, int month, int day) const;
  // The first match at or after that wall clock minute, or nothing up to `days_max` days on.
  std::optional<int64_t> NextLocal(int64_t local_minute, int64_t days_max) const;

  uint64_t minutes_ = 0;
  uint32_t hours_ = 0;
  uint32_t days_ = 0;    // Bit d: day d.
  uint32_t months_ = 0;  // Bit m: month m.
  uint32_t weekdays_ = 0;
  bool last_day_ = false;
  bool days_are_and_ = true;
  bool follows_wall_clock_ = false;
};

}  // namespace andon::pipeline
