// What was kept long enough goes away.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/result.h"
#include "definition/definition.h"
#include "store/database.h"

namespace andon::validation {

struct Pruned {
  int64_t validations = 0;
  int64_t samples = 0;
  bool has_more = false;  // The bound was reached; the next call goes on.
};

// At most this many validations, and as many samples, go in one call, so that a run never waits
// long for it.
inline constexpr int64_t kPruneMax = 2000;

// Removes validations and samples that are older than the project keeps them, oldest first; a
// message loses the values that it quotes with its samples. The newest validation of a dataset
// always stays. kInvalid for a duration that is none.
Result<Pruned> Prune(store::Database& db, const definition::Retention& retention, Timestamp now);

}  // namespace andon::validation
