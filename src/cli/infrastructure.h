// The infrastructure of a project, for the commands that work on it: its modules, its state,
// its providers.
//
//   auto infrastructure = LoadInfrastructure(context, arguments);
//   if (infrastructure) …   // Nothing where the folder has none.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/executor.h"
#include "cli/command.h"
#include "cli/state_home.h"
#include "config/terraform/module_tree.h"
#include "hcl/function_table.h"
#include "infra/apply.h"
#include "infra/plan.h"
#include "infra/planner.h"
#include "infra/providers.h"
#include "infratext/configuration_json.h"
#include "infratext/render_options.h"
#include "io/local_file_system.h"
#include "state/session.h"

namespace andon::cli {

// The version of the language that providers and state files are told.
inline constexpr char kLanguageVersion[] = "1.12.0";

struct Infrastructure {
  config::ModuleTree tree;
  std::map<std::string, value::Value> variables;
  std::unique_ptr<hcl::FunctionTable> functions;
  std::string workspace;
  StateHome home;
  bool has_data = false;    // Blocks of the data language stand beside it.
  bool has_errors = false;  // Reported already.
};

// Where the folder declares infrastructure, or its state has some. What is wrong with the files
// is reported. The texts read are added to context.sources.
// `variables` win over all else.
std::optional<Infrastructure> LoadInfrastructure(
    Context& context, const Arguments& arguments,
    const std::vector<std::pair<std::string, value::Value>>& variables = {});
// The same question alone, for commands that need only the state.
bool HasInfrastructure(const Context& context);
// Whether there is infrastructure, and no data project beside it.
bool HasInfrastructureAlone(const Context& context);

// Flags of the commands that plan: -target, -exclude, -replace, -refresh, …
std::vector<Flag> WithInfrastructureFlags(std::vector<Flag> flags);
std::vector<Flag> WithStateFlags(std::vector<Flag> flags);

// The state, locked for what `operation` is about to do ("OperationTypePlan"). Diagnostics of a
// damaged file are reported, and then it is an error.
Result<state::Session> OpenState(Context& context, const Arguments& arguments,
                                 const StateHome& home, const std::string& operation);
// TF_WORKSPACE, or what was selected.
std::string SelectedWorkspace();
// Reads the state without a lock. Empty where there is none.
Result<state::State> ReadStateOnly(Context& context, const Arguments& arguments);

// What the state has of the root module's resources, for expressions of data blocks, by the first
// name of a reference: "aws_db_instance", "data". No provider is asked.
// `root`: the folder's module, where it was read already. `plan`: what it plans counts instead, and
// what only the apply can tell is unknown.
std::map<std::string, value::Value> RecordedInfrastructure(Context& context,
                                                           const Arguments& arguments,
                                                           const config::Module* root = nullptr,
                                                           const infra::Plan* plan = nullptr);

// Of the files of all modules.
std::string ConfigurationDigest(const Infrastructure& infrastructure);
// Whether anything of the infrastructure differs from when it was applied last: its files, its
// variables, its state. Beside data blocks it is then left alone, with no provider started.
bool IsAsApplied(const Context& context, const Infrastructure& infrastructure);
void RememberAsApplied(const Context& context, const Infrastructure& infrastructure);

// The providers that are installed for the folder, the program's own among them.
std::unique_ptr<infra::ProviderSource> InstalledProviders(const Context& context);
// Schemas for showing a state: asked of the providers, where they are there.
infratext::SchemaOf SchemasOf(infra::ProviderPool& pool);
// For showing the files as they are: null for a provider that cannot be asked.
infratext::ProviderSchemaOf ProviderSchemasOf(infra::ProviderPool& pool);

// What -target and the like say. kInvalid for what is no address.
Result<infra::PlanOptions> PlanOptionsOf(const Context& context, const Arguments& arguments,
                                         const Infrastructure& infrastructure);

// The host under which the folder knows the providers of the default one: that of the program which
// made its state, or initialised it. So a state can go back to where it came from.
std::string ProviderHostOf(const state::State& state);

infratext::RenderOptions TextOptionsOf(const Context& context, const Arguments& arguments);

// Shows the plan as text, or with -json as events.
void ShowInfrastructurePlan(const Context& context, const Arguments& arguments,
                            const infra::Plan& plan);

// A plan, with the providers that its schemas live in.
struct PlannedInfrastructure {
  std::unique_ptr<infra::ProviderSource> source;
  std::unique_ptr<infra::ProviderPool> pool;
  std::unique_ptr<Executor> executor;
  std::unique_ptr<infra::Plan> plan;
};

// plan, apply and destroy of a folder's infrastructure.
struct InfrastructureOutcome {
  ExitCode code = ExitCode::kDone;
  std::unique_ptr<PlannedInfrastructure> planned;  // Null where there was no need to plan.

  const infra::Plan* plan() const { return planned ? planned->plan.get() : nullptr; }
  bool has_changes() const { return planned && planned->plan->has_changes(); }
};
// Plans, and tells what is wrong; shows nothing yet.
InfrastructureOutcome PlanInfrastructure(Context& context, const Arguments& arguments,
                                         const Infrastructure& infrastructure, infra::Mode mode);
// The data's part of a saved plan of both.
struct SavedData {
  std::string plan;    // A plan file of its own; empty: nothing is to be done there.
  bool waits = false;  // It could not be planned before the infrastructure is applied.
};
Result<SavedData> DataOfSavedPlan(Context& context, const Arguments& arguments,
                                  const std::string& path);
// Exactly what was saved of infrastructure, or nothing.
ExitCode ApplySavedPlan(Context& context, const Arguments& arguments, const std::string& path);
// Asked, where the plan has changes, after its part was shown: kDone to go on. For a folder with
// data, whose part of the one plan is shown and asked for in the same question.
using AskForBoth = std::function<Result<ExitCode>(const PlannedInfrastructure& planned)>;
ExitCode ApplyInfrastructure(Context& context, const Arguments& arguments,
                             const Infrastructure& infrastructure, infra::Mode mode,
                             const AskForBoth& ask_for_both = {});

}  // namespace andon::cli
