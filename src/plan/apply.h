// Carries a plan out: one call of the provider for each step, and what stands
// after it is told at once, so that nothing that succeeded is forgotten.
#pragma once

#include <functional>
#include <stop_token>

#include "base/result.h"
#include "plan/plan.h"

namespace andon::plan {

struct Applied {
  int added = 0;
  int changed = 0;
  int destroyed = 0;
  Diagnostics diagnostics;
  // "Apply complete! Resources: 3 added, 1 changed, 0 destroyed."
  std::string Summary() const;
};

struct ApplyOptions {
  provider::Provider* provider = nullptr;  // Required.
  std::stop_token stop;
  // After each step, with the value that stands now (null: gone).
  std::function<Result<void>(const Step&, const value::Value&)> record;
  // For the terminal: before and after each step.
  std::function<void(const Step&, bool done)> progress;
};

// Removals first, in the reverse order; then everything else in the order of the plan.
Applied Apply(const Plan& plan, const ApplyOptions& options);

}  // namespace andon::plan
