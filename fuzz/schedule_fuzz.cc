// links: andon_pipeline andon_alarm
//
// Any text as a cron expression, an interval, hours of the week, a time: what is read has a next
// instant later than now, or none, and is found in bounded time.
#include "alarm/freshness.h"
#include "driver.h"
#include "pipeline/schedule.h"

using namespace andon;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Timestamp now = *ParseTimestamp("2026-03-29T00:59:30Z");
  static const auto zone = pipeline::TimeZone::Load("Europe/Berlin");
  std::string input(reinterpret_cast<const char*>(data), size);
  auto cron = pipeline::Cron::Parse(input);
  if (cron.ok()) {
    auto next = cron->Next(now, zone.ok() ? *zone : pipeline::TimeZone::Utc());
    FUZZ_CHECK(!next || *next > now, input);
    FUZZ_CHECK(!next || next->time_since_epoch() % std::chrono::minutes(1) == Duration(0), input);
  }
  auto schedule = pipeline::Schedule::Parse(input, "UTC");
  if (schedule.ok()) {
    auto next = schedule->Next(now);
    FUZZ_CHECK(!next || *next > now, input);
  }
  auto duration = ParseDuration(input);
  if (duration.ok()) HumanDuration(*duration);
  auto time = ParseTimestamp(input);
  if (time.ok()) {
    auto again = ParseTimestamp(ToRfc3339(*time));
    FUZZ_CHECK(again.ok() && *again == *time, input);
  }
  auto hours = alarm::Hours::Parse(input);
  if (hours.ok()) {
    Timestamp later = hours->Add(now, std::chrono::hours(5));
    FUZZ_CHECK(later >= now + std::chrono::hours(5), input);
    FUZZ_CHECK(hours->Between(now, later) == std::chrono::hours(5), input);
    hours->Contains(now);
  }
  (void)pipeline::TimeZone::Load(input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {"*/15 6-20 * * mon-fri",
          "0 0 L * *",
          "5,10-50/7 */2 1-15 jan,jul 0",
          "@daily",
          "0 0 29 2 *",
          "30 2 * * 7",
          "15m",
          "1h30m",
          "Mon-Fri 08:00-20:00",
          "Sat,Sun 00:00-24:00;Mon 22:00-06:00",
          "2026-11-20T08:42:52.123456Z",
          "2026-11-20T08:42:52+02:00",
          "2026-11-20",
          "Europe/Berlin"};
}

std::vector<std::string> FuzzWords() {
  return {"*",     "/",       "-",
          ",",     " ",       "L",
          "@",     "0",       "1",
          "59",    "60",      "23",
          "24",    "31",      "7",
          "mon",   "sun",     "jan",
          "dec",   "@yearly", "@hourly",
          "d",     "h",       "ms",
          "w",     "y",       ":",
          ";",     "T",       "Z",
          "+",     ".",       "9999999999999999999",
          "99999", "../",     "24:00",
          "00:00"};
}
