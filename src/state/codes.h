// The messages about state files: one row is one code with its fixed summary, which
// scripts know from Terraform, and what it means.
#pragma once

#include "base/code.h"

namespace andon::state {

// clang-format off
#define ANDON_STATE_CODES(X)                                                                                                    \
  X(kUnsupportedFormat,  "AN4001", "Unsupported state file format",    "The file is no state file, is damaged, or has a format version that Andon does not read.") \
  X(kInvalidFormat,      "AN4002", "Invalid state file format",        "The file is JSON, but a part of it is not what the format asks for.") \
  X(kInvalidMode,        "AN4003", "Invalid resource mode in state",   "A resource in the state is neither managed nor data.")   \
  X(kInvalidInstance,    "AN4004", "Invalid resource instance metadata in state", "An instance in the state has a key, a status or a deposed key that cannot be.") \
  X(kDuplicateInstance,  "AN4005", "Duplicate resource instance in state", "An instance stands in the state twice.")             \
  X(kInvalidOutputType,  "AN4006", "Invalid output value type in state", "The type that is recorded for an output is no type.")  \
  X(kInvalidOutputValue, "AN4007", "Invalid output value saved in state", "The value that is recorded for an output is not of its type.") \
  X(kInvalidVersion,     "AN4008", "Invalid version string in state",  "The version of the program that wrote the state cannot be read.") \
  X(kInvalidAddress,     "AN4009", "Invalid address in state",         "A module, a resource or a provider has an address that cannot be read.") \
  X(kMissingProvider,    "AN4010", "Provider field missing in state",  "Neither a resource nor its instances say which provider manages them.") \
  X(kProviderConflict,   "AN4011", "Provider field conflict in state", "A resource and its instances name different providers.") \
  X(kUnreadableFile,     "AN4012", "Failed to read state file",        "The state file or its journal cannot be read, or the journal belongs to another state.")
// clang-format on

ANDON_DEFINE_CODES(ANDON_STATE_CODES)

inline void Report(Diagnostics& to, const Code& code, std::string detail, SourceRange subject) {
  to.Error(code.code, code.summary, std::move(detail), std::move(subject));
}

}  // namespace andon::state
