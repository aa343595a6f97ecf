// Since when a check is red: where its unbroken row of failures began, and the last time that it
// passed, as the control store has it.
//
//   auto since = TRY(FindRedSince(tx, validation, "amount_in_range"));
//   if (since) Sentence(*since);
//   // "Red since validation 12 of 2026-11-19; validation 11 of 2026-11-18 was the last green one."
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/database.h"
#include "validation/validation.h"

namespace andon::validation {

struct RedSince {
  struct Moment {
    int64_t validation = 0;
    std::string batch;  // Empty: the whole.
    Timestamp time{};
    std::string run_id;  // Empty: no run asked for it.
    int64_t release_id = 0;
  };
  std::optional<Moment> first_red;   // None: it is red for the first time now.
  std::optional<Moment> last_green;  // None: it never passed.
};

// What the kept validations say of a check that is red in `now`, which is not kept yet. Those of
// the same kind count: of the whole, or of batches that are told apart by the same columns. Nothing
// where none asked this check.
Result<std::optional<RedSince>> FindRedSince(store::Transaction& tx, const Validation& now,
                                             std::string_view check);
std::string Sentence(const RedSince& since);

// Batches that were judged at one time by the same checks, in their order.
struct JudgedBatch {
  std::string name;
  std::vector<quality::CheckResult*> results;
};
// Says in `first_bad` of each failed result with which batch its row of red ones begins. Does
// nothing where there is only one batch.
void TellRedSince(const std::vector<JudgedBatch>& batches);

// What one check said of them.
struct RedBatches {
  std::string check;
  int64_t red = 0;
  std::string first;       // The first red one.
  std::string last_green;  // Before it; empty: none.
};
// Of the checks that failed somewhere, in the order of the checks.
std::vector<RedBatches> RedBatchesOf(const std::vector<JudgedBatch>& batches);

}  // namespace andon::validation
