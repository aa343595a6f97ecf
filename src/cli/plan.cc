#include "plan/plan.h"

#include <fmt/format.h>

#include "cli/broken_promises.h"
#include "cli/check_costs.h"
#include "cli/generate_config.h"
#include "cli/infrastructure.h"
#include "cli/planning.h"
#include "cli/replay.h"
#include "io/local_file_system.h"
#include "plan/plan_file.h"

namespace andon::cli {
namespace {

ExitCode Run(Context& context, const Arguments& arguments) {
  InfrastructureOutcome outcome;
  if (auto infrastructure = LoadInfrastructure(context, arguments)) {
    if (infrastructure->has_errors) return ExitCode::kError;
    if (arguments.Has("generate-config-out")) {
      auto generated = GenerateConfig(context, arguments, *infrastructure);
      if (!generated.ok()) return context.Fail(generated.error());
      if (*generated == Generated::kElsewhere) {
        context.Note("Written. Plan again once the file is among those of the project.");
        return ExitCode::kDone;
      }
      if (*generated == Generated::kInProject)
        infrastructure = LoadInfrastructure(context, arguments);
      if (infrastructure->has_errors) return ExitCode::kError;
    }
    outcome = PlanInfrastructure(context, arguments, *infrastructure, infra::Mode::kNormal);
    bool goes_on = outcome.code == ExitCode::kDone || outcome.code == ExitCode::kChanges;
    if (!infrastructure->has_data || !goes_on) return outcome.code;
  }
  auto db = OpenDatabaseIfAny(context);
  if (!db.ok()) return context.Fail(db.error());
  if (*db) {
    if (auto reconciled = ReconcileRelease(context, **db); !reconciled.ok())
      return context.Fail(reconciled.error());
  }
  auto planned = PlanProject(context, arguments, db->get(), outcome.has_changes);
  if (!planned.ok()) return context.Fail(planned.error());
  if (planned->has_errors) return ExitCode::kError;
  if (planned->waits) {
    if (!context.json)
      context.Note(
          "Data blocks read what is known once the infrastructure is applied; their part of the "
          "plan is made then.");
    return outcome.code;
  }
  ShowPlan(context, planned->plan);
  TellCheckCosts(context, planned->plan);
  if (auto replayed = ReplayChanges(context, arguments, planned->plan); !replayed.ok())
    return context.Fail(replayed.error());
  auto promises = CheckPromises(context, arguments, db->get(), planned->plan);
  if (!promises.ok()) return context.Fail(promises.error());
  if (std::string file = arguments.String("out"); !file.empty()) {
    io::LocalFileSystem files;
    auto written = files.WriteAtomically(file, plan::WritePlanFile(planned->plan));
    if (!written.ok()) return context.Fail(written.error());
    if (!context.json && !context.quiet)
      context.Line(fmt::format("Saved to {}. To do exactly this: andon apply {}", file, file));
  }
  if (*promises != ExitCode::kDone) return *promises;
  bool tells =
      arguments.Bool("detailed-exitcode") && (planned->plan.has_changes() || outcome.has_changes);
  return tells ? ExitCode::kChanges : ExitCode::kDone;
}

}  // namespace

extern const Command kPlan = {
    .name = "plan",
    .group = Group::kChange,
    .summary = "Show what apply would change, and why",
    .usage = "",
    .description =
        "Compares what the files declare with the current release, and prints each object that "
        "would be added (+), changed (~) "
        "or removed (-), part by part, with the place in the files; then what breaks the promise "
        "of "
        "a contract, and for whom. Changes nothing. Exit code 0; with -detailed-exitcode 2 where "
        "there are changes; 5 where a promise is broken without a new version and without its "
        "consumers' consent or notice.",
    .flags = WithFailOn(WithInfrastructureFlags(WithVariableFlags({
        {"out", FlagKind::kString, "FILE",
         "Saves the plan; \"andon apply FILE\" does exactly that and nothing else."},
        {"generate-config-out", FlagKind::kString, "FILE",
         "Writes the resource blocks that import blocks lack, from the objects themselves, into a "
         "new file."},
        {"detailed-exitcode", FlagKind::kBool, "", "Exit code 2 where there are changes."},
        {"destroy", FlagKind::kBool, "", "Plans to remove everything; tables and their data stay."},
        ReplayFlag(),
        {"target", FlagKind::kList, "ADDRESS",
         "Only this object and what it needs; may be given several times."},
        {"lock-timeout", FlagKind::kDuration, "DURATION", "How long to wait for another command."},
    }))),
    .examples = {{"andon plan", "What would change."},
                 {"andon plan -out=next.plan -detailed-exitcode",
                  "For CI: save it, and exit 2 where there are changes."}},
    .run = Run,
};

}  // namespace andon::cli
