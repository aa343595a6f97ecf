#include "validation/red_since.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "io/local_file_system.h"
#include "validation/record.h"
#include "validation/test_validation.h"

namespace andon::validation {
namespace {

class RedSinceTest : public testing::Test {
 protected:
  RedSinceTest() {
    auto opened = store::OpenSqlite(dir_ + "/andon.db", {.create = true});
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    if (opened.ok()) db_ = std::move(*opened);
  }
  ~RedSinceTest() override {
    db_.reset();
    (void)io::LocalFileSystem().RemoveAll(dir_);
  }

  // One validation of the check "amount" a day.
  void Keep(int64_t bad, const std::string& batch = "", const std::string& run = "") {
    Validation v = Payment({Made("amount", "amount", bad)});
    v.batch = batch;
    v.batch_identifiers = batch.empty() ? Json::Object() : Json::Object({{"month", batch}});
    v.trigger = run.empty() ? "check" : "run";
    v.run_id = run;
    v.release_id = run.empty() ? 0 : 3;
    v.started = T0() + std::chrono::hours(24 * day_++);
    auto kept = db_->Write([&](store::Transaction& tx) { return Record(tx, v); });
    EXPECT_TRUE(kept.ok()) << kept.error().message;
  }
  std::string Said(const std::string& batch = "") {
    Validation now = Payment({});
    now.trigger = "check";
    now.batch_identifiers = batch.empty() ? Json::Object() : Json::Object({{"month", batch}});
    auto since = db_->Read([&](store::Transaction& tx) { return FindRedSince(tx, now, "amount"); });
    EXPECT_TRUE(since.ok()) << since.error().message;
    return since.ok() && *since ? Sentence(**since) : "";
  }

  std::string dir_ = testing::TempDir() + "andon-red-since-" + RandomUuid();
  std::unique_ptr<store::Database> db_;
  int day_ = 0;
};

TEST_F(RedSinceTest, TheRowOfFailuresBeginsBehindTheLastGreenOne) {
  EXPECT_EQ(Said(), "");
  Keep(0);
  Keep(5);
  Keep(0);
  EXPECT_EQ(Said(), "It was green until now: validation 3 of 2026-11-22 was the last one.");
  Keep(1, "", "ab12");
  Keep(2);
  EXPECT_EQ(Said(),
            "Red since validation 4 of 2026-11-23 (run ab12, release 3); validation 3 of "
            "2026-11-22 was the last green one.");
  // Batches have a row of their own.
  EXPECT_EQ(Said("08"), "");
  Keep(7, "07");
  EXPECT_EQ(Said("08"), "Red since batch 07, validation 6 of 2026-11-25, the first that is kept.");
  EXPECT_NE(Said().find("validation 4"), std::string::npos);
}

TEST(RedBatches, TheFirstRedOneAndTheLastGreenBeforeIt) {
  // By batch: of check a and of check b.
  const std::vector<std::pair<int64_t, int64_t>> bad = {{0, 1}, {2, 1}, {3, 0}, {0, 4}, {5, 0}};
  std::vector<Validation> validations;
  for (const auto& [a, b] : bad)
    validations.push_back(Payment({Made("a", "amount", a), Made("b", "amount", b)}));
  std::vector<JudgedBatch> batches;
  for (size_t i = 0; i < validations.size(); ++i) {
    batches.push_back({fmt::format("2005-0{}", i + 1), {}});
    for (CheckedCheck& checked : validations[i].results)
      batches.back().results.push_back(&checked.result);
  }
  TellRedSince(batches);
  auto said = [&](size_t batch, size_t check) { return batches[batch].results[check]->first_bad; };
  EXPECT_EQ(said(0, 0), "");
  EXPECT_EQ(said(2, 0), "Red since 2005-02; 2005-01 is the last green batch.");
  EXPECT_EQ(said(4, 0), "Red since 2005-05; 2005-04 is the last green batch.");
  EXPECT_EQ(said(1, 1), "Red since 2005-01; no batch before it is green.");
  const std::vector<RedBatches> red = RedBatchesOf(batches);
  ASSERT_EQ(red.size(), 2u);
  EXPECT_EQ(red[0].check, "a");
  EXPECT_EQ(red[0].red, 3);
  EXPECT_EQ(red[0].first, "2005-02");
  EXPECT_EQ(red[0].last_green, "2005-01");
  EXPECT_EQ(red[1].first, "2005-01");
  EXPECT_EQ(red[1].last_green, "");
  // One batch has no row.
  batches.resize(1);
  EXPECT_TRUE(RedBatchesOf(batches).empty());
}

}  // namespace
}  // namespace andon::validation
