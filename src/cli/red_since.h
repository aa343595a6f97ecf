// Since when a check is red: among the batches that were judged together, or else by the
// validations that the control store has. Of `andon check` and `andon checkpoint run`.
#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "line/check_now.h"
#include "quality/run_batches.h"
#include "store/database.h"
#include "validation/red_since.h"

namespace andon::cli {

std::vector<validation::JudgedBatch> Judged(std::vector<line::CheckedDataset>* batches);
std::vector<validation::JudgedBatch> Judged(std::vector<quality::BatchResults>* batches);

// Says it in each failed verdict. Best effort: a store that cannot be read says nothing.
void SetRedSince(store::Database& db, const definition::Dataset& dataset,
                 std::vector<line::CheckedDataset>* batches);

// Of several batches one event and, where it `prints`, one line for each check that failed in some:
// in how many, and which is the first. `dataset`: its address, or the name outside of a project.
void TellRedBatches(const Context& context, const std::string& dataset,
                    const std::vector<validation::JudgedBatch>& batches, bool prints);

}  // namespace andon::cli
