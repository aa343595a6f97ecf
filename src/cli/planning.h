// What validate, plan, apply, console, … share: the project's folder loaded, and
// planned against the current release.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "builtin/project.h"
#include "cli/command.h"
#include "plan/plan.h"
#include "plan/render.h"
#include "release/release.h"
#include "store/database.h"
#include "store/lease.h"

namespace andon::infra {
struct Plan;
}

namespace andon::cli {

// -var and -var-file.
std::vector<Flag> WithVariableFlags(std::vector<Flag> flags);

struct ReadingOptions {
  bool is_console = false;
  bool with_tests = false;
  bool allows_infrastructure = false;  // See builtin::LoadOptions.
  // Win over -var and everything else.
  std::vector<std::pair<std::string, value::Value>> variables;
  // What expressions see of the infrastructure is what it will be. Null: what its state has.
  const infra::Plan* infrastructure = nullptr;
  std::map<std::string, std::string>* analyses = nullptr;  // Receives what is not yet remembered.
};
// Reads, evaluates and checks the folder. `db` may be null; with it the analysis of
// SQL is remembered. The texts read are added to context.sources.
// `module`: as LoadProject.
builtin::ProjectFiles LoadProjectFiles(Context& context, const Arguments& arguments,
                                       store::Database* db, const ReadingOptions& reading = {},
                                       std::unique_ptr<config::Module> module = nullptr);
// Best effort: what cannot be remembered the next command finds out again.
void RememberAnalyses(const Context& context, store::Database& db,
                      const std::map<std::string, std::string>& analyses);

// The control database where there is one; null where nothing was applied yet.
Result<std::unique_ptr<store::Database>> OpenDatabaseIfAny(const Context& context);

// Closes a release that a crash left open, and says so. Where a living process
// has the lease it is left alone.
Result<void> ReconcileRelease(const Context& context, store::Database& db);

// What -var, -var-file and the environment say.
config::VariableInput VariablesOf(const Arguments& arguments);

struct PlannedProject {
  plan::Plan plan;
  std::map<std::string, std::string> analyses;  // Of SQL, not yet remembered: there is no database.
  bool has_errors = false;                      // Already reported.
  // Data blocks read what only an apply of the infrastructure can tell; no plan was made.
  bool waits = false;
  std::unique_ptr<builtin::ProjectFiles> project;
};
// What was planned before it in the same command.
struct PlannedBefore {
  const infra::Plan* infrastructure = nullptr;  // Planned and not applied. Null: nothing changes.
  std::unique_ptr<config::Module> module;       // As LoadProject.
};
// Loads the files and plans them against the current release; reports what is wrong.
// `db` may be null.
Result<PlannedProject> PlanProject(Context& context, const Arguments& arguments,
                                   store::Database* db, PlannedBefore before = {});

// The same of files that are loaded already and have no errors, against a base of the caller's.
struct PlanBase {
  int64_t release = 0;
  std::vector<plan::ObjectState> prior;
  std::map<std::string, value::Value> outputs;
};
// The current release; an empty base where nothing was applied.
Result<PlanBase> ReleasedBase(store::Database* db);
plan::Plan PlanFiles(const builtin::ProjectFiles& project, const Arguments& arguments,
                     const PlanBase& base);

// Prints the plan: as text, or with -json as events.
void ShowPlan(const Context& context, const plan::Plan& plan);
plan::RenderOptions RenderOptionsOf(const Context& context);

// The changes that a plan makes to a release.
std::vector<release::Change> ChangesOf(const plan::Plan& plan);

// Asks on the terminal, or refuses where nobody can be asked.
// True: go on. `what` is "apply" or "roll back".
Result<bool> Approve(const Context& context, const Arguments& arguments, std::string_view question);

// Opens the release, applies the plan, closes it. Returns the release's id.
struct ApplyOutcome {
  int64_t release = 0;
  std::string summary;
  Diagnostics diagnostics;
};
Result<ApplyOutcome> ApplyPlan(const Context& context, store::Database& db, const plan::Plan& plan,
                               std::string message, int64_t rollback_of);

// The lease that changes of releases hold: one at a time.
Result<std::unique_ptr<store::Lease>> AcquireApplyLease(const Context& context, store::Database& db,
                                                        std::string_view command, Duration wait);

}  // namespace andon::cli
