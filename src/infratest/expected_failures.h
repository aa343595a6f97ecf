// Conditions that a test wants to fail: what a plan or an apply said of them is no mistake, and
// what did not fail is one.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "config/module.h"
#include "infra/plan.h"
#include "infratest/test_file.h"

namespace andon::infratest {

// The object of the root module whose own condition the diagnostic is about, as expect_failures
// names it: "var.x", "output.y", "check.z", `aws_vpc.main["a"]`. Empty where it is about
// something else.
std::string FailedObject(const config::Module& root, const Diagnostic& diagnostic);

// `said` without what was expected, with an error for each object that did not fail. A check that
// failed and was not expected to is an error in a test, not a warning; so is a check that only
// apply can judge. `outcomes` are those of all objects: instances of one block say the same only
// once.
Diagnostics WithoutExpected(const config::Module& root, const Run& run, const Diagnostics& said,
                            const std::vector<infra::CheckOutcome>& outcomes);

}  // namespace andon::infratest
