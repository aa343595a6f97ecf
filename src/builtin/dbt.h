// The tables of dbt projects as datasets.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "builtin/check_project.h"
#include "builtin/dbt_project.h"
#include "config/module.h"
#include "plan/evaluate.h"

namespace andon::builtin {

// The project that a `dbt` block named; null where it could not be read.
const DbtProject* DbtProjectOf(const config::Module& module, std::string_view address);

// Puts what the manifests say into the datasets that are tables of dbt projects, as far as their
// blocks do not say it themselves: description, tags, owner, columns, what they are built of, and
// dbt's tests as checks. The blocks of the projects receive the tests that have no equal, each with
// the reason.
void CompleteDbtDatasets(const config::Module& module, std::vector<plan::Instance>& instances,
                         const AnalysisCache& cache, Diagnostics* diagnostics);

}  // namespace andon::builtin
