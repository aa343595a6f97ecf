// Datasets that somebody else builds, as part of the line: checked where they are. Red holds what
// depends on them and opens an incident, green ends it; nothing is published.
#include <algorithm>

#include "base/text.h"
#include "line/external.h"
#include "line/files_in_place.h"
#include "line/quarantine.h"
#include "line/settle_records.h"
#include "line/unit_run.h"
#include "store/journal.h"
#include "validation/record.h"

namespace andon::line {

using pipeline::Event;
using pipeline::Work;

namespace {

bool IsUnanswered(const Verdict& verdict) {
  return verdict.result.state == quality::CheckState::kError &&
         verdict.result.details["unavailable"].AsBool();
}

}  // namespace

pipeline::Need NeedOfExternal(const Piece& piece) {
  const bool is_red = piece.state.red.has_value();
  if (!piece.is_selected) return {.why = "not selected", .is_red = is_red};
  if (!piece.state.facts.hold.empty())
    return {.why = piece.state.facts.hold, .is_red = is_red, .is_held = true};
  return {.work = Work::kBuild, .why = "it is checked where it is"};
}

Result<Event::Kind> UnitRun::CheckInPlace(const Piece& piece) {
  const World& world = context_.world;
  const definition::Dataset& dataset = *piece.dataset;
  const std::vector<std::string>& checked_with =
      context_.sight.line.checked_with.at(dataset.address);
  TRY(RecordStarted());
  context_.Tell({.kind = Progress::kStarted, .dataset = dataset.address, .step = "checking"});
  CheckTask task{.table = dataset.name,
                 .checks = ChecksOf(world.project, dataset),
                 .with_slices = false,
                 .now = ToRfc3339(world.clock.Now())};
  const std::vector<quality::CheckSpec> specs = task.checks;
  if (IsOfFiles(world.project, dataset)) TRY(AddFiles(world, dataset, /*full=*/false, &task));
  const std::optional<quality::FileStates> files = task.files;
  task.written = TRY(WrittenBefore(world, dataset));
  TRY(AddPlaces(world, dataset, checked_with, &task));
  TRY(AddLakeTables(world, dataset, checked_with, &task));
  Attempt attempt;
  attempt.checked[dataset.address].started = world.clock.Now();
  CheckOutcome outcome = TRY(context_.pool.Check(std::move(task), context_.options.stop,
                                                 RowsSink(dataset.address), &worker_end_));
  TRY(KeepLearnt(world, dataset, files, outcome));
  attempt.checked[dataset.address].took =
      world.clock.Now() - attempt.checked[dataset.address].started;
  std::vector<Verdict>& verdicts = attempt.verdicts[dataset.address];
  verdicts = Merge(specs, outcome);
  // A server that went away in the middle says nothing of the data: the task is tried again.
  auto unanswered = std::find_if(verdicts.begin(), verdicts.end(), IsUnanswered);
  if (unanswered != verdicts.end()) {
    return Error::Unavailable("{}: {}", dataset.external_source, unanswered->result.message);
  }
  attempt.written = outcome.written;
  attempt.breaks = MissingPromises(world, dataset, outcome.columns);
  StopAtQuarantine(&verdicts);
  Mask(validation::PiiColumnsOf(world.project, dataset, checked_with), &verdicts);
  FindRedSince(dataset.address, &verdicts);
  TRY(RecordChecked(piece, attempt));
  return attempt.is_red() || !attempt.breaks.empty() ? Event::kRed : Event::kGreen;
}

Result<void> UnitRun::RecordChecked(const Piece& piece, const Attempt& attempt) {
  const World& world = context_.world;
  const definition::Dataset& dataset = *piece.dataset;
  const std::string& address = dataset.address;
  const std::vector<Verdict>& verdicts = attempt.verdicts.at(address);
  const Timestamp now = world.clock.Now();
  TaskReport report = ReportOf(address);
  report.why = piece.need.why;
  report.checks = static_cast<int>(verdicts.size());
  const bool is_broken = !attempt.breaks.empty(), is_red = attempt.is_red() || is_broken;
  report.outcome = is_broken ? Outcome::kContract : is_red ? Outcome::kRed : Outcome::kUnchanged;
  report.breaks = attempt.breaks;
  if (is_red)
    report.message =
        is_broken
            ? Count(static_cast<int64_t>(attempt.breaks.size()), "promised column") + " missing"
            : CountOfFailed(verdicts);
  for (const Verdict& v : verdicts) {
    if (!v.result.success()) report.failed.push_back(ToFailedCheck(address, v));
  }
  std::vector<int64_t> ended;
  TRY(world.db.Write([&](store::Transaction& tx) -> Result<void> {
    ended.clear();
    TRY(context_.lease.Confirm(tx));
    if (!verdicts.empty()) {
      const Attempt::Span& span = attempt.checked.at(address);
      TRY(validation::Record(tx, {.name = dataset.name,
                                  .dataset = address,
                                  .source = PlaceOf(dataset),
                                  .release_id = world.release_id,
                                  .run_id = context_.run_id,
                                  .trigger = "run",
                                  .started = span.started,
                                  .duration = span.took,
                                  .results = ToCheckedChecks(verdicts)}));
    }
    TRY(RecordWritten(tx, world, dataset, attempt.written, verdicts, context_.run_id));
    TRY(WriteFailedFacts(tx, context_, address, verdicts, now));
    if (is_broken) {
      TRY(store::Append(tx, {.time = now,
                             .actor = context_.actor(),
                             .kind = store::fact::kContractBroken,
                             .address = address,
                             .run_id = context_.run_id,
                             .release_id = world.release_id,
                             .body = Json::Object({{"reason", Join(attempt.breaks, " ")}})}));
    }
    if (is_red) {
      report.incident = TRY(incident::RecordFailure(
          tx, context_.incident_context(),
          {.kind = is_broken ? incident::FailureKind::kContract : incident::FailureKind::kChecks,
           .datasets = {address},
           .unit = unit_.datasets,
           .run_id = context_.run_id,
           .checks = report.failed,
           .breaks = attempt.breaks,
           .andon_version = world.andon_version,
           .since = LateSince(dataset, verdicts, now)},
          now));
      TRY(SaveRed(tx, {.dataset = address,
                       .kind = is_broken ? "contract" : "checks",
                       .run_id = context_.run_id,
                       .at = now,
                       .message = report.message,
                       .incident = report.incident}));
      TRY(HoldDownstream(tx, {address}, report.incident, now));
    } else {
      TRY(store::Append(tx, {.time = now,
                             .actor = context_.actor(),
                             .kind = store::fact::kCheckPassed,
                             .address = address,
                             .run_id = context_.run_id,
                             .release_id = world.release_id,
                             .body = Json::Object({{"checks", report.checks}})}));
      TRY(ForgetRed(tx, address));
      TRY(ReleaseHolds(tx, address, {"upstream"}, now));
      ended = TRY(incident::RecordPublished(tx, context_.incident_context(),
                                            {.dataset = address, .run_id = context_.run_id}, now));
    }
    return EndTask(tx, context_, dataset.name, attempt_, ToString(report.outcome), now,
                   TaskBody(report));
  }));
  EndJudged(std::move(report), ended);
  return {};
}

void UnitRun::EndJudged(TaskReport report, const std::vector<int64_t>& ended) {
  if (report.incident) opened_.push_back(report.incident);
  resolved_.insert(resolved_.end(), ended.begin(), ended.end());
  TaskReport& to = ReportOf(report.dataset);
  to = std::move(report);
  End(to);
}

}  // namespace andon::line
