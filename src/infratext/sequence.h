// How the elements of two lists belong together: by a longest common subsequence.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace andon::infratext {

inline constexpr size_t kNone = static_cast<size_t>(-1);

// Which element before and which after stand on one line of a difference; kNone where there
// is none on that side.
using Pairing = std::vector<std::pair<size_t, size_t>>;

// What two elements have to do with each other. Called with an index before and one after.
using PairTest = std::function<bool(size_t before, size_t after)>;

// Both lists, each element once, in their orders: equal elements together, what was taken
// away before what was put in its place. Where `similar` says so, two elements that differ
// are paired as a change of one. Lists that differ in more than a few thousand places are
// paired by equal ends only, so that time and memory stay bounded.
Pairing Align(size_t before_size, size_t after_size, const PairTest& equal,
              const PairTest& similar);

}  // namespace andon::infratext
