// Lists of texts as JSON, and back: addresses, columns, paths in facts and documents.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace andon {

// ["a", "b"]
Json Strings(const std::vector<std::string>& list);
// The other way; what is no array has no items, and an item that is no text is an empty one.
std::vector<std::string> Strings(const Json& list);

}  // namespace andon
