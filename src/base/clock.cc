#include "base/clock.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"

namespace andon {

using namespace std::chrono_literals;

SystemClock::SystemClock() {
  const char* fixed = std::getenv("ANDON_TEST_NOW");
  if (fixed == nullptr) return;
  auto now = ParseTimestamp(fixed);
  if (now.ok()) shift_ = *now - std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

Timestamp SystemClock::Now() const {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now()) + shift_;
}

std::string ToRfc3339(Timestamp t) {
  auto day = std::chrono::floor<std::chrono::days>(t);
  std::chrono::year_month_day ymd(day);
  int64_t us = (t - day).count();
  int64_t s = us / 1'000'000;
  std::string out =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", int(ymd.year()), unsigned(ymd.month()),
                  unsigned(ymd.day()), s / 3600, s / 60 % 60, s % 60);
  if (us % 1'000'000 != 0) {
    std::string fraction = fmt::format("{:06}", us % 1'000'000);
    while (fraction.back() == '0') fraction.pop_back();
    out += "." + fraction;
  }
  return out + "Z";
}

namespace {

// Reads exactly `digits` digits, or -1.
int ReadDigits(std::string_view& text, int digits) {
  if (int(text.size()) < digits) return -1;
  int value = 0;
  for (int i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool Skip(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

Result<Timestamp> ParseTimestamp(std::string_view written) {
  std::string_view text = Trim(written);
  Error bad =
      Error::Invalid("\"{}\" is no time: write it as 2026-11-20T08:00:00Z or 2026-11-20", written);
  int year = ReadDigits(text, 4);
  if (year < 0 || !Skip(text, "-")) return bad;
  int month = ReadDigits(text, 2);
  if (month < 0 || !Skip(text, "-")) return bad;
  int day = ReadDigits(text, 2);
  std::chrono::year_month_day ymd{std::chrono::year(year),
                                  std::chrono::month(month < 0 ? 0 : month),
                                  std::chrono::day(day < 0 ? 0 : day)};
  if (day < 0 || !ymd.ok()) return bad;
  Timestamp t = std::chrono::sys_days(ymd);
  if (text.empty()) return t;
  if (!Skip(text, "Tt ")) return bad;
  int hour = ReadDigits(text, 2);
  if (hour < 0 || hour > 23 || !Skip(text, ":")) return bad;
  int minute = ReadDigits(text, 2);
  if (minute < 0 || minute > 59) return bad;
  int second = 0;
  int64_t micros = 0;
  if (Skip(text, ":")) {
    second = ReadDigits(text, 2);
    if (second < 0 || second > 59) return bad;
    if (Skip(text, ".")) {
      int64_t scale = 100'000;
      if (text.empty() || text[0] < '0' || text[0] > '9') return bad;
      while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
        micros += (text[0] - '0') * scale;
        scale /= 10;
        text.remove_prefix(1);
      }
    }
  }
  t += std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
       Duration(micros);
  if (text.empty() || text == "Z" || text == "z") return t;
  bool negative = text[0] == '-';
  if (!Skip(text, "+-")) return bad;
  int zone_hour = ReadDigits(text, 2);
  Skip(text, ":");
  int zone_minute = text.empty() ? 0 : ReadDigits(text, 2);
  if (zone_hour < 0 || zone_hour > 23 || zone_minute < 0 || zone_minute > 59 || !text.empty())
    return bad;
  Duration zone = std::chrono::hours(zone_hour) + std::chrono::minutes(zone_minute);
  return negative ? t + zone : t - zone;
}

Result<Duration> ParseDuration(std::string_view written) {
  static constexpr struct {
    std::string_view name;
    int64_t micros;
  } kUnits[] = {{"us", 1},
                {"ms", 1'000},
                {"s", 1'000'000},
                {"m", 60'000'000},
                {"h", 3'600'000'000},
                {"d", 86'400'000'000},
                {"w", 604'800'000'000},
                {"y", 365 * 86'400'000'000}};
  std::string_view text = Trim(written);
  Error bad = Error::Invalid("\"{}\" is no duration: write it as 90s, 15m, 1h30m or 7d", written);
  if (text.empty()) return bad;
  double total = 0;
  while (!text.empty()) {
    double number = 0;
    auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (status != std::errc() || number < 0 || !std::isfinite(number)) return bad;
    text.remove_prefix(end - text.data());
    size_t length = 0;
    while (length < text.size() && text[length] >= 'a' && text[length] <= 'z') ++length;
    int64_t unit = 0;
    for (const auto& known : kUnits) {
      if (known.name == text.substr(0, length)) unit = known.micros;
    }
    if (unit == 0) return bad;
    total += number * double(unit);
    if (total > 1e17) return bad;  // Beyond 3,000 years nothing is meant.
    text.remove_prefix(length);
  }
  return Duration(std::llround(total));
}

std::string HumanDuration(Duration d) {
  int64_t us = d.count();
  if (us < 0) return "-" + HumanDuration(-d);
  if (us < 1'000) return fmt::format("{} us", us);
  if (us < 1'000'000) return fmt::format("{} ms", us / 1'000);
  if (us < 60'000'000) return fmt::format("{:.1f} s", double(us) / 1e6);
  static constexpr struct {
    std::string_view name;
    int64_t micros;
  } kUnits[] = {{"d", 86'400'000'000}, {"h", 3'600'000'000}, {"m", 60'000'000}, {"s", 1'000'000}};
  std::string out;
  int shown = 0;
  for (const auto& unit : kUnits) {
    int64_t n = us / unit.micros;
    us %= unit.micros;
    if (n == 0 && shown == 0) continue;
    if (n > 0) out += fmt::format("{}{}{}", shown ? " " : "", n, unit.name);
    if (++shown == 2) break;
  }
  return out;
}

}  // namespace andon
