// The data of a `-data` flag: opened, with a name that may be shown.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "cli/command.h"
#include "lake/scan.h"
#include "sql/session.h"
#include "sql/target.h"

namespace andon::cli {

// Paths and addresses (sql/target.h), the metadata file of an Iceberg table ("….metadata.json"),
// and "env:NAME" for any of them in an environment variable.
// `arguments`: -table, -schema, -memory-mb. `scan`: of an Iceberg table gets what its manifests
// say.
Result<sql::Target> OpenCheckTarget(const std::string& data, const Arguments& arguments,
                                    std::stop_token stop = {},
                                    std::optional<lake::Scan>* scan = nullptr);

// The sources that comparisons name: "lake=postgres://…" of each -source, opened without a table.
Result<std::map<std::string, sql::Target>> OpenSources(const Arguments& arguments,
                                                       std::stop_token stop);

}  // namespace andon::cli
