// What the standard's schema cannot see in a contract: contradictions, and promises nobody can keep
// or check.
#pragma once

#include <string>
#include <vector>

#include "contract/document.h"

namespace andon::contract {

struct Finding {
  std::string path;  // JSON pointer into Document::json.
  bool is_error = true;
  std::string message;  // A sentence: what, why, what to do.
};

// Errors: a version that is none, names and ids twice, limits that exclude one another, a pattern
// that is none, references to nothing, a rule without its operand, a need that serves nobody.
// Warnings: types nobody knows, service levels without a unit, rules that nobody can prove, a
// deprecated contract without an end, needs that nobody confirmed.
// In the order of the document.
std::vector<Finding> Lint(const Document& document);

}  // namespace andon::contract
