// What becomes of a try: published, or rejected with everything downstream held. Each in one
// transaction.
#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "contract/contract.h"
#include "line/unit_run.h"
#include "line/version_record.h"
#include "store/journal.h"

namespace andon::line {

using pipeline::Event;

namespace {

Json Strings(const std::vector<std::string>& list) {
  Json out = Json::List();
  for (const std::string& item : list) out.Push(item);
  return out;
}

std::vector<std::string> AddressesOf(const std::vector<Piece>& pieces) {
  std::vector<std::string> out;
  for (const Piece& piece : pieces) out.push_back(piece.dataset->address);
  return out;
}

std::map<std::string, Json> BasesOf(const std::vector<Piece>& pieces) {
  std::map<std::string, Json> out;
  for (const Piece& piece : pieces) out[piece.dataset->address] = pipeline::ToJson(piece.basis);
  return out;
}

incident::DeliveryReference ReferenceTo(const ingest::Delivery& d) {
  return {.id = d.id, .path = d.path, .period = d.period, .arrived_at = d.arrived_at};
}

// How checks ended, for the board and for history; samples only of those that failed.
Result<void> WriteResults(store::Transaction& tx, const std::string& address,
                          const std::vector<Verdict>& verdicts, const std::string& run_id,
                          int64_t snapshot_id, int64_t version, Timestamp now) {
  for (const Verdict& v : verdicts) {
    Json body = quality::ToJson(v.result);
    TRY(tx.Execute(
        "INSERT INTO check_results (dataset, check_key, scope, state, severity, time, run_id, "
        "snapshot_id, version, delivery_id, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {address, v.result.name, v.scope,
         v.result.state == quality::CheckState::kPassed   ? "passed"
         : v.result.state == quality::CheckState::kFailed ? "failed"
                                                          : "error",
         quality::ToString(v.result.severity), now, run_id, snapshot_id, version, v.delivery_id,
         body}));
  }
  return {};
}

Result<void> WriteFailedFacts(store::Transaction& tx, const RunContext& context,
                              const std::string& address, const std::vector<Verdict>& verdicts,
                              Timestamp now) {
  for (const Verdict& v : verdicts) {
    if (v.result.success()) continue;
    Json body = Json::Object({{"check", v.result.name},
                              {"type", v.result.type},
                              {"severity", quality::ToString(v.result.severity)},
                              {"scope", v.scope},
                              {"message", v.result.message},
                              {"observed_value", v.result.observed_value}});
    if (v.delivery_id) body.Set("delivery_id", v.delivery_id);
    TRY(store::Append(tx, {.time = now, .actor = context.actor(),
                           .kind = store::fact::kCheckFailed, .address = address,
                           .run_id = context.run_id, .release_id = context.world.release_id,
                           .body = std::move(body)}));
  }
  return {};
}

Result<void> EndTask(store::Transaction& tx, const RunContext& context, const std::string& name,
                     int attempt, std::string_view state, Timestamp now, Json body) {
  TRY(tx.Execute("UPDATE run_tasks SET state = ?, ended_at = ?, body = ? "
                 "WHERE run_id = ? AND task = ? AND attempt = ?",
                 {state, now, body, context.run_id, name, attempt}));
  return {};
}

Json TaskBody(const TaskReport& report) {
  Json body = ToJson(report);
  body.Remove("failed");  // They stand in check_results.
  return body;
}

std::string CountOfFailed(const std::vector<Verdict>& verdicts) {
  int64_t n = std::count_if(verdicts.begin(), verdicts.end(),
                            [](const Verdict& v) { return IsRed(v); });
  return Count(n, "check") + " failed";
}

}  // namespace

Result<Event::Kind> UnitRun::Settle(std::vector<Piece> pieces, Attempt attempt) {
  const bool is_single = unit_.datasets.size() == 1;
  if (attempt.has_bad_delivery) {
    TRY(RejectBadDeliveries(pieces, attempt));
    // What is left of a dataset that moves alone goes on; circles wait for one another.
    if (is_single && !pieces[0].deliveries.empty()) {
      const TaskReport earlier = ReportOf(pieces[0].dataset->address);
      is_collecting_ = true;
      Attempt rest = TRY(TryPieces(pieces));
      auto kind = TRY(Settle(std::move(pieces), std::move(rest)));
      TaskReport& report = ReportOf(earlier.dataset);
      report.rejected.insert(report.rejected.begin(), earlier.rejected.begin(),
                             earlier.rejected.end());
      report.breaks.insert(report.breaks.begin(), earlier.breaks.begin(), earlier.breaks.end());
      if (!report.incident) report.incident = earlier.incident;
      is_collecting_ = false;
      End(report);
      return kind;
    }
    return Event::kRed;
  }
  if (!attempt.is_red()) {
    TRY(Publish(pieces, attempt));
    return Event::kGreen;
  }
  if (is_single && pieces[0].deliveries.size() > 1) {
    for (const auto& [address, load] : attempt.loads) {
      TRY(lake::DropBranch(context_.world.db, context_.world.lake, pieces[0].dataset->name,
                           attempt.branch));
    }
    return IsolateRed(std::move(pieces[0]));
  }
  TRY(RejectRed(pieces, attempt));
  return Event::kRed;
}

// Several deliveries, and something in them is red: one after the other, so that a bad one blocks
// no other.
Result<Event::Kind> UnitRun::IsolateRed(Piece piece) {
  const std::vector<ingest::Delivery> all = std::move(piece.deliveries);
  const bool was_collecting = std::exchange(is_collecting_, true);
  const std::string& address = piece.dataset->address;
  std::vector<ingest::Delivery> good;
  std::optional<Attempt> green;  // Of exactly `good`.
  TaskReport rejected;           // What is to be told of the red ones, together.
  for (const ingest::Delivery& delivery : all) {
    piece.deliveries = good;
    piece.deliveries.push_back(delivery);
    Attempt attempt = TRY(TryPieces({piece}));
    if (attempt.is_red()) {
      Piece red = piece;
      red.deliveries = {delivery};
      ReportOf(address) = TaskReport{.dataset = address, .name = piece.dataset->name};
      TRY(RejectRed({red}, attempt));
      TaskReport& one = ReportOf(address);
      std::move(one.rejected.begin(), one.rejected.end(), std::back_inserter(rejected.rejected));
      std::move(one.failed.begin(), one.failed.end(), std::back_inserter(rejected.failed));
      std::move(one.slices.begin(), one.slices.end(), std::back_inserter(rejected.slices));
      rejected.incident = one.incident;
      continue;
    }
    if (green) {
      TRY(lake::DropBranch(context_.world.db, context_.world.lake, piece.dataset->name,
                           green->branch));
    }
    green = std::move(attempt);
    good.push_back(delivery);
  }
  if (green) {
    piece.deliveries = good;
    ReportOf(address) = TaskReport{.dataset = address, .name = piece.dataset->name};
    TRY(Publish({piece}, *green));
  }
  TaskReport& report = ReportOf(address);
  report.rejected = std::move(rejected.rejected);
  report.failed = std::move(rejected.failed);
  report.slices = std::move(rejected.slices);
  report.incident = rejected.incident;
  is_collecting_ = was_collecting;
  End(report);
  return green ? Event::kGreen : Event::kRed;
}

Result<void> UnitRun::Publish(const std::vector<Piece>& pieces, Attempt& attempt) {
  const World& world = context_.world;
  std::vector<lake::PublishItem> items;
  for (const Piece& piece : pieces) {
    Step(piece, "publishing");
    items.push_back({piece.dataset->name, attempt.branch});
  }
  std::vector<TaskReport> told;
  std::vector<int64_t> resolved;
  for (int tries = 1;; ++tries) {
    lake::Publication publication = TRY(lake::PreparePublish(world.db, world.lake, items));
    std::map<std::string, iceberg::TableMetadata> moved;
    for (const lake::PreparedTable& t : publication.tables) {
      if (t.replayed) moved[lake::Address(t.table)] = t.staged.metadata;
    }
    if (!moved.empty()) {
      // main is not what the checks have seen.
      TRY(CheckPieces(pieces, attempt, moved));
      if (attempt.is_red()) return RejectRed(pieces, attempt);
    }
    told.clear();
    resolved.clear();
    const Timestamp now = world.clock.Now();
    auto done = world.db.Write([&](store::Transaction& tx) -> Result<void> {
      TRY(context_.lease.Confirm(tx));
      auto versions = TRY(lake::CommitPublish(
          tx, world.lake, publication,
          {.run_id = context_.run_id, .release_id = world.release_id}));
      for (size_t i = 0; i < pieces.size(); ++i) {
        const Piece& piece = pieces[i];
        const std::string& address = piece.dataset->address;
        const lake::Published& version = versions[i];
        const lake::LoadResult& load = attempt.loads.at(address);
        const LoadOutcome& outcome = attempt.outcomes.at(address);
        TaskReport report = ReportOf(address);
        report.outcome = publication.tables[i].unchanged ? Outcome::kUnchanged : Outcome::kPublished;
        report.message.clear();
        report.why = piece.need.why;
        report.version = version.version;
        report.rows_delivered = outcome.delta->rows_delivered;
        report.rows_added = outcome.delta->rows_inserted + outcome.delta->rows_updated;
        report.rows_removed = std::max<int64_t>(
            0, outcome.delta->rows_removed - outcome.delta->rows_updated);
        report.rows_total = load.rows_total;
        const std::vector<Verdict>& verdicts = attempt.verdicts[address];
        report.checks = static_cast<int>(verdicts.size());
        for (const Verdict& v : verdicts) {
          if (!v.result.success()) report.failed.push_back(ToFailedCheck(address, v));
        }
        for (const DeliveryOutcome& d : outcome.deliveries) {
          for (const contract::Break& b : d.breaks) report.breaks.push_back(b.sentence);
        }
        std::vector<std::string> keys;
        Json paths = Json::List();
        for (ingest::Delivery delivery : piece.deliveries) {
          for (const DeliveryOutcome& d : outcome.deliveries) {
            if (d.id == delivery.id && d.rows >= 0) delivery.rows = d.rows;
          }
          delivery.state = ingest::DeliveryState::kLoaded;
          delivery.reason.clear();
          delivery.run_id = context_.run_id;
          delivery.version = version.version;
          TRY(ingest::SaveDelivery(tx, delivery, now));
          report.deliveries.push_back(delivery.path);
          paths.Push(delivery.path);
          keys.push_back(delivery.path);
          if (!delivery.period.empty()) keys.push_back(delivery.period);
        }
        if (!piece.dataset->source.empty()) {
          TRY(WriteCursor(tx, address, version.snapshot_id, context_.run_id, now));
        }
        Json about = Json::Object({{"basis", pipeline::ToJson(piece.basis)},
                                   {"rows", report.rows_total}});
        if (attempt.newest.count(address)) about.Set("newest", attempt.newest[address]);
        TRY(DescribeVersion(tx, piece.dataset->name, version.version, about));
        TRY(WriteResults(tx, address, verdicts, context_.run_id, version.snapshot_id,
                         version.version, now));
        TRY(WriteFailedFacts(tx, context_, address, verdicts, now));
        TRY(store::Append(
            tx, {.time = now, .actor = context_.actor(), .kind = store::fact::kPublished,
                 .address = address, .run_id = context_.run_id, .release_id = world.release_id,
                 .body = Json::Object({{"version", version.version},
                                       {"snapshot_id", version.snapshot_id},
                                       {"before", version.previous_version
                                                      ? Json(*version.previous_version) : Json()},
                                       {"rows", report.rows_total},
                                       {"rows_added", report.rows_added},
                                       {"rows_removed", report.rows_removed},
                                       {"deliveries", std::move(paths)}})}));
        TRY(SettleRed(tx, address));
        auto released = TRY(ReleaseHolds(tx, address, {"upstream"}, now));
        if (released > 0) {
          TRY(store::Append(tx, {.time = now, .actor = context_.actor(),
                                 .kind = store::fact::kResumed, .address = address,
                                 .run_id = context_.run_id, .release_id = world.release_id}));
        }
        incident::Published published{.dataset = address, .version = version.version,
                                      .run_id = context_.run_id};
        if (!piece.dataset->source.empty()) published.delivery_keys = keys;
        auto ended = TRY(incident::RecordPublished(tx, context_.incident_context(), published, now));
        resolved.insert(resolved.end(), ended.begin(), ended.end());
        TRY(EndTask(tx, context_, piece.dataset->name, attempt_, ToString(report.outcome), now,
                    TaskBody(report)));
        told.push_back(std::move(report));
      }
      return {};
    });
    if (done.ok()) {
      lake::FinishPublish(world.lake, publication);
      break;
    }
    if (done.error().kind != ErrorKind::kConflict || tries == lake::kPublishAttemptsMax) {
      return std::move(done).error();
    }
  }
  resolved_.insert(resolved_.end(), resolved.begin(), resolved.end());
  for (TaskReport& report : told) {
    TaskReport& to = ReportOf(report.dataset);
    to = std::move(report);
    End(to);
  }
  return {};
}

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
    auto is_new = TRY(AddHold(tx, {.dataset = address, .kind = "upstream", .since = now,
                                   .actor = context_.actor(),
                                   .reason = Join(names, ", ") + (names.size() > 1 ? " are red" : " is red"),
                                   .incident = incident},
                              context_.run_id));
    if (!is_new) continue;
    TRY(store::Append(tx, {.time = now, .actor = context_.actor(), .kind = store::fact::kHeld,
                           .address = address, .run_id = context_.run_id,
                           .release_id = context_.world.release_id,
                           .body = Json::Object({{"because", Strings(red)},
                                                 {"incident", incident}})}));
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
        auto outcome = std::find_if(found->second.deliveries.begin(),
                                    found->second.deliveries.end(),
                                    [&](const DeliveryOutcome& d) { return d.id == delivery.id; });
        if (outcome == found->second.deliveries.end() || outcome->is_good()) {
          rest.push_back(std::move(delivery));
          continue;
        }
        has_bad = true;
        const bool is_unreadable = outcome->unreadable.has_value();
        incident::Failure failure{
            .kind = is_unreadable ? incident::FailureKind::kUnreadable
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
        delivery.state = is_unreadable ? ingest::DeliveryState::kUnreadable
                                       : ingest::DeliveryState::kRejected;
        delivery.run_id = context_.run_id;
        TRY(ingest::SaveDelivery(tx, delivery, now));
        TRY(store::Append(
            tx, {.time = now, .actor = context_.actor(),
                 .kind = is_unreadable ? store::fact::kDeliveryRejected
                                       : store::fact::kContractBroken,
                 .address = piece.dataset->address, .run_id = context_.run_id,
                 .release_id = context_.world.release_id,
                 .body = Json::Object({{"delivery_id", delivery.id}, {"path", delivery.path},
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
                         .run_id = context_.run_id, .at = now, .basis = piece.basis,
                         .message = delivery.reason, .incident = number}));
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
    TRY(lake::DropBranch(context_.world.db, context_.world.lake,
                         context_.world.project.FindDataset(address)->name, attempt.branch));
  }
  opened_.insert(opened_.end(), opened.begin(), opened.end());
  for (TaskReport& report : told) {
    TaskReport& to = ReportOf(report.dataset);
    to = std::move(report);
    auto piece = std::find_if(pieces.begin(), pieces.end(), [&](const Piece& p) {
      return p.dataset->address == to.dataset;
    });
    if (piece->deliveries.empty() || unit_.datasets.size() > 1) End(to);
  }
  return {};
}

// Checks failed: main stays, the branch is kept for a person who may accept it.
Result<void> UnitRun::RejectRed(const std::vector<Piece>& pieces, const Attempt& attempt) {
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
  std::vector<TaskReport> told;
  int64_t number = 0;
  TRY(world.db.Write([&](store::Transaction& tx) -> Result<void> {
    TRY(context_.lease.Confirm(tx));
    told.clear();
    for (const Piece& piece : pieces) {
      const std::string& address = piece.dataset->address;
      auto verdicts = attempt.verdicts.find(address);
      if (verdicts == attempt.verdicts.end()) continue;
      const int64_t snapshot = attempt.loads.at(address).snapshot_id;
      TRY(WriteResults(tx, address, verdicts->second, context_.run_id, snapshot, 0, now));
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
        TRY(store::Append(tx, {.time = now, .actor = context_.actor(),
                               .kind = store::fact::kDeliveryRejected, .address = address,
                               .run_id = context_.run_id, .release_id = world.release_id,
                               .body = Json::Object({{"delivery_id", delivery.id},
                                                     {"path", delivery.path},
                                                     {"period", delivery.period},
                                                     {"kind", "checks"},
                                                     {"reason", delivery.reason}})}));
      }
    }
    number = TRY(incident::RecordFailure(tx, context_.incident_context(), failure, now));
    TRY(KeepBranch(tx, {.incident = number, .branch = attempt.branch, .unit = AddressesOf(pieces),
                        .deliveries = delivery_ids, .bases = BasesOf(pieces)},
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
        TRY(SaveRed(tx, {.dataset = address, .kind = "checks", .run_id = context_.run_id,
                         .at = now, .basis = piece.basis, .message = report.message,
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
  opened_.push_back(number);
  for (TaskReport& report : told) {
    TaskReport& to = ReportOf(report.dataset);
    to = std::move(report);
    End(to);
  }
  return {};
}

Result<void> UnitRun::RecordFailedForGood() {
  const World& world = context_.world;
  const Timestamp now = world.clock.Now();
  const bool is_cancelled = context_.options.stop.stop_requested();
  return world.db.Write([&](store::Transaction& tx) -> Result<void> {
    std::vector<std::string> failed;
    for (TaskReport& report : reports_) {
      if (report.outcome != Outcome::kFailed && report.outcome != Outcome::kCancelled) continue;
      if (is_recorded_) {
        TRY(EndTask(tx, context_, report.name, attempt_, ToString(report.outcome), now,
                    TaskBody(report)));
      } else {
        TRY(tx.Execute("INSERT INTO run_tasks (run_id, task, attempt, dataset, state, started_at, "
                       "ended_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                       {context_.run_id, report.name, attempt_, report.dataset,
                        ToString(report.outcome), started_, now, TaskBody(report)}));
      }
      if (is_cancelled) continue;
      failed.push_back(report.dataset);
      TRY(store::Append(tx, {.time = now, .actor = context_.actor(),
                             .kind = store::fact::kTaskFailed, .address = report.dataset,
                             .run_id = context_.run_id, .release_id = world.release_id,
                             .body = Json::Object({{"attempt", attempt_},
                                                   {"message", report.message}})}));
    }
    if (failed.empty()) return {};
    incident::Failure failure{.kind = incident::FailureKind::kTask,
                              .datasets = failed,
                              .unit = unit_.datasets,
                              .run_id = context_.run_id,
                              .task_end = worker_end_.says,
                              .was_killed = worker_end_.was_killed,
                              .andon_version = world.andon_version};
    for (const TaskReport& report : reports_) {
      if (report.outcome == Outcome::kFailed) failure.message = report.message;
    }
    auto number = TRY(incident::RecordFailure(tx, context_.incident_context(), failure, now));
    TRY(HoldDownstream(tx, failed, number, now));
    for (TaskReport& report : reports_) report.incident = number;
    opened_.push_back(number);
    return {};
  });
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
    report.message = fmt::format("{} {} {}", Join(names, ", "), names.size() > 1 ? "are" : "is", says);
    context_.Tell({.kind = Progress::kEnded, .dataset = report.dataset, .report = &report});
  }
  return context_.world.db.Write([&](store::Transaction& tx) -> Result<void> {
    for (const TaskReport& report : reports_) {
      TRY(tx.Execute("INSERT INTO run_tasks (run_id, task, attempt, dataset, state, started_at, "
                     "ended_at, body) VALUES (?, ?, 0, ?, 'held', ?, ?, ?)",
                     {context_.run_id, report.name, report.dataset, now, now, TaskBody(report)}));
    }
    return {};
  });
}

}  // namespace andon::line
