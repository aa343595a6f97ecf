// What is wrong with an object that a provider answered with. These are mistakes of the
// provider's authors, who are meant by the wording; a user passes them on.
#pragma once

#include <string>
#include <vector>

#include "value/path.h"

namespace andon::provider {

struct Problem {
  value::Path path;  // From the object's root; empty: the object as a whole.
  std::string text;  // A clause without capital and full stop. Nothing sensitive stands in it.
};

using Problems = std::vector<Problem>;

// ".rule[0].port: was null, but now 80"; the text alone for the empty path.
std::string ToString(const Problem& problem);

}  // namespace andon::provider
