// YAML as JSON and back.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "yaml/tree.h"

namespace andon::yaml {

// The document with the core schema of YAML 1.2: null, true, false, integers (also 0x and 0o) and
// decimal numbers; everything else, dates too, is text. kInvalid with its place for a tag that is
// none of the core schema's, or that its text does not fit.
Result<Json> ToJson(const Node& node);

// Parse and ToJson in one.
Result<Json> ParseJson(std::string_view text);

// Block style, two spaces a level, members in their order, a line break at the end. A text is
// quoted only where a reader of YAML 1.1 or 1.2 would take it for something else; one of several
// lines is a literal block. Reading it again gives the same document.
std::string Emit(const Json& json);

}  // namespace andon::yaml
