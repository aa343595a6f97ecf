// Tasks that failed, or were not tried: written down with their incident and their holds.
#include <algorithm>

#include "base/text.h"
#include "lake/garbage.h"
#include "line/settle_records.h"
#include "line/unit_run.h"
#include "store/journal.h"

namespace andon::line {

Result<void> UnitRun::RecordFailedTry() {
  const Timestamp now = context_.world.clock.Now();
  return context_.world.db.Write([&](store::Transaction& tx) -> Result<void> {
    for (const TaskReport& report : reports_) {
      const bool is_cancelled = report.outcome == Outcome::kCancelled;
      if (report.outcome != Outcome::kFailed && !is_cancelled) continue;
      // A worker that was killed, or a commit that failed, leaves files; they can go in a while.
      const definition::Dataset* dataset = context_.world.project.FindDataset(report.dataset);
      if (dataset && !dataset->is_external()) {
        TRY(lake::SweepLater(tx, context_.world.lake, report.name,
                             now + lake::GarbageOptions{}.age_min));
      }
      TRY(
          tx.Execute("INSERT INTO run_tasks (run_id, task, attempt, dataset, state, started_at, "
                     "ended_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
                     "ON CONFLICT (run_id, task, attempt) DO UPDATE SET state = excluded.state, "
                     "ended_at = excluded.ended_at, body = excluded.body",
                     {context_.run_id, report.name, attempt_, report.dataset,
                      ToString(report.outcome), started_, now, TaskBody(report)}));
      if (is_cancelled) continue;
      TRY(store::Append(
          tx, {.time = now,
               .actor = context_.actor(),
               .kind = store::fact::kTaskFailed,
               .address = report.dataset,
               .run_id = context_.run_id,
               .release_id = context_.world.release_id,
               .body = Json::Object({{"attempt", attempt_}, {"message", report.message}})}));
    }
    return {};
  });
}

// What the failed try committed is of no use. Best effort: a branch that stays is dropped when the
// table is swept.
void UnitRun::DropOwnBranches() {
  const World& world = context_.world;
  auto kept = world.db.Read([](store::Transaction& tx) { return ListKeptBranches(tx); });
  if (!kept.ok()) return;
  std::erase_if(branches_, [&](const std::string& branch) {
    return std::any_of(kept->begin(), kept->end(),
                       [&](const KeptBranch& k) { return k.branch == branch; });
  });
  for (const std::string& branch : branches_) {
    for (const Piece& piece : pieces_) {
      (void)DropBranch(world, piece.dataset->name, branch);
    }
  }
}

Result<void> UnitRun::RecordFailedForGood() {
  const World& world = context_.world;
  const Timestamp now = world.clock.Now();
  incident::Failure failure{.kind = incident::FailureKind::kTask,
                            .unit = unit_.datasets,
                            .run_id = context_.run_id,
                            .task_end = worker_end_.says,
                            .was_killed = worker_end_.was_killed,
                            .andon_version = world.andon_version};
  for (const TaskReport& report : reports_) {
    if (report.outcome != Outcome::kFailed) continue;
    failure.datasets.push_back(report.dataset);
    failure.message = report.message;
  }
  if (failure.datasets.empty()) return {};
  int64_t number = 0;
  TRY(world.db.Write([&](store::Transaction& tx) -> Result<void> {
    number = TRY(incident::RecordFailure(tx, context_.incident_context(), failure, now));
    return HoldDownstream(tx, failure.datasets, number, now);
  }));
  for (TaskReport& report : reports_) {
    if (report.outcome == Outcome::kFailed) report.incident = number;
  }
  opened_.push_back(number);
  return {};
}

Result<void> UnitRun::RecordHeld(const std::vector<std::string>& because, std::string_view says) {
  std::vector<std::string> names;
  for (const std::string& address : because) {
    names.push_back(context_.world.project.FindDataset(address)->name);
  }
  const Timestamp now = context_.world.clock.Now();
  for (TaskReport& report : reports_) {
    report.outcome = Outcome::kHeld;
    report.held_by = names;
    report.message =
        fmt::format("{} {} {}", Join(names, ", "), names.size() > 1 ? "are" : "is", says);
    context_.Tell({.kind = Progress::kEnded, .dataset = report.dataset, .report = &report});
  }
  return context_.world.db.Write([&](store::Transaction& tx) -> Result<void> {
    for (const TaskReport& report : reports_) {
      TRY(
          tx.Execute("INSERT INTO run_tasks (run_id, task, attempt, dataset, state, started_at, "
                     "ended_at, body) VALUES (?, ?, 0, ?, 'held', ?, ?, ?)",
                     {context_.run_id, report.name, report.dataset, now, now, TaskBody(report)}));
    }
    return {};
  });
}

}  // namespace andon::line
