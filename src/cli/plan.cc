#include "plan/plan.h"

#include <fmt/format.h>

#include "cli/broken_promises.h"
#include "cli/check_costs.h"
#include "cli/ci_steps.h"
#include "cli/generate_config.h"
#include "cli/infrastructure.h"
#include "cli/infrastructure_impact.h"
#include "cli/infrastructure_rules.h"
#include "cli/one_plan.h"
#include "cli/planning.h"
#include "cli/replay.h"
#include "io/local_file_system.h"
#include "plan/plan_file.h"

namespace andon::cli {
namespace {

// Of a folder that has infrastructure alone.
ExitCode FinishInfrastructure(Context& context, const Arguments& arguments,
                              const Infrastructure& infrastructure,
                              const InfrastructureOutcome& outcome) {
  ShowInfrastructurePlan(context, arguments, *outcome.plan());
  if (!RulesAllow(context, infrastructure, *outcome.plan())) return ExitCode::kRefused;
  if (std::string file = arguments.String("out"); !file.empty()) {
    auto saved = SaveOnePlan(file, context, arguments,
                             {.infrastructure = &infrastructure, .planned = outcome.planned.get()});
    if (!saved.ok()) return context.Fail(saved.error());
  }
  bool tells = arguments.Bool("detailed-exitcode") && outcome.has_changes();
  return tells ? ExitCode::kChanges : ExitCode::kDone;
}

// What a change of the infrastructure reaches in the data.
void ShowImpact(Context& context, const infra::Plan* infrastructure, const PlannedProject& planned,
                store::Database* db) {
  std::vector<ReachedByResource> reached;
  if (infrastructure != nullptr) {
    // As the files declare it; what cannot be planned yet, as it was applied last.
    auto project = planned.waits ? Result<definition::Project>(definition::Project())
                                 : DeclaredBy(*planned.project);
    if (planned.waits && db != nullptr) project = release::CurrentProject(*db);
    reached = ImpactOf(*infrastructure, *planned.project->module,
                       project.ok() ? *project : definition::Project());
  }
  for (const ReachedByResource& one : reached) context.Event(one.ToJson());
  if (context.json) return;
  if (reached.empty()) return context.Line("\nImpact: no data block reads what changes.");
  context.Line("\nImpact:");
  for (const ReachedByResource& one : reached) context.Line("  " + one.ToText());
}

// The data's part, behind what was planned of infrastructure.
ExitCode PlanData(Context& context, const Arguments& arguments,
                  std::optional<Infrastructure> infrastructure,
                  const InfrastructureOutcome& outcome) {
  auto db = OpenDatabaseIfAny(context);
  if (!db.ok()) return context.Fail(db.error());
  if (*db) {
    if (auto reconciled = ReconcileRelease(context, **db); !reconciled.ok())
      return context.Fail(reconciled.error());
  }
  PlannedBefore before{.infrastructure = outcome.has_changes() ? outcome.plan() : nullptr};
  const bool is_both = outcome.plan() != nullptr;
  if (infrastructure) before.module = std::move(infrastructure->tree.root->module);
  auto planned = PlanProject(context, arguments, db->get(), std::move(before));
  if (!planned.ok()) return context.Fail(planned.error());
  if (planned->has_errors) return ExitCode::kError;
  ExitCode promises = ExitCode::kDone;
  if (!planned->waits) {
    if (is_both)
      ShowDataPart(context, planned->plan);
    else
      ShowPlan(context, planned->plan);
    TellCheckCosts(context, planned->plan);
    if (auto replayed = ReplayChanges(context, arguments, planned->plan); !replayed.ok())
      return context.Fail(replayed.error());
    auto checked = CheckPromises(context, arguments, db->get(), planned->plan);
    if (!checked.ok()) return context.Fail(checked.error());
    promises = *checked;
  }
  if (arguments.Bool("impact")) ShowImpact(context, outcome.plan(), *planned, db->get());
  OnePlan one{.infrastructure = infrastructure ? &*infrastructure : nullptr,
              .planned = outcome.planned.get(),
              .data = planned->waits ? nullptr : &planned->plan,
              .data_waits = planned->waits};
  if (is_both) {
    ShowSummary(context, one);
    if (planned->waits && !context.json)
      context.Note(
          "Data blocks read what is known once the infrastructure is applied; their part of the "
          "plan is made then.");
  }
  if (std::string file = arguments.String("out"); !file.empty()) {
    io::LocalFileSystem files;
    // The module went on to the data: it is lent back, since the file names what it was made of.
    if (is_both) infrastructure->tree.root->module = std::move(planned->project->module);
    auto written = is_both ? SaveOnePlan(file, context, arguments, one)
                           : files.WriteAtomically(file, plan::WritePlanFile(planned->plan));
    if (!written.ok()) return context.Fail(written.error());
    if (!is_both && !context.json && !context.quiet)
      context.Line(fmt::format("Saved to {}. To do exactly this: andon apply {}", file, file));
  }
  if (promises != ExitCode::kDone) return promises;
  bool has_changes = outcome.has_changes() || (!planned->waits && planned->plan.has_changes());
  bool tells = arguments.Bool("detailed-exitcode") && has_changes;
  return tells ? ExitCode::kChanges : ExitCode::kDone;
}

ExitCode Run(Context& context, const Arguments& arguments) {
  InfrastructureOutcome outcome;
  auto infrastructure = LoadInfrastructure(context, arguments);
  if (infrastructure) {
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
    if (outcome.code != ExitCode::kDone) return outcome.code;
    bool is_alone = !infrastructure->has_data || TargetsInfrastructureAlone(arguments);
    if (is_alone && outcome.plan() != nullptr)
      return FinishInfrastructure(context, arguments, *infrastructure, outcome);
    if (outcome.plan() != nullptr) {
      ShowInfrastructurePart(context, arguments, *outcome.plan());
      if (!RulesAllow(context, *infrastructure, *outcome.plan())) return ExitCode::kRefused;
    }
  }
  if (context.speaks_as_other()) return context.Fail(Error::NotFound("No configuration files"));
  return PlanData(context, arguments, std::move(infrastructure), outcome);
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
        "consumers' consent or notice; 6 where a policy refuses it.",
    .flags = WithFailOn(WithInfrastructureFlags(WithVariableFlags({
        {"out", FlagKind::kString, "FILE",
         "Saves the plan; \"andon apply FILE\" does exactly that and nothing else."},
        {"generate-config-out", FlagKind::kString, "FILE",
         "Writes the resource blocks that import blocks lack, from the objects themselves, into a "
         "new file."},
        {"detailed-exitcode", FlagKind::kBool, "", "Exit code 2 where there are changes."},
        {"destroy", FlagKind::kBool, "", "Plans to remove everything; tables and their data stay."},
        {"impact", FlagKind::kBool, "",
         "Also what changes of infrastructure reach: datasets, pipelines, contracts, consumers."},
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
