// ExactNumber: an integer or a decimal of up to 38 digits, as text spells it. Nothing is rounded,
// and what does not fit is no number rather than another one.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace andon::sql {

// unscaled / 10^scale. Requires: 0 <= scale <= 38, |unscaled| < 10^38.
struct ExactNumber {
  __int128 unscaled = 0;
  int scale = 0;

  // "-4.99", "12". None for exponents, for what is no number, and for more than 38 digits.
  static std::optional<ExactNumber> Parse(std::string_view text);
  std::string Text() const;  // With all digits of the scale: "5.00".
  long double Approximate() const;
};

// None: one of the two has no more than 38 digits at the other's scale.
std::optional<std::strong_ordering> Compare(const ExactNumber& a, const ExactNumber& b);
// Of the larger scale. None: the sum has more than 38 digits.
std::optional<ExactNumber> Add(const ExactNumber& a, const ExactNumber& b);

}  // namespace andon::sql
