// Validations in the control store: kept, found again, listed. Each is one row of `validations`,
// its results are rows of check_results, its suite is shared with all validations of the same
// checks, and the bad rows stand in check_samples, for they are kept for a shorter time.
//
// Whoever calls has masked the results (validation/mask.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/database.h"
#include "validation/validation.h"

namespace andon::validation {

// Writes the validation in the caller's transaction, with the facts that it belongs to. Returns
// its number.
Result<int64_t> Record(store::Transaction& tx, const Validation& validation);

// A validation without its results.
struct Summary {
  Validation about;
  Counts counts;
  std::string state;  // StateOf(counts).
};

struct Filter {
  std::string dataset;  // Address, or the name outside of a project; empty: all.
  std::string run_id;
  int64_t before = 0;  // Only smaller numbers; 0: from the newest.
  int64_t from = 0;    // Only this number and greater ones.
  int64_t limit = 100;
};
// Newest first.
Result<std::vector<Summary>> List(store::Transaction& tx, const Filter& filter);

// The whole validation, with samples where they are still kept. kNotFound.
Result<Validation> Find(store::Transaction& tx, int64_t number);
// By number or UUID; "last": the newest of all. kNotFound; kInvalid for another word.
Result<Validation> Find(store::Transaction& tx, std::string_view which);

// The one before it of the same dataset, and of the same batch where it is of one of many.
Result<std::optional<int64_t>> PreviousOf(store::Transaction& tx, const Validation& validation);

// Every dataset that has validations, by name, with its newest one.
struct DatasetSummary {
  std::string dataset;
  int64_t validations = 0;
  Summary last;
};
Result<std::vector<DatasetSummary>> Datasets(store::Transaction& tx);

}  // namespace andon::validation
