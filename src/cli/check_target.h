// The data of a `-data` flag: opened, with a name that may be shown.
#pragma once

#include <map>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "cli/command.h"
#include "sql/session.h"
#include "sql/target.h"

namespace andon::cli {

// Paths and addresses (sql/target.h), the metadata file of an Iceberg table ("….metadata.json"),
// and "env:NAME" for any of them in an environment variable.
// `arguments`: -table, -schema, -memory-mb.
Result<sql::Target> OpenCheckTarget(const std::string& data, const Arguments& arguments,
                                    std::stop_token stop = {});

// The sources that comparisons name: "lake=postgres://…" of each -source, opened without a table.
Result<std::map<std::string, sql::Target>> OpenSources(const Arguments& arguments,
                                                       std::stop_token stop);

}  // namespace andon::cli
