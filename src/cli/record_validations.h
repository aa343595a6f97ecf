// Keeps what `andon check -record` judged, outside of a run.
#pragma once

#include <vector>

#include "base/result.h"
#include "store/database.h"
#include "validation/validation.h"

namespace andon::cli {

// In one transaction. Validations without a check are left out; the others receive their numbers.
Result<void> RecordValidations(store::Database& db,
                               std::vector<validation::Validation>* validations);

}  // namespace andon::cli
