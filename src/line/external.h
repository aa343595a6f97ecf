// Datasets that somebody else builds: opened where they are, to be checked in place.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "definition/definition.h"
#include "line/check_now.h"
#include "line/run.h"
#include "line/source_session.h"
#include "line/task.h"

namespace andon::line {

struct ExternalTable {
  std::unique_ptr<OpenedSource> source;
  std::string relation;   // What stands behind FROM in its session.
  bool has_types = true;  // CSV and JSON have none of their own.
};

// The table in its own database; files in a session of DuckDB. Errors name the dataset, and
// otherwise are OpenSource's and OpenedSource::Relation's. Requires: dataset.is_external().
Result<ExternalTable> OpenExternal(const World& world, const definition::Dataset& dataset,
                                   int64_t memory_bytes = 0, std::stop_token stop = {});

// Where an external dataset is, as people read it: "source.rental.table.payment".
std::string PlaceOf(const definition::Dataset& dataset);

// Completes a task about what lies in databases: the place of an external dataset and of the
// datasets there that its checks name, the sources that comparisons look into. Checks that compare
// with a dataset of another place become comparisons with its table there.
// `checked_with`: addresses of the datasets that the checks name, as pipeline::Line has them.
// kInvalid for a source that the project does not have.
Result<void> AddPlaces(const World& world, const definition::Dataset& dataset,
                       const std::vector<std::string>& checked_with, CheckTask* task);

// The rows of a dataset of files (files_in_place.h), with what is kept of each; `full`: with
// nothing. After the task, what was learnt is kept, unless somebody wrote meanwhile.
Result<void> AddFiles(const World& world, const definition::Dataset& dataset, bool full,
                      CheckTask* task);
Result<void> KeepLearnt(const World& world, const definition::Dataset& dataset,
                        const std::optional<quality::FileStates>& files,
                        const CheckOutcome& outcome);

// A sentence for each column that a contract promises and that is not among `columns`. (Types are
// the place's own, and tested by "contract test".)
std::vector<std::string> MissingPromises(const World& world, const definition::Dataset& dataset,
                                         const std::vector<std::string>& columns);

// As CheckBatches, on the table in its own database.
Result<std::vector<CheckedDataset>> CheckExternal(const World& world,
                                                  const definition::Dataset& dataset,
                                                  const std::vector<quality::CheckSpec>& checks,
                                                  const std::vector<std::string>& checked_with,
                                                  const CheckNowOptions& options);

}  // namespace andon::line
