// Checks put into the block of a dataset, where a person would write them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/module.h"

namespace andon::cli {

// `items`: lines of a map, "name = call(…)" and comments, each with its newline. They become the
// last members of the block's literal map `checks`, or of a new one at the block's end; all else in
// the text stays as it is. A file in the canonical format stays in it.
// Gives the file's new text. kInvalid where `checks` is no literal map.
Result<std::string> InsertChecks(const config::DataBlock& block, std::string_view items);

}  // namespace andon::cli
