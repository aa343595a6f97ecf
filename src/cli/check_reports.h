// The `-report` flag of `andon check`.
#pragma once

#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "validation/report.h"

namespace andon::cli {

// What the flags ask for. `*takes_stdout` says whether something else is printed already, and
// becomes true where a report is: kInvalid where two would be.
Result<std::vector<validation::ReportTarget>> ReadReports(const Arguments& arguments,
                                                          bool* takes_stdout);

// Writes them, and prints the one that has no file.
Result<void> TellReports(const Context& context,
                         const std::vector<validation::ReportTarget>& targets,
                         const std::vector<validation::Validation>& validations,
                         const validation::ReportOptions& options);

}  // namespace andon::cli
