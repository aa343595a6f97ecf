// A Difference as lines of text, in the notation of plans: a symbol before what changes,
// `->` between old and new, and one line for all that stays as it is.
#pragma once

#include <string>
#include <string_view>

#include "infratext/difference.h"

namespace andon::infratext {

struct TextStyle {
  bool color = false;
  bool show_sensitive = false;
  bool shows_unchanged = false;      // Everything, not only what changes.
  bool shows_symbols = true;         // With the room that they take.
  bool shows_arrows_to_null = true;  // "-> null" behind what is removed.
  bool counts_hidden = true;         // "# (3 unchanged attributes hidden)".
};

// What stands behind `name = ` or before a block's head, from `{`, `[` or the value on, without a
// newline at the end. `indent` counts levels of four cells.
std::string DifferenceText(const Difference& difference, int indent, const TextStyle& style);

// The name as a configuration would have it: in quotes where it is no identifier.
std::string NameText(std::string_view name);

}  // namespace andon::infratext
