// Display: a value as HCL text, as `console` and `output` print it.
#pragma once

#include <string>
#include <string_view>

#include "value/value.h"

namespace andon::value {

// The whole value over as many lines as it takes, without a newline at the end:
//   toset([
//     "a",
//   ])
// Parts that are unknown print as (known after apply), sensitive ones as
// (sensitive value), ephemeral ones as (ephemeral value), null as null or, where the
// type says more, tostring(null). Lines after the first begin with `indent` spaces.
std::string Format(const Value& value, int indent = 0);

// A string in quotes as the console prints it, with Go's escapes: \n, \", \\, \x01;
// "${" stands as it is.
std::string Quote(std::string_view text);
// A string in quotes that HCL reads back to the same: \n, \", \\, $${, %%{, \u0001.
std::string QuoteHcl(std::string_view text);

// One line, cut at about `width` cells with "…": for messages. Sensitive parts hidden.
std::string FormatShort(const Value& value, int width = 60);

}  // namespace andon::value
