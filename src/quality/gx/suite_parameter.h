// Suite parameters: what stands in {"$PARAMETER": "…"} of an expectation's arguments, replaced by
// its value when the suite is read.
//
//   "min_amount"                       A name: any JSON value, as it was given.
//   "upstream_rows * 0.9"              Arithmetic: + - * / ^, abs, round, trunc, sgn, exp, sin,
//   cos,
//                                      tan, pi, e.
//   "now() - timedelta(days=1)"        Times: now(), datetime(y, m, d, …), timedelta(weeks=…, …).
//
// Numbers follow Python: / divides to a fraction, ^ is the power and binds to the right, round()
// goes to the even neighbour. A time comes out as text, "2026-11-20T08:42:52".
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"

namespace andon::quality::gx {

struct ParameterScope {
  std::map<std::string, Json> values;
  Timestamp now{};  // Of now(), in UTC.
};

// kNotFound where a name has no value: the message is that name alone. kInvalid for an expression
// that is not understood, or that divides by zero, overflows, ends in a length of time.
Result<Json> EvaluateParameter(std::string_view expression, const ParameterScope& scope);

// "name=value" of a command line: the value is JSON where it reads as a number, true, false, null,
// a list or an object, and otherwise the text itself.
Result<std::pair<std::string, Json>> ReadParameter(std::string_view text);

}  // namespace andon::quality::gx
