// The messages about tests of infrastructure: one row is one code with its fixed summary, which
// scripts know from OpenTofu where it has the same, and what it means.
#pragma once

#include "config/codes.h"

namespace andon::infratest {

using config::Code;
using config::Message;
using config::Report;

// clang-format off
#define ANDON_INFRATEST_CODES(X)                                                                                        \
  X(kInvalidTestFile,  "AN4401", "Invalid test file",           "A file of tests holds something that has no meaning there.") \
  X(kAssertionFailed,  "AN4402", "Test assertion failed",       "The condition of an assert block does not hold.")       \
  X(kUnknownCondition, "AN4403", "Unknown condition value",     "The condition of an assert block reads something that only apply can tell.") \
  X(kUnknownCheck,     "AN4409", "Check block assertion known after apply", "A check block reads something that only apply can tell, so a plan cannot judge it.") \
  X(kMissingFailure,   "AN4404", "Missing expected failure",    "An object of expect_failures did not fail.")            \
  X(kInvalidOverride,  "AN4405", "Invalid override",            "An override names something that the configuration does not have, or is declared twice.") \
  X(kTestProvider,     "AN4406", "Missing provider definition", "A run is handed a provider that its file does not configure.") \
  X(kTestModule,       "AN4407", "Invalid module source",       "The module of a run cannot be loaded.")
// clang-format on

ANDON_DEFINE_CODES(ANDON_INFRATEST_CODES)

}  // namespace andon::infratest
