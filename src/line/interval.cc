#include "line/interval.h"

#include <algorithm>

#include "pipeline/time_zone.h"

namespace andon::line {
namespace {

using pipeline::CivilDate;
using pipeline::CivilFromDays;
using pipeline::DaysFromCivil;

constexpr int64_t kHour = 3600, kDay = 86400;

int64_t Floor(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

// The beginning of the grain that `local` lies in, and of the one before; wall clock seconds.
Result<std::pair<int64_t, int64_t>> Grains(const std::string& grain, int64_t local) {
  const int64_t day = Floor(local, kDay);
  CivilDate date = CivilFromDays(day);
  if (grain == "hour") {
    const int64_t begin = Floor(local, kHour) * kHour;
    return std::pair(begin - kHour, begin);
  }
  if (grain == "day" || grain.empty()) return std::pair((day - 1) * kDay, day * kDay);
  if (grain == "week") {
    const int64_t monday = day - (pipeline::WeekdayOf(day) + 6) % 7;
    return std::pair((monday - 7) * kDay, monday * kDay);
  }
  if (grain == "month") {
    const int64_t begin = DaysFromCivil(date.year, date.month, 1);
    CivilDate before = CivilFromDays(begin - 1);
    return std::pair(DaysFromCivil(before.year, before.month, 1) * kDay, begin * kDay);
  }
  if (grain == "year") {
    return std::pair(DaysFromCivil(date.year - 1, 1, 1) * kDay,
                     DaysFromCivil(date.year, 1, 1) * kDay);
  }
  return Error::Invalid("the grain \"{}\" is none of hour, day, week, month, year", grain);
}

std::string Text(int64_t local) {
  const int64_t day = Floor(local, kDay);
  const int64_t rest = local - day * kDay;
  CivilDate date = CivilFromDays(day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", date.year, date.month, date.day,
                     rest / kHour, rest / 60 % 60, rest % 60);
}

}  // namespace

bool UsesInterval(std::string_view sql) {
  return sql.find("$start") != sql.npos || sql.find("$end") != sql.npos;
}

bool UsesInterval(const std::vector<quality::CheckSpec>& checks) {
  return std::any_of(checks.begin(), checks.end(), [](const quality::CheckSpec& check) {
    return UsesInterval(quality::SqlOf(check));
  });
}

Result<Interval> LastGrain(const definition::Project& project, const definition::Dataset& dataset,
                           Timestamp now) {
  std::string zone_name = dataset.timezone;
  for (const definition::Pipeline& p : project.pipelines) {
    if (std::find(p.build.begin(), p.build.end(), dataset.address) != p.build.end()) {
      zone_name = p.timezone;
    }
  }
  if (zone_name.empty()) zone_name = "UTC";
  auto zone = TRY(pipeline::TimeZone::Load(zone_name));
  const int64_t now_s = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  auto [start, end] = TRY(Grains(dataset.load.grain, zone.ToLocal(now_s)));
  const definition::Column* by = dataset.FindColumn(dataset.load.by);
  if (by && by->type != "date" && (by->type == "timestamptz" || !by->timezone.empty())) {
    auto column_zone =
        TRY(pipeline::TimeZone::Load(by->type == "timestamptz" ? "UTC" : by->timezone));
    start = column_zone.ToLocal(zone.FromLocal(start).first);
    end = column_zone.ToLocal(zone.FromLocal(end).first);
  }
  return Interval{Text(start), Text(end)};
}

}  // namespace andon::line
