// JSON of values: the text that jsonencode writes and jsondecode reads, and the
// typed form of state files and plans. Numbers keep all their digits.
#pragma once

#include <string>
#include <string_view>

#include "value/value.h"

namespace andon::value {

// Compact JSON, members ordered by name, `<`, `>` and `&` escaped in strings as Go
// does it. kInvalid where something in it is unknown or infinite. Marks are looked through.
Result<std::string> ToJsonText(const Value& value);
// The same for a reader that knows only `wanted`: where that is dynamic, the value
// is wrapped as {"value": …, "type": …}.
Result<std::string> ToJsonText(const Value& value, const Type& wanted);

// The value of the type that the text itself shows: objects, tuples, strings,
// numbers, bools; null is a null of dynamic type. kInvalid with the place of what is
// wrong; documents nested deeper than 512 are refused.
Result<Value> FromJsonText(std::string_view text);
// The value of type `wanted` from its JSON form; kInvalid with the path where the
// document does not fit.
Result<Value> FromJsonText(std::string_view text, const Type& wanted);

}  // namespace andon::value
