// The messages about backend blocks: one row is one code with its fixed summary, which
// scripts know from Terraform, and what it means.
#pragma once

#include <string>

#include "base/code.h"

namespace andon::backend {

// clang-format off
#define ANDON_BACKEND_CODES(X)                                                                                                  \
  X(kUnsupportedBackend, "AN4311", "Unsupported backend type",         "States cannot be kept by a backend of this kind.")      \
  X(kInvalidBackend,     "AN4312", "Invalid backend configuration",    "The backend block has an argument that does not exist, is not supported, or has a value that cannot be.") \
  X(kInitRequired,       "AN4313", "Backend initialization required",  "The folder's state is to be kept elsewhere than init has seen: init takes it along, or says that it is not to be taken along.")
// clang-format on

ANDON_DEFINE_CODES(ANDON_BACKEND_CODES)

inline void Report(Diagnostics* to, const Code& code, std::string detail, SourceRange subject) {
  to->Error(code.code, code.summary, std::move(detail), std::move(subject));
}

}  // namespace andon::backend
