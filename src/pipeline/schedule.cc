#include "pipeline/schedule.h"

#include <cctype>

#include "base/text.h"

namespace andon::pipeline {
namespace {
constexpr Duration kShortest = std::chrono::seconds(1);
}

Result<Schedule> Schedule::Parse(std::string_view text, std::string_view timezone) {
  Schedule schedule;
  std::string_view trimmed = Trim(text);
  const bool is_cron = trimmed.find(' ') != trimmed.npos || trimmed.find('\t') != trimmed.npos ||
                       (!trimmed.empty() && (trimmed[0] == '@' || trimmed[0] == '*'));
  if (!is_cron) {
    auto every = ParseDuration(trimmed);
    if (!every.ok()) {
      return Error::Invalid(
          "\"{}\" is no schedule: write a cron expression such as \"0 6 * * *\" "
          "or a duration such as \"15m\"",
          text);
    }
    if (*every < kShortest) {
      return Error::Invalid("A schedule of \"{}\" is too often; the shortest is 1s", text);
    }
    schedule.every_ = *every;
    return schedule;
  }
  schedule.cron_ = TRY(Cron::Parse(trimmed));
  if (!timezone.empty()) schedule.zone_ = TRY(TimeZone::Load(timezone));
  return schedule;
}

std::optional<Timestamp> Schedule::Next(Timestamp after) const {
  if (cron_) return cron_->Next(after, zone_);
  const int64_t every = every_.count();
  const int64_t at = ToMicros(after);
  const int64_t n = at >= 0 ? at / every : -((-at + every - 1) / every);
  return FromMicros((n + 1) * every);
}

std::vector<Scheduled> SchedulesOf(const definition::Project& project,
                                   std::vector<std::string>* errors) {
  std::vector<Scheduled> out;
  auto add = [&](const std::string& address, const std::string& text, const std::string& zone,
                 std::vector<std::string> build) {
    if (text.empty()) return;
    auto schedule = Schedule::Parse(text, zone);
    if (schedule.ok()) {
      out.push_back({address, std::move(build), std::move(*schedule)});
    } else if (errors) {
      errors->push_back(fmt::format("{}: {}", address, schedule.error().message));
    }
  };
  for (const definition::Pipeline& p : project.pipelines)
    add(p.address, p.schedule, p.timezone, p.build);
  for (const definition::Dataset& d : project.datasets)
    add(d.address, d.schedule, d.timezone, {d.address});
  return out;
}

std::vector<size_t> DueAt(const std::vector<Scheduled>& scheduled,
                          const std::vector<std::optional<Timestamp>>& last, Timestamp since,
                          Timestamp now) {
  std::vector<size_t> due;
  for (size_t i = 0; i < scheduled.size(); ++i) {
    Timestamp from = i < last.size() && last[i] ? *last[i] : since;
    auto next = scheduled[i].schedule.Next(from);
    if (next && *next <= now) due.push_back(i);
  }
  return due;
}

}  // namespace andon::pipeline
