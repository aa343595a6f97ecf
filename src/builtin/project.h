// A project's folder, read, evaluated and checked: what validate, plan, apply and
// the console begin with.
//
//   ProjectFiles project = LoadProject(files, ".", {.variables = input});
//   if (project.diagnostics.has_errors()) …
//   auto desired = Desired(project);
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/diagnostics.h"
#include "builtin/check_project.h"
#include "config/module.h"
#include "config/variables.h"
#include "definition/definition.h"
#include "plan/evaluate.h"
#include "plan/plan.h"

namespace andon::builtin {

struct LoadOptions {
  config::VariableInput variables;
  AnalysisCache cache;
  // For the console: functions may say what changes from call to call.
  const Clock* console_clock = nullptr;
  bool with_tests = false;  // Also reads *.andontest.hcl; see builtin/model_tests.h.
  // Blocks of infrastructure are fine, and what they give is unknown: for validate. Else they
  // are refused, since nothing acts on them.
  bool allows_infrastructure = false;
  // What is known of it: plan::EvaluateOptions::infrastructure.
  std::map<std::string, value::Value> infrastructure;
};

struct ProjectFiles {
  std::unique_ptr<config::Module> module;
  std::unique_ptr<hcl::FunctionTable> functions;
  std::optional<plan::Evaluation> evaluation;
  CheckedProject checked;
  Diagnostics diagnostics;  // Of all steps.
};

// `module`: the folder's, where it was read already (and without tests); null: it is read.
ProjectFiles LoadProject(const io::FileSystem& files, const std::string& dir,
                         const LoadOptions& options,
                         std::unique_ptr<config::Module> module = nullptr);

// The planner's view of the project and of a release, and a release's of a plan's step.
std::vector<plan::ObjectState> Desired(const ProjectFiles& project);
std::vector<plan::ObjectState> Prior(const std::vector<definition::Object>& objects);
definition::Object ToObject(const plan::Step& step);

}  // namespace andon::builtin
