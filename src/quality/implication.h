// What the checks of one dataset say of one another, by their texts alone: which follow from others
// (and so cannot be the only ones to fail), and which cannot pass together.
//
//   in_set ["cash", "card"]        ⇒  not in_set ["cheque"]
//   between 0 and 5                ⇒  between 0 and 10
//   unique(id), not_null(id)       ⇒  unique(id, line)
//   mean between 20 and 30         ✗  values between 0 and 10
//
// Only what is certain for all data is said: `mostly`, row conditions and the rows that a check
// looks at (`on`) are respected, NaN and nulls too. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "quality/check.h"

namespace andon::quality {

// `check` passes wherever those of `by` pass. Of checks that say the same, the later follows.
struct Implication {
  size_t check = 0;
  std::vector<size_t> by;
};

// Not both can pass: on no data at all, or (`needs_values`) on none that has a value in the column.
struct Contradiction {
  size_t first = 0;
  size_t second = 0;  // The one that was declared later.
  std::string why;    // "a mean of at least 20 is above the 10 that every value is at most"
  bool needs_values = false;
};

// Indices are those of `checks`; unknown expectations are passed over. At most one implication for
// each check.
std::vector<Implication> ImplicationsOf(const std::vector<CheckSpec>& checks);
std::vector<Contradiction> ContradictionsOf(const std::vector<CheckSpec>& checks);

// A warning for each contradiction, at the later check, with the place of the other.
Diagnostics WarnOfContradictions(const std::vector<CheckSpec>& checks);

}  // namespace andon::quality
