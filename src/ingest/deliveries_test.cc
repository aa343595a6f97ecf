#include "ingest/deliveries.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/text.h"
#include "io/memory_file_system.h"
#include "store/journal.h"

namespace andon::ingest {
namespace {

using std::chrono::hours;

class Deliveries : public testing::Test {
 protected:
  void SetUp() override {
    char dir[] = "/tmp/andon-deliveries-XXXXXX";
    ASSERT_NE(mkdtemp(dir), nullptr);
    dir_ = dir;
    auto db = store::OpenSqlite(dir_ + "/andon.db", {.create = true});
    ASSERT_TRUE(db.ok()) << db.error().message;
    db_ = std::move(*db);
    project_.sources.push_back({.address = "source.monthly",
                                .name = "monthly",
                                .type = "files",
                                .path = "in/{table}-{period}.csv"});
    project_.datasets.push_back({.address = "dataset.payment",
                                 .name = "payment",
                                 .source = "source.monthly",
                                 .source_table = "payment"});
  }
  void TearDown() override {
    db_.reset();
    std::filesystem::remove_all(dir_);
  }

  void Deliver(const std::string& name, const std::string& content) {
    clock_.Advance(hours(1));
    ASSERT_TRUE(files_.WriteAtomically("/p/in/" + name, content).ok());
  }
  int Look() {
    clock_.Advance(hours(1));
    auto n = RecordArrivals(*db_, files_, "/p", project_, project_.datasets[0], clock_, "test", "");
    EXPECT_TRUE(n.ok()) << n.error().message;
    return n.ok() ? *n : -1;
  }
  // "1 new 2005-05, 2 superseded 2005-06 by 3"
  std::string All() {
    auto list =
        db_->Read([](store::Transaction& tx) { return ListDeliveries(tx, "dataset.payment"); });
    std::vector<std::string> out;
    for (const Delivery& d : *list) {
      out.push_back(fmt::format("{} {} {}{}", d.id, ToString(d.state), d.period,
                                d.superseded_by ? fmt::format(" by {}", d.superseded_by) : ""));
    }
    return Join(out, ", ");
  }
  void Set(int64_t id, DeliveryState state) {
    auto done = db_->Write([&](store::Transaction& tx) -> Result<void> {
      auto d = TRY(FindDelivery(tx, std::to_string(id)));
      d.state = state;
      return SaveDelivery(tx, d, clock_.Now());
    });
    ASSERT_TRUE(done.ok());
  }

  std::string dir_;
  std::unique_ptr<store::Database> db_;
  ManualClock clock_{Timestamp(hours(500'000))};
  io::MemoryFileSystem files_{&clock_};
  definition::Project project_;
};

TEST_F(Deliveries, AreSeenOnce) {
  EXPECT_EQ(Look(), 0);
  Deliver("payment-2005-06.csv", "june");
  Deliver("payment-2005-05.csv", "may");
  EXPECT_EQ(Look(), 2);
  EXPECT_EQ(Look(), 0);
  EXPECT_EQ(All(), "1 new 2005-05, 2 new 2005-06");
}

TEST_F(Deliveries, ACorrectedOneSupersedesARejectedOne) {
  Deliver("payment-2005-08.csv", "bad");
  Look();
  Set(1, DeliveryState::kRejected);
  EXPECT_EQ(Look(), 0);  // Remembered.
  Deliver("payment-2005-08.csv", "good");
  EXPECT_EQ(Look(), 1);
  EXPECT_EQ(All(), "1 superseded 2005-08 by 2, 2 new 2005-08");
}

TEST_F(Deliveries, ACorrectionOfALoadedOneIsLoadedToo) {
  Deliver("payment-2005-08.csv", "first");
  Look();
  Set(1, DeliveryState::kLoaded);
  Deliver("payment-2005-08.csv", "second");
  EXPECT_EQ(Look(), 1);
  EXPECT_EQ(All(), "1 loaded 2005-08, 2 new 2005-08");
}

TEST_F(Deliveries, TheSameBytesAreNoDelivery) {
  Deliver("payment-2005-08.csv", "same");
  Look();
  Set(1, DeliveryState::kRejected);
  Deliver("payment-2005-08.csv", "same");  // Touched.
  EXPECT_EQ(Look(), 0);
  EXPECT_EQ(All(), "1 rejected 2005-08");
}

TEST_F(Deliveries, OneThatWentAwayIsNotWaitedFor) {
  Deliver("payment-2005-08.csv", "x");
  Look();
  ASSERT_TRUE(files_.Remove("/p/in/payment-2005-08.csv").ok());
  EXPECT_EQ(Look(), 0);
  EXPECT_EQ(All(), "1 superseded 2005-08");
}

TEST_F(Deliveries, ArriveWhenTheirFileWasWritten) {
  Deliver("payment-2005-05.csv", "may");
  Look();
  const Timestamp before = clock_.Now();
  Deliver("payment-2005-06.csv", "june");  // An hour later, and seen another hour later.
  Look();
  auto june =
      db_->Read([](store::Transaction& tx) { return FindDelivery(tx, "in/payment-2005-06.csv"); });
  ASSERT_TRUE(june.ok());
  EXPECT_EQ(june->arrived_at, before + hours(1));
  auto facts = db_->Read([](store::Transaction& tx) {
    return store::ReadFacts(tx, {.kinds = {store::fact::kDeliveryArrived}});
  });
  ASSERT_TRUE(facts.ok());
  EXPECT_EQ(facts->size(), 2u);
}

TEST_F(Deliveries, AreFoundByNumberAndPath) {
  Deliver("payment-2005-05.csv", "may");
  Look();
  for (const char* name : {"1", "#1", "in/payment-2005-05.csv", "./in/payment-2005-05.csv"}) {
    auto found = db_->Read([&](store::Transaction& tx) { return FindDelivery(tx, name); });
    EXPECT_TRUE(found.ok()) << name;
  }
  for (const char* name : {"2", "", "99999999999999999999", "x"}) {
    auto found = db_->Read([&](store::Transaction& tx) { return FindDelivery(tx, name); });
    ASSERT_FALSE(found.ok()) << name;
    EXPECT_EQ(found.error().kind, ErrorKind::kNotFound);
  }
}

}  // namespace
}  // namespace andon::ingest
