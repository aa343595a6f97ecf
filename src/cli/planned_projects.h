// The project before and after a plan, as plain data.
#pragma once

#include <map>
#include <set>
#include <string>

#include "definition/definition.h"
#include "plan/plan.h"
#include "store/database.h"

namespace andon::cli {

struct PlannedProjects {
  definition::Project before, after;
};
// Both are empty where the plan begins with no release.
Result<PlannedProjects> ReadPlannedProjects(store::Database& db, const plan::Plan& plan);

// The checks that the plan adds to datasets that are there, or changes, by the datasets' addresses.
std::map<std::string, std::set<std::string>> ChangedChecks(const PlannedProjects& projects);

}  // namespace andon::cli
