#include "builtin/project.h"

#include <algorithm>
#include <thread>

#include "base/executor.h"
#include "builtin/dbt.h"
#include "builtin/language.h"
#include "config/value_json.h"
#include "functions/registry.h"

namespace andon::builtin {
namespace {

// Fewer are evaluated before the threads have started.
constexpr size_t kBlocksInParallel = 256;
constexpr int kThreadsMax = 8;  // Values are shared: more threads wait for one another.

Json PositionsJson(const config::Positions& positions) {
  Json::Members members;
  for (const auto& [part, range] : positions) {
    if (range.exists()) members.emplace_back(part, config::FileLine(range));
  }
  return Json::Object(std::move(members));
}

// The console shows a model's columns though its block does not say them.
void ShowWhatFollows(ProjectFiles& project) {
  for (plan::Instance& instance : project.evaluation->instances()) {
    instance.object = config::FromJson(project.checked.attributes.at(ToString(instance.address)));
  }
}

}  // namespace

ProjectFiles LoadProject(const io::FileSystem& files, const std::string& dir,
                         const LoadOptions& options, std::unique_ptr<config::Module> module) {
  ProjectFiles project;
  project.module = module ? std::move(module)
                          : std::make_unique<config::Module>(config::Load(
                                files, dir, DataLanguage(), {.with_tests = options.with_tests}));
  if (!options.allows_infrastructure) config::RefuseInfrastructure(project.module.get());
  config::VariableValues variables =
      config::ReadVariables(files, *project.module, options.variables);
  project.functions = std::make_unique<hcl::FunctionTable>(
      functions::MakeTable({.base_dir = dir,
                            .clock = options.console_clock,
                            .only_repeatable = options.console_clock == nullptr}));
  AddFunctions(project.functions.get());
  plan::EvaluateOptions evaluate{.functions = project.functions.get(),
                                 .files = &files,
                                 .variables = std::move(variables.values),
                                 .infrastructure = options.infrastructure};
  std::optional<Executor> executor;
  if (project.module->blocks.size() >= kBlocksInParallel) {
    evaluate.parallel = std::clamp<int>(std::thread::hardware_concurrency(), 1, kThreadsMax);
    evaluate.executor = &executor.emplace(evaluate.parallel);
  }
  project.evaluation = plan::Evaluate(*project.module, evaluate);
  Diagnostics of_dbt;
  CompleteDbtDatasets(*project.module, project.evaluation->instances(), options.cache, &of_dbt);
  project.checked = CheckProject(*project.module, project.evaluation->instances(), options.cache);
  if (options.console_clock != nullptr) ShowWhatFollows(project);
  project.diagnostics.Append(project.module->diagnostics);
  if (!project.module->has_syntax_errors) {
    project.diagnostics.Append(std::move(variables.diagnostics));
    project.diagnostics.Append(project.evaluation->diagnostics());
    project.diagnostics.Append(std::move(of_dbt));
    project.diagnostics.Append(project.checked.diagnostics);
  }
  project.diagnostics.Sort();
  return project;
}

std::vector<plan::ObjectState> Desired(const ProjectFiles& project) {
  std::vector<plan::ObjectState> out;
  auto recorded = [](const std::string& kind, Json attributes) {
    const config::BlockSchema* schema = DataLanguage().Find(kind);
    for (const config::AttributeSchema& a : schema->attributes) {
      if (!a.is_recorded) attributes.Remove(a.name);
    }
    return attributes;
  };
  for (const plan::Instance& instance : project.evaluation->instances()) {
    std::string address = ToString(instance.address);
    plan::ObjectState state{.address = instance.address,
                            .type = instance.type,
                            .object = config::FromJson(recorded(
                                instance.address.kind, project.checked.attributes.at(address))),
                            .positions = PositionsJson(instance.positions),
                            .prevent_destroy = instance.prevent_destroy,
                            .ignore_changes = instance.ignore_changes};
    auto derived = project.checked.derived.find(address);
    if (derived != project.checked.derived.end()) state.derived = derived->second;
    out.push_back(std::move(state));
  }
  return out;
}

std::vector<plan::ObjectState> Prior(const std::vector<definition::Object>& objects) {
  std::vector<plan::ObjectState> out;
  for (const definition::Object& object : objects) {
    auto address = address::Parse(object.address);
    if (!address.ok())
      continue;  // Only Andon writes releases, and only addresses that it can read.
    out.push_back({.address = std::move(*address),
                   .type = object.type,
                   .object = config::FromJson(object.attributes),
                   .positions = object.positions,
                   .derived = object.derived});
  }
  return out;
}

definition::Object ToObject(const plan::Step& step) {
  definition::Object object;
  object.address = ToString(step.address);
  object.kind = step.address.kind;
  object.type = step.type;
  object.attributes = config::ToJson(step.planned);
  object.positions = step.positions;
  object.derived = step.derived;
  return object;
}

}  // namespace andon::builtin
