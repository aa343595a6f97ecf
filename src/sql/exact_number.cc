#include "sql/exact_number.h"

#include <algorithm>
#include <cctype>

namespace andon::sql {
namespace {

constexpr int kDigitsMax = 38;

__int128 PowerOfTen(int exponent) {
  __int128 power = 1;
  for (int i = 0; i < exponent; i++) power *= 10;
  return power;
}

bool Fits(__int128 value) {
  static const __int128 kLimit = PowerOfTen(kDigitsMax);
  return value < kLimit && value > -kLimit;
}

// The number's digits at a larger scale; none where they are too many.
std::optional<__int128> At(const ExactNumber& number, int scale) {
  if (number.unscaled == 0) return __int128{0};
  __int128 value = 0;
  if (__builtin_mul_overflow(number.unscaled, PowerOfTen(scale - number.scale), &value)) return {};
  if (!Fits(value)) return {};
  return value;
}

}  // namespace

std::optional<ExactNumber> ExactNumber::Parse(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  ExactNumber number;
  bool is_behind = false, any = false;
  for (char c : text) {
    if (c == '.' && !is_behind) {
      is_behind = true;
      continue;
    }
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) return {};
    number.unscaled = number.unscaled * 10 + (c - '0');
    any = true;
    if (is_behind) number.scale++;
    if (!Fits(number.unscaled) || number.scale > kDigitsMax) return {};
  }
  if (!any) return {};
  if (is_negative) number.unscaled = -number.unscaled;
  return number;
}

std::string ExactNumber::Text() const {
  const bool is_negative = unscaled < 0;
  __int128 rest = is_negative ? -unscaled : unscaled;
  std::string digits;
  while (rest > 0 || static_cast<int>(digits.size()) <= scale) {
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  std::reverse(digits.begin(), digits.end());
  if (scale > 0) digits.insert(digits.size() - static_cast<size_t>(scale), ".");
  return (is_negative ? "-" : "") + digits;
}

long double ExactNumber::Approximate() const {
  return static_cast<long double>(unscaled) / static_cast<long double>(PowerOfTen(scale));
}

std::optional<std::strong_ordering> Compare(const ExactNumber& a, const ExactNumber& b) {
  const int scale = std::max(a.scale, b.scale);
  std::optional<__int128> x = At(a, scale), y = At(b, scale);
  if (!x || !y) return {};
  return *x < *y   ? std::strong_ordering::less
         : *x > *y ? std::strong_ordering::greater
                   : std::strong_ordering::equal;
}

std::optional<ExactNumber> Add(const ExactNumber& a, const ExactNumber& b) {
  const int scale = std::max(a.scale, b.scale);
  std::optional<__int128> x = At(a, scale), y = At(b, scale);
  __int128 sum = 0;  // Of two numbers of 38 digits it may not even fit in 128 bits.
  if (!x || !y || __builtin_add_overflow(*x, *y, &sum) || !Fits(sum)) return {};
  return ExactNumber{sum, scale};
}

}  // namespace andon::sql
