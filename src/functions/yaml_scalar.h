// What a scalar of YAML without quotes stands for: null, bool, number, timestamp, or
// else a string.
#pragma once

#include <optional>
#include <string_view>

#include "value/value.h"

namespace andon::functions {

value::Value YamlPlain(std::string_view text);

// Empty where the text is none.
std::optional<value::Value> YamlBool(std::string_view text);
std::optional<value::Value> YamlNumber(std::string_view text);

}  // namespace andon::functions
