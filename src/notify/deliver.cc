#include "notify/deliver.h"

#include <algorithm>
#include <set>

#include "store/journal.h"
#include "store/outbox.h"

namespace andon::notify {
namespace {

// One sender works on a message for at most so long before another may; longer than
// any channel's own time limit.
constexpr auto kClaim = std::chrono::minutes(2);
constexpr auto kPauseFirst = std::chrono::seconds(5);
constexpr auto kPauseMax = std::chrono::hours(1);

class Deliverer {
 public:
  Deliverer(store::Database& db, Channels& channels, const Clock& clock)
      : db_(db), channels_(channels), clock_(clock) {}

  Result<Delivered> Run() {
    // What fails is due again later than this, so the loop ends.
    Timestamp begin = clock_.Now();
    for (;;) {
      // One at a time: a claim runs from the moment at which its sending begins.
      auto due = TRY(store::ClaimDue(db_, begin, clock_.Now() - begin + kClaim, 1));
      if (due.empty()) return counts_;
      TRY(Deliver(due.front()));
    }
  }

 private:
  Result<void> Deliver(const store::OutboxMessage& queued) {
    auto sent = Send(queued);
    bool give_up =
        !sent.ok() && (sent.error().kind == ErrorKind::kInvalid || queued.attempts >= kAttemptsMax);
    ++(sent.ok() ? counts_.delivered : give_up ? counts_.failed : counts_.retried);
    return db_.Write([&](store::Transaction& tx) { return Record(tx, queued, sent, give_up); });
  }

  Result<void> Send(const store::OutboxMessage& queued) {
    auto channel = channels_.find(queued.channel);
    if (channel == channels_.end()) {
      return Error::NotFound("{} is not defined", queued.channel);
    }
    // Others should not wait for one that does not answer, message after message.
    if (silent_.contains(queued.channel)) {
      return Error::Unavailable("{} did not answer a moment ago", queued.channel);
    }
    Message message = TRY(FromJson(queued.body));
    message.key = queued.key;
    auto sent = channel->second->Send(message);
    if (!sent.ok() && sent.error().kind == ErrorKind::kUnavailable) {
      silent_.insert(queued.channel);
    }
    return sent;
  }

  Result<void> Record(store::Transaction& tx, const store::OutboxMessage& queued,
                      const Result<void>& sent, bool give_up) {
    Timestamp now = clock_.Now();
    store::Fact fact{.time = now, .actor = "notify", .address = queued.channel};
    fact.body = Json::Object({{"key", queued.key},
                              {"notification", queued.body["kind"]},
                              {"about", queued.body["address"]},
                              {"attempts", queued.attempts}});
    if (sent.ok()) {
      TRY(store::MarkDelivered(tx, queued.id, now));
      fact.kind = store::fact::kNotified;
    } else {
      std::optional<Timestamp> retry_at;
      if (!give_up) retry_at = now + RetryPause(queued.attempts);
      TRY(store::MarkFailed(tx, queued.id, sent.error().message, now, retry_at));
      // The first failure and the end are news; what lies between is not.
      if (!give_up && queued.attempts > 1) return {};
      fact.kind = store::fact::kNotifyFailed;
      fact.body.Set("error", sent.error().message);
      fact.body.Set("given_up", give_up);
    }
    TRY(store::Append(tx, fact));
    return {};
  }

  store::Database& db_;
  Channels& channels_;
  const Clock& clock_;
  std::set<std::string> silent_;
  Delivered counts_;
};

}  // namespace

Result<void> Notify(store::Transaction& tx, const std::string& channel, const Message& message,
                    Timestamp now) {
  TRY(store::Enqueue(tx, channel, message.key, ToJson(message), now));
  return {};
}

Result<Delivered> DeliverDue(store::Database& db, Channels& channels, const Clock& clock) {
  return Deliverer(db, channels, clock).Run();
}

Duration RetryPause(int64_t attempts) {
  // Twelve doublings are beyond the longest pause.
  int64_t doublings = std::clamp<int64_t>(attempts - 1, 0, 12);
  return std::min<Duration>(kPauseMax, kPauseFirst * (int64_t{1} << doublings));
}

}  // namespace andon::notify
