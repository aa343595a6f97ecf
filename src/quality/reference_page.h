// The reference page of the expectations (docs/reference/expectations.md), made from their specs:
// sentence, parameters, and the example that is their test.
#pragma once

#include <string>

namespace andon::quality {

// Markdown.
std::string ExpectationsPage();

}  // namespace andon::quality
