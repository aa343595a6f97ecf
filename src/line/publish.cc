// Green: tables, cursors, versions, facts, incidents and notifications in one transaction.
#include <algorithm>

#include "definition/quarantine.h"
#include "line/schema_fact.h"
#include "line/settle_records.h"
#include "line/unit_run.h"
#include "line/version_record.h"
#include "store/journal.h"

namespace andon::line {

Result<pipeline::Event::Kind> UnitRun::Publish(const std::vector<Piece>& pieces, Attempt& attempt) {
  const World& world = context_.world;
  std::vector<lake::PublishItem> items;
  for (const Piece& piece : pieces) {
    Step(piece, "publishing");
    items.push_back({piece.dataset->name, attempt.branch});
  }
  // Behind the datasets, whose versions are found by their place.
  std::map<std::string, Json> beside;  // By address, the snapshot that will stand there.
  for (const Piece& piece : pieces) {
    const std::string& address = piece.dataset->address;
    if (attempt.quarantined[address].is_loaded) {
      items.push_back({definition::QuarantineTable(piece.dataset->name), attempt.branch});
    } else {
      auto table = TRY(OpenQuarantine(world, piece.dataset->name));
      beside[address] = SnapshotBeside(table);
    }
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
      TellQuarantine(attempt);
      if (attempt.is_red()) {
        lake::AbandonPublish(world.lake, publication);
        TRY(RejectRed(pieces, attempt));
        return pipeline::Event::kRed;
      }
    }
    told.clear();
    resolved.clear();
    const Timestamp now = world.clock.Now();
    auto done = world.db.Write([&](store::Transaction& tx) -> Result<void> {
      TRY(context_.lease.Confirm(tx));
      auto versions =
          TRY(lake::CommitPublish(tx, world.lake, publication,
                                  {.run_id = context_.run_id, .release_id = world.release_id}));
      for (size_t i = 0, side = pieces.size(); i < pieces.size(); ++i) {
        const std::string& address = pieces[i].dataset->address;
        if (attempt.quarantined[address].is_loaded) beside[address] = versions[side++].snapshot_id;
      }
      for (size_t i = 0; i < pieces.size(); ++i) {
        const Piece& piece = pieces[i];
        const std::string& address = piece.dataset->address;
        const lake::Published& version = versions[i];
        const LoadOutcome& outcome = attempt.outcomes.at(address);
        TaskReport report = ReportOf(address);
        report.outcome =
            publication.tables[i].unchanged ? Outcome::kUnchanged : Outcome::kPublished;
        report.message.clear();
        report.why = piece.need.why;
        report.version = version.version;
        const Quarantined& quarantined = attempt.quarantined[address];
        report.rows_delivered = outcome.delta->rows_delivered + quarantined.rows;
        report.rows_quarantined = quarantined.rows;
        report.rows_settled = quarantined.settled;
        report.rows_added = outcome.delta->rows_inserted + outcome.delta->rows_updated;
        report.rows_removed =
            std::max<int64_t>(0, outcome.delta->rows_removed - outcome.delta->rows_updated);
        report.rows_total = publication.tables[i].rows_total;
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
        Json about =
            Json::Object({{"basis", pipeline::ToJson(piece.basis)}, {"rows", report.rows_total}});
        about.Set("columns", ColumnsOf(*piece.dataset));
        about.Set(kQuarantineSnapshot, beside[address]);
        if (quarantined.rows > 0) about.Set("rows_quarantined", quarantined.rows);
        if (attempt.newest.count(address)) about.Set("newest", attempt.newest[address]);
        TRY(DescribeVersion(tx, piece.dataset->name, version.version, about));
        TRY(WriteValidation(tx, context_, piece, attempt, version.snapshot_id, version.version));
        TRY(WriteFailedFacts(tx, context_, address, verdicts, now));
        TRY(store::Append(
            tx,
            {.time = now,
             .actor = context_.actor(),
             .kind = store::fact::kPublished,
             .address = address,
             .run_id = context_.run_id,
             .release_id = world.release_id,
             .body = Json::Object(
                 {{"version", version.version},
                  {"snapshot_id", version.snapshot_id},
                  {"before", version.previous_version ? Json(*version.previous_version) : Json()},
                  {"rows", report.rows_total},
                  {"rows_added", outcome.delta->rows_inserted},
                  {"rows_changed", outcome.delta->rows_updated},
                  {"rows_removed", report.rows_removed},
                  {"rows_quarantined", report.rows_quarantined},
                  {"deliveries", std::move(paths)}})}));
        TRY(WriteSchemaFact(tx, *piece.dataset, version.previous_version,
                            {.time = now,
                             .actor = context_.actor(),
                             .run_id = context_.run_id,
                             .release_id = world.release_id}));
        TRY(SettleRed(tx, address));
        auto released = TRY(ReleaseHolds(tx, address, {"upstream"}, now));
        if (released > 0) {
          TRY(store::Append(tx, {.time = now,
                                 .actor = context_.actor(),
                                 .kind = store::fact::kResumed,
                                 .address = address,
                                 .run_id = context_.run_id,
                                 .release_id = world.release_id}));
        }
        incident::Published published{
            .dataset = address, .version = version.version, .run_id = context_.run_id};
        if (!piece.dataset->source.empty()) published.delivery_keys = keys;
        auto ended =
            TRY(incident::RecordPublished(tx, context_.incident_context(), published, now));
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
    if (done.error().kind != ErrorKind::kConflict) return std::move(done).error();
    lake::AbandonPublish(world.lake, publication);
    if (tries == lake::kPublishAttemptsMax) return std::move(done).error();
  }
  resolved_.insert(resolved_.end(), resolved.begin(), resolved.end());
  for (TaskReport& report : told) {
    TaskReport& to = ReportOf(report.dataset);
    to = std::move(report);
    End(to);
  }
  return pipeline::Event::kGreen;
}

}  // namespace andon::line
