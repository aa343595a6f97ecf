// Needs and what proves them: which checks and service levels stand behind each decision that
// somebody makes by the data, and which stand behind none.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "contract/document.h"
#include "definition/definition.h"

namespace andon::contract {

// A check as the dataset has it, with the columns that it looks at.
struct CheckOfColumns {
  std::string name;
  std::vector<std::string> columns;  // Empty: of the table.
};

struct ProvenNeed {
  Need need;
  std::vector<std::string> checks;          // That prove it.
  std::vector<std::string> checks_unknown;  // It names them, and nobody has them.
  // The service level that keeps its latency, or why there is none.
  std::string service_level;
  bool is_latency_kept = true;  // Also where no latency is asked for.
  bool is_confirmed = false;
  bool is_proven() const { return !checks.empty() && checks_unknown.empty() && is_latency_kept; }
};

struct NeedsReport {
  std::vector<ProvenNeed> needs;
  std::vector<std::string> checks_without_need;
};

// A need is proved by the checks that it names; where it names none, by those on its columns (of
// all promised columns where it names none either) and those of the whole table. Its latency is
// kept by a service level of freshness or latency that promises as much or more.
NeedsReport ReportNeeds(const Document& document, const std::vector<CheckOfColumns>& checks);

// All checks of a dataset: what its columns say, and what it declares.
std::vector<CheckOfColumns> ChecksOfDataset(const definition::Dataset& dataset);
// All that follow from a table of a document.
std::vector<CheckOfColumns> ChecksOfTable(const Table& table);

Json ToJson(const NeedsReport& report);

}  // namespace andon::contract
