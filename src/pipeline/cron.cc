#include "pipeline/cron.h"

#include <array>
#include <cctype>
#include <limits>
#include <vector>

#include "base/text.h"

namespace andon::pipeline {
namespace {

constexpr int64_t kMinutesPerDay = 1440;
// Weekdays and leap years repeat within it: what does not match until then never does.
constexpr int64_t kSearchDays = 28 * 366;

struct Field {
  std::string_view name;
  int low, high;
  std::vector<std::string_view> names;  // From `names_from` on.
  int names_from;
};

const std::array<Field, 5>& Fields() {
  static const std::array<Field, 5> kFields = {{
      {"minute", 0, 59, {}, 0},
      {"hour", 0, 23, {}, 0},
      {"day of the month", 1, 31, {}, 0},
      {"month",
       1,
       12,
       {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"},
       1},
      {"day of the week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, 0},
  }};
  return kFields;
}

// "5", "oct"; nothing where it is neither.
std::optional<int> ReadNumber(std::string_view text, const Field& field) {
  if (text.empty() || text.size() > 3) return std::nullopt;
  std::string lower = AsciiLower(text);
  for (size_t i = 0; i < field.names.size(); ++i) {
    if (lower == field.names[i]) return static_cast<int>(i) + field.names_from;
  }
  int number = 0;
  for (char c : text) {
    if (!std::isdigit(static_cast<unsigned char>(c))) return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

Error Wrong(const Field& field, std::string_view text, std::string_view why) {
  return Error::Invalid("\"{}\" is no {} of a cron expression: {}", text, field.name, why);
}

// One item of a list: "*", "*/5", "3", "3-9", "3-9/2", "3/5".
Result<uint64_t> ReadItem(std::string_view item, const Field& field) {
  int step = 1;
  std::string_view range = item;
  bool has_step = false;
  if (size_t slash = item.find('/'); slash != item.npos) {
    has_step = true;
    range = item.substr(0, slash);
    auto number = ReadNumber(item.substr(slash + 1), Field{"step", 1, 99, {}, 0});
    if (!number || *number < 1) return Wrong(field, item, "the step after '/' is a number from 1");
    step = *number;
  }
  int low = field.low, high = field.high;
  if (range != "*") {
    size_t dash = range.find('-');
    auto first = ReadNumber(range.substr(0, dash), field);
    auto last = dash == range.npos ? first : ReadNumber(range.substr(dash + 1), field);
    if (!first || !last || *first < field.low || *last > field.high || *first > field.high) {
      return Wrong(field, item,
                   field.names.empty() ? fmt::format("write {} to {}, '*', a range or a list",
                                                     field.low, field.high)
                                       : fmt::format("write {} to {} or {}, '*', a range or a list",
                                                     field.low, field.high, field.names[0]));
    }
    if (*first > *last) {
      return Wrong(field, item, "a range goes from the smaller to the larger");
    }
    low = *first;
    high = dash == range.npos && has_step ? field.high : *last;
  } else if (field.high == 7) {
    high = 6;  // Not Sunday twice: the steps would differ.
  }
  uint64_t bits = 0;
  for (int i = low; i <= high; i += step) bits |= uint64_t{1} << i;
  return bits;
}

Result<uint64_t> ReadField(std::string_view text, const Field& field, bool* last_day) {
  uint64_t bits = 0;
  for (const std::string& item : Split(text, ',')) {
    if (last_day && (item == "L" || item == "l")) {
      *last_day = true;
      continue;
    }
    auto read = TRY(ReadItem(item, field));
    bits |= read;
  }
  return bits;
}

std::string Expand(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> kMacros[] = {
      {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
      {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
      {"@hourly", "0 * * * *"}};
  std::string lower = AsciiLower(text);
  for (const auto& [name, expression] : kMacros) {
    if (lower == name) return std::string(expression);
  }
  return std::string(text);
}

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

}  // namespace

Result<Cron> Cron::Parse(std::string_view text) {
  std::string expression = Expand(Trim(text));
  std::vector<std::string> words;
  for (std::string& word : Split(expression, ' ')) {
    for (std::string& part : Split(word, '\t')) {
      if (!part.empty()) words.push_back(std::move(part));
    }
  }
  if (words.size() == 1 && words[0][0] == '@') {
    return Error::Invalid(
        "\"{}\" is no schedule; write @hourly, @daily, @weekly, @monthly, @yearly or five fields",
        text);
  }
  if (words.size() != 5) {
    return Error::Invalid(
        "a cron expression has five fields (minute, hour, day of the month, month, day of the "
        "week); \"{}\" has {}",
        text, words.size());
  }
  const auto& fields = Fields();
  Cron cron;
  cron.minutes_ = TRY(ReadField(words[0], fields[0], nullptr));
  auto hours = TRY(ReadField(words[1], fields[1], nullptr));
  auto days = TRY(ReadField(words[2], fields[2], &cron.last_day_));
  auto months = TRY(ReadField(words[3], fields[3], nullptr));
  auto weekdays = TRY(ReadField(words[4], fields[4], nullptr));
  cron.hours_ = static_cast<uint32_t>(hours);
  cron.days_ = static_cast<uint32_t>(days);
  cron.months_ = static_cast<uint32_t>(months);
  cron.weekdays_ = static_cast<uint32_t>(weekdays | weekdays >> 7) & 0x7f;
  cron.days_are_and_ = words[2][0] == '*' || words[4][0] == '*';
  cron.follows_wall_clock_ = words[0][0] == '*' || words[1][0] == '*';
  return cron;
}

bool Cron::MatchesDay(int64_t year, int month, int day) const {
  if (!(months_ >> month & 1)) return false;
  bool by_day = (days_ >> day & 1) || (last_day_ && day == DaysInMonth(year, month));
  bool by_weekday = weekdays_ >> WeekdayOf(DaysFromCivil(year, month, day)) & 1;
  return days_are_and_ ? by_day && by_weekday : by_day || by_weekday;
}

std::optional<int64_t> Cron::NextLocal(int64_t local_minute, int64_t days_max) const {
  int64_t day = FloorDiv(local_minute, kMinutesPerDay);
  int64_t minute = local_minute - day * kMinutesPerDay;
  const int64_t end = day + days_max;
  while (day <= end) {
    CivilDate date = CivilFromDays(day);
    if (!(months_ >> date.month & 1)) {
      day += DaysInMonth(date.year, date.month) - date.day + 1;
      minute = 0;
      continue;
    }
    if (MatchesDay(date.year, date.month, date.day)) {
      for (int64_t hour = minute / 60; hour < 24; ++hour) {
        if (hours_ >> hour & 1) {
          int64_t from = hour == minute / 60 ? minute % 60 : 0;
          if (uint64_t left = minutes_ >> from; left != 0) {
            return day * kMinutesPerDay + hour * 60 + from + __builtin_ctzll(left);
          }
        }
      }
    }
    ++day;
    minute = 0;
  }
  return std::nullopt;
}

std::optional<Timestamp> Cron::Next(Timestamp after, const TimeZone& zone) const {
  using std::chrono::floor;
  using std::chrono::seconds;
  const int64_t after_s = floor<seconds>(after).time_since_epoch().count();
  auto answer = [](int64_t utc) { return Timestamp(seconds(utc)); };
  if (!follows_wall_clock_) {
    int64_t minute = FloorDiv(zone.ToLocal(after_s), 60);
    // A clock that was put back since shows times again that were served.
    const int64_t end = minute + kSearchDays * kMinutesPerDay;
    while (minute < end) {
      auto local = NextLocal(minute, kSearchDays);
      if (!local) return std::nullopt;
      int64_t utc = zone.FromLocal(*local * 60).first;
      if (answer(utc) > after) return answer(utc);
      minute = *local + 1;
    }
    return std::nullopt;
  }
  // From one change of the offset to the next, wall clock and UTC run alike.
  int64_t utc = (FloorDiv(after_s, 60) + 1) * 60;
  const int64_t end = utc + kSearchDays * 86400;
  while (utc < end) {
    const int64_t offset = zone.OffsetAt(utc);
    const int64_t change = zone.NextChange(utc);
    // Offsets with seconds (before standard time): the wall clock's minute comes later.
    const int64_t minute = FloorDiv(utc + offset + 59, 60);
    auto local = NextLocal(minute, (end - utc) / 86400 + 1);
    if (local && *local * 60 - offset < change) return answer(*local * 60 - offset);
    if (!local && change >= end) return std::nullopt;
    utc = change;
  }
  return std::nullopt;
}

}  // namespace andon::pipeline
