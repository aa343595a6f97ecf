#include "line/accept.h"

#include "ingest/deliveries.h"
#include "lake/publish.h"
#include "line/sight.h"
#include "line/state.h"
#include "line/version_record.h"
#include "store/journal.h"
#include "store/lease.h"

namespace andon::line {
namespace {

Result<void> AppendFact(store::Transaction& tx, const World& world, const char* kind,
                        const std::string& address, Timestamp now, Json body) {
  TRY(store::Append(tx, {.time = now,
                         .actor = world.actor,
                         .kind = kind,
                         .address = address,
                         .release_id = world.release_id,
                         .body = std::move(body)}));
  return {};
}

}  // namespace

Result<AcceptReport> AcceptIncident(const World& world, int64_t incident, const std::string& reason,
                                    std::optional<Timestamp> until, Duration lock_timeout) {
  auto lease = TRY(store::Lease::Acquire(world.db, world.clock, kRunLease,
                                         store::ThisProcess("andon incident accept"),
                                         {.wait = lock_timeout}));
  auto sight = TRY(Look(world.db, world.project));
  incident::Context context{world.project, sight.graph, world.release_id, world.actor};
  auto kept = TRY(world.db.Read([&](store::Transaction& tx) -> Result<std::optional<KeptBranch>> {
    TRY(incident::Load(tx, incident));
    return FindKeptBranch(tx, incident);
  }));
  if (!kept) {
    return Error::Invalid(
        "Incident {} has nothing that could be published: nothing was loaded, or it "
        "was published or superseded since",
        incident);
  }
  std::vector<lake::PublishItem> items;
  for (const std::string& address : kept->unit) {
    const definition::Dataset* dataset = world.project.FindDataset(address);
    if (!dataset) return Error::Invalid("{} is no more part of the project", address);
    items.push_back({dataset->name, kept->branch});
  }
  auto prepared = lake::PreparePublish(world.db, world.lake, items);
  if (!prepared.ok()) {
    if (prepared.error().kind != ErrorKind::kConflict) return std::move(prepared).error();
    return Error::Conflict(
        "The red data were loaded onto an older version, which is main no more: {}. "
        "Load them anew first: \"andon delivery retry\", \"andon run\"",
        prepared.error().message);
  }
  AcceptReport report{.incident = incident};
  const Timestamp now = world.clock.Now();
  TRY(world.db.Write([&](store::Transaction& tx) -> Result<void> {
    TRY(lease->Confirm(tx));
    report.published.clear();
    auto versions =
        TRY(lake::CommitPublish(tx, world.lake, *prepared, {.release_id = world.release_id}));
    TRY(incident::Accept(tx, context, incident, reason, until, now));
    for (int64_t id : kept->deliveries) {
      auto delivery = TRY(ingest::FindDelivery(tx, std::to_string(id)));
      delivery.state = ingest::DeliveryState::kLoaded;
      for (size_t i = 0; i < kept->unit.size(); ++i) {
        if (kept->unit[i] == delivery.dataset) delivery.version = versions[i].version;
      }
      TRY(ingest::SaveDelivery(tx, delivery, now));
    }
    for (size_t i = 0; i < kept->unit.size(); ++i) {
      const std::string& address = kept->unit[i];
      const int64_t rows = prepared->tables[i].rows_total;
      Json accepted =
          Json::Object({{"by", world.actor}, {"reason", reason}, {"incident", incident}});
      if (until) accepted.Set("until", ToRfc3339(*until));
      Json about = Json::Object({{"rows", rows}, {"accepted", accepted}});
      if (kept->bases.count(address)) about.Set("basis", kept->bases.at(address));
      TRY(DescribeVersion(tx, items[i].table, versions[i].version, about));
      TRY(WriteCursor(tx, address, versions[i].snapshot_id, "", now));
      TRY(SettleRed(tx, address));
      TRY(ReleaseHolds(tx, address, {"upstream"}, now));
      TRY(AppendFact(tx, world, store::fact::kPublished, address, now,
                     Json::Object({{"version", versions[i].version},
                                   {"snapshot_id", versions[i].snapshot_id},
                                   {"rows", rows},
                                   {"accepted", std::move(accepted)}})));
      for (const std::string& downstream : sight.line.DownstreamOf(address)) {
        auto released = TRY(ReleaseHolds(tx, downstream, {"upstream"}, now));
        if (released == 0) continue;
        TRY(AppendFact(tx, world, store::fact::kResumed, downstream, now,
                       Json::Object({{"incident", incident}})));
      }
      report.published.push_back({items[i].table, versions[i].version, rows});
    }
    return ForgetBranch(tx, incident);
  }));
  lake::FinishPublish(world.lake, *prepared);
  return report;
}

}  // namespace andon::line
