// Infrastructure and data of one folder as one plan: shown one after the other, with one summary in
// the last line, and saved in one file.
#pragma once

#include <string>
#include <vector>

#include "cli/infrastructure.h"
#include "plan/plan.h"

namespace andon::cli {

struct OnePlan {
  const Infrastructure* infrastructure = nullptr;
  const PlannedInfrastructure* planned = nullptr;
  const plan::Plan* data = nullptr;  // Null: there is none, or it waits.
  bool data_waits = false;           // It reads what only the apply of the infrastructure can tell.
};

// What -target names in a folder of both, by the part of the plan that it is of. Where only one
// part is named, the other is left alone.
struct Targets {
  std::vector<std::string> infrastructure;
  std::vector<std::string> data;
};
Targets TargetsOf(const Arguments& arguments);
bool TargetsInfrastructureAlone(const Arguments& arguments);
bool TargetsDataAlone(const Arguments& arguments);

// The first and the second part, each without its summary.
void ShowInfrastructurePart(const Context& context, const Arguments& arguments,
                            const infra::Plan& plan);
void ShowDataPart(const Context& context, const plan::Plan& plan);

// "Plan: 3 to add, 1 to change, 0 to destroy. Infrastructure: 2; data: 2."
std::string SummaryOf(const OnePlan& plan);
void ShowSummary(const Context& context, const OnePlan& plan);

Result<void> SaveOnePlan(const std::string& path, const Context& context,
                         const Arguments& arguments, const OnePlan& plan);

}  // namespace andon::cli
