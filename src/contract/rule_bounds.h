// Which of two quality rules promises more. Internal.
#pragma once

#include <string>

#include "contract/document.h"

namespace andon::contract {

enum class Strictness { kSame, kStricter, kWeaker, kUnknown };

// What the newer rule promises against the older, where both are about the same metric.
Strictness CompareRules(const Rule& before, const Rule& after);

// What tells a rule apart from its neighbours over time: its name, or what it measures.
std::string IdentityOf(const Rule& rule);
// "nullValues mustBe 0", "rowCount mustBeGreaterThan 1000000".
std::string Describe(const Rule& rule);

}  // namespace andon::contract
