// What differs between two states, by object and attribute; for people who look at versions.
#pragma once

#include <string>
#include <vector>

#include "state/state.h"

namespace andon::state {

struct AttributeDifference {
  std::string path;           // "tags.Name", "rules[0].port"
  std::string before;         // JSON; empty: there was none.
  std::string after;          // JSON; empty: there is none any more.
  bool is_sensitive = false;  // Its values are not to be shown.
};

struct Difference {
  enum Kind { kAdded = '+', kRemoved = '-', kChanged = '~' };
  Kind kind = kChanged;
  std::string address;  // Of an instance; "output.NAME"; a deposed object has its key behind it.
  std::vector<AttributeDifference> attributes;  // Of those that changed.
};

// In order of address, outputs last. Serial, lineage and checks do not count.
std::vector<Difference> Compare(const State& before, const State& after);

}  // namespace andon::state
