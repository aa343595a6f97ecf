#include "modeltest/difference.h"

#include <algorithm>
#include <map>

namespace andon::modeltest {
namespace {

// Pairing looks at every two rows that are left; beyond this many nobody reads the pairs.
constexpr size_t kPairedMax = 500;

struct Left {
  std::vector<size_t> expected;
  std::vector<size_t> actual;
};

// What is left when equal rows are taken away on both sides.
Left TakeEqual(const std::vector<TextRow>& expected, const std::vector<TextRow>& actual) {
  std::map<TextRow, std::vector<size_t>> free;
  for (size_t i = actual.size(); i-- > 0;) free[actual[i]].push_back(i);
  Left left;
  std::vector<bool> is_taken(actual.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    auto found = free.find(expected[i]);
    if (found == free.end() || found->second.empty()) {
      left.expected.push_back(i);
    } else {
      is_taken[found->second.back()] = true;
      found->second.pop_back();
    }
  }
  for (size_t i = 0; i < actual.size(); ++i) {
    if (!is_taken[i]) left.actual.push_back(i);
  }
  return left;
}

std::vector<size_t> Differing(const TextRow& a, const TextRow& b) {
  std::vector<size_t> columns;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) columns.push_back(i);
  }
  return columns;
}

struct Pair {
  size_t differing = 0;
  size_t expected = 0;
  size_t actual = 0;
  auto operator<=>(const Pair&) const = default;
};

// The nearest two first.
std::vector<Pair> Pairs(const std::vector<TextRow>& expected, const std::vector<TextRow>& actual,
                        const Left& left) {
  std::vector<Pair> pairs;
  size_t ne = std::min(left.expected.size(), kPairedMax);
  size_t na = std::min(left.actual.size(), kPairedMax);
  for (size_t e = 0; e < ne; ++e) {
    for (size_t a = 0; a < na; ++a) {
      const TextRow& row = expected[left.expected[e]];
      size_t differing = Differing(row, actual[left.actual[a]]).size();
      if (differing < row.size() && 2 * differing <= row.size())
        pairs.push_back({differing, left.expected[e], left.actual[a]});
    }
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

// The same rows, in another order: where they should stand and where they do.
std::vector<Difference> Moved(const std::vector<TextRow>& expected,
                              const std::vector<TextRow>& actual) {
  std::vector<Difference> out;
  std::vector<bool> is_taken(actual.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] == actual[i]) is_taken[i] = true;
  }
  for (size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] == actual[i]) continue;
    for (size_t a = 0; a < actual.size(); ++a) {
      if (is_taken[a] || expected[i] != actual[a]) continue;
      is_taken[a] = true;
      out.push_back({.kind = Difference::kMoved, .expected = int64_t(i), .actual = int64_t(a)});
      break;
    }
  }
  return out;
}

}  // namespace

std::vector<Difference> Compare(const std::vector<TextRow>& expected,
                                const std::vector<TextRow>& actual, bool ordered) {
  Left left = TakeEqual(expected, actual);
  if (left.expected.empty() && left.actual.empty())
    return ordered ? Moved(expected, actual) : std::vector<Difference>();
  std::map<size_t, size_t> partner;  // Of expected rows.
  std::vector<bool> is_taken(actual.size());
  for (const Pair& pair : Pairs(expected, actual, left)) {
    if (partner.contains(pair.expected) || is_taken[pair.actual]) continue;
    partner[pair.expected] = pair.actual;
    is_taken[pair.actual] = true;
  }
  std::vector<Difference> out;
  for (size_t e : left.expected) {
    auto found = partner.find(e);
    if (found == partner.end()) {
      out.push_back({.kind = Difference::kMissing, .expected = int64_t(e)});
    } else {
      out.push_back({.kind = Difference::kChanged,
                     .expected = int64_t(e),
                     .actual = int64_t(found->second),
                     .columns = Differing(expected[e], actual[found->second])});
    }
  }
  for (size_t a : left.actual) {
    if (!is_taken[a]) out.push_back({.kind = Difference::kUnexpected, .actual = int64_t(a)});
  }
  return out;
}

}  // namespace andon::modeltest
