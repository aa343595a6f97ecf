// Datasets that somebody else builds: opened where they are, to be checked in place.
#pragma once

#include <stop_token>

#include "base/result.h"
#include "definition/definition.h"
#include "line/check_now.h"
#include "line/run.h"
#include "sql/target.h"

namespace andon::line {

// The table in its own database. Of a dbt project the place and the user are those of the target in
// profiles.yml, read now; the password is its variable's or stands in that file, and goes nowhere
// else. Errors say what is missing; otherwise as sql::OpenTarget.
// Requires: dataset.is_external().
Result<sql::Target> OpenExternal(const World& world, const definition::Dataset& dataset,
                                 int64_t memory_bytes = 0, std::stop_token stop = {});

// As CheckNow, on the table in its own database. Tables of the same project that its checks read
// are read there as well; kInvalid where a check reads a table that lies elsewhere.
Result<CheckedDataset> CheckExternal(const World& world, const definition::Dataset& dataset,
                                     const std::vector<quality::CheckSpec>& checks,
                                     const CheckNowOptions& options);

}  // namespace andon::line
