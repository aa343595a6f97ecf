// The checks of one dataset over many batches of it, in one pass: the metrics of all batches are
// one statement with a GROUP BY, as far as they are aggregates; what reads rows in order, another
// place or a statement of the user's runs for each batch alone, and so do bad rows, for the batches
// that have them.
//
// The results are those of each batch alone.
#pragma once

#include <string_view>
#include <vector>

#include "quality/batches.h"
#include "quality/run.h"

namespace andon::quality {

struct BatchResults {
  Batch batch;
  std::vector<CheckResult> results;  // One for each check, in order.
};

// All batches, in order. Fails where the batches cannot be told, as ListBatches does, and with
// kInterrupted. Requires: !definition.is_whole(), no file_regex.
Result<std::vector<BatchResults>> RunBatches(sql::Session& session, std::string_view relation,
                                             const std::vector<sql::ColumnInfo>& columns,
                                             const std::vector<CheckSpec>& checks,
                                             const BatchDefinition& definition,
                                             const RunOptions& options);

// The chosen ones: all in one pass, one alone, or the whole, whose batch has no name. kNotFound
// where the named one is not there, and where there are no rows to be a batch.
Result<std::vector<BatchResults>> RunChosen(sql::Session& session, std::string_view relation,
                                            const std::vector<sql::ColumnInfo>& columns,
                                            const std::vector<CheckSpec>& checks,
                                            const BatchChoice& choice, const RunOptions& options);

}  // namespace andon::quality
