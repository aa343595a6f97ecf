#include "policy/drift.h"

#include <gtest/gtest.h>

#include "store/database.h"
#include "store/journal.h"
#include "store/test_database.h"

namespace andon::policy {
namespace {

using value::Value;

infra::ResourceChange Changed(Value before, Value after) {
  infra::ResourceChange change{
      .action = infra::Action::kUpdate, .before = std::move(before), .after = std::move(after)};
  change.address = {.kind = "aws_vpc", .name = "a"};
  return change;
}

Value Vpc(const char* tag, const char* secret) {
  return Value::Object({{"tag", Value::String(tag)},
                        {"secret", Value::String(secret).WithMarks(value::Mark::kSensitive)}});
}

using DriftTest = store::DatabaseTest;

TEST_F(DriftTest, TellsWhatDiffersAndHidesWhatIsSensitive) {
  Drift drift = DriftOf(Changed(Vpc("x", "s1"), Vpc("y", "s2")));
  EXPECT_EQ(drift.address, "aws_vpc.a");
  ASSERT_EQ(drift.attributes.size(), 2u);
  EXPECT_EQ(drift.attributes[0].name + drift.attributes[0].after, "secret(sensitive)");
  EXPECT_EQ(drift.attributes[1].before + drift.attributes[1].after, "\"x\"\"y\"");
}

TEST_F(DriftTest, IsRecordedOnceWhileItLasts) {
  ManualClock clock(Timestamp(std::chrono::hours(1)));
  infra::Plan plan;
  auto record = [&](bool was_asked = true) {
    clock.Advance(std::chrono::minutes(1));
    ASSERT_TRUE(RecordDrift(*db, clock, "ana", plan, was_asked).ok());
  };
  auto facts = [&] {
    auto read = db->Read([](store::Transaction& tx) {
      return store::ReadFacts(tx, {.kinds = {kDriftSeen, kDriftGone}});
    });
    std::string kinds;
    for (const store::Fact& fact : read.value()) {
      EXPECT_EQ(fact.body.Dump().find("s2"), std::string::npos);
      kinds += (kinds.empty() ? "" : " ") + fact.kind;
    }
    return kinds;
  };
  record();
  EXPECT_EQ(facts(), "");
  plan.drift.push_back(Changed(Vpc("x", "s1"), Vpc("y", "s2")));
  record();
  record();
  EXPECT_EQ(facts(), "drift_seen");
  auto open = ReadDrift(*db, false);
  ASSERT_EQ(open->size(), 1u);
  EXPECT_EQ((*open)[0].last_seen - (*open)[0].first_seen, std::chrono::minutes(1));
  // Nobody asked, or not for everything: what was not seen may still be there.
  infra::Plan seen = plan;
  plan.drift.clear();
  record(false);
  plan.is_partial = true;
  record();
  EXPECT_EQ(facts(), "drift_seen");
  plan.is_partial = false;
  record();
  EXPECT_EQ(facts(), "drift_seen drift_gone");
  EXPECT_TRUE(ReadDrift(*db, false)->empty());
  EXPECT_EQ(ReadDrift(*db, true)->size(), 1u);
  // And back again: a new one.
  plan = std::move(seen);
  record();
  EXPECT_EQ(facts(), "drift_seen drift_gone drift_seen");
}

}  // namespace
}  // namespace andon::policy
