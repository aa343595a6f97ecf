// Validations over time: the grid of checks by validations, the history of one check, and the
// difference of two validations.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "store/database.h"
#include "validation/record.h"

namespace andon::validation {

// What one check said at one time.
struct Point {
  int64_t validation = 0;
  Timestamp time{};
  std::string state;               // "passed", "failed", "error".
  std::optional<double> observed;  // Where it is a number.
  std::optional<double> unexpected_percent;
  std::string message;
};
// Oldest first, of the newest `limit` ones.
Result<std::vector<Point>> HistoryOf(store::Transaction& tx, std::string_view dataset,
                                     std::string_view check, int64_t limit);

// A cell says what a check said in a validation; a space where it was not asked.
enum class CellState : char {
  kPassed = 'P',
  kFailed = 'F',
  kWarning = 'W',  // Failed or broken, not critical.
  kError = 'E',
  kAbsent = ' ',
};
struct GridCell {
  CellState state = CellState::kAbsent;
  std::optional<double> observed;
  std::optional<double> unexpected_percent;
};
struct GridRow {
  std::string check;
  std::string type;
  std::string severity;
  std::vector<GridCell> cells;  // As Grid::columns.
};
struct Grid {
  std::vector<Summary> columns;  // Oldest first.
  std::vector<GridRow> rows;     // In the order of the newest suite, then what is no more asked.
};
// The newest `limit` validations of a dataset, below the number `before` where it is not 0.
Result<Grid> ReadGrid(store::Transaction& tx, std::string_view dataset, int64_t limit,
                      int64_t before = 0);
// All with numbers from `from` up to, not including, `to`.
Result<Grid> ReadGridRange(store::Transaction& tx, std::string_view dataset, int64_t from,
                           int64_t to);

// What became different from one validation to another.
struct Change {
  enum Kind { kAdded, kRemoved, kBroke, kMended, kMoved };
  // kBroke: it passed and does not; kMended: the other way round; kMoved: the verdict is the same,
  // what was observed is not.
  Kind kind = kMoved;
  std::string check;
  std::string before;  // "passed: 0 of 1,157 values"; empty where it was not asked.
  std::string after;
  bool is_redefined = false;  // The check itself was changed between the two.
};
// In the order of `after`'s checks, removed ones last.
std::vector<Change> Compare(const Validation& before, const Validation& after);
std::string_view ToString(Change::Kind kind);  // "added", "removed", "broke", "mended", "moved"

}  // namespace andon::validation
