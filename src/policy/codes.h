// The messages of this folder that are no leaks: one row is one code.
#pragma once

#include "config/codes.h"

namespace andon::policy {

using config::Code;
using config::Message;

// clang-format off
#define ANDON_POLICY_CODES(X)                                                                                                     \
  X(kInvalidAllow,   "AN5190", "Invalid comment that allows something", "A comment \"andon: allow RULE REASON\" names no rule, or gives no reason, so it allows nothing.") \
  X(kInvalidPolicy,  "AN5201", "Invalid policy",                        "A policy has no condition that can be judged, or something that it cannot have.") \
  X(kPolicyRefuses,  "AN5202", "Refused by policy",                     "A planned change is not what a policy of the project allows. Nothing was done.") \
  X(kPolicyWarns,    "AN5203", "Against a policy",                      "A planned change is not what a policy of the project asks for. The policy only warns.")
// clang-format on

ANDON_DEFINE_CODES(ANDON_POLICY_CODES)

}  // namespace andon::policy
