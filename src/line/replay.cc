#include "line/replay.h"

#include <algorithm>
#include <cstdlib>

#include "ingest/csv.h"
#include "ingest/deliveries.h"
#include "io/path.h"
#include "lake/publish.h"
#include "line/external.h"
#include "line/work.h"
#include "line/worker_pool.h"
#include "sql/engine.h"

namespace andon::line {
namespace {

// Its bytes are those that arrived.
Result<bool> IsUntouched(const World& world, const ingest::Delivery& delivery) {
  const std::string path = io::Join(world.project_dir, delivery.path);
  auto now = world.files.Stat(path);
  if (!now.ok() || now->size != delivery.size) return false;
  if (now->mtime == delivery.mtime) return true;
  int64_t size = 0;
  std::string hash = TRY(ingest::HashFile(world.files, path, &size));
  return hash == delivery.hash;
}

// A check of the whole (a count, a mean) would be asked of what it was not made for.
bool IsOfDeliveries(const quality::CheckSpec& check) {
  if (quality::RunsOn(check, quality::Scope::kDelivery)) return true;
  return quality::HasBadRows(check) && quality::SqlOf(check).empty();
}

class DeliveryReplay {
 public:
  DeliveryReplay(const World& world, const Sight& sight, const definition::Dataset& dataset)
      : world_(world),
        dataset_(dataset),
        checked_with_(sight.line.checked_with.at(dataset.address)),
        pii_(validation::PiiColumnsOf(world.project, dataset, checked_with_)) {}

  Result<void> Run(const std::set<std::string>& only, Replay* replay) {
    for (quality::CheckSpec& check : ChecksOf(world_.project, dataset_)) {
      if (!IsOfDeliveries(check) || (!only.empty() && !only.contains(check.name))) continue;
      check.on_delivery = true;
      check.on_dataset = false;
      checks_.push_back(std::move(check));
    }
    for (ReplayedPart& part : replay->parts) {
      Result<void> judged = Judge(&part);
      if (!judged.ok() && judged.error().kind == ErrorKind::kInterrupted) return judged;
      // What cannot be read loses no other.
      if (!judged.ok()) Break(judged.error(), &part);
    }
    return {};
  }

 private:
  Result<void> Judge(ReplayedPart* part) {
    const definition::Source* source = world_.project.FindSource(dataset_.source);
    auto file = TRY(ingest::CsvFileOf(io::Join(world_.project_dir, part->name), part->name,
                                      source ? source->options : Json()));
    std::vector<definition::Column> columns = dataset_.columns;
    CheckTask task{.table = dataset_.name,
                   .key = dataset_.load.key,
                   .checks = checks_,
                   .only_deliveries = true,
                   .with_slices = false,
                   .now = ToRfc3339(part->time)};
    {
      auto engine = TRY(sql::Engine::Open({.threads = 1}));
      auto connection = TRY(engine.Connect());
      auto header = TRY(ingest::ReadHeader(connection, file));
      if (columns.empty()) columns = TRY(ingest::InferColumns(connection, file));
      task.relation = TRY(ingest::CsvRelation(file, header, columns));
    }
    for (const definition::Column& column : columns)
      task.columns.push_back({column.name, column.type});
    task.deliveries.push_back({part->number, task.relation});
    task.tables.push_back({dataset_.name, task.relation});
    TRY(AddLakeTables(world_, dataset_, checked_with_, &task));
    TRY(AddPlaces(world_, dataset_, checked_with_, &task));
    const Limits limits{.memory_bytes = DefaultMemory(),
                        .threads = DefaultThreads(),
                        .spill_dir = world_.project_dir + "/.andon/tmp/check"};
    CheckOutcome outcome = TRY(DoCheck(task, limits, [](const Json&) {}, {}));
    part->verdicts = Merge(checks_, outcome);
    Mask(pii_, &part->verdicts);
    return {};
  }

  void Break(const Error& error, ReplayedPart* part) const {
    for (const quality::CheckSpec& check : checks_) {
      Verdict verdict{.check = check, .result = {}, .scope = "delivery"};
      verdict.result.name = check.name;
      verdict.result.type = check.type;
      verdict.result.state = quality::CheckState::kError;
      verdict.result.message = error.message;
      part->verdicts.push_back(std::move(verdict));
    }
  }

  const World& world_;
  const definition::Dataset& dataset_;
  const std::vector<std::string>& checked_with_;
  const validation::PiiColumns pii_;
  std::vector<quality::CheckSpec> checks_;
};

// "2005-08-20/1" is no earlier than `since`, as exactly as the name says.
bool IsSince(const quality::BatchDefinition& definition, const std::string& batch,
             Timestamp since) {
  const bool is_time =
      !definition.parts.empty() && definition.parts[0].unit != quality::BatchUnit::kValue;
  if (!is_time) return true;
  const std::string period = batch.substr(0, batch.find('/'));
  const bool is_named = !period.empty() && period[0] >= '0' && period[0] <= '9';
  return is_named && period >= ToRfc3339(since).substr(0, period.size());
}

}  // namespace

Result<Replay> PlanReplay(const World& world, const definition::Dataset& dataset, Timestamp since) {
  Replay replay;
  if (dataset.is_external()) {
    return Error::Invalid("{} is external: Andon has no earlier versions of it to replay",
                          dataset.name);
  }
  auto table = lake::OpenTable(world.db, world.lake, dataset.name);
  if (!table.ok()) {
    if (table.error().kind == ErrorKind::kNotFound) return replay;
    return std::move(table).error();
  }
  auto versions = TRY(
      world.db.Read([&](store::Transaction& tx) { return lake::ListVersions(tx, dataset.name); }));
  for (const lake::Version& v : versions) {  // Newest first.
    if (v.published_at < since || v.state == "rolled_back") continue;
    const iceberg::Snapshot* snapshot = table->metadata.FindSnapshot(v.snapshot_id);
    if (!snapshot || replay.parts.size() == kReplayPartsMax) {
      ++replay.left_out;
      continue;
    }
    auto size = snapshot->summary.find("total-files-size");
    if (size != snapshot->summary.end()) replay.bytes += std::atoll(size->second.c_str());
    replay.parts.push_back({.name = fmt::format("@{}", v.version),
                            .number = v.version,
                            .time = v.published_at,
                            .verdicts = {}});
  }
  std::reverse(replay.parts.begin(), replay.parts.end());
  return replay;
}

Result<void> RunReplay(const World& world, const Sight& sight, const definition::Dataset& dataset,
                       const std::set<std::string>& only, Replay* replay) {
  for (ReplayedPart& version : replay->parts) {
    CheckNowOptions options{.at = lake::VersionReference{version.number}, .only = only};
    auto checked = TRY(CheckNow(world, sight, dataset, options));
    version.verdicts = std::move(checked.verdicts);
  }
  return {};
}

Result<Replay> PlanDeliveryReplay(const World& world, const definition::Dataset& dataset,
                                  Timestamp since) {
  Replay replay;
  auto deliveries = TRY(world.db.Read(
      [&](store::Transaction& tx) { return ingest::ListDeliveries(tx, dataset.address); }));
  std::sort(deliveries.begin(), deliveries.end(),
            [](const auto& a, const auto& b) { return a.id > b.id; });
  for (const ingest::Delivery& d : deliveries) {  // Newest first.
    if (d.arrived_at < since) continue;
    const bool is_there = TRY(IsUntouched(world, d));
    if (!is_there || replay.parts.size() == kReplayPartsMax) {
      ++replay.left_out;
      continue;
    }
    replay.bytes += d.size;
    replay.parts.push_back({.name = d.path, .number = d.id, .time = d.arrived_at, .verdicts = {}});
  }
  std::reverse(replay.parts.begin(), replay.parts.end());
  return replay;
}

Result<void> RunDeliveryReplay(const World& world, const Sight& sight,
                               const definition::Dataset& dataset,
                               const std::set<std::string>& only, Replay* replay) {
  return DeliveryReplay(world, sight, dataset).Run(only, replay);
}

Result<Replay> ReplayBatches(const World& world, const Sight& sight,
                             const definition::Dataset& dataset, const std::set<std::string>& only,
                             const quality::BatchDefinition& definition, Timestamp since) {
  CheckNowOptions options{.only = only, .batches = {.definition = definition, .all = true}};
  auto batches = TRY(CheckBatches(world, sight, dataset, options));
  Replay replay;
  for (CheckedDataset& checked : batches) {
    if (!checked.has_data || checked.batch.name.empty()) continue;
    if (!IsSince(definition, checked.batch.name, since)) {
      ++replay.left_out;
      continue;
    }
    replay.parts.push_back({.name = checked.batch.name,
                            .number = 0,
                            .time = {},
                            .verdicts = std::move(checked.verdicts)});
  }
  return replay;
}

}  // namespace andon::line
