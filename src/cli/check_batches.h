// The flags of `andon check` that choose batches: -batches, -batch, -all-batches.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "cli/command.h"
#include "quality/batches.h"

namespace andon::cli {

using quality::BatchChoice;

// kInvalid where the flags do not go together, or -batches cannot be read. `of_dataset`: what
// -batches may name besides; where it has one alone, that is meant without -batches.
Result<BatchChoice> ReadBatchChoice(const Arguments& arguments,
                                    const std::map<std::string, std::string>& of_dataset = {});

// A sentence for -explain.
std::string ExplainBatches(const BatchChoice& choice);

}  // namespace andon::cli
