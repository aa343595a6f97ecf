// Sends what the outbox holds, with growing pauses between attempts, and writes
// down as facts what became of it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "notify/channel.h"
#include "store/database.h"

namespace andon::notify {

// By address: "channel.oncall".
using Channels = std::map<std::string, std::unique_ptr<Channel>>;

struct Delivered {
  int delivered = 0;
  int retried = 0;  // Failed, and queued again.
  int failed = 0;   // Given up.
};

// Puts a message into the outbox of `channel`, inside the transaction that it tells of.
Result<void> Notify(store::Transaction& tx, const std::string& channel, const Message& message,
                    Timestamp now);

// Sends every message that is due, each once. Attempt n + 1 comes
// RetryPause(n) after attempt n; after kAttemptsMax it is given up. A channel that is
// no longer defined keeps its messages queued until they are given up.
// An error is one of the database; a channel's errors are outcomes.
Result<Delivered> DeliverDue(store::Database& db, Channels& channels, const Clock& clock);

// 5 s, 10 s, 20 s, … at most an hour.
Duration RetryPause(int64_t attempts);
// About a day and a half of trying.
inline constexpr int64_t kAttemptsMax = 45;

}  // namespace andon::notify
