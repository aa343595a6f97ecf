// What is told to channels about an incident. Only for this folder.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "incident/incident.h"
#include "notify/channel.h"

namespace andon::store {
class Transaction;
}

namespace andon::incident {

enum class Notice { kOpened, kUpdated, kResolved };

// `what`: one sentence, what happened just now. Sample rows are left out: they may hold what a
// chat room must not see.
notify::Message MakeMessage(const Incident& incident, Notice notice, std::string_view what,
                            Timestamp now);

// Counts the transition up, and puts the message into the outbox of every channel concerned. Does
// not save the incident: the caller does, in the same transaction.
Result<void> Tell(store::Transaction& tx, const Context& context, Incident& incident, Notice notice,
                  std::string_view what, Timestamp now);

// The summary of an incident in a line: "payment: 3 checks failed on
// deliveries/payment-2005-08.csv".
std::string TitleOf(const Incident& incident);

}  // namespace andon::incident
