// Bounds, for the families `…_to_be_between`.
#pragma once

#include <string>
#include <vector>

#include "quality/expectation.h"

namespace andon::quality {

// True for what lies outside of min_value and max_value; NaN lies outside of all.
sql::Expr Outside(const sql::Expr& value, const Args& args, std::string_view type);
// The same for one observed value: a number, a date or timestamp, or text. Null lies outside of
// all, as Great Expectations has it: a mean of nothing is not between 0 and 5.
bool IsInside(const Json& value, const Json& min, const Json& max, bool strict_min,
              bool strict_max);
bool IsInside(const Json& value, const Args& args);
Verdict JudgeRange(const Args& args, const std::vector<Json>& values);
// That the bounds are in order. GX refuses some kinds without any bound and takes the others, as
// passing all that can be observed.
std::string RangeMistake(const Args& args);
std::string OrderMistake(const Args& args);

// Values as people compare them: 1 is 1.0.
bool IsSameValue(const Json& a, const Json& b);
bool IsSmaller(const Json& a, const Json& b);
// A list, or the list that a text spells in JSON (databases give lists so).
Json ListOf(const Json& value);
// A number where a text is one that a double holds to its last digit: decimals come as text.
Json Numeric(const Json& value);
// A number, or the number that a text spells (wide decimals come as text); none: neither.
std::optional<double> NumberOf(const Json& value);

}  // namespace andon::quality
