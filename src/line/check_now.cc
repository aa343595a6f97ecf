#include "line/check_now.h"

#include <algorithm>

#include "base/text.h"
#include "lake/scan.h"
#include "line/columns.h"
#include "line/external.h"
#include "line/file_states.h"
#include "line/interval.h"
#include "line/manifest_statistics.h"
#include "line/quarantine.h"
#include "line/work.h"
#include "line/worker_pool.h"

namespace andon::line {
namespace {

struct Relation {
  std::string sql;
  std::optional<int64_t> snapshot;              // None: it was never published.
  std::map<std::string, int64_t> column_bytes;  // Of its files.
  int64_t version = 0;
  std::optional<lake::Scan> scan = {};
};

// The version that a snapshot became on main; 0 where it did not.
Result<int64_t> VersionOf(store::Transaction& tx, const definition::Dataset& dataset,
                          std::optional<int64_t> snapshot) {
  if (!snapshot) return int64_t{0};
  auto row = TRY(store::QueryOne(tx,
                                 "SELECT max(version) AS n FROM dataset_versions WHERE dataset IN "
                                 "(?, ?) AND snapshot_id = ?",
                                 {dataset.address, dataset.name, *snapshot}));
  return row && !row->IsNull("n") ? row->Integer("n") : 0;
}

Result<Relation> FindRelation(const World& world, const definition::Dataset& dataset,
                              const lake::Reference& at) {
  auto table = lake::OpenTable(world.db, world.lake, dataset.name);
  if (!table.ok()) {
    if (table.error().kind == ErrorKind::kNotFound) return Relation{EmptyRelation(dataset.columns)};
    return std::move(table).error();
  }
  Relation out;
  TRY(world.db.Read([&](store::Transaction& tx) -> Result<void> {
    out.snapshot = TRY(lake::Resolve(tx, *table, at));
    out.version = TRY(VersionOf(tx, dataset, out.snapshot));
    return {};
  }));
  auto scan = TRY(lake::PlanScan(world.lake, table->metadata, out.snapshot));
  out.column_bytes = ColumnBytes(scan);
  out.sql = scan.sql;
  out.scan = std::move(scan);
  return out;
}

Result<std::vector<quality::CheckSpec>> Chosen(const World& world,
                                               const definition::Dataset& dataset,
                                               const CheckNowOptions& options) {
  std::vector<quality::CheckSpec> all = ChecksOf(world.project, dataset);
  for (const std::string& name : options.only) {
    std::vector<std::string> names;
    for (const quality::CheckSpec& check : all) names.push_back(check.name);
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    std::string meant = DidYouMean(name, names);
    return Error::NotFound("{} has no check \"{}\"{}", dataset.name, name,
                           meant.empty() ? "; it has " + Join(names, ", ")
                                         : fmt::format("; did you mean \"{}\"?", meant));
  }
  std::erase_if(all, [&](const quality::CheckSpec& check) {
    return (!options.only.empty() && !options.only.count(check.name)) ||
           !quality::RunsOn(check, quality::Scope::kDataset);
  });
  return all;
}

}  // namespace

Result<std::string> RelationAt(const World& world, const definition::Dataset& dataset,
                               const lake::Reference& at) {
  auto relation = TRY(FindRelation(world, dataset, at));
  return std::move(relation.sql);
}

Result<void> AddLakeTables(const World& world, const definition::Dataset& dataset,
                           const std::vector<std::string>& checked_with, CheckTask* task) {
  for (const std::string& address : checked_with) {
    const definition::Dataset& other = *world.project.FindDataset(address);
    if (other.is_external() || other.address == dataset.address) continue;
    auto sql = TRY(RelationAt(world, other, lake::MainReference{}));
    task->tables.push_back({other.name, std::move(sql)});
  }
  return {};
}

Result<CheckedDataset> CheckNow(const World& world, const Sight& sight,
                                const definition::Dataset& dataset,
                                const CheckNowOptions& options) {
  CheckNowOptions whole = options;
  whole.batches = {};
  auto checked = TRY(CheckBatches(world, sight, dataset, whole));
  return std::move(checked[0]);
}

Result<std::vector<CheckedDataset>> CheckBatches(const World& world, const Sight& sight,
                                                 const definition::Dataset& dataset,
                                                 const CheckNowOptions& options) {
  CheckedDataset out{.address = dataset.address, .name = dataset.name};
  CheckTask task{.lake_root = world.lake.root,
                 .project = world.lake.project,
                 .table = dataset.name,
                 .columns = ColumnInfosOf(dataset),
                 .key = dataset.load.key,
                 .explain = options.explain,
                 .batches = options.batches,
                 .with_slices = false,
                 .now = ToRfc3339(world.clock.Now())};
  task.checks = TRY(Chosen(world, dataset, options));
  const std::vector<std::string>& checked_with = sight.line.checked_with.at(dataset.address);
  if (dataset.is_external())
    return CheckExternal(world, dataset, task.checks, checked_with, options);
  auto relation = TRY(FindRelation(world, dataset, options.at));
  out.has_data = relation.snapshot.has_value();
  if (!out.has_data) return std::vector{std::move(out)};
  out.snapshot_id = *relation.snapshot;
  out.version = relation.version;
  if (std::holds_alternative<lake::MainReference>(options.at)) out.branch = "main";
  if (const auto* named = std::get_if<lake::NameReference>(&options.at)) out.branch = named->name;
  task.relation = std::move(relation.sql);
  task.column_bytes = std::move(relation.column_bytes);
  // A batch is not made of whole files.
  if (options.batches.definition.is_whole())
    task.files = TRY(FileStatesOf(world, dataset, *relation.scan, task.checks, options.full));
  if (task.key.empty()) {
    for (const definition::Column& c : dataset.columns) {
      if (c.unique) task.key.push_back(c.name);
    }
  }
  task.tables.push_back({dataset.name, task.relation});
  TRY(AddLakeTables(world, dataset, checked_with, &task));
  if (UsesInterval(task.checks)) {
    auto interval = TRY(LastGrain(world.project, dataset, world.clock.Now()));
    task.start = interval.start;
    task.end = interval.end;
  }
  Limits limits{.memory_bytes = options.memory_bytes > 0 ? options.memory_bytes : DefaultMemory(),
                .threads = DefaultThreads(),
                .spill_dir = world.project_dir + "/.andon/tmp/check"};
  const std::vector<quality::CheckSpec> specs = task.checks;
  TRY(AddPlaces(world, dataset, checked_with, &task));
  CheckOutcome outcome =
      TRY(DoCheck(task, limits, [](const Json&) {}, {options.stop, options.sessions}));
  out.reading = outcome.reading;
  if (!options.explain) out.bytes_read = BytesRead(*relation.scan, specs, out.reading);
  // Who may not write here (another user's project) has the verdicts all the same.
  if (task.files) (void)KeepFileStates(world, dataset.address, *task.files, outcome.states);
  out.explanation = std::move(outcome.explanation);
  out.explanation_data = std::move(outcome.explanation_data);
  return ByBatch(out, specs, std::move(outcome),
                 validation::PiiColumnsOf(world.project, dataset, checked_with));
}

std::vector<CheckedDataset> ByBatch(const CheckedDataset& about,
                                    const std::vector<quality::CheckSpec>& checks,
                                    CheckOutcome outcome, const validation::PiiColumns& pii) {
  if (outcome.batches.empty()) {
    outcome.batches.emplace_back();
    outcome.batches[0].results = std::move(outcome.dataset);
  }
  std::vector<CheckedDataset> checked;
  for (quality::BatchResults& batch : outcome.batches) {
    CheckedDataset one = about;
    one.batch = std::move(batch.batch);
    one.verdicts = Merge(checks, {.dataset = std::move(batch.results)});
    StopAtQuarantine(&one.verdicts);
    Mask(pii, &one.verdicts);
    checked.push_back(std::move(one));
  }
  return checked;
}

}  // namespace andon::line
