// A contract that is a file of the Open Data Contract Standard: `contract "x" { file = … }`.
#pragma once

#include <string>

#include "config/decode.h"
#include "io/file_system.h"

namespace andon::builtin {

// Reads the file of a contract's `file` and puts in what it says: version, status, purpose,
// promised, sla, notice and need, as if they were written; and columns, checks and document, to
// which datasets refer. Nothing where there is no `file`. Everything that is wrong with the file is
// told with its own place.
void CompleteContract(const io::FileSystem& files, const std::string& dir,
                      config::Decoded* decoded);

}  // namespace andon::builtin
