#include "plan/apply.h"

#include <fmt/format.h>

#include "cli/broken_promises.h"
#include "cli/infrastructure.h"
#include "cli/infrastructure_plan_file.h"
#include "cli/one_plan.h"
#include "cli/open_project.h"
#include "cli/planning.h"
#include "io/local_file_system.h"
#include "plan/plan_file.h"

namespace andon::cli {
namespace {

Result<plan::Plan> ReadPlan(const std::string& file) {
  io::LocalFileSystem files;
  std::string text = TRY(files.Read(file));
  auto plan = plan::ReadPlanFile(text);
  if (!plan.ok()) return std::move(plan).error().In(file);
  return plan;
}

void ShowResult(const Context& context, const plan::Plan& plan, const ApplyOutcome& outcome) {
  if (context.json) {
    context.Event(Json::Object(
        {{"@level", "info"},
         {"@message", outcome.summary},
         {"@module", "andon.ui"},
         {"type", "change_summary"},
         {"changes",
          Json::Object(
              {{"add", plan.Count(plan::Action::kCreate) + plan.Count(plan::Action::kReplace)},
               {"change", plan.Count(plan::Action::kUpdate)},
               {"remove", plan.Count(plan::Action::kDelete) + plan.Count(plan::Action::kReplace)},
               {"operation", "apply"}})},
         {"release", outcome.release}}));
    return;
  }
  context.Line(
      fmt::format("{} Release {}.", context.Paint("green", outcome.summary), outcome.release));
  bool any = false;
  for (const plan::OutputChange& output : plan.outputs) {
    if (output.action == plan::Action::kDelete) continue;
    if (!any) context.Line("\nOutputs:\n");
    any = true;
    context.Line(fmt::format("{} = {}", output.name,
                             output.sensitive ? "<sensitive>" : plan::OneLine(output.after, 1000)));
  }
}

// One apply: what it plans, and the database it is recorded in.
class Apply {
 public:
  Apply(Context& context, const Arguments& arguments) : context_(context), arguments_(arguments) {}

  Result<ExitCode> Run() {
    // What is wrong with the files is told before anything is created.
    db_ = TRY(OpenDatabaseIfAny(context_));
    if (db_) TRY(Lock());
    bool is_saved = !arguments_.positional.empty();
    if (is_saved) {
      plan_ = TRY(ReadPlan(arguments_.positional[0]));
      ShowPlan(context_, plan_);
      if (!plan_.has_changes()) return ExitCode::kDone;
      ExitCode promises = TRY(CheckPromises(context_, arguments_, db_.get(), plan_));
      if (promises != ExitCode::kDone) return promises;
    } else {
      auto stop = TRY(PlanAndAsk());
      if (stop) return *stop;
    }
    if (!db_) {
      db_ = TRY(OpenDatabase(context_, true));
      TRY(Lock());
      RememberAnalyses(context_, *db_, analyses_);
      // Somebody else may have been first.
      int64_t current = TRY(release::CurrentId(*db_));
      if (!is_saved && current != plan_.base_release) {
        auto stop = TRY(PlanAndAsk());
        if (stop) return *stop;
      }
    }
    ApplyOutcome outcome =
        TRY(ApplyPlan(context_, *db_, plan_, plan_.is_destroy ? "destroy" : "apply", 0));
    context_.Report(outcome.diagnostics);
    ShowResult(context_, plan_, outcome);
    return outcome.diagnostics.has_errors() ? ExitCode::kError : ExitCode::kDone;
  }

  Result<void> Lock() {
    lease_ = TRY(AcquireApplyLease(context_, *db_, "apply", arguments_.Time("lock-timeout")));
    auto recovered = TRY(release::Reconcile(*db_, *context_.clock));
    if (recovered)
      context_.Note(
          fmt::format("Release {} was interrupted by a crash and is finished now.", recovered->id));
    return {};
  }

  // The data's part behind what was planned of infrastructure, with one summary and one question
  // for both; FinishBoth does it once the infrastructure is there.
  Result<ExitCode> AskForBoth(const PlannedInfrastructure& infrastructure) {
    db_ = TRY(OpenDatabaseIfAny(context_));
    if (db_) TRY(Lock());
    PlannedProject planned =
        TRY(PlanProject(context_, arguments_, db_.get(), {infrastructure.plan.get(), nullptr}));
    if (planned.has_errors) return ExitCode::kError;
    plan_ = std::move(planned.plan);
    analyses_ = std::move(planned.analyses);
    waits_ = planned.waits;
    if (!waits_) {
      ShowDataPart(context_, plan_);
      ExitCode promises = TRY(CheckPromises(context_, arguments_, db_.get(), plan_));
      if (promises != ExitCode::kDone) return promises;
    }
    ShowSummary(
        context_,
        {.planned = &infrastructure, .data = waits_ ? nullptr : &plan_, .data_waits = waits_});
    bool approved = TRY(Approve(context_, arguments_, "Apply these changes?"));
    is_approved_ = approved && !waits_;
    if (!approved) {
      context_.Note("Nothing was applied.");
      return ExitCode::kError;
    }
    // Where what is done to the infrastructure is recorded, too.
    if (!db_) TRY(MakeDatabase());
    return ExitCode::kDone;
  }

  // What was approved with the infrastructure, or is planned only now.
  Result<ExitCode> FinishBoth(std::unique_ptr<config::Module> module) {
    if (is_approved_) return plan_.has_changes() ? Finish() : Result<ExitCode>(ExitCode::kDone);
    lease_.reset();
    db_.reset();
    module_ = std::move(module);
    return Run();
  }

  // Of a saved plan of both: the data's part is checked before anything is done, and kept from
  // changing until Finish.
  Result<ExitCode> Prepare(std::string_view plan_file) {
    plan_ = TRY(plan::ReadPlanFile(plan_file));
    db_ = TRY(OpenDatabaseIfAny(context_));
    if (db_) TRY(Lock());
    int64_t current = 0;
    if (db_) current = TRY(release::CurrentId(*db_));
    if (current != plan_.base_release)
      return Error::Conflict(
          "Saved plan is stale: its data was planned against release {}, and the current one is "
          "{}. Nothing was done. Plan again.",
          plan_.base_release, current);
    return CheckPromises(context_, arguments_, db_.get(), plan_);
  }

  Result<ExitCode> Finish() {
    if (!db_) TRY(MakeDatabase());
    ApplyOutcome outcome = TRY(ApplyPlan(context_, *db_, plan_, "apply", 0));
    context_.Report(outcome.diagnostics);
    ShowResult(context_, plan_, outcome);
    return outcome.diagnostics.has_errors() ? ExitCode::kError : ExitCode::kDone;
  }

 private:
  Result<void> MakeDatabase() {
    db_ = TRY(OpenDatabase(context_, true));
    TRY(Lock());
    RememberAnalyses(context_, *db_, analyses_);
    int64_t current = TRY(release::CurrentId(*db_));
    if (waits_ || current == plan_.base_release) return {};
    return Error::Conflict(
        "Somebody else was first: the data was planned against release {}, and the current one is "
        "{}. Plan again.",
        plan_.base_release, current);
  }

  // Nothing: go on. Otherwise the command ends with that code.
  Result<std::optional<ExitCode>> PlanAndAsk() {
    PlannedProject planned =
        TRY(PlanProject(context_, arguments_, db_.get(), {nullptr, std::move(module_)}));
    if (planned.has_errors) return std::optional<ExitCode>(ExitCode::kError);
    plan_ = std::move(planned.plan);
    analyses_ = std::move(planned.analyses);
    ShowPlan(context_, plan_);
    if (!plan_.has_changes()) return std::optional<ExitCode>(ExitCode::kDone);
    ExitCode promises = TRY(CheckPromises(context_, arguments_, db_.get(), plan_));
    if (promises != ExitCode::kDone) return std::optional<ExitCode>(promises);
    bool approved = TRY(Approve(context_, arguments_, "Apply these changes?"));
    if (approved) return std::optional<ExitCode>();
    context_.Note("Nothing was applied.");
    return std::optional<ExitCode>(ExitCode::kError);
  }

  Context& context_;
  const Arguments& arguments_;
  std::unique_ptr<config::Module> module_;  // The folder's, where it was read already.
  plan::Plan plan_;
  bool waits_ = false;        // For what the apply of the infrastructure tells.
  bool is_approved_ = false;  // Together with the infrastructure.
  std::map<std::string, std::string> analyses_;
  std::unique_ptr<store::Database> db_;
  std::unique_ptr<store::Lease> lease_;  // Given back before the database closes.
};

// A saved plan of infrastructure, and of data where the folder has some: both or nothing.
Result<ExitCode> ApplyFile(Context& context, const Arguments& arguments, const std::string& path) {
  SavedData data = TRY(DataOfSavedPlan(context, arguments, path));
  Apply apply(context, arguments);
  if (!data.plan.empty()) {
    ExitCode promises = TRY(apply.Prepare(data.plan));
    if (promises != ExitCode::kDone) return promises;
  }
  ExitCode code = ApplySavedPlan(context, arguments, path);
  if (code != ExitCode::kDone) return code;
  if (!data.plan.empty()) return apply.Finish();
  if (data.waits)
    context.Note(
        "The data's part was not in this plan, since it reads what this apply told. \"andon "
        "apply\" "
        "plans it now, and asks.");
  return ExitCode::kDone;
}

ExitCode Run(Context& context, const Arguments& arguments) {
  if (!arguments.positional.empty()) {
    io::LocalFileSystem files;
    auto text = files.Read(arguments.positional[0]);
    if (text.ok() && IsSavedPlan(*text)) {
      auto code = ApplyFile(context, arguments, arguments.positional[0]);
      return code.ok() ? *code : context.Fail(code.error());
    }
  }
  Apply apply(context, arguments);
  std::unique_ptr<config::Module> module;
  if (arguments.positional.empty()) {
    if (auto infrastructure = LoadInfrastructure(context, arguments)) {
      if (infrastructure->has_errors) return ExitCode::kError;
      bool is_alone = !infrastructure->has_data || TargetsInfrastructureAlone(arguments);
      AskForBoth ask;
      if (!is_alone) {
        ask = [&apply](const PlannedInfrastructure& planned) { return apply.AskForBoth(planned); };
      }
      ExitCode code =
          ApplyInfrastructure(context, arguments, *infrastructure, infra::Mode::kNormal, ask);
      if (is_alone || code != ExitCode::kDone) return code;
      module = std::move(infrastructure->tree.root->module);
    }
  }
  if (context.speaks_as_other()) return context.Fail(Error::NotFound("No configuration files"));
  auto code = apply.FinishBoth(std::move(module));
  return code.ok() ? *code : context.Fail(code.error());
}

}  // namespace

extern const Command kApply = {
    .name = "apply",
    .group = Group::kChange,
    .summary = "Record what the files declare as the next release",
    .usage = "[PLANFILE]",
    .description =
        "Plans, asks, and records the definitions as a release. It touches no data: what must be "
        "rebuilt is built by the next "
        "\"andon run\". With a saved plan it does exactly that plan and does not ask; a plan that "
        "was made against another "
        "release is refused. Without a terminal it needs -auto-approve. One apply at a time. A "
        "plan that "
        "breaks the promise of a contract is refused with exit code 5, as plan says.",
    .positional_min = 0,
    .positional_max = 1,
    .flags = WithFailOn(WithInfrastructureFlags(WithVariableFlags({
        {"auto-approve", FlagKind::kBool, "", "Does not ask."},
        {"destroy", FlagKind::kBool, "", "Removes everything; tables and their data stay."},
        {"target", FlagKind::kList, "ADDRESS",
         "Only this object and what it needs; may be given several times."},
        {"lock-timeout", FlagKind::kDuration, "DURATION", "How long to wait for another apply."},
    }))),
    .examples = {{"andon apply", "Plan, ask, record."},
                 {"andon plan -out=next.plan && andon apply next.plan",
                  "Do what was reviewed, and only that."}},
    .run = Run,
};

}  // namespace andon::cli
