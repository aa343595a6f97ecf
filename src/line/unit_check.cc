// The checks of a unit's try, of the tables as their branches have them.
#include <algorithm>

#include "lake/scan.h"
#include "line/columns.h"
#include "line/external.h"
#include "line/file_states.h"
#include "line/manifest_statistics.h"
#include "line/unit_run.h"
#include "line/work.h"

namespace andon::line {

// The rows of a dataset as this try has them: the branch of this unit's own, main of others'.
// Nothing where there is no table yet.
Result<std::optional<lake::Scan>> UnitRun::ScanOf(
    const std::string& address, const Attempt& attempt,
    const std::map<std::string, iceberg::TableMetadata>& moved) {
  const World& world = context_.world;
  auto plan = [&](const iceberg::TableMetadata& metadata,
                  std::optional<int64_t> snapshot) -> Result<std::optional<lake::Scan>> {
    auto scan = TRY(lake::PlanScan(world.lake, metadata, snapshot));
    return std::optional(std::move(scan));
  };
  if (auto it = moved.find(address); it != moved.end())
    return plan(it->second, it->second.current_snapshot_id);
  if (auto it = attempt.loads.find(address); it != attempt.loads.end())
    return plan(it->second.table.metadata, it->second.snapshot_id);
  const definition::Dataset* dataset = world.project.FindDataset(address);
  auto table = lake::OpenTable(world.db, world.lake, dataset->name);
  if (table.ok()) return plan(table->metadata, table->metadata.current_snapshot_id);
  if (table.error().kind != ErrorKind::kNotFound) return std::move(table).error();
  return std::optional<lake::Scan>();
}

Result<std::string> UnitRun::RelationOf(
    const std::string& address, const Attempt& attempt,
    const std::map<std::string, iceberg::TableMetadata>& moved) {
  auto scan = TRY(ScanOf(address, attempt, moved));
  if (scan) return std::move(scan->sql);
  return EmptyRelation(context_.world.project.FindDataset(address)->columns);
}

Result<void> UnitRun::CheckPieces(const std::vector<Piece>& pieces, Attempt& attempt,
                                  const std::map<std::string, iceberg::TableMetadata>& moved) {
  attempt.verdicts.clear();
  attempt.checked.clear();
  attempt.slices.clear();
  attempt.rules.clear();
  for (const std::string& address : unit_.datasets) {
    const definition::Dataset& dataset = *context_.world.project.FindDataset(address);
    auto piece = std::find_if(pieces.begin(), pieces.end(),
                              [&](const Piece& p) { return p.dataset->address == address; });
    CheckTask task{.lake_root = context_.world.lake.root,
                   .project = context_.world.lake.project,
                   .table = dataset.name,
                   .columns = ColumnInfosOf(dataset),
                   .key = dataset.load.key,
                   .checks = ChecksOf(context_.world.project, dataset)};
    if (piece != pieces.end()) {
      Step(*piece, "checking");
      const LoadOutcome& outcome = attempt.outcomes.at(address);
      if (task.columns.empty()) {
        for (const auto& c : outcome.columns) task.columns.push_back({c.name, c.type});
      }
      for (const DeliveryOutcome& d : outcome.deliveries) {
        if (!d.relation.empty()) task.deliveries.push_back({d.id, d.relation});
      }
    } else if (!attempt.loads.empty()) {
      // It does not move, but what it refers to does.
      std::erase_if(task.checks, [](const quality::CheckSpec& c) {
        return quality::TablesOf(c).empty() && quality::SqlOf(c).empty();
      });
      auto state = TRY(ReadTableState(context_.world.db, context_.world.lake, dataset.name));
      if (!state.version) continue;
    }
    if (task.checks.empty() && !dataset.freshness) continue;
    if (UsesInterval(task.checks)) {
      auto interval = TRY(LastGrain(context_.world.project, dataset, context_.started_at));
      task.start = interval.start;
      task.end = interval.end;
    }
    auto scan = TRY(ScanOf(address, attempt, moved));
    task.relation = scan ? scan->sql : EmptyRelation(dataset.columns);
    if (scan) {
      task.files = TRY(FileStatesOf(context_.world, dataset, *scan, task.checks, /*full=*/false));
    }
    if (task.key.empty()) {
      for (const definition::Column& c : dataset.columns) {
        if (c.unique) task.key.push_back(c.name);
      }
    }
    task.tables.push_back({dataset.name, task.relation});
    for (const std::string& other : context_.sight.line.checked_with.at(address)) {
      if (context_.world.project.FindDataset(other)->is_external()) continue;
      auto relation = TRY(RelationOf(other, attempt, moved));
      task.tables.push_back({context_.world.project.FindDataset(other)->name, std::move(relation)});
    }
    const validation::PiiColumns pii = validation::PiiColumnsOf(
        context_.world.project, dataset, context_.sight.line.checked_with.at(address));
    task.pii.assign(pii.masked.begin(), pii.masked.end());
    const std::vector<quality::CheckSpec> specs = task.checks;
    TRY(AddPlaces(context_.world, dataset, context_.sight.line.checked_with.at(address), &task));
    task.now = ToRfc3339(context_.world.clock.Now());
    const std::string newest_of = dataset.freshness ? dataset.freshness->of : "";
    task.newest_of = newest_of;
    const quality::FileStates files = task.files.value_or(quality::FileStates());
    const Timestamp started = context_.world.clock.Now();
    CheckOutcome outcome = TRY(context_.pool.Check(std::move(task), context_.options.stop,
                                                   RowsSink(address), &worker_end_));
    TRY(KeepFileStates(context_.world, address, files, outcome.states));
    attempt.verdicts[address] = Merge(specs, outcome);
    attempt.rules[address] = RulesOf(specs, outcome);
    Mask(pii, &attempt.verdicts[address]);
    attempt.checked[address] = {started, context_.world.clock.Now() - started};
    if (scan) attempt.checked[address].bytes = BytesRead(*scan, specs, outcome.reading);
    if (!newest_of.empty()) {
      attempt.newest[address] = Json::Object({{newest_of, outcome.newest}});
    }
    for (SliceFound& s : outcome.slices) {
      attempt.slices.push_back({std::move(s.check), std::move(s.text), s.coverage, s.share});
    }
  }
  return {};
}

}  // namespace andon::line
