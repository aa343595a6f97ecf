// $start and $end of a dataset's SQL and of its checks': the last complete grain.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "definition/definition.h"
#include "quality/check.h"

namespace andon::line {

// True where the text names $start or $end.
bool UsesInterval(std::string_view sql);

// True where the SQL of one of the checks does.
bool UsesInterval(const std::vector<quality::CheckSpec>& checks);

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
