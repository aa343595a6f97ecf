// The outbox: notifications that are part of the transaction they tell of, and
// are sent afterwards, at least once. A receiver tells repeats by the key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "store/database.h"

namespace andon::store {

enum class OutboxState { kQueued, kDelivered, kFailed };
std::string_view ToString(OutboxState state);  // "queued", "delivered", "failed".

struct OutboxMessage {
  int64_t id = 0;
  std::string channel;  // Address: "channel.oncall".
  std::string key;      // The same for every attempt, and for a repeated Enqueue.
  Json body;
  OutboxState state = OutboxState::kQueued;
  int64_t attempts = 0;  // Begun so far, the present one included.
  Timestamp created_at;
  Timestamp next_at;
  std::string last_error;
};

// A message with that channel and key that exists already stays as it is.
// Returns its id.
Result<int64_t> Enqueue(Transaction& tx, const std::string& channel, const std::string& key,
                        const Json& body, Timestamp now);

// The queued messages that are due, oldest first, each with one attempt more. They
// are due again after `claim` unless they are marked before, and at once where
// this process dies (seen from the same host): so a sender that dies loses nothing,
// and two senders do not send the same one at once.
Result<std::vector<OutboxMessage>> ClaimDue(Database& db, Timestamp now, Duration claim,
                                            int64_t limit);

Result<void> MarkDelivered(Transaction& tx, int64_t id, Timestamp now);
// Again at `retry_at`, or never where that is nothing. `error` must hold no secret.
Result<void> MarkFailed(Transaction& tx, int64_t id, const std::string& error, Timestamp now,
                        std::optional<Timestamp> retry_at);

// Newest first; all states where `state` is nothing.
Result<std::vector<OutboxMessage>> ListOutbox(Transaction& tx, std::optional<OutboxState> state,
                                              int64_t limit);
// When the next queued message is due, or nothing.
Result<std::optional<Timestamp>> NextDue(Transaction& tx);

}  // namespace andon::store
