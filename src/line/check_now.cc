#include "line/check_now.h"

#include <algorithm>
#include <thread>

#include "base/text.h"
#include "lake/scan.h"
#include "line/columns.h"
#include "line/external.h"
#include "line/interval.h"
#include "line/work.h"
#include "line/worker_pool.h"

namespace andon::line {
namespace {

struct Relation {
  std::string sql;
  std::optional<int64_t> snapshot;  // None: it was never published.
  int64_t version = 0;
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
  out.sql = std::move(scan.sql);
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

Result<CheckedDataset> CheckNow(const World& world, const Sight& sight,
                                const definition::Dataset& dataset,
                                const CheckNowOptions& options) {
  CheckedDataset out{.address = dataset.address, .name = dataset.name};
  CheckTask task{.lake_root = world.lake.root,
                 .project = world.lake.project,
                 .table = dataset.name,
                 .columns = ColumnInfosOf(dataset),
                 .key = dataset.load.key,
                 .explain = options.explain,
                 .with_slices = false};
  task.checks = TRY(Chosen(world, dataset, options));
  if (dataset.is_external()) return CheckExternal(world, dataset, task.checks, options);
  auto relation = TRY(FindRelation(world, dataset, options.at));
  out.has_data = relation.snapshot.has_value();
  if (!out.has_data) return out;
  out.snapshot_id = *relation.snapshot;
  out.version = relation.version;
  if (std::holds_alternative<lake::MainReference>(options.at)) out.branch = "main";
  if (const auto* named = std::get_if<lake::NameReference>(&options.at)) out.branch = named->name;
  task.relation = std::move(relation.sql);
  if (task.key.empty()) {
    for (const definition::Column& c : dataset.columns) {
      if (c.unique) task.key.push_back(c.name);
    }
  }
  task.tables.push_back({dataset.name, task.relation});
  for (const std::string& other : sight.line.checked_with.at(dataset.address)) {
    const definition::Dataset& d = *world.project.FindDataset(other);
    auto sql = TRY(RelationAt(world, d, lake::MainReference{}));
    task.tables.push_back({d.name, std::move(sql)});
  }
  if (UsesInterval(task.checks)) {
    auto interval = TRY(LastGrain(world.project, dataset, world.clock.Now()));
    task.start = interval.start;
    task.end = interval.end;
  }
  Limits limits{.memory_bytes = options.memory_bytes > 0 ? options.memory_bytes : DefaultMemory(),
                .threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency())),
                .spill_dir = world.project_dir + "/.andon/tmp/check"};
  const std::vector<quality::CheckSpec> specs = task.checks;
  CheckOutcome outcome = TRY(DoCheck(task, limits, [](const Json&) {}));
  out.verdicts = Merge(specs, outcome);
  Mask(
      validation::PiiColumnsOf(world.project, dataset, sight.line.checked_with.at(dataset.address)),
      &out.verdicts);
  out.explanation = std::move(outcome.explanation);
  return out;
}

}  // namespace andon::line
