#include "builtin/schedule.h"

#include "base/clock.h"
#include "pipeline/cron.h"

namespace andon::builtin {

void CheckSchedule(const Item& item, Diagnostics* diagnostics) {
  const std::string& schedule = item.attributes["schedule"].AsString();
  bool is_cron = schedule.find(' ') != std::string::npos || schedule.starts_with('@');
  if (is_cron) {
    auto cron = pipeline::Cron::Parse(schedule);
    if (!cron.ok())
      ReportAt(item, config::kInvalidText, cron.error().message, "schedule", diagnostics);
  } else if (!schedule.empty() && !ParseDuration(schedule).ok()) {
    ReportAt(
        item, config::kInvalidText,
        "\"" + schedule + "\" is neither a cron expression of five fields nor a duration like 15m.",
        "schedule", diagnostics, "schedule = \"0 6 * * *\"");
  }
  CheckTimezone(item, item.attributes["timezone"].AsString(), "timezone", diagnostics);
}

void CheckTimezone(const Item& item, const std::string& name, std::string_view part,
                   Diagnostics* diagnostics) {
  if (name.empty()) return;
  auto zone = pipeline::TimeZone::Load(name);
  if (!zone.ok()) ReportAt(item, config::kInvalidText, zone.error().message, part, diagnostics);
}

}  // namespace andon::builtin
