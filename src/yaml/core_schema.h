// What the core schema of YAML 1.2 takes a plain scalar for. Internal.
#pragma once

#include <optional>
#include <string_view>

#include "base/json.h"

namespace andon::yaml {

// Empty where the text is none.
std::optional<Json> CoreBool(std::string_view text);
// Integers beyond 64 bits and fractions are doubles; .inf and .nan, which JSON has not, are text.
std::optional<Json> CoreNumber(std::string_view text);

}  // namespace andon::yaml
