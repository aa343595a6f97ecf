// Split: which rows of what came are bad by checks that quarantine, in a worker process.
//
// All rows are written once more, each with the names of the checks that it fails; what is loaded
// and what goes to the quarantine are then two readings of that one file, so that no row is in both
// or in neither.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "quality/check.h"

namespace andon::line {

// The column of incoming rows that says which delivery they came with; 0 of a model's.
inline constexpr char kDeliveryColumn[] = "andon_delivery";
inline constexpr char kReasonsColumn[] = "andon_reasons";

struct SplitRule {
  std::string check;
  std::string where;        // CheckResult::bad_rows_sql.
  int64_t delivery_id = 0;  // Of whose rows; 0: of all.
};

struct SplitTask {
  std::string incoming;  // A SELECT of all rows that came, with kDeliveryColumn.
  std::string path;      // Of the Parquet file that is made.
  std::vector<SplitRule> rules;
  std::vector<quality::CheckSpec> checks;  // Of the rules: their predicates may call functions.
};

struct SplitCount {
  int64_t delivery_id = 0;
  int64_t rows = 0;
  int64_t bad = 0;
  std::map<std::string, int64_t> by_check;  // Bad ones; a row may be bad by several.
};
struct SplitOutcome {
  std::vector<SplitCount> deliveries;  // Those that have rows.

  int64_t bad() const;
  int64_t BadBy(const std::string& check) const;
};

// Readings of such a file, as a SELECT with kDeliveryColumn: the good rows, and the bad ones, which
// have kReasonsColumn as well.
std::string RestOf(const std::string& path);
std::string BadOf(const std::string& path);

Json ToJson(const SplitTask& task);
SplitTask SplitTaskFromJson(const Json& json);
Json ToJson(const SplitOutcome& outcome);
SplitOutcome SplitOutcomeFromJson(const Json& json);

}  // namespace andon::line
