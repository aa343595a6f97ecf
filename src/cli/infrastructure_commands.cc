// plan, apply and destroy of a folder's infrastructure.
#include <fmt/format.h>

#include <mutex>

#include "cli/infrastructure.h"
#include "cli/infrastructure_plan_file.h"
#include "cli/infrastructure_rules.h"
#include "cli/one_plan.h"
#include "cli/planning.h"
#include "cli/stop_on_signal.h"
#include "infra/ticker.h"
#include "infratext/events_json.h"
#include "infratext/render.h"
#include "infratext/state_text.h"
#include "provider/provider.h"

namespace andon::cli {
namespace {

infratext::Speaker Program(const Context& context) {
  if (!context.speaks_as_other()) return {.version = ANDON_VERSION};
  return {.product = std::string(context.product()),
          .key = context.speaks_as,
          .module = context.speaks_as + ".ui",
          .version = kLanguageVersion};
}

struct EphemeralMessage {
  infra::Event::Kind kind;
  std::string_view message;
  bool is_start;
};
constexpr EphemeralMessage kEphemeralMessages[] = {
    {infra::Event::Kind::kEphemeralOpen, "Opening...", true},
    {infra::Event::Kind::kEphemeralOpened, "Open complete", false},
    {infra::Event::Kind::kEphemeralRenew, "Renewing...", true},
    {infra::Event::Kind::kEphemeralRenewed, "Renew complete", false},
    {infra::Event::Kind::kEphemeralClose, "Closing...", true},
    {infra::Event::Kind::kEphemeralClosed, "Close complete", false},
};

Json JsonOf(const infratext::Speaker& speaker, const infra::Event& event, Timestamp now) {
  infratext::EventObject object{event.address, event.action, event.object};
  using Kind = infra::Event::Kind;
  switch (event.kind) {
    case Kind::kRefreshStart:
      return infratext::RefreshStartEvent(speaker, now, object);
    case Kind::kRefreshComplete:
      return infratext::RefreshCompleteEvent(speaker, now, object);
    case Kind::kApplyStart:
      return infratext::ApplyStartEvent(speaker, now, object);
    case Kind::kApplyProgress:
      return infratext::ApplyProgressEvent(speaker, now, object, event.elapsed);
    case Kind::kApplyComplete:
      return infratext::ApplyCompleteEvent(speaker, now, object, event.elapsed);
    case Kind::kApplyErrored:
      return infratext::ApplyErroredEvent(speaker, now, object, event.elapsed);
    case Kind::kProvisionStart:
      return infratext::ProvisionStartEvent(speaker, now, event.address, event.provisioner);
    case Kind::kProvisionProgress:
      return infratext::ProvisionProgressEvent(speaker, now, event.address, event.provisioner,
                                               event.line);
    case Kind::kProvisionComplete:
      return infratext::ProvisionCompleteEvent(speaker, now, event.address, event.provisioner);
    case Kind::kProvisionErrored:
      return infratext::ProvisionErroredEvent(speaker, now, event.address, event.provisioner);
    default:
      break;
  }
  for (const auto& [kind, message, is_start] : kEphemeralMessages) {
    if (kind != event.kind) continue;
    return is_start ? infratext::EphemeralStartEvent(speaker, now, event.address, message)
                    : infratext::EphemeralCompleteEvent(speaker, now, event.address, message);
  }
  return Json();
}

// What happens, as lines or events.
class Progress {
 public:
  explicit Progress(const Context& context) : context_(context) {}

  infra::Listener listener() { return ticker_.listener(); }

 private:
  infra::Listener Print() {
    if (context_.quiet) return {};
    return [this](const infra::Event& event) {
      Json json = JsonOf(Program(context_), event, context_.clock->Now());
      if (context_.json) return context_.Event(json);
      // The end of a refresh, and an error that is told anyway, are no news for people.
      bool is_quiet = event.kind == infra::Event::Kind::kRefreshComplete;
      if (!is_quiet && event.kind != infra::Event::Kind::kApplyErrored)
        context_.Line(infratext::LineOf(json, event.elapsed));
    };
  }

  const Context& context_;
  infra::Ticker ticker_{Print(), std::chrono::seconds(10)};
};

using Planned = PlannedInfrastructure;

Result<Planned> MakePlanned(Context& context, const Arguments& arguments,
                            const Infrastructure& infrastructure, infra::Mode mode,
                            const state::State& state, std::stop_token stop, Progress& progress) {
  Planned out;
  infra::PlanOptions options = TRY(PlanOptionsOf(context, arguments, infrastructure));
  out.source = InstalledProviders(context);
  out.pool = std::make_unique<infra::ProviderPool>(*out.source);
  out.executor = std::make_unique<Executor>(options.parallel);
  options.pool = out.pool.get();
  options.executor = out.executor.get();
  options.stop = std::move(stop);
  options.mode = mode;
  options.provider_host = ProviderHostOf(state);
  options.listener = progress.listener();
  out.plan = std::make_unique<infra::Plan>(infra::MakePlan(infrastructure.tree, state, options));
  return out;
}

infra::Mode ModeOf(const Arguments& arguments, infra::Mode mode) {
  if (arguments.Bool("destroy")) return infra::Mode::kDestroy;
  return arguments.Bool("refresh-only") ? infra::Mode::kRefreshOnly : mode;
}

void ShowOutputs(const Context& context, const Arguments& arguments, const state::State& state) {
  if (state.outputs.empty() || context.json) return;
  context.Line("\nOutputs:\n");
  context.Print(infratext::RenderOutputs(state.outputs, TextOptionsOf(context, arguments)));
}

// Carries the plan out, and keeps the state safe all the while.
class Carrying {
 public:
  Carrying(Context& context, const Arguments& arguments, const Infrastructure& infrastructure,
           state::Session& session, Planned planned, Progress& progress)
      : context_(context),
        arguments_(arguments),
        infrastructure_(infrastructure),
        session_(session),
        planned_(std::move(planned)),
        progress_(progress) {}

  Result<ExitCode> Run(std::stop_token stop) {
    infra::Mode mode = planned_.plan->mode;
    // Providers have made something that nobody else knows of: each change is durable before
    // the next one that depends on it. What is only in the state can be made again.
    for (const infra::ResourceChange& change : planned_.plan->changes)
      is_remote_ |= change.provider.find(config::kBuiltinProviderHost) == std::string::npos;
    state::Journal* journal = TRY(session_.journal());
    infra::ApplyOptions options{.functions = infrastructure_.functions.get(),
                                .pool = planned_.pool.get(),
                                .executor = planned_.executor.get(),
                                .parallel = planned_.executor->threads(),
                                .stop = std::move(stop),
                                .workspace = infrastructure_.workspace,
                                .cwd = context_.project_dir,
                                .language_version = kLanguageVersion,
                                .provider_host = ProviderHostOf(session_.state()),
                                .listener = progress_.listener()};
    ApplyFacts facts(context_, infrastructure_, *planned_.plan);
    options.on_change = [&](const state::InstanceChange& change) {
      facts.Done(change.address);
      auto kept =
          journal->Append(change, is_remote_ ? state::Journal::kDurable : state::Journal::kWritten);
      if (kept.ok()) return;
      std::lock_guard lock(mutex_);
      if (journal_error_.empty()) journal_error_ = kept.error().message;
    };
    infra::Applied applied = infra::Apply(infrastructure_.tree, std::move(*planned_.plan), options);
    context_.Report(applied.diagnostics);
    bool failed = applied.diagnostics.has_errors();
    auto written = session_.Write(applied.state);
    facts.End(!failed ? "done" : applied.was_stopped ? "interrupted" : "failed");
    if (!written.ok()) {
      std::string path = TRY(session_.WriteErrored(".", applied.state));
      return Error::Io(
          "The state could not be written ({}). It is kept in {}; once the cause is "
          "gone, \"{} state push {}\" puts it in its place.",
          written.error().message, path, context_.command(), path);
    }
    if (!journal_error_.empty())
      context_.Note(
          fmt::format("The journal of the apply could not be written ({}); the state "
                      "file is whole.",
                      journal_error_));
    if (failed) return applied.was_stopped ? ExitCode::kInterrupted : ExitCode::kError;
    if (context_.json) {
      infratext::ChangeCounts counts{.add = applied.added,
                                     .change = applied.changed,
                                     .import = applied.imported,
                                     .remove = applied.destroyed,
                                     .forget = applied.forgotten};
      bool is_destroy = mode == infra::Mode::kDestroy;
      Timestamp now = context_.clock->Now();
      context_.Event(infratext::ChangeSummaryEvent(
          Program(context_), now, counts,
          is_destroy ? infratext::Operation::kDestroy : infratext::Operation::kApply));
      context_.Event(infratext::OutputsEvent(Program(context_), now, applied.state.outputs));
    } else {
      context_.Line();
      context_.Line(context_.Paint("green", applied.Summary(mode)));
      if (mode != infra::Mode::kDestroy) ShowOutputs(context_, arguments_, applied.state);
    }
    return ExitCode::kDone;
  }

 private:
  Context& context_;
  const Arguments& arguments_;
  const Infrastructure& infrastructure_;
  state::Session& session_;
  Planned planned_;
  Progress& progress_;
  bool is_remote_ = false;
  std::mutex mutex_;  // Guards journal_error_.
  std::string journal_error_;
};

// Where nothing was asked for that only the providers can answer, and nothing differs from the
// last apply, data alone is the matter.
bool IsLeftAlone(const Context& context, const Arguments& arguments,
                 const Infrastructure& infrastructure) {
  if (infrastructure.has_data && !arguments.Bool("destroy") && TargetsDataAlone(arguments))
    return true;
  if (!infrastructure.has_data || arguments.Bool("refresh") || arguments.Bool("refresh-only") ||
      arguments.Bool("destroy") || arguments.Has("replace") || arguments.Has("target") ||
      arguments.Has("exclude"))
    return false;
  if (!IsAsApplied(context, infrastructure)) return false;
  if (!context.json && !context.quiet)
    context.Line(
        "Infrastructure: as it was applied, so no provider is asked (-refresh asks them).");
  return true;
}

Result<InfrastructureOutcome> RunPlan(Context& context, const Arguments& arguments,
                                      const Infrastructure& infrastructure, infra::Mode mode) {
  if (IsLeftAlone(context, arguments, infrastructure)) return InfrastructureOutcome();
  StopOnSignal stop;
  Progress progress(context);
  context.Event(infratext::VersionEvent(Program(context), context.clock->Now()));
  auto session = TRY(OpenState(context, arguments, infrastructure.home, "OperationTypePlan"));
  Planned planned = TRY(MakePlanned(context, arguments, infrastructure, ModeOf(arguments, mode),
                                    session.state(), stop.token(), progress));
  context.Report(planned.plan->diagnostics);
  if (planned.plan->diagnostics.has_errors())
    return InfrastructureOutcome{stop.stop_requested() ? ExitCode::kInterrupted : ExitCode::kError,
                                 nullptr};
  TRY(session.Close());
  RecordDrift(context, infrastructure, *planned.plan, arguments.Bool("refresh", true));
  InfrastructureOutcome outcome;
  outcome.planned = std::make_unique<Planned>(std::move(planned));
  return outcome;
}

// What is to be approved of infrastructure alone.
Result<ExitCode> Ask(const Context& context, const Arguments& arguments, bool is_destroy) {
  bool approved = TRY(Approve(context, arguments,
                              is_destroy ? "Do you really want to destroy all resources?"
                                         : "Do you want to perform these actions?"));
  if (approved) return ExitCode::kDone;
  context.Note(is_destroy ? "Destroy cancelled." : "Apply cancelled.");
  return ExitCode::kError;
}

Result<ExitCode> RunApply(Context& context, const Arguments& arguments,
                          const Infrastructure& infrastructure, infra::Mode mode,
                          const AskForBoth& ask_for_both) {
  if (IsLeftAlone(context, arguments, infrastructure)) return ExitCode::kDone;
  StopOnSignal stop;
  Progress progress(context);
  context.Event(infratext::VersionEvent(Program(context), context.clock->Now()));
  auto session = TRY(OpenState(context, arguments, infrastructure.home, "OperationTypeApply"));
  Planned planned = TRY(MakePlanned(context, arguments, infrastructure, ModeOf(arguments, mode),
                                    session.state(), stop.token(), progress));
  context.Report(planned.plan->diagnostics);
  if (planned.plan->diagnostics.has_errors())
    return stop.stop_requested() ? ExitCode::kInterrupted : ExitCode::kError;
  // A plan that changes nothing may still have read something new for the state.
  const bool has_changes = planned.plan->has_changes();
  if (ask_for_both && has_changes)
    ShowInfrastructurePart(context, arguments, *planned.plan);
  else
    ShowInfrastructurePlan(context, arguments, *planned.plan);
  RecordDrift(context, infrastructure, *planned.plan, arguments.Bool("refresh", true));
  if (!RulesAllow(context, infrastructure, *planned.plan)) return ExitCode::kRefused;
  bool is_destroy = planned.plan->mode == infra::Mode::kDestroy;
  if (has_changes) {
    ExitCode answer =
        TRY(ask_for_both ? ask_for_both(planned) : Ask(context, arguments, is_destroy));
    if (answer != ExitCode::kDone) return answer;
  }
  ExitCode code =
      TRY(Carrying(context, arguments, infrastructure, session, std::move(planned), progress)
              .Run(stop.token()));
  TRY(session.Close());
  bool is_whole = !arguments.Has("target") && !arguments.Has("exclude") && !is_destroy;
  if (code == ExitCode::kDone && infrastructure.has_data && is_whole)
    RememberAsApplied(context, infrastructure);
  return code;
}

Result<ExitCode> RunSaved(Context& context, const Arguments& arguments, const std::string& path) {
  StateHome home = TRY(StateHomeOf(context, arguments));
  SavedPlan saved = TRY(ReadSavedPlan(path, home.plan_codec));
  Arguments as_planned = arguments;
  for (const auto& [name, values] : saved.flags) as_planned.flags[name] = values;
  as_planned.flags["refresh"] = {"false"};
  auto infrastructure = LoadInfrastructure(context, as_planned, saved.variables);
  if (!infrastructure) return Error::NotFound("This folder has no infrastructure.");
  if (infrastructure->has_errors) return ExitCode::kError;
  if (ConfigurationDigest(*infrastructure) != saved.configuration)
    return Error::Conflict("The files have changed since {} was saved. Plan again.", path);
  StopOnSignal stop;
  Progress progress(context);
  context.Event(infratext::VersionEvent(Program(context), context.clock->Now()));
  auto session = TRY(OpenState(context, arguments, infrastructure->home, "OperationTypeApply"));
  bool is_first = saved.serial == 0 && session.state().serial == 0 && session.state().empty();
  if (!is_first &&
      (session.state().lineage != saved.lineage || session.state().serial != saved.serial)) {
    return Error::Conflict(
        "Saved plan is stale: the state has changed since {} was made (serial {} then, {} now). "
        "Plan again.",
        path, saved.serial, session.state().serial);
  }
  Planned planned = TRY(MakePlanned(context, as_planned, *infrastructure, saved.mode, saved.state,
                                    stop.token(), progress));
  context.Report(planned.plan->diagnostics);
  if (planned.plan->diagnostics.has_errors())
    return stop.stop_requested() ? ExitCode::kInterrupted : ExitCode::kError;
  if (DigestOfChanges(*planned.plan) != saved.changes) {
    return Error::Conflict(
        "What would be done is no longer what {} says: something that the plan reads has changed. "
        "Nothing was done. Plan again.",
        path);
  }
  if (!RulesAllow(context, *infrastructure, *planned.plan)) return ExitCode::kRefused;
  for (infra::ResourceChange& change : planned.plan->changes) {
    auto import = saved.imports.find(ToString(change.address));
    if (import != saved.imports.end()) change.import_id = import->second;
  }
  ExitCode code =
      TRY(Carrying(context, arguments, *infrastructure, session, std::move(planned), progress)
              .Run(stop.token()));
  TRY(session.Close());
  return code;
}

}  // namespace

void ShowInfrastructurePlan(const Context& context, const Arguments& arguments,
                            const infra::Plan& plan) {
  if (context.json) {
    for (const Json& event : infratext::PlanEvents(Program(context), context.clock->Now(), plan))
      context.Event(event);
  } else {
    context.Print(infratext::RenderPlan(plan, TextOptionsOf(context, arguments)));
  }
}

InfrastructureOutcome PlanInfrastructure(Context& context, const Arguments& arguments,
                                         const Infrastructure& infrastructure, infra::Mode mode) {
  auto outcome = RunPlan(context, arguments, infrastructure, mode);
  return outcome.ok() ? std::move(*outcome)
                      : InfrastructureOutcome{context.Fail(outcome.error()), nullptr};
}

ExitCode ApplyInfrastructure(Context& context, const Arguments& arguments,
                             const Infrastructure& infrastructure, infra::Mode mode,
                             const AskForBoth& ask_for_both) {
  auto code = RunApply(context, arguments, infrastructure, mode, ask_for_both);
  return code.ok() ? *code : context.Fail(code.error());
}

Result<SavedData> DataOfSavedPlan(Context& context, const Arguments& arguments,
                                  const std::string& path) {
  StateHome home = TRY(StateHomeOf(context, arguments));
  SavedPlan saved = TRY(ReadSavedPlan(path, home.plan_codec));
  return std::move(saved.data);
}

ExitCode ApplySavedPlan(Context& context, const Arguments& arguments, const std::string& path) {
  auto code = RunSaved(context, arguments, path);
  return code.ok() ? *code : context.Fail(code.error());
}

}  // namespace andon::cli
