// What the manifests of any Iceberg table know of its rows, for checks (quality/statistics.h).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "lake/scan.h"
#include "quality/incremental/incremental.h"
#include "quality/run.h"

namespace andon::line {

// Sets `options->rows`, and of the columns that stand in the checks the number of nulls and the
// bounds of integers. Bounds of a table that somebody else wrote need not be values of it (the
// specification asks for no more): they rule bad rows out, but tell no extremes. Nothing is set
// where delete files apply.
void ReadManifests(const lake::Scan& scan, const std::vector<quality::CheckSpec>& checks,
                   quality::RunOptions* options);

// By column, what it has in the files, compressed.
std::map<std::string, int64_t> ColumnBytes(const lake::Scan& scan);
// About how many bytes the checks have read: of their columns, in the files that were read.
int64_t BytesRead(const lake::Scan& scan, const std::vector<quality::CheckSpec>& checks,
                  const quality::Reading& reading);

// The columns that stand in the checks.
std::set<std::string> NamedColumns(const std::vector<quality::CheckSpec>& checks);

}  // namespace andon::line
