// Red: main stays, and so does everything downstream, which is told so. In one transaction.
#include <algorithm>

#include "base/text.h"
#include "contract/contract.h"
#include "line/settle_records.h"
#include "line/unit_run.h"
#include "store/journal.h"

namespace andon::line {

// Downstream stays as it is, and is told so.
Result<void> UnitRun::HoldDownstream(store::Transaction& tx, const std::vector<std::string>& red,
                                     int64_t incident, Timestamp now) {
  std::vector<std::string> names;
  for (const std::string& address : red) {
    names.push_back(context_.world.project.FindDataset(address)->name);
  }
  std::set<std::string> held;
  for (const std::string& address : red) {
    for (const std::string& downstream : context_.sight.line.DownstreamOf(address)) {
      if (std::find(red.begin(), red.end(), downstream) == red.end()) held.insert(downstream);
    }
  }
  for (const std::string& address : held) {
    auto is_new =
        TRY(AddHold(tx,
                    {.dataset = address,
                     .kind = "upstream",
                     .since = now,
                     .actor = context_.actor(),
                     .reason = Join(names, ", ") + (names.size() > 1 ? " are red" : " is red"),
                     .incident = incident},
                    context_.run_id));
    if (!is_new) continue;
    TRY(store::Append(
        tx, {.time = now,
             .actor = context_.actor(),
             .kind = store::fact::kHeld,
             .address = address,
             .run_id = context_.run_id,
             .release_id = context_.world.release_id,
             .body = Json::Object({{"because", StringList(red)}, {"incident", incident}})}));
    TRY(incident::RecordHeld(tx, context_.incident_context(), address, red, context_.run_id, now));
  }
  return {};
}

// Unreadable files and broken contracts: nothing of them was loaded. Takes them out of `pieces`.
Result<void> UnitRun::RejectBadDeliveries(std::vector<Piece>& pieces, const Attempt& attempt) {
  const Timestamp now = context_.world.clock.Now();
  std::vector<TaskReport> told;
  std::vector<int64_t> opened;
  TRY(context_.world.db.Write([&](store::Transaction& tx) -> Result<void> {
    TRY(context_.lease.Confirm(tx));
    for (Piece& piece : pieces) {
      auto found = attempt.outcomes.find(piece.dataset->address);
      if (found == attempt.outcomes.end()) continue;
      TaskReport report = ReportOf(piece.dataset->address);
      report.why = piece.need.why;
      if (piece.state.table.version) report.version = piece.state.table.version->version;
      bool has_bad = false;
      std::vector<ingest::Delivery> rest;
      for (ingest::Delivery delivery : piece.deliveries) {
        auto outcome =
            std::find_if(found->second.deliveries.begin(), found->second.deliveries.end(),
                         [&](const DeliveryOutcome& d) { return d.id == delivery.id; });
        if (outcome == found->second.deliveries.end() || outcome->is_good()) {
          rest.push_back(std::move(delivery));
          continue;
        }
        has_bad = true;
        const bool is_unreadable = outcome->unreadable.has_value();
        incident::Failure failure{.kind = is_unreadable ? incident::FailureKind::kUnreadable
                                                        : incident::FailureKind::kContract,
                                  .datasets = {piece.dataset->address},
                                  .unit = unit_.datasets,
                                  .run_id = context_.run_id,
                                  .delivery = ReferenceTo(delivery),
                                  .andon_version = context_.world.andon_version};
        if (is_unreadable) {
          delivery.reason = outcome->unreadable->sentence;
          failure.message = delivery.reason;
        } else {
          delivery.reason = contract::Summarize(outcome->breaks);
          for (const contract::Break& b : outcome->breaks) {
            failure.breaks.push_back(b.sentence);
            report.breaks.push_back(b.sentence);
          }
          failure.message = delivery.reason;
        }
        delivery.state =
            is_unreadable ? ingest::DeliveryState::kUnreadable : ingest::DeliveryState::kRejected;
        delivery.run_id = context_.run_id;
        TRY(ingest::SaveDelivery(tx, delivery, now));
        TRY(store::Append(
            tx,
            {.time = now,
             .actor = context_.actor(),
             .kind = is_unreadable ? store::fact::kDeliveryRejected : store::fact::kContractBroken,
             .address = piece.dataset->address,
             .run_id = context_.run_id,
             .release_id = context_.world.release_id,
             .body = Json::Object({{"delivery_id", delivery.id},
                                   {"path", delivery.path},
                                   {"reason", delivery.reason},
                                   {"kind", is_unreadable ? "unreadable" : "contract"}})}));
        auto number = TRY(incident::RecordFailure(tx, context_.incident_context(), failure, now));
        opened.push_back(number);
        report.incident = number;
        report.message = delivery.reason;
        // An unreadable file weighs more: nothing at all is known of what it should have held.
        if (is_unreadable || report.outcome != Outcome::kUnreadable) {
          report.outcome = is_unreadable ? Outcome::kUnreadable : Outcome::kContract;
        }
        report.rejected.push_back({delivery.id, delivery.path, delivery.period, delivery.reason});
        TRY(SaveRed(tx, {.dataset = piece.dataset->address,
                         .kind = is_unreadable ? "unreadable" : "contract",
                         .run_id = context_.run_id,
                         .at = now,
                         .basis = piece.basis,
                         .message = delivery.reason,
                         .incident = number}));
        TRY(HoldDownstream(tx, {piece.dataset->address}, number, now));
      }
      piece.deliveries = std::move(rest);
      if (!has_bad) {
        // It waits for the other one of its circle.
        report.outcome = Outcome::kHeld;
        report.message = "it publishes together with others of its unit, which are not ready";
      }
      if (piece.deliveries.empty() || unit_.datasets.size() > 1) {
        TRY(EndTask(tx, context_, piece.dataset->name, attempt_, ToString(report.outcome), now,
                    TaskBody(report)));
      }
      told.push_back(std::move(report));
    }
    return {};
  }));
  for (const auto& [address, load] : attempt.loads) {
    TRY(DropBranch(context_.world, context_.world.project.FindDataset(address)->name,
                   attempt.branch));
  }
  opened_.insert(opened_.end(), opened.begin(), opened.end());
  for (TaskReport& report : told) {
    TaskReport& to = ReportOf(report.dataset);
    to = std::move(report);
    auto piece = std::find_if(pieces.begin(), pieces.end(),
                              [&](const Piece& p) { return p.dataset->address == to.dataset; });
    if (piece->deliveries.empty() || unit_.datasets.size() > 1) End(to);
  }
  return {};
}

// Checks failed: main stays, the branch is kept for a person who may accept it.
Result<void> UnitRun::RejectRed(const std::vector<Piece>& pieces, const Attempt& attempt,
                                const std::vector<ingest::Delivery>& on_top_of) {
  const World& world = context_.world;
  const Timestamp now = world.clock.Now();
  incident::Failure failure{.kind = incident::FailureKind::kChecks,
                            .unit = unit_.datasets,
                            .run_id = context_.run_id,
                            .slices = attempt.slices,
                            .andon_version = world.andon_version};
  std::vector<std::string> others;  // Of the unit, with work, but not red.
  for (const std::string& address : unit_.datasets) {
    auto found = attempt.verdicts.find(address);
    if (found == attempt.verdicts.end()) continue;
    const bool is_red = std::any_of(found->second.begin(), found->second.end(), IsRed);
    if (is_red) failure.datasets.push_back(address);
    for (const Verdict& v : found->second) {
      if (!v.result.success()) failure.checks.push_back(ToFailedCheck(address, v));
    }
  }
  std::vector<int64_t> delivery_ids;
  for (const Piece& piece : pieces) {
    const bool is_red = std::find(failure.datasets.begin(), failure.datasets.end(),
                                  piece.dataset->address) != failure.datasets.end();
    for (const ingest::Delivery& d : piece.deliveries) {
      delivery_ids.push_back(d.id);
      if (is_red && !failure.delivery) failure.delivery = ReferenceTo(d);
    }
  }
  std::vector<int64_t> other_ids;
  for (const ingest::Delivery& d : on_top_of) other_ids.push_back(d.id);
  std::vector<TaskReport> told;
  int64_t number = 0;
  std::optional<KeptBranch> replaced;  // The incident's branch of an earlier try.
  TRY(world.db.Write([&](store::Transaction& tx) -> Result<void> {
    TRY(context_.lease.Confirm(tx));
    told.clear();
    for (const Piece& piece : pieces) {
      const std::string& address = piece.dataset->address;
      auto verdicts = attempt.verdicts.find(address);
      if (verdicts == attempt.verdicts.end()) continue;
      const int64_t snapshot = attempt.loads.at(address).snapshot_id;
      TRY(WriteValidation(tx, context_, piece, attempt, snapshot, 0));
      TRY(WriteFailedFacts(tx, context_, address, verdicts->second, now));
      const bool is_red = std::find(failure.datasets.begin(), failure.datasets.end(), address) !=
                          failure.datasets.end();
      if (!is_red) continue;
      for (ingest::Delivery delivery : piece.deliveries) {
        for (const DeliveryOutcome& d : attempt.outcomes.at(address).deliveries) {
          if (d.id == delivery.id && d.rows >= 0) delivery.rows = d.rows;
        }
        delivery.state = ingest::DeliveryState::kRejected;
        delivery.reason = CountOfFailed(verdicts->second);
        delivery.run_id = context_.run_id;
        TRY(ingest::SaveDelivery(tx, delivery, now));
        TRY(store::Append(tx, {.time = now,
                               .actor = context_.actor(),
                               .kind = store::fact::kDeliveryRejected,
                               .address = address,
                               .run_id = context_.run_id,
                               .release_id = world.release_id,
                               .body = Json::Object({{"delivery_id", delivery.id},
                                                     {"path", delivery.path},
                                                     {"period", delivery.period},
                                                     {"kind", "checks"},
                                                     {"reason", delivery.reason}})}));
      }
    }
    number = TRY(incident::RecordFailure(tx, context_.incident_context(), failure, now));
    replaced = TRY(FindKeptBranch(tx, number));
    TRY(KeepBranch(tx,
                   {.incident = number,
                    .branch = attempt.branch,
                    .unit = AddressesOf(pieces),
                    .deliveries = delivery_ids,
                    .on_top_of = other_ids,
                    .bases = BasesOf(pieces)},
                   now));
    TRY(HoldDownstream(tx, failure.datasets, number, now));
    for (const Piece& piece : pieces) {
      const std::string& address = piece.dataset->address;
      const bool is_red = std::find(failure.datasets.begin(), failure.datasets.end(), address) !=
                          failure.datasets.end();
      TaskReport report = ReportOf(address);
      report.why = piece.need.why;
      const LoadOutcome& outcome = attempt.outcomes.at(address);
      report.rows_delivered = outcome.delta->rows_delivered;
      report.rows_total = attempt.loads.at(address).rows_total;
      if (piece.state.table.version) report.version = piece.state.table.version->version;
      auto verdicts = attempt.verdicts.find(address);
      if (verdicts != attempt.verdicts.end()) {
        report.checks = static_cast<int>(verdicts->second.size());
        for (const Verdict& v : verdicts->second) {
          if (!v.result.success()) report.failed.push_back(ToFailedCheck(address, v));
        }
      }
      report.incident = number;
      if (is_red) {
        report.outcome = Outcome::kRed;
        report.message = CountOfFailed(verdicts->second);
        report.slices = attempt.slices;
        for (const ingest::Delivery& d : piece.deliveries) {
          report.rejected.push_back({d.id, d.path, d.period, report.message});
        }
        TRY(SaveRed(tx, {.dataset = address,
                         .kind = "checks",
                         .run_id = context_.run_id,
                         .at = now,
                         .basis = piece.basis,
                         .message = report.message,
                         .incident = number}));
      } else {
        report.outcome = Outcome::kHeld;
        for (const std::string& red : failure.datasets) {
          report.held_by.push_back(world.project.FindDataset(red)->name);
        }
        report.message = "it publishes together with " + Join(report.held_by, ", ");
      }
      TRY(EndTask(tx, context_, piece.dataset->name, attempt_, ToString(report.outcome), now,
                  TaskBody(report)));
      told.push_back(std::move(report));
    }
    return {};
  }));
  if (replaced && replaced->branch != attempt.branch) {
    for (const std::string& address : replaced->unit) {
      const definition::Dataset* dataset = world.project.FindDataset(address);
      if (dataset) TRY(DropBranch(world, dataset->name, replaced->branch));
    }
  }
  opened_.push_back(number);
  for (TaskReport& report : told) {
    TaskReport& to = ReportOf(report.dataset);
    to = std::move(report);
    End(to);
  }
  return {};
}

}  // namespace andon::line
