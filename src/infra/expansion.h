// How many instances a block has: what its count, for_each or enabled says.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "address/address.h"
#include "base/diagnostics.h"
#include "hcl/eval.h"
#include "value/value.h"

namespace andon::infra {

enum class Repetition { kSingle, kCount, kForEach, kEnabled };

struct Expansion {
  Repetition repetition = Repetition::kSingle;
  // Key, and each.value (for_each) or the number (count).
  std::vector<std::pair<address::Key, value::Value>> items;
  bool is_known = true;  // False after a mistake, which was reported.
};

// At most one of the three expressions is written. A value that only apply can tell is a
// mistake: addresses must be known when planning.
Expansion Expand(hcl::Expression count, hcl::Expression for_each, hcl::Expression enabled,
                 const hcl::EvalContext& context, Diagnostics* diagnostics);

// `each` or `count` of one instance, as names of its own scope.
std::map<std::string, value::Value, std::less<>> RepetitionNames(const address::Key& key,
                                                                 const value::Value& each);

// The instances' values as one: an object or null (enabled), a tuple (count), an object
// (for_each), as expressions see them. `values` in the order of `keys`.
value::Value Gather(Repetition repetition, const std::vector<address::Key>& keys,
                    std::vector<value::Value> values);

}  // namespace andon::infra
