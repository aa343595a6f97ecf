#include "line/external.h"

#include <algorithm>

#include "base/text.h"
#include "contract/contract.h"
#include "definition/source.h"
#include "line/check_specs.h"
#include "line/file_states.h"
#include "line/files_in_place.h"
#include "line/work.h"
#include "line/worker_pool.h"
#include "quality/other_source.h"
#include "sql/engine.h"

namespace andon::line {
namespace {

constexpr char kOtherTable[] = "other_table_name";

Result<const definition::Source*> SourceOf(const World& world, const definition::Dataset& dataset) {
  const definition::Source* source = world.project.FindSource(dataset.external_source);
  if (source != nullptr) return source;
  return Error::Invalid("{} is a table of {}, which the project does not have.", dataset.address,
                        dataset.external_source);
}

// The source whose database answers about the dataset; empty where DuckDB reads files, the lake's
// or those of others.
std::string DatabaseOf(const definition::Project& project, const definition::Dataset& dataset) {
  return IsOfFiles(project, dataset) ? "" : dataset.external_source;
}

// A table of another place is one of another source.
void PointElsewhere(const World& world, const definition::Dataset& dataset,
                    quality::CheckSpec* check) {
  if (!quality::TakesSource(check->type)) return;
  for (const std::string& name : quality::TablesOf(*check)) {
    const definition::Dataset* other = world.project.FindDataset(name);
    if (other == nullptr || DatabaseOf(world.project, *other) == DatabaseOf(world.project, dataset))
      continue;
    const definition::Source* source = world.project.FindSource(DatabaseOf(world.project, *other));
    check->kwargs.Set(kOtherTable, source ? other->external_table : other->name);
    check->kwargs.Set(std::string(quality::kComparedSource), source ? source->name : kLakeSource);
    return;
  }
}

Result<void> AddSource(const definition::Source& source, CheckTask* task) {
  bool is_known = std::any_of(task->sources.begin(), task->sources.end(),
                              [&](const auto& known) { return known.address == source.address; });
  if (!is_known) task->sources.push_back(source);
  return {};
}

// Other datasets of files that the checks name.
Result<void> AddTablesInPlace(const World& world, const definition::Dataset& dataset,
                              const std::vector<std::string>& checked_with, CheckTask* task) {
  for (const std::string& address : checked_with) {
    const definition::Dataset* other = world.project.FindDataset(address);
    if (other == nullptr || other->address == dataset.address || !IsOfFiles(world.project, *other))
      continue;
    if (IsOfIceberg(world.project, *other)) {
      auto table = TRY(FindIcebergInPlace(world, *other));
      task->tables.push_back({other->name, std::move(table.scan.sql)});
    } else {
      auto files = TRY(FindFilesInPlace(world, *other));
      [[maybe_unused]] auto kept = TRY(KeptOf(world, *other, &files, /*full=*/false));
      task->tables_in_place.push_back(std::move(files));
    }
  }
  return {};
}

// What stands where the table's address stands, of files.
Result<ExternalTable> OpenFiles(const World& world, const definition::Dataset& dataset,
                                int64_t memory_bytes) {
  auto engine = TRY(sql::Engine::Open({.memory_limit_bytes = memory_bytes,
                                       .temp_directory = world.project_dir + "/.andon/tmp/check"}));
  auto connection = TRY(engine.Connect());
  ExternalTable table;
  if (IsOfIceberg(world.project, dataset)) {
    auto iceberg = TRY(FindIcebergInPlace(world, dataset));
    table.relation = "(" + iceberg.scan.sql + ")";
  } else {
    auto files = TRY(FindFilesInPlace(world, dataset));
    auto rows = TRY(RelationOf(&files, [&]() -> Result<sql::Connection*> { return &connection; }));
    table.relation = "(" + rows.sql + ")";
    table.has_types = files.format != "csv" && files.format != "json";
  }
  table.source =
      std::make_unique<OpenedSource>(std::make_unique<sql::Connection>(std::move(connection)), "");
  return table;
}

}  // namespace

Result<void> AddFiles(const World& world, const definition::Dataset& dataset, bool full,
                      CheckTask* task) {
  if (IsOfIceberg(world.project, dataset)) {
    auto table = TRY(FindIcebergInPlace(world, dataset));
    task->files = TRY(FileStatesOf(world, dataset, table.scan, task->checks, full));
    task->relation = std::move(table.scan.sql);
    task->columns.clear();
    for (const sql::TableColumn& column : task->files->columns)
      task->columns.push_back({column.name, column.type});
    task->tables.push_back({dataset.name, task->relation});
  } else {
    auto files = TRY(FindFilesInPlace(world, dataset));
    task->files = TRY(KeptOf(world, dataset, &files, full));
    task->in_place = std::move(files);
  }
  if (!task->batches.definition.is_whole()) task->files.reset();
  return {};
}

Result<void> KeepLearnt(const World& world, const definition::Dataset& dataset,
                        const std::optional<quality::FileStates>& files,
                        const CheckOutcome& outcome) {
  if (!files || (outcome.states.empty() && outcome.shapes.empty())) return {};
  if (!IsOfIceberg(world.project, dataset)) {
    // What was read while somebody wrote is not kept.
    auto now = TRY(FindFilesInPlace(world, dataset));
    bool is_same = now.files.size() == files->files.size();
    for (size_t i = 0; is_same && i < now.files.size(); ++i)
      is_same = now.files[i].id == files->files[i].id;
    if (!is_same) return {};
  }
  return KeepFileStates(world, dataset.address, *files, outcome.states, outcome.shapes);
}

Result<ExternalTable> OpenExternal(const World& world, const definition::Dataset& dataset,
                                   int64_t memory_bytes, std::stop_token stop) {
  const definition::Source* source = TRY(SourceOf(world, dataset));
  auto open = [&]() -> Result<ExternalTable> {
    if (IsOfFiles(world.project, dataset)) return OpenFiles(world, dataset, memory_bytes);
    ExternalTable table;
    table.source = TRY(OpenSource(
        world.files, world.project_dir, *source,
        {.memory_bytes = memory_bytes, .spill_dir = world.project_dir + "/.andon/tmp/check"},
        std::move(stop)));
    table.relation = TRY(table.source->Relation(dataset.external_table));
    return table;
  };
  auto opened = open();
  if (!opened.ok()) return std::move(opened).error().In(dataset.address);
  return opened;
}

std::string PlaceOf(const definition::Dataset& dataset) {
  return dataset.external_source + ".table." + dataset.external_table;
}

Result<void> AddPlaces(const World& world, const definition::Dataset& dataset,
                       const std::vector<std::string>& checked_with, CheckTask* task) {
  task->project_dir = world.project_dir;
  TRY(AddTablesInPlace(world, dataset, checked_with, task));
  if (!DatabaseOf(world.project, dataset).empty()) {
    const definition::Source* source = TRY(SourceOf(world, dataset));
    TRY(AddSource(*source, task));
    task->place = source->name;
    task->table_there = dataset.external_table;
    for (const std::string& address : checked_with) {
      const definition::Dataset* other = world.project.FindDataset(address);
      if (other != nullptr && other->external_source == dataset.external_source)
        task->tables_there.push_back({other->name, other->external_table});
    }
  }
  for (quality::CheckSpec& check : task->checks) {
    PointElsewhere(world, dataset, &check);
    const std::string& name = check.kwargs[quality::kComparedSource].AsString();
    if (name.empty() || name == kLakeSource) continue;
    const definition::Source* source = definition::FindSourceNamed(world.project, name);
    if (source == nullptr) {
      return Error::Invalid(
          "The check {} of {} compares with a source \"{}\", which the project "
          "does not have.",
          check.name, dataset.address, name);
    }
    TRY(AddSource(*source, task));
  }
  return {};
}

std::vector<std::string> MissingPromises(const World& world, const definition::Dataset& dataset,
                                         const std::vector<std::string>& columns) {
  std::vector<contract::ActualColumn> actual;
  for (const std::string& name : columns) actual.push_back({.name = name});
  std::vector<std::string> breaks;
  for (const contract::Break& b :
       contract::CompareColumns(dataset, world.project.contracts, actual)) {
    if (b.is_breaking && !b.contracts.empty()) breaks.push_back(b.sentence);
  }
  return breaks;
}

Result<std::vector<CheckedDataset>> CheckExternal(const World& world,
                                                  const definition::Dataset& dataset,
                                                  const std::vector<quality::CheckSpec>& checks,
                                                  const std::vector<std::string>& checked_with,
                                                  const CheckNowOptions& options) {
  CheckedDataset out{.address = dataset.address, .name = dataset.name, .has_data = true};
  CheckTask task{.table = dataset.name,
                 .checks = checks,
                 .explain = options.explain,
                 .batches = options.batches,
                 .with_slices = false,
                 .now = ToRfc3339(world.clock.Now())};
  if (IsOfFiles(world.project, dataset)) TRY(AddFiles(world, dataset, options.full, &task));
  task.written = TRY(WrittenBefore(world, dataset));
  TRY(AddPlaces(world, dataset, checked_with, &task));
  TRY(AddLakeTables(world, dataset, checked_with, &task));
  Limits limits{.memory_bytes = options.memory_bytes > 0 ? options.memory_bytes : DefaultMemory(),
                .threads = DefaultThreads(),
                .spill_dir = world.project_dir + "/.andon/tmp/check"};
  auto done = DoCheck(task, limits, [](const Json&) {}, {options.stop, options.sessions});
  if (!done.ok()) return std::move(done).error().In(dataset.address);
  out.reading = done->reading;
  (void)KeepLearnt(world, dataset, task.files, *done);
  if (options.only.empty() && !options.explain)
    out.breaks = MissingPromises(world, dataset, done->columns);
  out.explanation = std::move(done->explanation);
  out.explanation_data = std::move(done->explanation_data);
  return ByBatch(out, checks, *std::move(done),
                 validation::PiiColumnsOf(world.project, dataset, checked_with));
}

}  // namespace andon::line
