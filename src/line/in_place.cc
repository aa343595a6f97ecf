// Datasets that somebody else builds, as part of the line: checked where they are. Red holds what
// depends on them and opens an incident, green ends it; nothing is published.
#include <algorithm>

#include "base/text.h"
#include "line/external.h"
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
  TRY(AddPlaces(world, dataset, checked_with, &task));
  TRY(AddLakeTables(world, dataset, checked_with, &task));
  Attempt attempt;
  attempt.checked[dataset.address].started = world.clock.Now();
  CheckOutcome outcome = TRY(context_.pool.Check(std::move(task), context_.options.stop,
                                                 RowsSink(dataset.address), &worker_end_));
  attempt.checked[dataset.address].took =
      world.clock.Now() - attempt.checked[dataset.address].started;
  std::vector<Verdict>& verdicts = attempt.verdicts[dataset.address];
  verdicts = Merge(specs, outcome);
  // A server that went away in the middle says nothing of the data: the task is tried again.
  auto unanswered = std::find_if(verdicts.begin(), verdicts.end(), IsUnanswered);
  if (unanswered != verdicts.end()) {
    return Error::Unavailable("{}: {}", dataset.external_source, unanswered->result.message);
  }
  StopAtQuarantine(&verdicts);
  Mask(validation::PiiColumnsOf(world.project, dataset, checked_with), &verdicts);
  TRY(RecordChecked(piece, attempt));
  return attempt.is_red() ? Event::kRed : Event::kGreen;
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
  report.outcome = attempt.is_red() ? Outcome::kRed : Outcome::kUnchanged;
  if (attempt.is_red()) report.message = CountOfFailed(verdicts);
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
    TRY(WriteFailedFacts(tx, context_, address, verdicts, now));
    if (attempt.is_red()) {
      report.incident = TRY(incident::RecordFailure(tx, context_.incident_context(),
                                                    {.kind = incident::FailureKind::kChecks,
                                                     .datasets = {address},
                                                     .unit = unit_.datasets,
                                                     .run_id = context_.run_id,
                                                     .checks = report.failed,
                                                     .andon_version = world.andon_version},
                                                    now));
      TRY(SaveRed(tx, {.dataset = address,
                       .kind = "checks",
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
  if (report.incident) opened_.push_back(report.incident);
  resolved_.insert(resolved_.end(), ended.begin(), ended.end());
  TaskReport& to = ReportOf(address);
  to = std::move(report);
  End(to);
  return {};
}

}  // namespace andon::line
