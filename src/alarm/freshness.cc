#include "alarm/freshness.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "base/text.h"

namespace andon::alarm {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kDayMinutes = 24 * 60;
constexpr int kWeekMinutes = 7 * kDayMinutes;
// Monday, 1970-01-05, in minutes since the epoch.
constexpr int64_t kFirstMonday = 4 * kDayMinutes;
// An Add that finds nothing within so many weeks would never end: ten years.
constexpr int kWeeksMax = 530;

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

Error Refuse(std::string_view text, std::string_view why) {
  return Error::Invalid("\"{}\" is no hours of the week: {}. An example: \"Mon-Fri 08:00-20:00\".",
                        text, why);
}

int DayOf(std::string_view word) {
  std::string lower = AsciiLower(Trim(word));
  for (size_t i = 0; i < kDays.size(); ++i) {
    if (lower == kDays[i]) return static_cast<int>(i);
  }
  return -1;
}

// "08:00" → 480; -1 where it is no time of day. 24:00 is the end of the day.
int MinutesOf(std::string_view word) {
  word = Trim(word);
  size_t colon = word.find(':');
  if (colon == std::string_view::npos || word.size() - colon != 3) return -1;
  int hour = 0, minute = 0;
  auto h = std::from_chars(word.data(), word.data() + colon, hour);
  auto m = std::from_chars(word.data() + colon + 1, word.data() + word.size(), minute);
  if (h.ec != std::errc() || h.ptr != word.data() + colon) return -1;
  if (m.ec != std::errc() || m.ptr != word.data() + word.size()) return -1;
  if (hour < 0 || hour > 24 || minute < 0 || minute > 59 || hour * 60 + minute > kDayMinutes)
    return -1;
  return hour * 60 + minute;
}

Result<std::vector<int>> ReadDays(std::string_view text, std::string_view whole) {
  std::vector<int> days;
  for (const std::string& part : Split(text, ',')) {
    std::vector<std::string> range = Split(part, '-');
    int first = DayOf(range[0]);
    int last = range.size() == 2 ? DayOf(range[1]) : first;
    if (first < 0 || last < 0 || range.size() > 2) {
      return Refuse(
          whole, fmt::format("\"{}\" is no day (Mon, Tue, Wed, Thu, Fri, Sat, Sun)", Trim(part)));
    }
    for (int day = first;; day = (day + 1) % 7) {
      days.push_back(day);
      if (day == last) break;
    }
  }
  return days;
}

}  // namespace

Result<Hours> Hours::Parse(std::string_view text, UtcOffset offset) {
  Hours hours;
  hours.offset_ = std::move(offset);
  for (const std::string& part : Split(text, ';')) {
    std::string_view words = Trim(part);
    if (words.empty()) return Refuse(text, "a part of it is empty");
    size_t space = words.find_last_of(" \t");
    std::vector<int> days = {0, 1, 2, 3, 4, 5, 6};
    if (space != std::string_view::npos) days = TRY(ReadDays(words.substr(0, space), text));
    std::string_view clock = space == std::string_view::npos ? words : words.substr(space + 1);
    std::vector<std::string> times = Split(clock, '-');
    int start = times.size() == 2 ? MinutesOf(times[0]) : -1;
    int end = times.size() == 2 ? MinutesOf(times[1]) : -1;
    if (start < 0 || end < 0) return Refuse(text, fmt::format("\"{}\" is no span of time", clock));
    if (start == end) return Refuse(text, "it begins when it ends");
    if (end < start) end += kDayMinutes;
    for (int day : days) {
      int from = day * kDayMinutes + start, to = day * kDayMinutes + end;
      hours.spans_.push_back({from, std::min(to, kWeekMinutes)});
      if (to > kWeekMinutes) hours.spans_.push_back({0, to - kWeekMinutes});  // Sunday's night.
    }
  }
  std::sort(hours.spans_.begin(), hours.spans_.end(),
            [](const Span& a, const Span& b) { return a.start < b.start; });
  std::vector<Span> merged;
  for (const Span& span : hours.spans_) {
    if (!merged.empty() && span.start <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, span.end);
    } else {
      merged.push_back(span);
    }
  }
  hours.spans_ = std::move(merged);
  return hours;
}

int64_t Hours::WeekOf(Timestamp t) const {
  int64_t utc = std::chrono::floor<seconds>(t).time_since_epoch().count();
  int64_t local = utc + (offset_ ? offset_(utc) : 0);
  int64_t minute = local / 60 - (local % 60 < 0 ? 1 : 0) - kFirstMonday;
  return minute >= 0 ? minute / kWeekMinutes : -((-minute + kWeekMinutes - 1) / kWeekMinutes);
}

// The offset is asked for at the first guess and once more at the corrected one: this meets every
// wall clock time outside a gap, and a time inside of a gap becomes the instant beside it.
Timestamp Hours::ToUtc(int64_t local_minutes) const {
  int64_t local = local_minutes * 60;
  if (!offset_) return Timestamp(seconds(local));
  int64_t utc = local - offset_(local);
  return Timestamp(seconds(local - offset_(utc)));
}

std::vector<Hours::Window> Hours::WindowsOf(int64_t week) const {
  int64_t base = kFirstMonday + week * kWeekMinutes;
  std::vector<Window> windows;
  for (const Span& span : spans_)
    windows.push_back({ToUtc(base + span.start), ToUtc(base + span.end)});
  return windows;
}

Duration Hours::Between(Timestamp from, Timestamp to) const {
  Duration total{0};
  if (from >= to) return total;
  int64_t first = WeekOf(from), last = WeekOf(to);
  // A whole week in between counts the same as any other, DST aside, which evens out over a year:
  // walking years of weeks for a dataset that died long ago is not worth an hour's exactness.
  int64_t skipped = std::max<int64_t>(0, last - first - kWeeksMax);
  if (skipped > 0) {
    int64_t week_minutes = 0;
    for (const Span& span : spans_) week_minutes += span.end - span.start;
    total += minutes(week_minutes * skipped);
  }
  for (int64_t week = first; week <= last; ++week) {
    if (skipped > 0 && week == first + 1) week += skipped;
    for (const Window& w : WindowsOf(week)) {
      Timestamp start = std::max(w.start, from), end = std::min(w.end, to);
      if (start < end) total += end - start;
    }
  }
  return total;
}

Timestamp Hours::Add(Timestamp from, Duration by) const {
  if (by <= Duration(0)) return from;
  int64_t first = WeekOf(from);
  for (int64_t week = first; week <= first + kWeeksMax; ++week) {
    for (const Window& w : WindowsOf(week)) {
      Timestamp start = std::max(w.start, from);
      if (start >= w.end) continue;
      if (by <= w.end - start) return start + by;
      by -= w.end - start;
    }
  }
  return from + minutes(int64_t{kWeeksMax} * kWeekMinutes);
}

bool Hours::Contains(Timestamp t) const {
  for (const Window& w : WindowsOf(WeekOf(t))) {
    if (w.start <= t && t < w.end) return true;
  }
  return false;
}

std::string_view ToString(State state) {
  switch (state) {
    case State::kInsufficientData:
      return "INSUFFICIENT_DATA";
    case State::kOk:
      return "OK";
    case State::kAlarm:
      return "ALARM";
  }
  return "";
}

State StateFromString(std::string_view text) {
  if (text == "OK") return State::kOk;
  if (text == "ALARM") return State::kAlarm;
  return State::kInsufficientData;
}

Result<Age> AgeOf(const definition::Dataset& dataset, Timestamp last_at, Timestamp now,
                  const UtcOffset& offset) {
  ASSERT(dataset.freshness.has_value());
  Age age;
  auto max = ParseDuration(dataset.freshness->max);
  if (!max.ok()) return std::move(max).error().In(dataset.address + ": freshness");
  age.max = *max;
  if (dataset.freshness->during.empty()) {
    age.age = now > last_at ? now - last_at : Duration(0);
    age.due = last_at + age.max;
  } else {
    auto hours = Hours::Parse(dataset.freshness->during, offset);
    if (!hours.ok()) return std::move(hours).error().In(dataset.address + ": freshness.during");
    age.age = hours->Between(last_at, now);
    age.due = hours->Add(last_at, age.max);
  }
  age.is_late = age.age > age.max;
  return age;
}

namespace {

std::string Reason(const FreshnessInput& input, const Age& age, State to) {
  const definition::Dataset& dataset = *input.dataset;
  const std::string& of = dataset.freshness->of;
  std::string hours =
      dataset.freshness->during.empty() ? "" : " within " + dataset.freshness->during;
  if (to == State::kOk) {
    return fmt::format("{} is fresh again: {} old{}, at most {} is allowed.", dataset.name,
                       HumanDuration(age.age), hours, HumanDuration(age.max));
  }
  if (!input.last_at) {
    return fmt::format("{} is late: nothing has arrived yet, for {}{}; at most {} is allowed.",
                       dataset.name, HumanDuration(age.age), hours, HumanDuration(age.max));
  }
  std::string what = of.empty() ? (dataset.is_external() ? "nobody has written there"
                                   : dataset.sql.empty() ? "no delivery"
                                                         : "no new version")
                                : fmt::format("no newer {} than {}", of, ToRfc3339(*input.last_at));
  return fmt::format("{} is late: {} for {}{}; at most {} is allowed.", dataset.name, what,
                     HumanDuration(age.age), hours, HumanDuration(age.max));
}

}  // namespace

StepResult Step(Timestamp now, const std::vector<FreshnessInput>& inputs) {
  StepResult result;
  for (const FreshnessInput& input : inputs) {
    if (!input.dataset || !input.dataset->freshness) continue;
    std::optional<Timestamp> since = input.last_at ? input.last_at : input.watched_since;
    if (!since) continue;
    auto age = AgeOf(*input.dataset, *since, now, input.offset);
    if (!age.ok()) {
      result.problems.push_back(age.error().message);
      continue;
    }
    State to = age->is_late ? State::kAlarm : input.last_at ? State::kOk : State::kInsufficientData;
    // The next change to be awaited is its becoming late; becoming fresh is an event, not a time.
    if (!age->is_late) {
      Timestamp due = std::max(age->due, now) + std::chrono::microseconds(1);
      if (!result.next_due || due < *result.next_due) result.next_due = due;
    }
    if (to == input.state) continue;
    Transition t{.dataset = input.dataset->address,
                 .from = input.state,
                 .to = to,
                 .last_at = input.last_at,
                 .due = age->due,
                 .age = age->age,
                 .max = age->max,
                 .reason = Reason(input, *age, to)};
    result.transitions.push_back(std::move(t));
  }
  return result;
}

}  // namespace andon::alarm
