// What `andon ci` writes of its steps: one comment, JUnit, SARIF, and GitHub's annotations.
#pragma once

#include <string>
#include <vector>

#include "cli/ci_steps.h"
#include "validation/report.h"

namespace andon::cli {

// kGx is none of its formats.
std::string RenderCi(validation::ReportFormat format, const std::vector<CiStep>& steps,
                     const validation::ReportOptions& options);

// Lines that GitHub's runner shows at the changed lines: "::error file=…,line=…,title=…::…".
std::vector<std::string> GitHubAnnotations(const std::vector<CiStep>& steps);

}  // namespace andon::cli
