#include "quality/over_time.h"

#include <gtest/gtest.h>

#include "quality/run.h"
#include "sql/engine.h"

namespace andon::quality {
namespace {

Observation At(const char* time, double value) { return {*ParseTimestamp(time), value}; }

TEST(OverTime, WhatAWordMeans) {
  std::vector<Observation> history = {At("2005-08-02T06:00:00Z", 10),
                                      At("2005-08-09T06:00:00Z", 20),
                                      At("2005-08-16T06:00:00Z", 30),
                                      At("2005-08-23T06:00:00Z", 40),
                                      At("2005-08-29T06:00:00Z", 45),
                                      At("2005-08-29T18:00:00Z", 50),
                                      {*ParseTimestamp("2005-08-30T01:00:00Z"), Json()}};
  Surroundings around{.now = *ParseTimestamp("2005-08-30T06:00:00Z"), .history = &history};
  EXPECT_EQ(EarlierValue(around, "")->value, 50);
  EXPECT_EQ(EarlierValue(around, "yesterday")->value, 50);
  EXPECT_EQ(EarlierValue(around, "last_week")->value, 40);
  EXPECT_EQ(EarlierValue(around, "same_weekday")->value, 25);
  around.now = *ParseTimestamp("2005-09-10T06:00:00Z");
  EXPECT_EQ(EarlierValue(around, "yesterday"), std::nullopt);
  EXPECT_EQ(EarlierValue({.now = around.now}, "previous"), std::nullopt);
}

TEST(OverTime, AChangeBeyondItsBoundsFails) {
  sql::Engine engine = *sql::Engine::Open({.threads = 1});
  sql::Connection connection = *engine.Connect();
  ASSERT_TRUE(connection.Execute("CREATE TABLE t AS SELECT range AS id FROM range(60)").ok());
  Diagnostics none;
  std::vector<CheckSpec> checks = {ReadCheck(
      "rows", "expect_aggregate_change_to_be_between",
      *Json::Parse(R"x({"expression":"count(*)","compared_to":"yesterday","max_value":0.5})x"), {},
      &none)};
  RunOptions options{.history = {{"rows", {At("2005-08-29T06:00:00Z", 50)}}}};
  auto run = [&] { return (*RunChecks(connection, "t", {{"id", "long"}}, checks, options))[0]; };
  EXPECT_EQ(run().message, "This check needs to know what time it is.");
  options.now = *ParseTimestamp("2005-08-30T06:00:00Z");
  CheckResult result = run();
  EXPECT_EQ(result.state, CheckState::kPassed) << result.message;
  EXPECT_EQ(result.observed_value, Json(60));
  EXPECT_NEAR(result.details["change"].AsDouble(), 0.2, 1e-12);
  options.history["rows"][0].value = 30;
  result = run();
  EXPECT_EQ(result.state, CheckState::kFailed);
  EXPECT_EQ(result.details["compared_with"], Json(30.0));
}

}  // namespace
}  // namespace andon::quality
