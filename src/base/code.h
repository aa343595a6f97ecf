// Code: what one kind of message is known by. Each room has a table of its own, one row for each:
//
//   #define ANDON_LAKE_CODES(X) X(kNoSuchTable, "AN5001", "No such table", "A table is …")
//   ANDON_DEFINE_CODES(ANDON_LAKE_CODES)
//
// makes the constant kNoSuchTable, and kCodes with all of them in order. `andon explain CODE` and
// the reference page read the tables.
#pragma once

#include <string>
#include <utility>

#include "base/diagnostics.h"

namespace andon {

struct Code {
  const char* code;
  const char* summary;  // Fixed; scripts know it.
  const char* meaning;  // For the reference page.
};

}  // namespace andon

#define ANDON_CODE_CONSTANT(name, code, summary, meaning) \
  inline constexpr ::andon::Code name{code, summary, meaning};
#define ANDON_CODE_NAME(name, code, summary, meaning) name,

// In the room's namespace.
#define ANDON_DEFINE_CODES(TABLE) \
  TABLE(ANDON_CODE_CONSTANT)      \
  inline constexpr ::andon::Code kCodes[] = {TABLE(ANDON_CODE_NAME)};
