#include "line/external.h"

#include <algorithm>

#include "base/text.h"
#include "definition/source.h"
#include "line/check_specs.h"
#include "line/work.h"
#include "line/worker_pool.h"
#include "quality/other_source.h"

namespace andon::line {
namespace {

constexpr char kOtherTable[] = "other_table_name";

Result<const definition::Source*> SourceOf(const World& world, const definition::Dataset& dataset) {
  const definition::Source* source = world.project.FindSource(dataset.external_source);
  if (source != nullptr) return source;
  return Error::Invalid("{} is a table of {}, which the project does not have.", dataset.address,
                        dataset.external_source);
}

// A table of another place is one of another source.
void PointElsewhere(const World& world, const definition::Dataset& dataset,
                    quality::CheckSpec* check) {
  if (!quality::TakesSource(check->type)) return;
  for (const std::string& name : quality::TablesOf(*check)) {
    const definition::Dataset* other = world.project.FindDataset(name);
    if (other == nullptr || other->external_source == dataset.external_source) continue;
    const definition::Source* source = world.project.FindSource(other->external_source);
    check->kwargs.Set(kOtherTable, other->is_external() ? other->external_table : other->name);
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

}  // namespace

Result<ExternalTable> OpenExternal(const World& world, const definition::Dataset& dataset,
                                   int64_t memory_bytes, std::stop_token stop) {
  const definition::Source* source = TRY(SourceOf(world, dataset));
  auto open = [&]() -> Result<ExternalTable> {
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
  if (dataset.is_external()) {
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
  TRY(AddPlaces(world, dataset, checked_with, &task));
  TRY(AddLakeTables(world, dataset, checked_with, &task));
  Limits limits{.memory_bytes = options.memory_bytes > 0 ? options.memory_bytes : DefaultMemory(),
                .threads = DefaultThreads(),
                .spill_dir = world.project_dir + "/.andon/tmp/check"};
  auto done = DoCheck(task, limits, [](const Json&) {}, {options.stop, options.sessions});
  if (!done.ok()) return std::move(done).error().In(dataset.address);
  out.explanation = std::move(done->explanation);
  out.explanation_data = std::move(done->explanation_data);
  return ByBatch(out, checks, *std::move(done),
                 validation::PiiColumnsOf(world.project, dataset, checked_with));
}

}  // namespace andon::line
