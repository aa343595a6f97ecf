// Reading of YAML 1.2 text as yamldecode takes it: one document of mappings with
// scalar keys, sequences, scalars, anchors and merge keys; the core schema's tags.
#pragma once

#include <string_view>

#include "base/result.h"
#include "value/value.h"

namespace andon::functions {

// Mappings become objects, sequences tuples. kInvalid with line and column for what is
// no YAML, has tags of its own, refers to itself, is nested deeper than 256, or unfolds
// to more than a million nodes.
Result<value::Value> ParseYaml(std::string_view text);

}  // namespace andon::functions
