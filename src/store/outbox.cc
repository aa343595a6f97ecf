#include "store/outbox.h"

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
  // Mostly nothing is due: ask without taking the write lock.
  auto due =
      TRY(db.Query("SELECT 1 FROM outbox WHERE state = 'queued' AND next_at <= ? LIMIT 1", {now}));
  if (due.empty()) return std::vector<OutboxMessage>();
  return db.Write([&](Transaction& tx) -> Result<std::vector<OutboxMessage>> {
    auto rows = TRY(tx.Query(fmt::format("SELECT {} FROM outbox WHERE state = 'queued' AND"
                                         " next_at <= ? ORDER BY next_at, id LIMIT ?",
                                         kColumns),
                             {now, limit}));
    auto messages = ToMessages(rows);
    for (OutboxMessage& message : messages) {
      ++message.attempts;
      message.next_at = now + claim;
      TRY(tx.Execute("UPDATE outbox SET attempts = ?, next_at = ?, updated_at = ? WHERE id = ?",
                     {message.attempts, message.next_at, now, message.id}));
    }
    return messages;
  });
}

Result<void> MarkDelivered(Transaction& tx, int64_t id, Timestamp now) {
  TRY(tx.Execute(
      "UPDATE outbox SET state = 'delivered', updated_at = ?, last_error = '' WHERE id = ?",
      {now, id}));
  return {};
}

Result<void> MarkFailed(Transaction& tx, int64_t id, const std::string& error, Timestamp now,
                        std::optional<Timestamp> retry_at) {
  // One that another sender has delivered meanwhile stays delivered.
  TRY(
      tx.Execute("UPDATE outbox SET state = ?, next_at = ?, updated_at = ?, last_error = ?"
                 " WHERE id = ? AND state = 'queued'",
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
