#include "line/intervene.h"

#include <algorithm>

#include "base/text.h"
#include "definition/quarantine.h"
#include "lake/load.h"
#include "line/quarantine.h"
#include "line/sight.h"
#include "line/state.h"
#include "line/version_record.h"
#include "store/journal.h"
#include "store/lease.h"

namespace andon::line {
namespace {

constexpr char kManual[] = "manual";
constexpr char kRollback[] = "rollback";

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

Result<std::unique_ptr<store::Lease>> TakeLease(const World& world, std::string_view command,
                                                Duration wait) {
  return store::Lease::Acquire(world.db, world.clock, kRunLease,
                               store::ThisProcess(std::string(command)), {.wait = wait});
}

}  // namespace

Result<const definition::Dataset*> FindDataset(const definition::Project& project,
                                               std::string_view name) {
  if (const definition::Dataset* found = project.FindDataset(name)) return found;
  std::vector<std::string> names;
  for (const definition::Dataset& d : project.datasets) names.push_back(d.name);
  std::string meant = DidYouMean(name, names);
  return Error::NotFound(
      "There is no dataset \"{}\"{}", name,
      meant.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", meant));
}

Result<definition::Dataset> FindReadable(const definition::Project& project,
                                         std::string_view name) {
  if (name.ends_with(definition::kQuarantineSuffix) && !project.FindDataset(name)) {
    name.remove_suffix(definition::kQuarantineSuffix.size());
    const definition::Dataset* dataset = TRY(FindDataset(project, name));
    return definition::QuarantineOf(*dataset);
  }
  const definition::Dataset* dataset = TRY(FindDataset(project, name));
  return *dataset;
}

Result<void> HoldDataset(const World& world, std::string_view name, const std::string& reason) {
  const definition::Dataset* dataset = TRY(FindDataset(world.project, name));
  const Timestamp now = world.clock.Now();
  return world.db.Write([&](store::Transaction& tx) -> Result<void> {
    auto is_new = TRY(AddHold(tx,
                              {.dataset = dataset->address,
                               .kind = kManual,
                               .since = now,
                               .actor = world.actor,
                               .reason = reason},
                              ""));
    if (!is_new) {
      return Error::Conflict("{} is held already; \"andon resume {}\" ends that", dataset->name,
                             dataset->name);
    }
    return AppendFact(tx, world, store::fact::kHeld, dataset->address, now,
                      Json::Object({{"by", "person"}, {"reason", reason}}));
  });
}

Result<void> ResumeDataset(const World& world, std::string_view name) {
  const definition::Dataset* dataset = TRY(FindDataset(world.project, name));
  const Timestamp now = world.clock.Now();
  return world.db.Write([&](store::Transaction& tx) -> Result<void> {
    auto released = TRY(ReleaseHolds(tx, dataset->address, {kManual, kRollback}, now));
    if (released == 0) {
      auto holds = TRY(ActiveHolds(tx, dataset->address));
      if (!holds.empty()) {
        return Error::Invalid("{} is held because {}; it goes on by itself when that is green",
                              dataset->name, holds[0].reason);
      }
      return Error::Invalid("{} is not held", dataset->name);
    }
    return AppendFact(tx, world, store::fact::kResumed, dataset->address, now, Json::Object());
  });
}

Result<RollbackReport> RollBack(const World& world, std::string_view table,
                                const lake::Reference& to, const std::string& reason,
                                Duration lock_timeout) {
  const definition::Dataset* dataset = TRY(FindDataset(world.project, table));
  auto lease = TRY(TakeLease(world, "andon data rollback", lock_timeout));
  auto sight = TRY(Look(world.db, world.project));
  RollbackReport report{.dataset = dataset->address};
  auto rollback = TRY(lake::PrepareRollback(world.db, world.lake, dataset->name, to));
  auto beside = PrepareQuarantineRollback(world, dataset->name, rollback);
  if (!beside.ok()) {
    lake::Discard(world.lake, rollback.staged);
    return std::move(beside).error().In("what was quarantined by then");
  }
  if (*beside)
    report.quarantined = {lake::RowsTotal((*beside)->before.metadata),
                          lake::RowsTotal((*beside)->staged.metadata)};
  const Timestamp now = world.clock.Now();
  auto committed = world.db.Write([&](store::Transaction& tx) -> Result<void> {
    TRY(lease->Confirm(tx));
    auto done = TRY(lake::CommitRollback(tx, world.lake, rollback));
    if (*beside) TRY(lake::CommitRollback(tx, world.lake, **beside));
    report.from_version = done.from_version;
    report.to_version = done.to_version;
    report.deliveries_again = TRY(RestoreCursor(tx, dataset->address, done.to_snapshot_id, now));
    std::string why = fmt::format("rolled back to {}", lake::ToString(to));
    if (!reason.empty()) why += ": " + reason;
    TRY(AddHold(tx,
                {.dataset = dataset->address,
                 .kind = kRollback,
                 .since = now,
                 .actor = world.actor,
                 .reason = why},
                ""));
    auto version = [](const std::optional<int64_t>& v) { return v ? Json(*v) : Json(); };
    Json body = Json::Object({{"before", version(done.from_version)},
                              {"after", version(done.to_version)},
                              {"snapshot_id", done.to_snapshot_id},
                              {"deliveries_again", report.deliveries_again},
                              {"reason", reason}});
    if (report.quarantined) {
      body.Set("quarantined", Json::Object({{"before", report.quarantined->first},
                                            {"after", report.quarantined->second}}));
    }
    TRY(AppendFact(tx, world, store::fact::kRolledBack, dataset->address, now, std::move(body)));
    return AppendFact(tx, world, store::fact::kHeld, dataset->address, now,
                      Json::Object({{"by", "rollback"}, {"reason", why}}));
  });
  if (!committed.ok()) {
    if (committed.error().kind == ErrorKind::kConflict) {
      lake::Discard(world.lake, rollback.staged);
      if (*beside) lake::Discard(world.lake, (*beside)->staged);
    }
    return std::move(committed).error();
  }
  lake::RemoveObsolete(world.lake, rollback.staged);
  if (*beside) lake::RemoveObsolete(world.lake, (*beside)->staged);
  for (const std::string& address : sight.line.DownstreamOf(dataset->address)) {
    report.downstream.push_back(world.project.FindDataset(address)->name);
  }
  return report;
}

namespace {

// After a person took a rejected delivery away or back: the dataset is red no more unless another
// of its deliveries is.
Result<void> ForgetRedOf(store::Transaction& tx, const ingest::Delivery& delivery) {
  auto rejected = TRY(ingest::ListDeliveries(tx, delivery.dataset));
  for (const ingest::Delivery& other : rejected) {
    const bool stands = other.state == ingest::DeliveryState::kRejected ||
                        other.state == ingest::DeliveryState::kUnreadable;
    if (stands && !other.by_person && other.id != delivery.id) return {};
  }
  return ForgetRed(tx, delivery.dataset);
}

}  // namespace

Result<ingest::Delivery> RejectDelivery(const World& world, std::string_view wanted,
                                        const std::string& reason) {
  auto sight = TRY(Look(world.db, world.project));
  incident::Context context{world.project, sight.graph, world.release_id, world.actor};
  const Timestamp now = world.clock.Now();
  return world.db.Write([&](store::Transaction& tx) -> Result<ingest::Delivery> {
    auto delivery = TRY(ingest::FindDelivery(tx, wanted));
    if (delivery.state == ingest::DeliveryState::kLoaded) {
      return Error::Invalid(
          "Delivery {} ({}) is loaded already, in @{}; \"andon data rollback\" goes "
          "back behind it",
          delivery.id, delivery.path, delivery.version);
    }
    if (delivery.state == ingest::DeliveryState::kSuperseded) {
      return Error::Invalid("Delivery {} ({}) counts no more: a later one came", delivery.id,
                            delivery.path);
    }
    const std::string before(ingest::ToString(delivery.state));
    delivery.state = ingest::DeliveryState::kRejected;
    delivery.reason = reason.empty() ? fmt::format("rejected by {}", world.actor) : reason;
    delivery.by_person = true;
    TRY(ingest::SaveDelivery(tx, delivery, now));
    TRY(AppendFact(tx, world, store::fact::kDeliveryRejected, delivery.dataset, now,
                   Json::Object({{"delivery_id", delivery.id},
                                 {"path", delivery.path},
                                 {"before", before},
                                 {"kind", "person"},
                                 {"reason", delivery.reason}})));
    TRY(ForgetRedOf(tx, delivery));
    TRY(incident::RecordWithdrawn(tx, context, delivery.dataset, delivery.period,
                                  fmt::format("{} was rejected by {}", delivery.path, world.actor),
                                  now));
    return delivery;
  });
}

Result<ingest::Delivery> RetryDelivery(const World& world, std::string_view wanted) {
  const Timestamp now = world.clock.Now();
  return world.db.Write([&](store::Transaction& tx) -> Result<ingest::Delivery> {
    auto delivery = TRY(ingest::FindDelivery(tx, wanted));
    if (delivery.state == ingest::DeliveryState::kLoaded) {
      return Error::Invalid("Delivery {} ({}) is loaded already, in @{}", delivery.id,
                            delivery.path, delivery.version);
    }
    if (delivery.state == ingest::DeliveryState::kSuperseded) {
      return Error::Invalid("Delivery {} ({}) counts no more: {}", delivery.id, delivery.path,
                            delivery.superseded_by
                                ? fmt::format("delivery {} came instead", delivery.superseded_by)
                                : delivery.reason);
    }
    if (delivery.state == ingest::DeliveryState::kNew) return delivery;
    const std::string before(ingest::ToString(delivery.state));
    delivery.state = ingest::DeliveryState::kNew;
    delivery.reason.clear();
    delivery.by_person = false;
    TRY(ingest::SaveDelivery(tx, delivery, now));
    TRY(AppendFact(
        tx, world, store::fact::kDeliveryRetried, delivery.dataset, now,
        Json::Object({{"delivery_id", delivery.id}, {"path", delivery.path}, {"before", before}})));
    return delivery;
  });
}

}  // namespace andon::line
