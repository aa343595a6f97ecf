// $start and $end: the last complete grain of a model that is built interval by interval.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "definition/definition.h"

namespace andon::line {

// True where the text names $start or $end.
bool UsesInterval(std::string_view sql);

// Both as "2026-01-01 00:00:00", on the wall clock of the time column's zone.
struct Interval {
  std::string start;
  std::string end;
};
// The grain is the dataset's (default: a day), in the time zone of the pipeline that builds it, of
// the dataset, or UTC: the run of 2 January 06:00 has 1 January 00:00 to 24:00.
Result<Interval> LastGrain(const definition::Project& project, const definition::Dataset& dataset,
                           Timestamp now);

}  // namespace andon::line
