// What `andon check` and `andon checkpoint run` judged, told and kept.
#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "line/check_now.h"
#include "validation/validation.h"

namespace andon::cli {

struct CheckTotals {
  int checks = 0, failed = 0, errors = 0, warned = 0, datasets = 0;
  int missing = 0;     // Columns that a contract promises.
  int batches = 0;     // 0: only whole datasets.
  bool prints = true;  // False where a report takes standard output.
};

// An event for each verdict, and, where it prints, a line; of several batches only what is wrong.
void TellChecked(const Context& context, const std::vector<line::CheckedDataset>& batches,
                 int sample, CheckTotals* totals);

// With trigger "check".
validation::Validation ToValidation(const definition::Dataset& dataset,
                                    const line::CheckedDataset& checked, Timestamp started,
                                    Duration took);

}  // namespace andon::cli
