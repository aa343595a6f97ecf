// Sight: what reads what in a project, found by parsing its SQL once a release.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "definition/definition.h"
#include "lineage/lineage.h"
#include "pipeline/units.h"
#include "store/database.h"

namespace andon::line {

struct Sight {
  pipeline::Line line;
  lineage::Graph graph;
};

// DuckDB is opened only where the models changed since the last look, which the control
// store remembers. kInvalid for SQL that does not parse, naming the dataset and the place.
Result<Sight> Look(store::Database& database, const definition::Project& project);

}  // namespace andon::line
