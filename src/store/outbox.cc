#include "store/outbox.h"

#include <unistd.h>

#include <charconv>

#include "io/process.h"

namespace andon::store {
namespace {

constexpr std::string_view kColumns =
    "id, channel, key, state, attempts, created_at, next_at, last_error, body";

OutboxState ToState(std::string_view text) {
  if (text == "delivered") return OutboxState::kDelivered;
  return text == "failed" ? OutboxState::kFailed : OutboxState::kQueued;
}

std::vector<OutboxMessage> ToMessages(const Rows& rows) {
  std::vector<OutboxMessage> messages;
  messages.reserve(rows.size());
  for (const Row& row : rows) {
    messages.push_back({row.Integer("id"), row.Text("channel"), row.Text("key"),
                        row.Document("body"), ToState(row.Text("state")), row.Integer("attempts"),
                        row.Time("created_at"), row.Time("next_at"), row.Text("last_error")});
  }
  return messages;
}

std::string ThisSender() {
  int pid = ::getpid();
  return fmt::format("{}/{}/{}", io::HostName(), pid, io::ProcessStart(pid));
}

// Of other hosts nothing is known; what they have in hand comes back in its time.
bool IsDead(std::string_view sender) {
  const size_t start_at = sender.rfind('/');
  if (start_at == 0 || start_at == sender.npos) return false;
  const size_t pid_at = sender.rfind('/', start_at - 1);
  if (pid_at == sender.npos || sender.substr(0, pid_at) != io::HostName()) return false;
  int pid = 0;
  int64_t start = 0;
  std::from_chars(sender.data() + pid_at + 1, sender.data() + start_at, pid);
  std::from_chars(sender.data() + start_at + 1, sender.data() + sender.size(), start);
  return pid > 0 && !io::IsProcessAlive(pid, start);
}

struct Waiting {
  bool any_due = false;
  std::vector<int64_t> abandoned;  // Not due, in the hand of a sender that died.
};

// Mostly nothing is due: this asks without taking the write lock.
Result<Waiting> FindWaiting(Database& db, Timestamp now) {
  auto rows =
      TRY(db.Query("SELECT id, next_at, claimed_by FROM outbox WHERE state = 'queued' AND"
                   " (next_at <= ? OR claimed_by <> '')",
                   {now}));
  Waiting waiting;
  for (const Row& row : rows) {
    if (row.Time("next_at") <= now) {
      waiting.any_due = true;
    } else if (IsDead(row.Text("claimed_by"))) {
      waiting.abandoned.push_back(row.Integer("id"));
    }
  }
  return waiting;
}

}  // namespace

std::string_view ToString(OutboxState state) {
  switch (state) {
    case OutboxState::kQueued:
      return "queued";
    case OutboxState::kDelivered:
      return "delivered";
    case OutboxState::kFailed:
      return "failed";
  }
  return "";
}

Result<int64_t> Enqueue(Transaction& tx, const std::string& channel, const std::string& key,
                        const Json& body, Timestamp now) {
  TRY(tx.Execute(
      "INSERT INTO outbox (channel, key, state, attempts, created_at, next_at, updated_at, body)"
      " VALUES (?, ?, 'queued', 0, ?, ?, ?, ?) ON CONFLICT (channel, key) DO NOTHING",
      {channel, key, now, now, now, body}));
  auto rows = TRY(tx.Query("SELECT id FROM outbox WHERE channel = ? AND key = ?", {channel, key}));
  return rows.at(0).Integer("id");
}

Result<std::vector<OutboxMessage>> ClaimDue(Database& db, Timestamp now, Duration claim,
                                            int64_t limit) {
  Waiting waiting = TRY(FindWaiting(db, now));
  if (!waiting.any_due && waiting.abandoned.empty()) return std::vector<OutboxMessage>();
  const std::string sender = ThisSender();
  return db.Write([&](Transaction& tx) -> Result<std::vector<OutboxMessage>> {
    for (int64_t id : waiting.abandoned) {
      TRY(
          tx.Execute("UPDATE outbox SET next_at = ?, claimed_by = '' WHERE id = ? AND"
                     " state = 'queued' AND claimed_by <> ?",
                     {now, id, sender}));
    }
    auto rows = TRY(tx.Query(fmt::format("SELECT {} FROM outbox WHERE state = 'queued' AND"
                                         " next_at <= ? ORDER BY next_at, id LIMIT ?",
                                         kColumns),
                             {now, limit}));
    auto messages = ToMessages(rows);
    for (OutboxMessage& message : messages) {
      ++message.attempts;
      message.next_at = now + claim;
      TRY(
          tx.Execute("UPDATE outbox SET attempts = ?, next_at = ?, updated_at = ?, claimed_by = ?"
                     " WHERE id = ?",
                     {message.attempts, message.next_at, now, sender, message.id}));
    }
    return messages;
  });
}

Result<void> MarkDelivered(Transaction& tx, int64_t id, Timestamp now) {
  TRY(tx.Execute(
      "UPDATE outbox SET state = 'delivered', updated_at = ?, last_error = '', claimed_by = ''"
      " WHERE id = ?",
      {now, id}));
  return {};
}

Result<void> MarkFailed(Transaction& tx, int64_t id, const std::string& error, Timestamp now,
                        std::optional<Timestamp> retry_at) {
  // One that another sender has delivered meanwhile stays delivered.
  TRY(
      tx.Execute("UPDATE outbox SET state = ?, next_at = ?, updated_at = ?, last_error = ?,"
                 " claimed_by = '' WHERE id = ? AND state = 'queued'",
                 {retry_at ? "queued" : "failed", retry_at.value_or(now), now, error, id}));
  return {};
}

Result<std::vector<OutboxMessage>> ListOutbox(Transaction& tx, std::optional<OutboxState> state,
                                              int64_t limit) {
  Params params;
  std::string where;
  if (state) {
    where = "WHERE state = ? ";
    params.emplace_back(ToString(*state));
  }
  params.emplace_back(limit);
  auto rows = TRY(tx.Query(
      fmt::format("SELECT {} FROM outbox {}ORDER BY id DESC LIMIT ?", kColumns, where), params));
  return ToMessages(rows);
}

Result<std::optional<Timestamp>> NextDue(Transaction& tx) {
  auto rows = TRY(tx.Query("SELECT MIN(next_at) AS at FROM outbox WHERE state = 'queued'"));
  return rows.at(0).OptionalTime("at");
}

}  // namespace andon::store
