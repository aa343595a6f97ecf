// Schedules: when a pipeline, or a dataset with a schedule of its own, is due.
//
//   auto schedule = TRY(Schedule::Parse("0 6 * * *", "Europe/Berlin"));
//   schedule.Next(last);   // The first instant after `last`.
//
// A duration ("15m") is due on the multiples of itself since 1970 (UTC), so that a restart
// shifts nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "definition/definition.h"
#include "pipeline/cron.h"

namespace andon::pipeline {

class Schedule {
 public:
  // kInvalid for what is neither cron nor duration; kNotFound for an unknown time zone.
  static Result<Schedule> Parse(std::string_view text, std::string_view timezone);

  // Nothing where a cron expression never matches.
  std::optional<Timestamp> Next(Timestamp after) const;

 private:
  std::optional<Cron> cron_;
  TimeZone zone_ = TimeZone::Utc();
  Duration every_{0};
};

// One thing that runs by the clock.
struct Scheduled {
  std::string address;             // "pipeline.revenue", "dataset.payment"
  std::vector<std::string> build;  // Dataset addresses: what a run of it is asked for.
  Schedule schedule;
};

// Pipelines and datasets with a schedule, in the project's order. A schedule that does not
// parse is left out, and told in `errors` (where given): "pipeline.x: …".
std::vector<Scheduled> SchedulesOf(const definition::Project& project,
                                   std::vector<std::string>* errors = nullptr);

// Which of them are due at `now` when they were last at `last` (same order; nothing: never, and
// then from `since` on). Missed instants count once.
std::vector<size_t> DueAt(const std::vector<Scheduled>& scheduled,
                          const std::vector<std::optional<Timestamp>>& last, Timestamp since,
                          Timestamp now);

}  // namespace andon::pipeline
