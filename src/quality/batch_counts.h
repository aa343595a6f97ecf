// One reading for what many batches count: a table of counts by batch and value, from which small
// statements tell the metrics of each batch. A batch's key is then computed once for each row, and
// not once for each column whose values are counted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quality/plan.h"

namespace andon::quality {

struct BatchCounts {
  struct Part {
    Scan scan;
    std::string sql;  // Gives what ScanSql would: the keys, then the metrics.
  };
  std::string make = {};  // Makes the table, for this connection only.
  std::vector<Part> parts = {};
  std::string drop = {};
};

// True where a metric costs next to nothing beside a reading of its rows, however often they are
// grouped in it.
bool IsCountedAlong(const sql::Aggregate& aggregate);

// `scans`: counts of few values of a column, at least one, and at most one over the rows, whose
// metrics are counted along. `keys` tell the batches apart. On DuckDB.
BatchCounts CountTogether(const Plan& plan, const std::vector<Scan>& scans, const Profile& profile,
                          std::string_view relation, const std::vector<std::string>& keys);

}  // namespace andon::quality
