// How failing checks are shown to a person: what was observed, and rows as a small table.
#pragma once

#include <string_view>
#include <vector>

#include "cli/context.h"
#include "incident/incident.h"

namespace andon::cli {

// Each with its message, and at most `rows_max` sample rows.
void PrintFailedChecks(const Context& context, const std::vector<incident::FailedCheck>& checks,
                       std::string_view indent, int rows_max = 3);

}  // namespace andon::cli
