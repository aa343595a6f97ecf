// Numbers.
#include <fmt/format.h>

#include <cmath>

#include "functions/row.h"

namespace andon::functions {
namespace {

using value::Number;

Value Of(Number number) { return Value::Number(std::move(number)); }

Outcome Abs(Args args) { return Of(args[0].number().Abs()); }
// Whole numbers have no negative zero.
Value Whole(const Number& number) {
  return Of(number.is_zero() ? Number(0).WithPrecision(number.precision()) : number);
}
Outcome Ceil(Args args) { return Whole(args[0].number().Ceil()); }
Outcome Floor(Args args) { return Whole(args[0].number().Floor()); }

Outcome FromDouble(double result) {
  if (std::isnan(result)) return Fail("the result is not a number");
  return Of(Number::FromDouble(result));
}

Outcome Log(Args args) {
  return FromDouble(std::log(args[0].number().ToDouble()) / std::log(args[1].number().ToDouble()));
}

// By squaring the mantissa, with the exponent of two kept aside: each step rounds, as
// other implementations of the language do it, so that all print the same digits.
double PowerOfInteger(double base, double power) {
  int exponent = 0;
  double mantissa = std::frexp(base, &exponent);
  double result = 1;
  int64_t result_exponent = 0;
  int64_t square_exponent = exponent;
  for (auto n = static_cast<int64_t>(std::fabs(power)); n != 0; n >>= 1) {
    if (n & 1) {
      result *= mantissa;
      result_exponent += square_exponent;
    }
    mantissa *= mantissa;
    square_exponent *= 2;
    if (std::fabs(mantissa) < 0.5) {
      mantissa += mantissa;
      --square_exponent;
    }
  }
  if (power < 0) {
    result = 1 / result;
    result_exponent = -result_exponent;
  }
  return std::ldexp(result, static_cast<int>(result_exponent));
}

Outcome Pow(Args args) {
  double base = args[0].number().ToDouble();
  double power = args[1].number().ToDouble();
  // Beyond, the result is zero, one or infinite, and the exponent would overflow.
  constexpr double kPowerMax = 1 << 16;
  bool by_squares = power == std::trunc(power) && std::fabs(power) < kPowerMax && base != 0 &&
                    std::isfinite(base);
  return FromDouble(by_squares ? PowerOfInteger(base, power) : std::pow(base, power));
}

Outcome Signum(Args args) {
  int64_t integer = TRY(args.integer(0));
  return Of(integer < 0 ? -1 : integer > 0 ? 1 : 0);
}

Outcome Max(Args args) {
  if (args.size() == 0) return Fail("must pass at least one number");
  Number result = args[0].number();
  for (const auto& v : args.from(1)) {
    if (v.number() > result) result = v.number();
  }
  return Of(result);
}

Outcome Min(Args args) {
  if (args.size() == 0) return Fail("must pass at least one number");
  Number result = args[0].number();
  for (const auto& v : args.from(1)) {
    if (v.number() < result) result = v.number();
  }
  return Of(result);
}

std::string Shown(const Value& value, std::string text) {
  return value.Has(value::Mark::kSensitive) ? "(sensitive value)" : text;
}

Outcome ParseInt(Args args) {
  const Value& text = args[0];
  auto marks = text.marks().With(args[1].marks());
  if (!text.type().is_string() && !text.type().is_dynamic()) {
    return BadArgument(0, "first argument must be a string, not " + text.type().FriendlyName());
  }
  if (!text.is_known() || !args[1].is_known()) {
    return Value::Unknown(Type::Number(), {.not_null = true}).WithMarks(marks);
  }
  int64_t base = TRY(args.integer(1));
  if (base < 2 || base > 62) {
    return BadArgument(1, "base must be a whole number between 2 and 62 inclusive");
  }
  auto number = Number::ParseInteger(text.string(), static_cast<int>(base));
  if (!number.ok()) {
    return BadArgument(0, fmt::format("cannot parse {} as a base {} integer",
                                      Shown(text, '"' + text.string() + '"'),
                                      Shown(args[1], fmt::format("{}", base))));
  }
  return Of(*number).WithMarks(marks);
}

}  // namespace

std::vector<Row> NumberFunctions() {
  // clang-format off
  return {
    {"abs",      {Num("num")}, {}, GivesNumber(), "The number without its sign.", Abs},
    {"ceil",     {Num("num")}, {}, GivesNumber(), "The nearest whole number that is not smaller.", Ceil},
    {"floor",    {Num("num")}, {}, GivesNumber(), "The nearest whole number that is not greater.", Floor},
    {"log",      {Num("num"), Num("base")}, {}, GivesNumber(), "The logarithm of the number in the given base.", Log},
    {"pow",      {Num("num"), Num("power")}, {}, GivesNumber(), "The number raised to the given power.", Pow},
    {"signum",   {Num("num")}, {}, GivesNumber(), "The sign of the number: -1, 0 or 1.", Signum},
    {"max",      {}, Num("numbers"), GivesNumber(), "The greatest of the numbers.", Max},
    {"min",      {}, Num("numbers"), GivesNumber(), "The smallest of the numbers.", Min},
    {"parseint", {Any("number", kUnknown | kMarked), Param("base", Type::Number(), kUnknown | kMarked)}, {}, GivesNumber(), "The integer that the string shows in the given base, 2 to 62.", ParseInt},
  };
  // clang-format on
}

}  // namespace andon::functions
