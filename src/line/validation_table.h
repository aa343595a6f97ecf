// The system table `andon.validations` of the lake: every result of every kept validation as a row,
// for whoever reads Iceberg. It is beside the project's tables, in a namespace of its own, has no
// checks and no versions, and is only added to: what the control store has forgotten stays there.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "line/run.h"

namespace andon::line {

inline constexpr char kSystemNamespace[] = "andon";
inline constexpr char kValidationTable[] = "validations";

struct ExportReport {
  int64_t validations = 0;  // That were added now.
  int64_t rows = 0;
  std::string metadata_location;
};

// Adds the validations that the table does not have yet; how far it goes is written in its
// snapshots, so that none is ever added twice. Bad rows are not part of it. kHeld while another
// process does the same; kInvalid in a project that is itself named "andon".
Result<ExportReport> ExportValidations(const World& world);

}  // namespace andon::line
