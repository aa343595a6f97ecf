// Number: a number of the language, which knows no difference between integers and
// fractions. Exact for all int64; otherwise a binary float of 512 bits, rounded to
// the nearest, ties to even, as go-cty and Terraform's wire format have it.
//
// What fits is held as int64 or as double; only the rest takes memory of its own.
// Numbers that programs give as double keep a precision of 53 bits, so that the
// logarithm of 50 prints as 1.6989700043360185 and not with a hundred digits.
// Immutable, cheap to copy. There is no NaN; infinity comes from functions only.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace andon::value {

class Number {
 public:
  Number() = default;  // Zero.
  template <std::integral T>
  Number(T integer) : Number(Exact{}, integer) {}
  // Requires: `real` is not NaN.
  static Number FromDouble(double real);
  // A decimal number: [+-] digits [. digits] [(e|E) [+-] digits]. kInvalid for
  // anything else, and for exponents beyond ±100,000, whose digits nobody can hold.
  static Result<Number> Parse(std::string_view text);
  // An integer in base 2 to 62 (0-9, a-z, A-Z; up to base 36 case does not matter).
  static Result<Number> ParseInteger(std::string_view text, int base);

  // Programs count with integers of 64 bits of precision in Go; only division of
  // two such numbers shows it.
  Number WithPrecision(int bits) const;
  int precision() const { return precision_; }

  bool is_integer() const;
  bool is_zero() const { return sign() == 0; }
  bool is_infinite() const;
  int sign() const;  // -1, 0, 1.
  // Empty where it is no integer or does not fit.
  std::optional<int64_t> ToInt64() const;
  // The nearest double; ±infinity beyond.
  double ToDouble() const;

  // All its digits, as few as read back to the same number, never an exponent:
  // "0.1", "100000000000000000000". (Beyond 10^±100,000 an exponent after all.)
  std::string ToString() const;
  // The digits in the format of C's %e, %f, %g, %b …: verb is one of "efgEGF";
  // precision -1 means the shortest that reads back.
  std::string Format(char verb, int precision) const;
  // The integer part in base 2 to 62, with "-" where negative.
  std::string IntegerText(int base) const;

  Number operator-() const;
  Number Abs() const { return sign() < 0 ? -*this : *this; }
  Number Floor() const;
  Number Ceil() const;
  Number Truncate() const;

  friend Number operator+(const Number& a, const Number& b);
  friend Number operator-(const Number& a, const Number& b);
  friend Number operator*(const Number& a, const Number& b);
  // Requires: b is not zero (infinities: not both).
  friend Number operator/(const Number& a, const Number& b);
  // What the truncated quotient leaves: the sign of a. Requires: b is not zero.
  friend Number operator%(const Number& a, const Number& b);

  friend bool operator==(const Number& a, const Number& b) { return Compare(a, b) == 0; }
  friend std::strong_ordering operator<=>(const Number& a, const Number& b) {
    return Compare(a, b) <=> 0;
  }

  size_t Hash() const;

 private:
  class Big;  // An mpfr_t with an owner.
  struct Exact {};
  Number(Exact, int64_t integer) : integer_(integer) {}
  Number(Exact, int integer) : integer_(integer) {}
  Number(Exact, uint64_t integer);
  template <std::integral T>
  Number(Exact, T integer) : Number(Exact{}, static_cast<int64_t>(integer)) {}

  enum class Calculation { kAdd, kSubtract, kMultiply, kDivide };
  static Number Calculate(Calculation calculation, const Number& a, const Number& b);
  static int Compare(const Number& a, const Number& b);
  static Number FromBig(std::shared_ptr<const Big> big, int precision);
  std::shared_ptr<const Big> ToBig() const;

  enum class Kind : uint8_t { kInteger, kDouble, kBig };
  Kind kind_ = Kind::kInteger;
  int16_t precision_ = kPrecision;
  union {
    int64_t integer_ = 0;
    double real_;
  };
  std::shared_ptr<const Big> big_;

  static constexpr int16_t kPrecision = 512;
};

}  // namespace andon::value
