// What a schema asks of one value: its types, its size, whether it is the same as another.
// Internal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"
#include "jsonschema/program.h"

namespace andon::jsonschema {

// The bits of all types that the value is one of: an integer is a number, too.
unsigned TypesOf(const Json& value, Draft draft);
// "null or an integer".
std::string TypeNames(unsigned types);

// A value as a message shows it, cut where it is long.
std::string Short(const Json& value);

int64_t CodePoints(std::string_view text);
bool IsMultiple(const Json& value, const Json& of);
// True where two items are equal.
bool HasTwins(const Json::Array& items);

// Equal as JSON Schema has it: 1 and 1.0 are the same number, members have no order.
bool AreEqual(const Json& a, const Json& b);
// Less than zero, zero or more, as a is less than, equal to or more than b. Requires: numbers.
int CompareNumbers(const Json& a, const Json& b);

}  // namespace andon::jsonschema
