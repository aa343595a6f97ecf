// Conditions that a user wrote: preconditions, postconditions, validations, assertions.
#pragma once

#include <string>
#include <vector>

#include "config/terraform/configuration.h"
#include "hcl/eval.h"
#include "infra/codes.h"
#include "infra/messages.h"
#include "infra/plan.h"

namespace andon::infra {

enum class Verdict { kPass, kFail, kError, kUnknown };
std::string_view ToString(Verdict verdict);  // "pass", "fail", "error", "unknown"

struct RuleOutcome {
  Verdict verdict = Verdict::kPass;
  std::string message;  // Of a rule that fails; a sensitive one is not shown.
  Diagnostics diagnostics;
};

// Evaluates one rule. A rule that fails is reported as `code` with its own message, as an error
// or (`is_warning`) a warning; one that depends on something unknown passes for now.
RuleOutcome Judge(const config::CheckRule& rule, const hcl::EvalContext& context, const Code& code,
                  bool is_warning = false);

// Judges all of them for one object, tells `messages`, and puts what they said into `outcome`.
// False where one does not hold; with `is_warning` that stops nothing, and it is true.
bool JudgeAll(const std::vector<config::CheckRule>& rules, const hcl::EvalContext& context,
              const Code& code, const address::Address& address, Messages* messages,
              CheckOutcome* outcome, bool is_warning = false);

}  // namespace andon::infra
