// Explanations, in parts: what answers each check of a plan, and how the parts are told together,
// as text and as data (quality::Explanation). Where some checks are answered by states and others
// by a scan, each group has a headline of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "quality/bytes.h"
#include "quality/plan.h"
#include "quality/run.h"

namespace andon::quality {

struct ExplainedCheck {
  size_t place = 0;         // Among all checks that are explained.
  std::string how;          // "the scan", "implied by id_once"
  bool is_free = false;     // By the schema alone.
  bool is_implied = false;  // `how` says already what it follows from.
};

// Checks that are answered together.
struct ExplainedGroup {
  std::string headline;  // Lines that end in a newline: "1 scan of payment: 2 of 3 columns\n".
  int64_t scans = 0;
  std::set<std::string> columns;  // That are read.
  std::vector<ExplainedCheck> checks;
};

// Places are those of the plan's checks.
ExplainedGroup ExplainGroup(const Plan& plan, const Profile& profile, const RunOptions& options);

// What the groups are together.
struct ExplainedWhole {
  std::optional<int64_t> rows;
  Bytes bytes;
  std::optional<int64_t> bytes_read;
};

Explanation ExplainTogether(const std::vector<CheckSpec>& checks,
                            const std::vector<ExplainedGroup>& groups, const ExplainedWhole& whole);

}  // namespace andon::quality
