// What publishing and rejecting write down alike, inside their transactions. Only for this folder.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "line/unit_run.h"

namespace andon::line {

std::vector<std::string> AddressesOf(const std::vector<Piece>& pieces);
std::map<std::string, Json> BasesOf(const std::vector<Piece>& pieces);
incident::DeliveryReference ReferenceTo(const ingest::Delivery& delivery);

// How checks ended, for the board and for history: a validation. Nothing where none was asked.
Result<void> WriteValidation(store::Transaction& tx, const RunContext& context, const Piece& piece,
                             const Attempt& attempt, int64_t snapshot_id, int64_t version);
Result<void> WriteFailedFacts(store::Transaction& tx, const RunContext& context,
                              const std::string& address, const std::vector<Verdict>& verdicts,
                              Timestamp now);
Result<void> EndTask(store::Transaction& tx, const RunContext& context, const std::string& name,
                     int attempt, std::string_view state, Timestamp now, Json body);
// Of run_tasks.
Json TaskBody(const TaskReport& report);
// "3 checks failed".
std::string CountOfFailed(const std::vector<Verdict>& verdicts);
Json StringList(const std::vector<std::string>& list);

}  // namespace andon::line
