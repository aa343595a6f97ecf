// Timestamps in RFC 3339 and durations.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>

#include "functions/row.h"

namespace andon::functions {
namespace {

using Seconds = std::chrono::sys_seconds;

struct Moment {
  Seconds utc;
  int64_t nanos = 0;
  int offset_minutes = 0;  // East of UTC.
};

// The fields of a moment as its own place shows them.
struct Fields {
  int year, month, day, hour, minute, second, weekday;
};

Fields FieldsOf(const Moment& moment) {
  auto local = moment.utc + std::chrono::minutes(moment.offset_minutes);
  auto day = std::chrono::floor<std::chrono::days>(local);
  std::chrono::year_month_day date(day);
  auto seconds = (local - day).count();
  return {int(date.year()),
          static_cast<int>(unsigned(date.month())),
          static_cast<int>(unsigned(date.day())),
          static_cast<int>(seconds / 3600),
          static_cast<int>(seconds / 60 % 60),
          static_cast<int>(seconds % 60),
          static_cast<int>(std::chrono::weekday(day).c_encoding())};
}

// Reads one timestamp; the message of the first thing that is wrong.
class TimestampReader {
 public:
  explicit TimestampReader(std::string_view text) : rest_(text) {}

  Result<Moment> Read() {
    int year = TRY(Digits(4, "year", 0, 9999));
    TRY(Expect('-'));
    int month = TRY(Digits(2, "month", 1, 12));
    TRY(Expect('-'));
    int day = TRY(Digits(2, "day of month", 1, 31));
    if (rest_.empty() || rest_[0] != 'T') return Wrong("missing required time introducer 'T'");
    rest_.remove_prefix(1);
    int hour = TRY(Digits(2, "hour", 0, 23));
    TRY(Expect(':'));
    int minute = TRY(Digits(2, "minute", 0, 59));
    TRY(Expect(':'));
    int second = TRY(Digits(2, "second", 0, 59));
    Moment moment;
    moment.nanos = Fraction();
    moment.offset_minutes = TRY(Offset());
    if (!rest_.empty()) return Wrong(fmt::format("extra text \"{}\" at the end", rest_));
    std::chrono::year_month_day date{std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return Wrong("day out of range");
    moment.utc = std::chrono::sys_days(date) + std::chrono::hours(hour) +
                 std::chrono::minutes(minute - moment.offset_minutes) +
                 std::chrono::seconds(second);
    return moment;
  }

 private:
  static Error Wrong(std::string_view what) {
    return Error::Invalid("not a valid RFC3339 timestamp: {}", what);
  }
  Result<int> Digits(size_t count, std::string_view name, int low, int high) {
    if (rest_.empty()) return Wrong(fmt::format("end of string before {}", name));
    std::string_view digits = rest_.substr(0, count);
    int number = 0;
    bool good = digits.size() == count;
    for (char c : digits) {
      good = good && c >= '0' && c <= '9';
      number = number * 10 + (c - '0');
    }
    if (!good || number < low || number > high) {
      return Wrong(fmt::format("cannot use \"{}\" as {}", good ? digits : rest_, name));
    }
    rest_.remove_prefix(count);
    return number;
  }
  Result<void> Expect(char c) {
    if (rest_.empty()) return Wrong(fmt::format("end of string where \"{}\" is expected", c));
    if (rest_[0] != c) {
      return Wrong(fmt::format("found \"{}\" where \"{}\" is expected", rest_, c));
    }
    rest_.remove_prefix(1);
    return {};
  }
  int64_t Fraction() {
    if (rest_.size() < 2 || rest_[0] != '.' || rest_[1] < '0' || rest_[1] > '9') return 0;
    rest_.remove_prefix(1);
    int64_t nanos = 0;
    int64_t unit = 100'000'000;
    for (; !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; rest_.remove_prefix(1)) {
      nanos += (rest_[0] - '0') * unit;
      unit /= 10;
    }
    return nanos;
  }
  Result<int> Offset() {
    if (rest_.starts_with('Z')) {
      rest_.remove_prefix(1);
      return 0;
    }
    if (rest_.empty()) return Wrong("end of string before UTC offset");
    bool west = rest_[0] == '-';
    if (!west && rest_[0] != '+') {
      return Wrong(fmt::format("cannot use \"{}\" as UTC offset", rest_));
    }
    rest_.remove_prefix(1);
    int hours = TRY(Digits(2, "UTC offset", 0, 24));
    TRY(Expect(':'));
    int minutes = TRY(Digits(2, "UTC offset", 0, 59));
    return (west ? -1 : 1) * (hours * 60 + minutes);
  }

  std::string_view rest_;
};

Result<Moment> ParseMoment(std::string_view text) { return TimestampReader(text).Read(); }

std::string OffsetText(int minutes, bool colon) {
  return fmt::format("{}{:02}{}{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                     colon ? ":" : "", std::abs(minutes) % 60);
}

std::string Rfc3339(const Moment& moment) {
  Fields f = FieldsOf(moment);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}", f.year, f.month, f.day, f.hour,
                     f.minute, f.second,
                     moment.offset_minutes == 0 ? "Z" : OffsetText(moment.offset_minutes, true));
}

constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
constexpr std::string_view kWeekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                          "Thursday", "Friday", "Saturday"};

std::string Padded(int number, size_t width) {
  return width == 1 ? fmt::format("{}", number) : fmt::format("{:02}", number);
}

std::string Named(int number, std::string_view name, size_t width) {
  if (width <= 2) return Padded(number, width);
  return std::string(width == 3 ? name.substr(0, 3) : name);
}

std::string Zone(int offset, size_t width) {
  if (width == 1) return offset == 0 ? "Z" : OffsetText(offset, true);
  if (width == 3 && offset == 0) return "UTC";
  return OffsetText(offset, width == 5);
}

// What a verb of the format stands for; empty with `rule` set where its length is none
// of those that it can have.
std::string FormatVerb(char letter, size_t width, const Moment& moment, std::string_view* rule) {
  Fields f = FieldsOf(moment);
  auto allow = [&](size_t low, size_t high, std::string_view text) {
    if (width >= low && width <= high) return true;
    *rule = text;
    return false;
  };
  switch (letter) {
    case 'Y':
      if (width != 2 && width != 4) *rule = R"(year must either be "YY" or "YYYY")";
      return width == 2 ? fmt::format("{:02}", f.year % 100) : fmt::format("{:04}", f.year);
    case 'M':
      if (!allow(1, 4, R"(month must be "M", "MM", "MMM", or "MMMM")")) return "";
      return Named(f.month, kMonths[f.month - 1], width);
    case 'D':
      if (!allow(1, 2, R"(day of month must either be "D" or "DD")")) return "";
      return Padded(f.day, width);
    case 'E':
      if (!allow(3, 4, R"(day of week must either be "EEE" or "EEEE")")) return "";
      return Named(0, kWeekdays[f.weekday], width);
    case 'h':
      if (!allow(1, 2, R"(24-hour must either be "h" or "hh")")) return "";
      return Padded(f.hour, width);
    case 'H':
      if (!allow(1, 2, R"(12-hour must either be "H" or "HH")")) return "";
      return Padded(f.hour % 12 == 0 ? 12 : f.hour % 12, width);
    case 'A':
      if (!allow(2, 2, R"(must be "AA")")) return "";
      return f.hour < 12 ? "AM" : "PM";
    case 'a':
      if (!allow(2, 2, R"(must be "aa")")) return "";
      return f.hour < 12 ? "am" : "pm";
    case 'm':
      if (!allow(1, 2, R"(minute must either be "m" or "mm")")) return "";
      return Padded(f.minute, width);
    case 's':
      if (!allow(1, 2, R"(second must either be "s" or "ss")")) return "";
      return Padded(f.second, width);
    case 'Z':
      if (width == 2 || width > 5) *rule = "timezone must be Z, ZZZZ, or ZZZZZ";
      return Zone(moment.offset_minutes, width);
    default:
      *rule = "it is no letter of a date";
      return "";
  }
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

Outcome FormatDate(Args args) {
  auto moment = ParseMoment(args.text(1));
  if (!moment.ok()) return BadArgument(1, moment.error().message);
  std::string_view format = args.text(0);
  std::string out;
  for (size_t i = 0; i < format.size();) {
    if (format[i] == '\'') {
      // A literal, in which '' is a quote; '' alone is one too.
      if (format.substr(i + 1).starts_with('\'')) {
        out += '\'';
        i += 2;
        continue;
      }
      for (++i; i < format.size(); ++i) {
        if (format[i] == '\'' && !format.substr(i + 1).starts_with('\'')) break;
        if (format[i] == '\'') ++i;
        out += format[i];
      }
      if (i == format.size()) return BadArgument(0, "unterminated literal '");
      ++i;
    } else if (IsLetter(format[i])) {
      size_t end = std::min(format.find_first_not_of(format[i], i), format.size());
      std::string_view rule;
      out += FormatVerb(format[i], end - i, *moment, &rule);
      if (!rule.empty()) {
        return BadArgument(
            0, fmt::format("invalid date format verb \"{}\": {}", format.substr(i, end - i), rule));
      }
      i = end;
    } else {
      out += format[i++];
    }
  }
  return Value::String(out);
}

// Nanoseconds of a unit of a duration; 0 for what is none.
int64_t UnitNanos(std::string_view unit) {
  if (unit == "ns") return 1;
  if (unit == "us" || unit == "µs" || unit == "μs") return 1'000;
  if (unit == "ms") return 1'000'000;
  if (unit == "s") return 1'000'000'000;
  if (unit == "m") return 60'000'000'000;
  if (unit == "h") return 3'600'000'000'000;
  return 0;
}

// "-1h30m", "1.5s", "0"; empty where it is none, or more than about 292 years.
std::optional<int64_t> ParseNanos(std::string_view text) {
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  long double total = 0;
  while (!text.empty()) {
    size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
    std::string number(text.substr(0, end));
    size_t dots = static_cast<size_t>(std::count(number.begin(), number.end(), '.'));
    if (dots > 1 || number.size() == dots || number.size() > 40) return std::nullopt;
    text.remove_prefix(end);
    size_t unit_end = std::min(text.find_first_of("0123456789."), text.size());
    int64_t unit = UnitNanos(text.substr(0, unit_end));
    if (unit == 0) return std::nullopt;
    total += std::strtold(number.c_str(), nullptr) * static_cast<long double>(unit);
    text.remove_prefix(unit_end);
  }
  if (total > 9.2e18L) return std::nullopt;
  auto nanos = static_cast<int64_t>(total);
  return negative ? -nanos : nanos;
}

Outcome TimeAdd(Args args) {
  Moment moment = TRY(ParseMoment(args.text(0)));
  auto nanos = ParseNanos(args.text(1));
  if (!nanos) return Fail(fmt::format("time: invalid duration \"{}\"", args.text(1)));
  constexpr int64_t kSecond = 1'000'000'000;
  int64_t sum = moment.nanos + *nanos % kSecond;
  int64_t carry = sum < 0 ? -1 : sum / kSecond;
  moment.nanos = sum - carry * kSecond;
  moment.utc += std::chrono::seconds(*nanos / kSecond + carry);
  return Value::String(Rfc3339(moment));
}

Outcome TimeCompare(Args args) {
  Moment moments[2];
  for (int i = 0; i < 2; ++i) {
    auto moment = ParseMoment(args.text(static_cast<size_t>(i)));
    if (!moment.ok()) return BadArgument(i, moment.error().message);
    moments[i] = *moment;
  }
  auto a = std::pair(moments[0].utc, moments[0].nanos);
  auto b = std::pair(moments[1].utc, moments[1].nanos);
  return Value::Number(a < b ? -1 : b < a ? 1 : 0);
}

std::string Rfc3339Of(andon::Timestamp time) {
  return Rfc3339({std::chrono::floor<std::chrono::seconds>(time)});
}

Value UnknownText() { return Value::Unknown(Type::String(), {.not_null = true}); }

Outcome TimestampFunction(Args args) {
  const Environment& environment = args.environment();
  if (environment.only_repeatable || !environment.clock) return UnknownText();
  return Value::String(Rfc3339Of(environment.clock->Now()));
}

Outcome PlanTimestamp(Args args) {
  if (!args.environment().plan_time) return UnknownText();
  return Value::String(Rfc3339Of(*args.environment().plan_time));
}

}  // namespace

std::vector<Row> TimeFunctions() {
  // clang-format off
  return {
    {"formatdate",    {Text("format"), Text("time")}, {}, GivesText(), "The timestamp in another form: YYYY, MM, DD, EEE, hh, HH, mm, ss, AA, ZZZ.", FormatDate},
    {"timeadd",       {Text("timestamp"), Text("duration")}, {}, GivesText(), "The timestamp moved by a duration such as \"-1h30m\".", TimeAdd},
    {"timecmp",       {Text("timestamp_a"), Text("timestamp_b")}, {}, GivesNumber(), "-1 where the first timestamp is earlier, 1 where it is later, else 0.", TimeCompare},
    {"timestamp",     {}, {}, GivesText(), "The present time in UTC; unknown while planning.", TimestampFunction},
    {"plantimestamp", {}, {}, GivesText(), "The time at which the plan was made.", PlanTimestamp},
  };
  // clang-format on
}

}  // namespace andon::functions
