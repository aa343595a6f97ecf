#include "infratext/sequence.h"

#include <algorithm>
#include <cstdint>

namespace andon::infratext {
namespace {

// Cells of the table below: 16 million, 64 MB, a tenth of a second.
constexpr size_t kCellsMax = 16'000'000;

// The equal pairs of a longest common subsequence of before[first, before_end) and
// after[first, after_end), in order.
Pairing CommonPairs(size_t first, size_t before_end, size_t after_end, const PairTest& equal) {
  size_t width = before_end - first;
  size_t height = after_end - first;
  if (width == 0 || height == 0 || width > kCellsMax / height) return {};

  // lengths[y * (width + 1) + x]: of the first x elements before and y after.
  std::vector<uint32_t> lengths((width + 1) * (height + 1));
  auto at = [&](size_t x, size_t y) -> uint32_t& { return lengths[y * (width + 1) + x]; };
  std::vector<bool> equals(width * height);
  for (size_t y = 1; y <= height; ++y) {
    for (size_t x = 1; x <= width; ++x) {
      if (equal(first + x - 1, first + y - 1)) {
        equals[(y - 1) * width + x - 1] = true;
        at(x, y) = at(x - 1, y - 1) + 1;
      } else {
        at(x, y) = std::max(at(x - 1, y), at(x, y - 1));
      }
    }
  }

  Pairing pairs;
  for (size_t x = width, y = height; x > 0 && y > 0;) {
    if (equals[(y - 1) * width + x - 1]) {
      pairs.emplace_back(first + x - 1, first + y - 1);
      --x, --y;
    } else if (at(x - 1, y) > at(x, y - 1)) {
      --x;
    } else {
      --y;
    }
  }
  std::reverse(pairs.begin(), pairs.end());
  return pairs;
}

}  // namespace

Pairing Align(size_t before_size, size_t after_size, const PairTest& equal,
              const PairTest& similar) {
  size_t first = 0;
  while (first < before_size && first < after_size && equal(first, first)) ++first;
  size_t before_end = before_size, after_end = after_size;
  while (before_end > first && after_end > first && equal(before_end - 1, after_end - 1)) {
    --before_end, --after_end;
  }

  Pairing common;
  for (size_t i = 0; i < first; ++i) common.emplace_back(i, i);
  for (auto& pair : CommonPairs(first, before_end, after_end, equal)) common.push_back(pair);
  for (size_t i = 0; before_end + i < before_size; ++i) {
    common.emplace_back(before_end + i, after_end + i);
  }

  Pairing out;
  size_t b = 0, a = 0;
  common.emplace_back(before_size, after_size);
  for (auto [common_before, common_after] : common) {
    while (b < common_before) {
      if (a < common_after && similar(b, a)) {
        out.emplace_back(b++, a++);
      } else {
        out.emplace_back(b++, kNone);
      }
    }
    while (a < common_after) out.emplace_back(kNone, a++);
    if (common_before < before_size) out.emplace_back(b++, a++);
  }
  return out;
}

}  // namespace andon::infratext
