// What a predicate can be over rows that nobody reads: true, false or null, by the bounds of the
// columns that stand in it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "sql/exact_number.h"
#include "sql/expr.h"

namespace andon::sql {

// A column's values over some rows. Bounds may be wider than the data, never narrower.
struct ValueBounds {
  enum class Kind { kNumber, kDate };  // A date is the number 20050820.
  Kind kind = Kind::kNumber;
  std::optional<ExactNumber> lower, upper;
  bool may_be_null = true;
  bool may_be_value = true;
};
// None: nothing is known of the column.
using BoundsOf = std::function<std::optional<ValueBounds>(const std::string& column)>;

// "2005-08-20" as that number; none for other texts.
std::optional<ExactNumber> DateNumber(std::string_view text);

// True where no row can fulfil the predicate. False says nothing.
bool IsNeverTrue(const Expr& predicate, const BoundsOf& bounds_of);

}  // namespace andon::sql
