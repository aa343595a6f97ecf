#include "cli/planned_projects.h"

#include "cli/planning.h"
#include "release/release.h"

namespace andon::cli {
namespace {

bool Has(const definition::Dataset& before, const definition::Check& check) {
  for (const definition::Check& old : before.checks) {
    if (old.name == check.name && old.type == check.type && old.kwargs == check.kwargs) return true;
  }
  return false;
}

}  // namespace

Result<PlannedProjects> ReadPlannedProjects(store::Database& db, const plan::Plan& plan) {
  PlannedProjects projects;
  if (plan.base_release == 0) return projects;
  std::vector<definition::Object> objects = TRY(release::Objects(db, plan.base_release));
  projects.before = TRY(definition::ReadProject(objects));
  std::map<std::string, definition::Object> after;
  for (definition::Object& object : objects) after[object.address] = std::move(object);
  for (const release::Change& change : ChangesOf(plan)) {
    if (change.object)
      after[change.address] = *change.object;
    else
      after.erase(change.address);
  }
  std::vector<definition::Object> left;
  for (auto& [address, object] : after) left.push_back(std::move(object));
  projects.after = TRY(definition::ReadProject(left));
  return projects;
}

std::map<std::string, std::set<std::string>> ChangedChecks(const PlannedProjects& projects) {
  std::map<std::string, std::set<std::string>> out;
  for (const definition::Dataset& dataset : projects.after.datasets) {
    const definition::Dataset* old = projects.before.FindDataset(dataset.address);
    if (!old) continue;
    for (const definition::Check& check : dataset.checks) {
      if (!Has(*old, check)) out[dataset.address].insert(check.name);
    }
  }
  return out;
}

}  // namespace andon::cli
