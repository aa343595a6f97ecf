// What stands between the rows that were expected and those that came.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace andon::modeltest {

// A row as texts, one for each compared column; null is no text.
using TextRow = std::vector<std::optional<std::string>>;

struct Difference {
  enum Kind {
    kMissing = '-',     // Expected, and did not come.
    kUnexpected = '+',  // Came, and was not expected.
    kChanged = '~',     // Came with other values in `columns`.
    kMoved = '>',       // Came in another place; only where the order counts.
  } kind = kMissing;
  int64_t expected = -1;        // Row of the expected ones; -1: none.
  int64_t actual = -1;          // Row of those that came; -1: none.
  std::vector<size_t> columns;  // Of kChanged: those that differ.
};

// Compares two bags of rows: equal rows are matched whatever their order (with `ordered`, only in
// the same order), then what is left is paired where most cells agree; a pair that agrees in less
// than half of them, or in none, is one missing and one unexpected row. Of equal pairs the first
// wins. In the order of the expected rows, unexpected ones last.
std::vector<Difference> Compare(const std::vector<TextRow>& expected,
                                const std::vector<TextRow>& actual, bool ordered);

}  // namespace andon::modeltest
