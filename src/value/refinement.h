// What is known of an unknown value beside its type: providers say so of what they will make, and
// expressions of what they are put together from (as cty's refinements).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "value/number.h"

namespace andon::value {

struct Bound {
  Number at;
  bool is_inclusive = true;

  bool operator==(const Bound&) const = default;
};

struct Refinement {
  bool not_null = false;
  std::string prefix = {};        // Of a string.
  std::optional<Bound> min = {};  // Of a number,
  std::optional<Bound> max = {};  // and up to where.
  int64_t length_min = 0;         // Of a collection.
  std::optional<int64_t> length_max = {};

  // More than that it is not null.
  bool has_range() const {
    return !prefix.empty() || min || max || length_min > 0 || length_max.has_value();
  }
  bool operator==(const Refinement&) const = default;
};

// Less, equal or greater than all numbers of the range: a < b for certain, or b <= a for certain.
// Nothing where it is open.
std::optional<bool> IsLess(const Refinement& a, const Refinement& b);
std::optional<bool> IsLessOrEqual(const Refinement& a, const Refinement& b);
// The range of one number.
Refinement Exactly(const Number& number);
bool Includes(const Refinement& range, const Number& number);

// How a string will begin whatever comes behind `text`: without a last letter that what follows
// could change (an accent joins the letter before it).
std::string_view SafePrefix(std::string_view text);

}  // namespace andon::value
