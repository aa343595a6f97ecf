// The values of `format` that can be asserted. Internal.
#pragma once

#include <string_view>

namespace andon::jsonschema {

bool IsKnownFormat(std::string_view name);
// Requires: IsKnownFormat(name).
bool FitsFormat(std::string_view name, std::string_view text);

}  // namespace andon::jsonschema
