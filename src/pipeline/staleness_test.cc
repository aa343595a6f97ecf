#include "pipeline/staleness.h"

#include <gtest/gtest.h>

namespace andon::pipeline {
namespace {

using definition::Dataset;

Dataset Payment() {
  return {.address = "dataset.payment",
          .name = "payment",
          .source = "source.files",
          .source_table = "payment",
          .columns = {{.name = "id", .type = "long"}}};
}
Dataset Revenue() {
  return {.address = "dataset.revenue",
          .name = "revenue",
          .sql = "select * from payment",
          .columns = {{.name = "id", .type = "long"}}};
}
Basis BasisOf(const Dataset& dataset, std::map<std::string, int64_t> inputs = {}) {
  return {Fingerprint(dataset, true), Fingerprint(dataset, false), std::move(inputs)};
}

TEST(Staleness, OfLoads) {
  const Dataset payment = Payment();
  Dataset wider = payment;
  wider.columns.push_back({.name = "note", .type = "string"});
  Dataset checked = payment;
  checked.checks.push_back({.name = "positive", .type = "expect_sql"});

  EXPECT_EQ(NeedOf(payment, {}, {}, {}, "", false).work, Work::kNone);
  EXPECT_EQ(NeedOf(payment, {.new_deliveries = 2}, {}, {}, "", false).why, "2 new deliveries");
  EXPECT_EQ(NeedOf(payment, {.published = BasisOf(payment)}, {}, {}, "", false).why, "up to date");
  EXPECT_EQ(NeedOf(wider, {.published = BasisOf(payment)}, {}, {}, "", false).work, Work::kShape);
  EXPECT_EQ(NeedOf(checked, {.published = BasisOf(payment)}, {}, {}, "", false).work, Work::kNone);
  EXPECT_EQ(NeedOf(payment, {.published = BasisOf(payment)}, {}, {}, "", true).work, Work::kLoad);

  // What was rejected is left alone until the definition changes.
  DatasetFacts red{.published = BasisOf(payment), .failed = BasisOf(payment), .red_deliveries = 1};
  EXPECT_EQ(NeedOf(payment, red, {}, {}, "", false).work, Work::kNone);
  EXPECT_TRUE(NeedOf(payment, red, {}, {}, "", false).is_red);
  Need again = NeedOf(checked, red, {}, {}, "", false);
  EXPECT_EQ(again.work, Work::kLoad);
  EXPECT_TRUE(again.retry_red);
  // A later delivery is not in its way.
  red.new_deliveries = 1;
  EXPECT_EQ(NeedOf(payment, red, {}, {}, "", false).work, Work::kLoad);
  EXPECT_FALSE(NeedOf(payment, red, {}, {}, "", false).retry_red);
  // A hold is above all.
  red.hold = "held by ana";
  EXPECT_TRUE(NeedOf(payment, red, {}, {}, "", true).is_held);
}

TEST(Staleness, OfModels) {
  const Dataset revenue = Revenue();
  const std::vector<std::string> reads = {"dataset.payment"};
  const std::map<std::string, int64_t> at_1 = {{"dataset.payment", 1}},
                                       at_2 = {{"dataset.payment", 2}};
  EXPECT_EQ(NeedOf(revenue, {}, reads, {}, "", false).why, "payment has no data yet");
  EXPECT_EQ(NeedOf(revenue, {}, reads, at_1, "", false).why, "it was never built");
  DatasetFacts built{.published = BasisOf(revenue, at_1)};
  EXPECT_EQ(NeedOf(revenue, built, reads, at_1, "", false).work, Work::kNone);
  EXPECT_EQ(NeedOf(revenue, built, reads, at_2, "", false).why, "payment has a new version");
  EXPECT_EQ(NeedOf(revenue, built, reads, at_1, "", true).work, Work::kBuild);
  Dataset edited = revenue;
  edited.sql += " where true";
  EXPECT_EQ(NeedOf(edited, built, reads, at_1, "", false).why, "its definition changed");
  // The same inputs and the same SQL fail the same way.
  built.failed = BasisOf(revenue, at_2);
  EXPECT_TRUE(NeedOf(revenue, built, reads, at_2, "", false).is_red);
  EXPECT_EQ(NeedOf(revenue, built, reads, at_2, "", false).work, Work::kNone);
  EXPECT_EQ(NeedOf(edited, built, reads, at_2, "", false).work, Work::kBuild);
  EXPECT_EQ(NeedOf(revenue, built, reads, at_1, "", false).work, Work::kNone);
}

TEST(Staleness, WordsThatChangeNothing) {
  Dataset payment = Payment(), told = payment;
  told.description = "One row for each payment.";
  told.owner = "team.payments";
  told.tags = {"finance"};
  told.positions = Json::Object({{"", "a.andon.hcl:3"}});
  EXPECT_EQ(Fingerprint(payment, true), Fingerprint(told, true));
  EXPECT_EQ(BasisFromJson(ToJson(BasisOf(payment, {{"dataset.x", 3}}))),
            BasisOf(payment, {{"dataset.x", 3}}));
}

TEST(Staleness, OfIntervals) {
  const Dataset daily = Revenue();
  const std::vector<std::string> reads = {"dataset.payment"};
  const std::map<std::string, int64_t> at_1 = {{"dataset.payment", 1}};
  DatasetFacts built{.published = BasisOf(daily, at_1)};
  built.published->interval = "1 to 2";
  EXPECT_EQ(NeedOf(daily, built, reads, at_1, "1 to 2", false).work, Work::kNone);
  EXPECT_EQ(NeedOf(daily, built, reads, at_1, "2 to 3", false).why, "it was not built for 2 to 3");
  // Red for one interval is not red for the next.
  built.failed = built.published;
  built.failed->interval = "2 to 3";
  EXPECT_TRUE(NeedOf(daily, built, reads, at_1, "2 to 3", false).is_red);
  EXPECT_EQ(NeedOf(daily, built, reads, at_1, "3 to 4", false).work, Work::kBuild);
  EXPECT_EQ(BasisFromJson(ToJson(*built.failed)), *built.failed);
}

}  // namespace
}  // namespace andon::pipeline
