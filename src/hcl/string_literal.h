// The text of quoted strings and heredocs: escapes taken apart and put in.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "hcl/token.h"

namespace andon::hcl {

// True where the text means itself: no escapes.
bool IsPlainText(std::string_view text, bool quoted);

// Decodes backslash escapes (where `quoted`) and $${ and %%{. `report` receives
// each mistake with its span within `text`; the result goes on without it.
using EscapeReport = std::function<void(std::string detail, Span where)>;
std::string DecodeText(std::string_view text, bool quoted, const EscapeReport& report);

// The text as it stands between quotes.
std::string EncodeQuoted(std::string_view text);

}  // namespace andon::hcl
