// What is known of a relation without reading its rows, and the metrics that follow from it alone:
// the number of rows, of nulls, extremes, and that no row can be bad where the bounds rule it out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quality/run.h"
#include "sql/aggregate.h"

namespace andon::quality {

// The metric's value, exactly as the scan would give it; none where it does not follow.
std::optional<Json> FromStatistics(const sql::Aggregate& metric, const RunOptions& options);

// Of a target that is one Parquet file or a pattern of them: sets `options->rows`, and the
// statistics of the columns that stand in the checks, from the files' footers.
//
// Only what is exact is taken: bounds of integers, decimals of up to 18 digits, dates and times
// that the writer did not shorten; never of texts, never of floating point (NaN is in no bound).
// Where the footers do not say so of every row group, or cannot be read, nothing is set: then the
// scan answers, and tells what is wrong.
void ReadFooters(sql::Session& session, const std::string& files,
                 const std::vector<sql::TableColumn>& columns, const std::vector<CheckSpec>& checks,
                 RunOptions* options);

}  // namespace andon::quality
