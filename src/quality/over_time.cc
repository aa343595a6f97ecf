#include "quality/over_time.h"

#include "quality/range.h"

namespace andon::quality {
namespace {

using Days = std::chrono::sys_days;

// The last number that was observed on that day.
std::optional<Earlier> OnDay(const std::vector<Observation>& history, Days day) {
  for (auto it = history.rbegin(); it != history.rend(); ++it) {
    std::optional<double> value = NumberOf(it->value);
    if (value && std::chrono::floor<std::chrono::days>(it->at) == day)
      return Earlier{it->at, *value};
  }
  return {};
}

std::optional<Earlier> Previous(const std::vector<Observation>& history, Timestamp now) {
  for (auto it = history.rbegin(); it != history.rend(); ++it) {
    std::optional<double> value = NumberOf(it->value);
    if (value && it->at < now) return Earlier{it->at, *value};
  }
  return {};
}

std::optional<Earlier> OnSameWeekday(const std::vector<Observation>& history, Days today) {
  constexpr int kWeeks = 4;
  std::optional<Earlier> mean;
  int found = 0;
  for (int week = 1; week <= kWeeks; week++) {
    std::optional<Earlier> then = OnDay(history, today - std::chrono::days(7 * week));
    if (!then) continue;
    if (!mean) mean = Earlier{then->at, 0};
    mean->value += then->value;
    found++;
  }
  if (mean) mean->value /= found;
  return mean;
}

}  // namespace

bool IsEarlierWord(std::string_view word) {
  return word == "previous" || word == "yesterday" || word == "last_week" || word == "same_weekday";
}

std::optional<Earlier> EarlierValue(const Surroundings& around, std::string_view word) {
  if (!around.history) return {};
  Days today = std::chrono::floor<std::chrono::days>(*around.now);
  if (word == "yesterday") return OnDay(*around.history, today - std::chrono::days(1));
  if (word == "last_week") return OnDay(*around.history, today - std::chrono::days(7));
  if (word == "same_weekday") return OnSameWeekday(*around.history, today);
  return Previous(*around.history, *around.now);
}

}  // namespace andon::quality
