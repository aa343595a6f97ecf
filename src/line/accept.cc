#include "line/accept.h"

#include "definition/quarantine.h"
#include "ingest/deliveries.h"
#include "lake/publish.h"
#include "line/quarantine.h"
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

constexpr char kCure[] = "Load them anew first: \"andon delivery retry\", \"andon run\"";

Result<KeptBranch> FindBranch(store::Transaction& tx, int64_t incident) {
  TRY(incident::Load(tx, incident));
  auto kept = TRY(FindKeptBranch(tx, incident));
  if (!kept) {
    return Error::Invalid(
        "Incident {} has nothing that could be published: nothing was loaded, or it "
        "was published or superseded since",
        incident);
  }
  for (int64_t id : kept->on_top_of) {
    auto other = ingest::FindDelivery(tx, std::to_string(id));
    if (!other.ok() || other->state != ingest::DeliveryState::kLoaded) continue;
    return Error::Conflict(
        "The red data were loaded together with {}, which was published without them since. {}",
        other->path, kCure);
  }
  return *std::move(kept);
}

// One acceptance; its transaction may be tried several times.
class Acceptance {
 public:
  Acceptance(const World& world, const store::Lease& lease, const incident::Context& context,
             const Sight& sight, KeptBranch kept)
      : world_(world), lease_(lease), context_(context), sight_(sight), kept_(std::move(kept)) {}

  Result<AcceptReport> Publish(const std::string& reason, std::optional<Timestamp> until) {
    TRY(FindItems());
    for (int tries = 1;; ++tries) {
      auto prepared = lake::PreparePublish(world_.db, world_.lake, items_);
      if (!prepared.ok()) return Explained(std::move(prepared).error());
      AcceptReport report{.incident = kept_.incident};
      auto done = world_.db.Write([&](store::Transaction& tx) {
        report.published.clear();
        return Record(tx, *prepared, reason, until, report);
      });
      if (done.ok()) {
        lake::FinishPublish(world_.lake, *prepared);
        return report;
      }
      if (done.error().kind != ErrorKind::kConflict) return std::move(done).error();
      // Another writer was faster.
      lake::AbandonPublish(world_.lake, *prepared);
      if (tries == lake::kPublishAttemptsMax) return std::move(done).error();
    }
  }

 private:
  Result<void> FindItems() {
    for (const std::string& address : kept_.unit) {
      const definition::Dataset* dataset = world_.project.FindDataset(address);
      if (!dataset) return Error::Invalid("{} is no more part of the project", address);
      items_.push_back({dataset->name, kept_.branch});
    }
    // What the try took aside of them, behind the datasets, whose versions are found by place.
    for (const std::string& address : kept_.unit) {
      const std::string& name = world_.project.FindDataset(address)->name;
      auto beside = TRY(OpenQuarantine(world_, name));
      if (beside && beside->metadata.refs.contains(kept_.branch)) {
        side_[address] = items_.size();
        items_.push_back({definition::QuarantineTable(name), kept_.branch});
      } else {
        beside_[address] = SnapshotBeside(beside);
      }
    }
    return {};
  }

  static Error Explained(Error error) {
    if (error.kind != ErrorKind::kConflict) return error;
    return Error::Conflict(
        "The red data were loaded onto an older version, which is main no more: {}. {}",
        error.message, kCure);
  }

  Result<void> Record(store::Transaction& tx, const lake::Publication& publication,
                      const std::string& reason, std::optional<Timestamp> until,
                      AcceptReport& report) {
    const Timestamp now = world_.clock.Now();
    TRY(lease_.Confirm(tx));
    auto versions =
        TRY(lake::CommitPublish(tx, world_.lake, publication, {.release_id = world_.release_id}));
    TRY(incident::Accept(tx, context_, kept_.incident, reason, until, now));
    TRY(SaveDeliveries(tx, versions, now));
    Json accepted =
        Json::Object({{"by", world_.actor}, {"reason", reason}, {"incident", kept_.incident}});
    if (until) accepted.Set("until", ToRfc3339(*until));
    for (const auto& [address, place] : side_) beside_[address] = versions[place].snapshot_id;
    for (size_t i = 0; i < kept_.unit.size(); ++i) {
      const int64_t rows = publication.tables[i].rows_total;
      TRY(RecordTable(tx, kept_.unit[i], versions[i], rows, accepted, now));
      report.published.push_back({items_[i].table, versions[i].version, rows});
    }
    return ForgetBranch(tx, kept_.incident);
  }

  Result<void> SaveDeliveries(store::Transaction& tx, const std::vector<lake::Published>& versions,
                              Timestamp now) {
    for (int64_t id : kept_.deliveries) {
      auto delivery = TRY(ingest::FindDelivery(tx, std::to_string(id)));
      delivery.state = ingest::DeliveryState::kLoaded;
      for (size_t i = 0; i < kept_.unit.size(); ++i) {
        if (kept_.unit[i] == delivery.dataset) delivery.version = versions[i].version;
      }
      TRY(ingest::SaveDelivery(tx, delivery, now));
    }
    return {};
  }

  Result<void> RecordTable(store::Transaction& tx, const std::string& address,
                           const lake::Published& version, int64_t rows, const Json& accepted,
                           Timestamp now) {
    Json about = Json::Object(
        {{"rows", rows}, {"accepted", accepted}, {kQuarantineSnapshot, beside_[address]}});
    if (kept_.bases.count(address)) about.Set("basis", kept_.bases.at(address));
    TRY(DescribeVersion(tx, version.table, version.version, about));
    TRY(WriteCursor(tx, address, version.snapshot_id, "", now));
    TRY(SettleRed(tx, address));
    TRY(ReleaseHolds(tx, address, {"upstream"}, now));
    TRY(AppendFact(tx, world_, store::fact::kPublished, address, now,
                   Json::Object({{"version", version.version},
                                 {"snapshot_id", version.snapshot_id},
                                 {"rows", rows},
                                 {"accepted", accepted}})));
    for (const std::string& downstream : sight_.line.DownstreamOf(address)) {
      auto released = TRY(ReleaseHolds(tx, downstream, {"upstream"}, now));
      if (released == 0) continue;
      TRY(AppendFact(tx, world_, store::fact::kResumed, downstream, now,
                     Json::Object({{"incident", kept_.incident}})));
    }
    return {};
  }

  const World& world_;
  const store::Lease& lease_;
  const incident::Context& context_;
  const Sight& sight_;
  const KeptBranch kept_;
  std::vector<lake::PublishItem> items_;
  // By address: the place among the items of the table beside, where the branch has rows for it,
  // and the snapshot that stands there with the publish.
  std::map<std::string, size_t> side_;
  std::map<std::string, Json> beside_;
};

}  // namespace

Result<AcceptReport> AcceptIncident(const World& world, int64_t incident, const std::string& reason,
                                    std::optional<Timestamp> until, Duration lock_timeout) {
  auto lease = TRY(store::Lease::Acquire(world.db, world.clock, kRunLease,
                                         store::ThisProcess("andon incident accept"),
                                         {.wait = lock_timeout}));
  auto sight = TRY(Look(world.db, world.project));
  incident::Context context{world.project, sight.graph, world.release_id, world.actor};
  auto kept = TRY(world.db.Read([&](store::Transaction& tx) { return FindBranch(tx, incident); }));
  return Acceptance(world, *lease, context, sight, std::move(kept)).Publish(reason, until);
}

}  // namespace andon::line
