// What the data of a column show: counts, extremes, the values where they are few. Facts only; what
// follows from them is quality/propose/propose.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "sql/session.h"
#include "sql/types.h"

namespace andon::quality {

// A column of few values is one of words: more are data.
inline constexpr int64_t kFewValuesMax = 12;

struct ColumnFacts {
  std::string name;
  std::string type;         // Andon's.
  std::string native_type;  // The engine's.
  bool is_known = false;    // False: the engine cannot compare its values; nothing else is known.
  int64_t rows = 0;
  int64_t nulls = 0;
  int64_t distinct = 0;    // Exact where it is 0, few or all; else at least an estimate.
  bool is_unique = false;  // No value stands twice; counted, not estimated.
  std::string min, max;    // As texts, of numbers and times; empty where there is none.
  int64_t length_min = 0;  // Of texts, in characters.
  int64_t length_max = 0;
  // All values with their counts, the most frequent first; empty where they are many.
  std::vector<std::pair<Json, int64_t>> values;
  std::vector<std::string> sample;  // Different texts, at most 200, of a text column.

  int64_t present() const { return rows - nulls; }
};

// Reads them in few statements over `relation`. A column that the engine cannot compare (a JSON
// document) is left unknown; kInterrupted and what ends the connection are errors.
Result<std::vector<ColumnFacts>> ReadColumnFacts(sql::Session& session, std::string_view relation,
                                                 const std::vector<sql::TableColumn>& columns,
                                                 const sql::QueryOptions& query);

}  // namespace andon::quality
