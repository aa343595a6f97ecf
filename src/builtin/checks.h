// The expectations of datasets: validated against their columns before any data is
// touched, and the tables that they read.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "builtin/models.h"

namespace andon::builtin {

// Takes severity, quarantine_max and `on` out of the arguments of every check. `inputs` receives
// the addresses that each dataset's checks read. Models are complete by then.
void CheckChecks(ProjectView& project, CachedAnalyzer& analyzer,
                 std::map<std::string, std::vector<std::string>>* inputs, Diagnostics* diagnostics);

}  // namespace andon::builtin
