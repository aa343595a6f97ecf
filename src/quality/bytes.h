// Bytes: what a plan will read, before it runs.
//
// On files the compressed sizes of the columns that are needed, by their manifests or footers; on a
// server that stores rows the size of the table, for it reads whole rows. Nothing where nobody
// knows: a guess is not told.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "quality/plan.h"
#include "quality/run.h"
#include "sql/session.h"

namespace andon::quality {

struct Bytes {
  std::map<std::string, int64_t> of_columns;  // Empty: every scan reads all.
  std::optional<int64_t> all;
  std::string basis;  // "column sizes of the data files"
};

// Reads metadata and statistics only.
Bytes BytesOf(sql::Session& session, std::string_view relation, const RunOptions& options);

// Of all scans of the plan; without the statements that checks have of their own.
std::optional<int64_t> BytesRead(const Plan& plan, const Bytes& bytes);

}  // namespace andon::quality
