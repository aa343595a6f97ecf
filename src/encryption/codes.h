// The messages about encryption blocks: one row is one code with its fixed summary.
#pragma once

#include <string>

#include "base/code.h"

namespace andon::encryption {

// clang-format off
#define ANDON_ENCRYPTION_CODES(X)                                                                                               \
  X(kInvalidSetting,     "AN4301", "Invalid encryption configuration", "A key provider, a method or a target has an argument that cannot be.") \
  X(kUnsupportedKind,    "AN4302", "Not supported in this version",    "The key provider or method is known, but this version cannot use it and does not pretend to.") \
  X(kUndeclared,         "AN4303", "Reference to undeclared encryption block", "A key provider or a method is named that the encryption block does not have.") \
  X(kForbidden,          "AN4304", "Unencrypted method is forbidden",  "With enforced = true no method of the target, fallbacks included, may be \"unencrypted\".")
// clang-format on

ANDON_DEFINE_CODES(ANDON_ENCRYPTION_CODES)

inline void Report(Diagnostics* to, const Code& code, std::string detail, SourceRange subject) {
  to->Error(code.code, code.summary, std::move(detail), std::move(subject));
}

}  // namespace andon::encryption
