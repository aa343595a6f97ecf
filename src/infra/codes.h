// The messages about resources: one row is one code with its fixed summary, which scripts
// know from Terraform where it has the same, and what it means.
#pragma once

#include "config/codes.h"

namespace andon::infra {

using config::Code;
using config::Message;
using config::Report;

// clang-format off
#define ANDON_INFRA_CODES(X)                                                                                                    \
  X(kInvalidTarget,      "AN4101", "Invalid target",                   "-target, -exclude or -replace names nothing that the files or the state have.") \
  X(kMustNotDestroy,     "AN4102", "Instance cannot be destroyed",     "A plan would destroy an object whose lifecycle has prevent_destroy.") \
  X(kPrecondition,       "AN4103", "Resource precondition failed",     "The condition of a precondition block does not hold.")  \
  X(kPostcondition,      "AN4104", "Resource postcondition failed",    "The condition of a postcondition block does not hold.") \
  X(kCheckFailed,        "AN4105", "Check block assertion failed",     "An assertion of a check block does not hold. It is a warning.") \
  X(kOutputCondition,    "AN4106", "Module output value precondition failed", "The precondition of an output does not hold.")   \
  X(kVariableCondition,  "AN4107", "Invalid value for variable",       "A validation block refused the value of a variable.")   \
  X(kInvalidModuleInput, "AN4108", "Invalid value for input variable", "The value that a module call gives does not have the type of the variable.") \
  X(kSensitiveOutput,    "AN4109", "Output refers to sensitive values","An output of the root module shows something sensitive and does not say so.") \
  X(kInvalidOutput,      "AN4115", "Output cannot be stored",          "The value of an output has no place in a state file.") \
  X(kMoveTarget,         "AN4111", "Unresolved resource instance address changes", "An object could not be moved: the address is taken.") \
  X(kImportInvalid,      "AN4112", "Cannot import",                    "An import block names something that cannot be imported, or that does not exist.") \
  X(kNoImportConfig,     "AN4113", "Configuration for import target does not exist", "An import block names a resource that no file declares.") \
  X(kSelfReference,      "AN4114", "Self-referential block",           "A block reads itself, so its value would be needed to find its value.") \
  X(kNoSchema,           "AN4201", "Invalid resource type",            "The provider has no resource or data source of this type.") \
  X(kProviderFailed,     "AN4202", "Provider not available",           "A provider could not be started or asked for its schema.") \
  X(kProviderConfig,     "AN4203", "Invalid provider configuration",   "The configuration of a provider is not what the provider asks for.") \
  X(kInvalidPlan,        "AN4204", "Provider produced invalid plan",   "A provider planned something that its own schema or the files do not allow. This is a bug of the provider.") \
  X(kInconsistentPlan,   "AN4205", "Provider produced inconsistent final plan", "With everything known, a provider planned something else than before. This is a bug of the provider.") \
  X(kInconsistentResult, "AN4206", "Provider produced inconsistent result after apply", "A provider did something else than it had planned. This is a bug of the provider.") \
  X(kInvalidObject,      "AN4207", "Provider produced invalid object", "A provider answered with something that its own schema does not allow. This is a bug of the provider.") \
  X(kStateUpgrade,       "AN4208", "Cannot upgrade an object of the state", "An object was written by another version of the provider, and this one cannot read it.") \
  X(kFromProvider,       "AN4209", "Provider error",                   "A provider reported something.")                        \
  X(kProvisioner,        "AN4210", "Provisioner failed",               "A command of a provisioner did not end well.")          \
  X(kNotSupportedYet,    "AN4211", "Not supported in this version",    "The block is known, but this version cannot act on it and does not pretend to.") \
  X(kStopped,            "AN4213", "Execution halted",                 "The command was interrupted: what had begun was finished and recorded, nothing else was begun.")
// clang-format on

ANDON_DEFINE_CODES(ANDON_INFRA_CODES)

}  // namespace andon::infra
