// SARIF 2.1.0 (OASIS): findings at places in files, as code scanning shows them on a pull request.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/source.h"

namespace andon::validation {

struct Finding {
  enum Level { kError, kWarning, kNote };
  std::string rule;       // "AN1042", "expect_column_values_to_be_between"
  std::string rule_says;  // What the rule is about, for all its findings.
  Level level = kError;
  std::string message;
  SourceRange place;    // May not exist; a column of 1 without an end means the whole line.
  std::string address;  // "dataset.payment.amount_in_range"; may be empty.
  Json properties;      // An object, or nothing.
};

// A log of one run. Each rule is described once; a finding's fingerprint is made of its rule and
// address, or of its rule, file and message, so that it stays the same when lines move.
Json SarifLog(const std::vector<Finding>& findings, const std::string& tool_version);

}  // namespace andon::validation
