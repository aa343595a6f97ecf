// What differs between two objects, part by part; and between two texts, line by line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "plan/plan.h"
#include "value/value.h"

namespace andon::plan {

// The smallest parts that differ, in the order of `after` and then of what only
// `before` has. Lists are compared as a whole; the order of members is no
// difference. Either may be null: then each attribute of the other is one change.
std::vector<AttributeChange> DiffObjects(const value::Value& before, const value::Value& after,
                                         const Json& positions);

struct LineChange {
  char sign = ' ';   // '-', '+', or ' ' for a line that both have.
  int64_t line = 0;  // From 1: in the new text, for '-' in the old one.
  std::string text;
};

// The lines that differ, each with at most `around` equal lines before and after.
// A shortest edit script; texts that differ in more than 2,000 lines are shown as
// replaced as a whole.
std::vector<LineChange> DiffLines(std::string_view before, std::string_view after, int around);

}  // namespace andon::plan
