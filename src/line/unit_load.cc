// The loads of a unit's try: each into the branch of its table.
#include "base/text.h"
#include "io/path.h"
#include "line/columns.h"
#include "line/unit_run.h"
#include "line/work.h"

namespace andon::line {

using pipeline::Work;

namespace {

lake::LoadMode ModeOf(definition::LoadMode mode) {
  switch (mode) {
    case definition::LoadMode::kAppend:
      return lake::LoadMode::kAppend;
    case definition::LoadMode::kMerge:
      return lake::LoadMode::kMerge;
    case definition::LoadMode::kReplace:
      return lake::LoadMode::kReplace;
    case definition::LoadMode::kReplaceInterval:
      return lake::LoadMode::kReplaceInterval;
  }
  return lake::LoadMode::kReplace;
}

// "latest by c" -> "c".
std::string LatestBy(const std::string& on_duplicate) {
  constexpr std::string_view kPrefix = "latest by ";
  return on_duplicate.substr(0, kPrefix.size()) == kPrefix
             ? std::string(Trim(std::string_view(on_duplicate).substr(kPrefix.size())))
             : "";
}

}  // namespace

Result<LoadTask> UnitRun::LoadTaskOf(const Piece& piece, const Attempt& attempt,
                                     const iceberg::Table& table) {
  const World& world = context_.world;
  const definition::Dataset& dataset = *piece.dataset;
  LoadTask task{.lake_root = world.lake.root,
                .project = world.lake.project,
                .table = dataset.name,
                .metadata_location = table.metadata_location,
                .branch = attempt.branch,
                .stage_dir = context_.stage_dir,
                .mode = ModeOf(dataset.load.mode),
                .key = dataset.load.key,
                .latest_by = LatestBy(dataset.load.on_duplicate),
                .by = dataset.load.by,
                .grain = dataset.load.grain,
                .columns = dataset.columns,
                .partition_by = dataset.partition_by,
                .summary = {{"andon.run-id", context_.run_id}},
                .declared = dataset,
                .sql = dataset.sql,
                .shape_only = piece.need.work == Work::kShape};
  for (const definition::Contract* contract :
       contract::ContractsOf(world.project, dataset.address)) {
    task.contracts.push_back(*contract);
  }
  if (context_.options.full_refresh && piece.need.work == Work::kLoad) {
    task.combine = task.mode != lake::LoadMode::kReplace;
    task.mode = lake::LoadMode::kReplace;
  }
  const definition::Source* source = world.project.FindSource(dataset.source);
  for (const ingest::Delivery& delivery : piece.deliveries) {
    auto file = TRY(ingest::CsvFileOf(io::Join(world.project_dir, delivery.path), delivery.path,
                                      source ? source->options : Json()));
    task.deliveries.push_back({delivery.id, std::move(file)});
  }
  if (!dataset.sql.empty()) {
    for (const std::string& input : context_.sight.line.reads.at(dataset.address)) {
      auto relation = TRY(RelationOf(input, attempt, {}));
      task.inputs.push_back({world.project.FindDataset(input)->name, std::move(relation)});
    }
    if (UsesInterval(dataset.sql)) {
      task.start = piece.interval.start;
      task.end = piece.interval.end;
    }
  }
  return task;
}

Result<void> UnitRun::LoadPiece(const Piece& piece, Attempt& attempt, const std::string& split) {
  const World& world = context_.world;
  const definition::Dataset& dataset = *piece.dataset;
  Step(piece, dataset.sql.empty() ? "loading" : "building");
  lake::TableDefinition table_definition{.key = {}};
  table_definition.columns = TRY(FieldsOf(dataset.columns));
  table_definition.partition_by = TRY(PartitionsOf(dataset.partition_by));
  iceberg::Table table =
      TRY(lake::OpenOrCreateTable(world.db, world.lake, dataset.name, table_definition));
  LoadTask task = TRY(LoadTaskOf(piece, attempt, table));
  task.split = split;
  if (split.empty()) {
    task.keeps_incoming = TRY(KeepsIncoming(piece));
    attempt.quarantined.erase(dataset.address);
  } else {
    task.columns = attempt.outcomes.at(dataset.address).columns;
  }
  LoadOutcome outcome =
      TRY(context_.pool.Load(task, context_.options.stop, RowsSink(dataset.address), &worker_end_));
  TRY(CheckUntouched(piece));
  if (!outcome.delta) {
    attempt.has_bad_delivery = true;
    attempt.outcomes[dataset.address] = std::move(outcome);
    return {};
  }
  lake::LoadRequest request{.mode = task.mode,
                            .branch = task.branch,
                            .from_main = true,
                            .key = task.key,
                            .latest_by = task.latest_by,
                            .by = task.by};
  request.columns = TRY(FieldsOf(outcome.columns));
  request.partition_by = TRY(PartitionsOf(task.partition_by));
  request.summary = task.summary;
  lake::LoadResult result =
      TRY(lake::CommitLoad(world.db, world.lake, dataset.name, request, *outcome.delta));
  attempt.loads.insert_or_assign(dataset.address, std::move(result));
  if (!split.empty()) {
    // What came is what came; only the rest of it is loaded.
    LoadOutcome& first = attempt.outcomes.at(dataset.address);
    for (DeliveryOutcome& d : first.deliveries) {
      for (DeliveryOutcome& rest : outcome.deliveries) {
        if (rest.id == d.id) d.relation = std::move(rest.relation);
      }
    }
    first.delta = std::move(outcome.delta);
    return {};
  }
  attempt.outcomes[dataset.address] = std::move(outcome);
  return {};
}

// A file that is being written while it is read gives half of its rows, which nobody would notice.
Result<void> UnitRun::CheckUntouched(const Piece& piece) {
  for (const ingest::Delivery& d : piece.deliveries) {
    auto now = context_.world.files.Stat(io::Join(context_.world.project_dir, d.path));
    if (!now.ok()) {
      return Error::Unavailable(
          "{} went away while it was read; it is looked at again by the next "
          "run",
          d.path);
    }
    if (now->size != d.size || now->mtime != d.mtime) {
      return Error::Unavailable("{} changed while it was read; it is read again by the next run",
                                d.path);
    }
  }
  return {};
}

}  // namespace andon::line
