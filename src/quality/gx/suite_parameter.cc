#include "quality/gx/suite_parameter.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <variant>

#include "base/text.h"

namespace andon::quality::gx {
namespace {

constexpr int kDepthMax = 100;  // Brackets within brackets.

// A number (an integer or a double of Json), a time, a length of time.
using Operand = std::variant<Json, Timestamp, Duration>;

bool IsNumber(const Operand& operand) { return std::holds_alternative<Json>(operand); }
double AsDouble(const Operand& operand) { return std::get<Json>(operand).AsDouble(); }
bool IsInteger(const Operand& operand) {
  return IsNumber(operand) && std::get<Json>(operand).is_integer();
}

std::string_view KindOf(const Operand& operand) {
  return IsNumber(operand)                            ? "a number"
         : std::holds_alternative<Timestamp>(operand) ? "a time"
                                                      : "a length of time";
}

std::string IsoText(Timestamp time) {
  std::string text = ToRfc3339(time);
  if (text.ends_with('Z')) text.pop_back();
  return text;
}

Result<Operand> Finite(double value) {
  if (!std::isfinite(value)) return Error::Invalid("the result is no finite number");
  return Operand(Json(value));
}

Result<Operand> Power(const Operand& a, const Operand& b) {
  if (IsInteger(a) && IsInteger(b)) {
    int64_t base = std::get<Json>(a).AsInteger(), exponent = std::get<Json>(b).AsInteger();
    int64_t power = 1;
    bool fits = exponent >= 0 && exponent < 64;
    for (int64_t i = 0; fits && i < exponent; i++)
      fits = !__builtin_mul_overflow(power, base, &power);
    if (fits) return Operand(Json(power));
  }
  return Finite(std::pow(AsDouble(a), AsDouble(b)));
}

Result<Operand> Calculate(char sign, const Operand& a, const Operand& b) {
  if (sign == '^') return Power(a, b);
  if (sign == '/') {
    if (AsDouble(b) == 0) return Error::Invalid("it divides by zero");
    return Finite(AsDouble(a) / AsDouble(b));
  }
  if (IsInteger(a) && IsInteger(b)) {
    int64_t x = std::get<Json>(a).AsInteger(), y = std::get<Json>(b).AsInteger(), z = 0;
    bool overflows = sign == '+'   ? __builtin_add_overflow(x, y, &z)
                     : sign == '-' ? __builtin_sub_overflow(x, y, &z)
                                   : __builtin_mul_overflow(x, y, &z);
    if (!overflows) return Operand(Json(z));
  }
  double x = AsDouble(a), y = AsDouble(b);
  return Finite(sign == '+' ? x + y : sign == '-' ? x - y : x * y);
}

Result<Duration> Scaled(Duration length, double factor) {
  double micros = double(length.count()) * factor;
  if (!(std::abs(micros) < 9e18)) return Error::Invalid("a length of time is too long");
  return Duration(std::llround(micros));
}

Result<Timestamp> Moved(Timestamp time, Duration by) {
  int64_t micros = 0;
  if (__builtin_add_overflow(ToMicros(time), by.count(), &micros))
    return Error::Invalid("a time is out of range");
  return FromMicros(micros);
}

Result<Operand> Combine(char sign, const Operand& a, const Operand& b) {
  if (IsNumber(a) && IsNumber(b)) return Calculate(sign, a, b);
  const Timestamp* time = std::get_if<Timestamp>(&a);
  const Timestamp* other_time = std::get_if<Timestamp>(&b);
  const Duration* length = std::get_if<Duration>(&a);
  const Duration* other_length = std::get_if<Duration>(&b);
  if (time && other_length && (sign == '+' || sign == '-')) {
    Timestamp moved = TRY(Moved(*time, sign == '+' ? *other_length : -*other_length));
    return Operand(moved);
  }
  if (length && other_time && sign == '+') {
    Timestamp moved = TRY(Moved(*other_time, *length));
    return Operand(moved);
  }
  if (time && other_time && sign == '-') return Operand(Duration(*time - *other_time));
  if (length && other_length && (sign == '+' || sign == '-')) {
    return Operand(sign == '+' ? *length + *other_length : *length - *other_length);
  }
  if (length && IsNumber(b) && (sign == '*' || (sign == '/' && AsDouble(b) != 0))) {
    Duration scaled = TRY(Scaled(*length, sign == '*' ? AsDouble(b) : 1 / AsDouble(b)));
    return Operand(scaled);
  }
  if (other_length && IsNumber(a) && sign == '*') {
    Duration scaled = TRY(Scaled(*other_length, AsDouble(a)));
    return Operand(scaled);
  }
  return Error::Invalid("{} {} {} has no meaning", KindOf(a), sign, KindOf(b));
}

struct Argument {
  std::string name;  // Empty where it has none.
  Operand value;
};

Result<Operand> MakeTime(const std::vector<Argument>& arguments) {
  static constexpr std::string_view kNames[] = {"year",   "month",  "day",        "hour",
                                                "minute", "second", "microsecond"};
  int64_t parts[7] = {0, 0, 0, 0, 0, 0, 0};
  for (size_t i = 0; i < arguments.size(); i++) {
    size_t at = i;
    if (!arguments[i].name.empty()) {
      for (at = 0; at < 7 && kNames[at] != arguments[i].name;) at++;
    }
    if (at >= 7 || !IsInteger(arguments[i].value))
      return Error::Invalid("datetime() takes year, month, day, hour, minute, second, microsecond");
    parts[at] = std::get<Json>(arguments[i].value).AsInteger();
  }
  static constexpr int64_t kLimits[][2] = {{1, 9999}, {1, 12}, {1, 31},    {0, 23},
                                           {0, 59},   {0, 59}, {0, 999999}};
  for (size_t i = 0; i < 7; i++) {
    if (parts[i] < kLimits[i][0] || parts[i] > kLimits[i][1])
      return Error::Invalid("datetime() has no {} {}", kNames[i], parts[i]);
  }
  std::chrono::year_month_day date{std::chrono::year(static_cast<int>(parts[0])),
                                   std::chrono::month(static_cast<unsigned>(parts[1])),
                                   std::chrono::day(static_cast<unsigned>(parts[2]))};
  if (!date.ok()) return Error::Invalid("datetime() has no such day");
  return Operand(Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(parts[3]) +
                 std::chrono::minutes(parts[4]) + std::chrono::seconds(parts[5]) +
                 std::chrono::microseconds(parts[6]));
}

Result<Operand> MakeLength(const std::vector<Argument>& arguments) {
  static constexpr std::pair<std::string_view, int64_t> kUnits[] = {
      {"days", 86'400'000'000},  {"seconds", 1'000'000},  {"microseconds", 1},
      {"milliseconds", 1'000},   {"minutes", 60'000'000}, {"hours", 3'600'000'000},
      {"weeks", 604'800'000'000}};
  Duration sum{0};
  for (size_t i = 0; i < arguments.size(); i++) {
    int64_t unit = 0;
    if (arguments[i].name.empty() && i < std::size(kUnits)) unit = kUnits[i].second;
    for (const auto& [name, micros] : kUnits) {
      if (name == arguments[i].name) unit = micros;
    }
    if (unit == 0 || !IsNumber(arguments[i].value))
      return Error::Invalid(
          "timedelta() takes days, seconds, microseconds, milliseconds, minutes, hours, weeks");
    Duration part = TRY(Scaled(Duration(unit), AsDouble(arguments[i].value)));
    sum += part;
  }
  return Operand(sum);
}

Result<Operand> CallOnNumber(const std::string& name, double x, std::optional<int64_t> digits) {
  if (name == "sin") return Finite(std::sin(x));
  if (name == "cos") return Finite(std::cos(x));
  if (name == "tan") return Finite(std::tan(x));
  if (name == "exp") return Finite(std::exp(x));
  if (name == "sgn") return Operand(Json(x < -1e-12 ? -1 : x > 1e-12 ? 1 : 0));
  if (name == "round" && digits) {
    double scale = std::pow(10.0, double(std::clamp<int64_t>(*digits, -15, 15)));
    return Finite(std::nearbyint(x * scale) / scale);
  }
  double whole = name == "round" ? std::nearbyint(x) : std::trunc(x);
  if (std::abs(whole) < 9e18) return Operand(Json(static_cast<int64_t>(whole)));
  return Operand(Json(whole));
}

Result<Operand> Call(const std::string& name, const std::vector<Argument>& arguments,
                     const ParameterScope& scope) {
  static const std::vector<std::string> kNames = {
      "sin", "cos", "tan", "exp", "abs", "trunc", "round", "sgn", "now", "datetime", "timedelta"};
  if (name == "now") return Operand(scope.now);
  if (name == "datetime") return MakeTime(arguments);
  if (name == "timedelta") return MakeLength(arguments);
  if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
    std::string meant = DidYouMean(name, kNames);
    return Error::Invalid("there is no function {}(){}", name,
                          meant.empty() ? "" : "; did you mean " + meant + "()?");
  }
  size_t most = name == "round" ? 2 : 1;
  if (arguments.empty() || arguments.size() > most || !IsNumber(arguments[0].value))
    return Error::Invalid("{}() takes a number", name);
  std::optional<int64_t> digits;
  if (arguments.size() == 2 && IsInteger(arguments[1].value))
    digits = std::get<Json>(arguments[1].value).AsInteger();
  if (name == "abs") {
    const Json& number = std::get<Json>(arguments[0].value);
    if (number.is_integer() && number.AsInteger() > INT64_MIN)
      return Operand(Json(std::abs(number.AsInteger())));
    return Finite(std::abs(number.AsDouble()));
  }
  return CallOnNumber(name, AsDouble(arguments[0].value), digits);
}

class Evaluation {
 public:
  Evaluation(std::string_view text, const ParameterScope& scope) : text_(text), scope_(scope) {}

  Result<Operand> Run() {
    Operand value = TRY(Sum());
    SkipSpace();
    if (at_ < text_.size())
      return Error::Invalid("\"{}\" at position {} is not understood", text_.substr(at_), at_ + 1);
    return value;
  }

 private:
  void SkipSpace() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) at_++;
  }
  char Peek() {
    SkipSpace();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool Take(char c) {
    if (Peek() != c) return false;
    at_++;
    return true;
  }
  static bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }

  std::string Name() {
    SkipSpace();
    size_t from = at_;
    while (at_ < text_.size() && (IsLetter(text_[at_]) || text_[at_] == '_' || text_[at_] == '$' ||
                                  (at_ > from && IsDigit(text_[at_]))))
      at_++;
    return std::string(text_.substr(from, at_ - from));
  }

  Result<Operand> Sum() {
    Operand value = TRY(Product());
    while (Peek() == '+' || Peek() == '-') {
      char sign = text_[at_++];
      Operand other = TRY(Product());
      value = TRY(Combine(sign, value, other));
    }
    return value;
  }

  Result<Operand> Product() {
    Operand value = TRY(Factor());
    while (Peek() == '*' || Peek() == '/') {
      char sign = text_[at_++];
      Operand other = TRY(Factor());
      value = TRY(Combine(sign, value, other));
    }
    return value;
  }

  Result<Operand> Factor() {
    if (++depth_ > kDepthMax) return Error::Invalid("it is nested deeper than {}", kDepthMax);
    bool is_negative = false;
    while (Peek() == '-' || Peek() == '+') is_negative ^= text_[at_++] == '-';
    Operand value = TRY(Atom());
    if (is_negative) value = TRY(Negative(value));
    if (Take('^')) {  // The reference has the sign belong to the base.
      Operand exponent = TRY(Factor());
      if (!IsNumber(value) || !IsNumber(exponent)) return Error::Invalid("^ takes numbers");
      value = TRY(Power(value, exponent));
    }
    depth_--;
    return value;
  }

  static Result<Operand> Negative(const Operand& value) {
    if (const Duration* length = std::get_if<Duration>(&value)) return Operand(-*length);
    return Combine('-', Operand(Json(0)), value);
  }

  Result<Operand> Atom() {
    char c = Peek();
    if (Take('(')) {
      Operand value = TRY(Sum());
      if (!Take(')')) return Error::Invalid("a closing ) is missing");
      return value;
    }
    if (IsDigit(c) || c == '.') return Number();
    std::string name = Name();
    if (name.empty())
      return Error::Invalid("a number or a name is missing at position {}", at_ + 1);
    if (Peek() == '(') return Function(name);
    return Variable(name);
  }

  Result<Operand> Number() {
    size_t from = at_;
    bool is_fraction = false;
    while (at_ < text_.size()) {
      char c = text_[at_];
      bool is_exponent =
          (c == 'e' || c == 'E') && at_ + 1 < text_.size() &&
          (IsDigit(text_[at_ + 1]) || text_[at_ + 1] == '-' || text_[at_ + 1] == '+');
      if (!IsDigit(c) && c != '.' && !is_exponent) break;
      is_fraction |= !IsDigit(c);
      at_ += is_exponent ? 2 : 1;
    }
    return NumberOf(text_.substr(from, at_ - from), !is_fraction);
  }

  static Result<Operand> NumberOf(std::string_view text, bool is_whole) {
    int64_t whole = 0;
    auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (is_whole && status == std::errc() && end == text.data() + text.size())
      return Operand(Json(whole));
    double number = 0;
    auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || stop != text.data() + text.size())
      return Error::Invalid("\"{}\" is no number", text);
    return Finite(number);
  }

  Result<Operand> Function(const std::string& name) {
    at_++;
    if (++depth_ > kDepthMax) return Error::Invalid("it is nested deeper than {}", kDepthMax);
    std::vector<Argument> arguments;
    if (!Take(')')) {
      do {
        size_t before = at_;
        Argument argument;
        argument.name = Name();
        if (!Take('=')) {
          at_ = before;
          argument.name.clear();
        }
        argument.value = TRY(Sum());
        arguments.push_back(std::move(argument));
      } while (Take(','));
      if (!Take(')')) return Error::Invalid("a closing ) is missing after {}(", name);
    }
    depth_--;
    return Call(name, arguments, scope_);
  }

  Result<Operand> Variable(const std::string& name) {
    auto found = scope_.values.find(name);
    if (found == scope_.values.end()) {
      std::string lower = AsciiLower(name);
      if (lower == "pi") return Operand(Json(M_PI));
      if (lower == "e") return Operand(Json(M_E));
      return Error::NotFound("{}", name);
    }
    const Json& value = found->second;
    if (value.is_number()) return Operand(value);
    if (value.is_string()) {
      Result<Operand> number = NumberOf(value.AsString(), true);
      if (number.ok()) return number;
      Result<Timestamp> time = ParseTimestamp(value.AsString());
      if (time.ok()) return Operand(*time);
    }
    return Error::Invalid("\"{}\" is {}: neither a number nor a time", name, value.Dump());
  }

  std::string_view text_;
  const ParameterScope& scope_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<Json> EvaluateParameter(std::string_view expression, const ParameterScope& scope) {
  std::string name(Trim(expression));
  auto found = scope.values.find(name);
  if (found != scope.values.end()) return found->second;
  Operand value = TRY(Evaluation(name, scope).Run());
  if (const Json* number = std::get_if<Json>(&value)) return *number;
  if (const Timestamp* time = std::get_if<Timestamp>(&value)) return Json(IsoText(*time));
  return Error::Invalid("it gives a length of time, not a time");
}

Result<std::pair<std::string, Json>> ReadParameter(std::string_view text) {
  size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return Error::Invalid("A parameter is name=value, not \"{}\".", text);
  std::string value(text.substr(equals + 1));
  Result<Json> json = Json::ParsePython(value);
  Json parsed = json.ok() ? *json : Json(value);  // "007" in quotes is a text.
  return std::pair(std::string(text.substr(0, equals)), std::move(parsed));
}

}  // namespace andon::quality::gx
