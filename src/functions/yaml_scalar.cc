#include "functions/yaml_scalar.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "base/text.h"

namespace andon::functions {

using value::Number;
using value::Value;

namespace {

bool IsNull(std::string_view s) {
  return s.empty() || s == "~" || s == "null" || s == "Null" || s == "NULL";
}

// "2020-01-02", "2020-01-02T03:04:05Z", "2020-01-02 03:04:05": as RFC 3339.
std::optional<Value> AsTimestamp(std::string_view s) {
  constexpr size_t kLongest = 40;
  if (s.size() > kLongest) return std::nullopt;
  std::string text(s);
  int year = 0;
  int month = 0;
  int day = 0;
  int used = 0;
  bool date = std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &used) == 3;
  if (!date || text.find_first_not_of("0123456789") != 4) return std::nullopt;
  std::chrono::year_month_day checked{std::chrono::year(year),
                                      std::chrono::month(static_cast<unsigned>(month)),
                                      std::chrono::day(static_cast<unsigned>(day))};
  if (!checked.ok()) return std::nullopt;
  std::string out = fmt::format("{:04}-{:02}-{:02}T", year, month, day);
  std::string rest = text.substr(static_cast<size_t>(used));
  if (rest.empty()) return Value::String(out + "00:00:00Z");
  bool space = rest[0] == ' ';
  if (!space && rest[0] != 'T' && rest[0] != 't') return std::nullopt;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (std::sscanf(rest.c_str() + 1, "%2d:%2d:%2d%n", &hour, &minute, &second, &used) != 3) {
    return std::nullopt;
  }
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
    return std::nullopt;
  }
  out += fmt::format("{:02}:{:02}:{:02}", hour, minute, second);
  rest = rest.substr(static_cast<size_t>(used) + 1);
  if (rest.starts_with('.'))
    rest = rest.substr(std::min(rest.find_first_not_of("0123456789", 1), rest.size()));
  if (space) return rest.empty() ? std::optional(Value::String(out + "Z")) : std::nullopt;
  bool offset = rest.size() == 6 && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':';
  if (rest != "Z" && !offset) return std::nullopt;
  return Value::String(out + rest);
}

}  // namespace

// In lower case, in capitals or with one capital; the words of YAML 1.1 too, as
// Terraform has them.
std::optional<Value> YamlBool(std::string_view s) {
  std::string lower = AsciiLower(s);
  std::string capital = lower;
  if (!capital.empty()) capital[0] = static_cast<char>(capital[0] - ('a' - 'A'));
  bool all_capitals = true;
  for (char c : s) all_capitals &= c >= 'A' && c <= 'Z';
  if (s != lower && s != capital && !all_capitals) return std::nullopt;
  for (std::string_view word : {"true", "yes", "on", "y"}) {
    if (lower == word) return Value::True();
  }
  for (std::string_view word : {"false", "no", "off", "n"}) {
    if (lower == word) return Value::False();
  }
  return std::nullopt;
}

std::optional<Value> YamlNumber(std::string_view s) {
  std::string_view digits = s;
  bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.empty() || digits.front() == '_') return std::nullopt;
  int base = digits.starts_with("0x")   ? 16
             : digits.starts_with("0o") ? 8
             : digits.starts_with("0b") ? 2
                                        : 10;
  if (base != 10) {
    auto number = Number::ParseInteger(digits.substr(2), base);
    if (!number.ok() || digits[2] == '-' || digits[2] == '+') return std::nullopt;
    return Value::Number(negative ? -*number : *number);
  }
  if ((digits[0] < '0' || digits[0] > '9') && digits[0] != '.') return std::nullopt;
  auto number = Number::Parse(s);
  if (!number.ok()) return std::nullopt;
  return Value::Number(*number);
}

Value YamlPlain(std::string_view s) {
  if (IsNull(s)) return Value::Null();
  if (auto flag = YamlBool(s)) return *flag;
  if (auto number = YamlNumber(s)) return *number;
  if (auto time = AsTimestamp(s)) return *time;
  return Value::String(s);
}

}  // namespace andon::functions
