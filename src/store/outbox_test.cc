#include "store/outbox.h"

#include "store/test_database.h"

namespace andon::store {
namespace {

using std::chrono::seconds;

struct OutboxTest : DatabaseTest {
  int64_t Add(const std::string& channel, const std::string& key) {
    return *db->Write([&](Transaction& tx) {
      return Enqueue(tx, channel, key, Json::Object({{"key", key}}), now);
    });
  }
  std::vector<std::string> Claim(Duration claim = seconds(60), int64_t limit = 10) {
    auto messages = ClaimDue(*db, now, claim, limit);
    std::vector<std::string> keys;
    for (const auto& message : *messages) keys.push_back(message.key);
    return keys;
  }
  Timestamp now = FromMillis(1700000000000);
};

using Keys = std::vector<std::string>;

TEST_F(OutboxTest, AMessageIsThereOnlyWithItsTransaction) {
  auto failed = db->Write([&](Transaction& tx) -> Result<void> {
    TRY(Enqueue(tx, "c", "k", Json::Object(), now));
    return Error::Invalid("no");
  });
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(Claim(), Keys{});
}

TEST_F(OutboxTest, TheSameKeyIsOneMessage) {
  int64_t id = Add("c", "k");
  EXPECT_EQ(Add("c", "k"), id);
  EXPECT_NE(Add("d", "k"), id);
  EXPECT_EQ(Claim(), (Keys{"k", "k"}));
}

TEST_F(OutboxTest, AClaimedMessageComesBackIfNobodyMarksIt) {
  Add("c", "a");
  Add("c", "b");
  EXPECT_EQ(Claim(seconds(60), 1), (Keys{"a"}));
  EXPECT_EQ(Claim(seconds(60), 1), (Keys{"b"}));
  EXPECT_EQ(Claim(), Keys{});
  now += seconds(60);
  auto again = ClaimDue(*db, now, seconds(60), 10);
  ASSERT_EQ(again->size(), 2u);
  EXPECT_EQ((*again)[0].attempts, 2);
}

TEST_F(OutboxTest, WhatAKilledSenderHadIsFreeAtOnce) {
  Add("c", "a");
  EXPECT_EQ(Claim(), (Keys{"a"}));
  EXPECT_EQ(Claim(), Keys{});  // Its sender, this process, lives.
  // As if a process had it that had this number before.
  ASSERT_TRUE(db->Execute("UPDATE outbox SET claimed_by = claimed_by || '0'").ok());
  EXPECT_EQ(Claim(), (Keys{"a"}));
  EXPECT_EQ(Claim(), Keys{});
  // Of another host nobody knows.
  ASSERT_TRUE(db->Execute("UPDATE outbox SET claimed_by = 'elsewhere-' || claimed_by || '0'").ok());
  EXPECT_EQ(Claim(), Keys{});
  now += seconds(60);
  EXPECT_EQ(Claim(), (Keys{"a"}));
}

TEST_F(OutboxTest, MarksEndOrPostpone) {
  int64_t a = Add("c", "a"), b = Add("c", "b"), c = Add("c", "c");
  EXPECT_EQ(Claim().size(), 3u);
  ASSERT_TRUE(db->Write([&](Transaction& tx) -> Result<void> {
                  TRY(MarkDelivered(tx, a, now));
                  TRY(MarkFailed(tx, b, "down", now, now + seconds(5)));
                  TRY(MarkFailed(tx, c, "refused", now, std::nullopt));
                  TRY(MarkFailed(tx, a, "late", now, now));  // Stays delivered.
                  return {};
                }).ok());
  EXPECT_EQ(*db->Read(NextDue), now + seconds(5));
  now += seconds(4);
  EXPECT_EQ(Claim(), Keys{});
  now += seconds(1);
  EXPECT_EQ(Claim(), (Keys{"b"}));
  auto all = db->Read([](Transaction& tx) { return ListOutbox(tx, std::nullopt, 10); });
  ASSERT_EQ(all->size(), 3u);
  EXPECT_EQ((*all)[0].state, OutboxState::kFailed);
  EXPECT_EQ((*all)[0].last_error, "refused");
  EXPECT_EQ((*all)[1].state, OutboxState::kQueued);
  EXPECT_EQ((*all)[2].state, OutboxState::kDelivered);
  EXPECT_EQ((*all)[2].body["key"].AsString(), "a");
  auto failed = db->Read([](Transaction& tx) { return ListOutbox(tx, OutboxState::kFailed, 10); });
  EXPECT_EQ(failed->size(), 1u);
}

TEST_F(OutboxTest, NothingIsDueOfNothing) { EXPECT_EQ(*db->Read(NextDue), std::nullopt); }

}  // namespace
}  // namespace andon::store
