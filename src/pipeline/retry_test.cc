#include "pipeline/retry.h"

#include <gtest/gtest.h>

#include <fmt/ranges.h>

#include "base/text.h"

namespace andon::pipeline {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Timestamp At(int64_t s) { return Timestamp(seconds(s)); }

// "start 0/1, hold 2 (1)".
std::string ToText(const std::vector<Effect>& effects) {
  std::vector<std::string> out;
  for (const Effect& e : effects) {
    if (e.kind == Effect::kStart) out.push_back(fmt::format("start {}/{}", e.unit, e.attempt));
    if (e.kind == Effect::kCancel) out.push_back(fmt::format("cancel {}", e.unit));
    if (e.kind == Effect::kHold) {
      out.push_back(fmt::format("hold {} ({})", e.unit, fmt::join(e.because, " ")));
    }
  }
  return Join(out, ", ");
}

TEST(Tasks, GoInOrderAndAtMostSoManyAtATime) {
  Tasks tasks({{}, {}, {.depends_on = {0}}, {.depends_on = {1, 2}}}, 2);
  EXPECT_EQ(ToText(tasks.Step(At(0), {})), "start 0/1, start 1/1");
  EXPECT_EQ(ToText(tasks.Step(At(1), {{Event::kGreen, 1}})), "");
  EXPECT_EQ(ToText(tasks.Step(At(2), {{Event::kGreen, 0}})), "start 2/1");
  EXPECT_EQ(ToText(tasks.Step(At(3), {{Event::kGreen, 2}})), "start 3/1");
  EXPECT_FALSE(tasks.is_over());
  tasks.Step(At(4), {{Event::kGreen, 3}});
  EXPECT_TRUE(tasks.is_over());
}

TEST(Tasks, RedHoldsAllDownstreamAndNothingElse) {
  Tasks tasks(
      {{}, {}, {.depends_on = {0}}, {.depends_on = {2}}, {.depends_on = {1}}, {.after = {0}}}, 4);
  tasks.Step(At(0), {});
  EXPECT_EQ(ToText(tasks.Step(At(1), {{Event::kRed, 0}, {Event::kGreen, 1}})),
            "hold 2 (0), hold 3 (2), start 4/1, start 5/1");
  EXPECT_EQ(tasks.state(3), TaskState::kHeld);
}

TEST(Tasks, FailuresAreTriedAgainLaterAndLater) {
  RetryPolicy policy{.retries = 2, .delay = seconds(10)};
  Tasks tasks({{.policy = policy}, {.depends_on = {0}}}, 1);
  EXPECT_EQ(ToText(tasks.Step(At(0), {})), "start 0/1");
  EXPECT_EQ(ToText(tasks.Step(At(5), {{Event::kFailed, 0}})), "");
  EXPECT_EQ(tasks.next_wake(), At(15));
  EXPECT_EQ(ToText(tasks.Step(At(14), {})), "");
  EXPECT_EQ(ToText(tasks.Step(At(15), {})), "start 0/2");
  tasks.Step(At(16), {{Event::kFailed, 0}});
  EXPECT_EQ(tasks.next_wake(), At(36));
  EXPECT_EQ(ToText(tasks.Step(At(36), {})), "start 0/3");
  EXPECT_EQ(ToText(tasks.Step(At(37), {{Event::kFailed, 0}})), "hold 1 (0)");
  EXPECT_EQ(tasks.state(0), TaskState::kFailed);
  EXPECT_TRUE(tasks.is_over());
}

TEST(Tasks, WhatFailsForGoodIsNotTriedAgain) {
  Tasks tasks({{.policy = {.retries = 5}}}, 1);
  tasks.Step(At(0), {});
  tasks.Step(At(1), {{Event::kFailedForGood, 0}});
  EXPECT_EQ(tasks.state(0), TaskState::kFailed);
}

TEST(Tasks, AStopLetsTheRunningOnesEnd) {
  Tasks tasks({{}, {}, {.depends_on = {0}}}, 1);
  tasks.Step(At(0), {});
  EXPECT_EQ(ToText(tasks.Step(At(1), {{Event::kStop}})), "cancel 1, cancel 2");
  EXPECT_FALSE(tasks.is_over());
  tasks.Step(At(2), {{Event::kGreen, 0}});
  EXPECT_TRUE(tasks.is_over());
}

TEST(Retry, DelaysDoubleUpToHalfAnHour) {
  RetryPolicy policy{.delay = seconds(30)};
  EXPECT_EQ(RetryDelay(policy, 1), seconds(30));
  EXPECT_EQ(RetryDelay(policy, 2), seconds(60));
  EXPECT_EQ(RetryDelay(policy, 6), seconds(960));
  EXPECT_EQ(RetryDelay(policy, 7), minutes(30));
  EXPECT_EQ(RetryDelay(policy, 1000), minutes(30));
  EXPECT_TRUE(ReadRetryPolicy(2, "1m", "1h").ok());
  EXPECT_FALSE(ReadRetryPolicy(2, "soon", "").ok());
}

}  // namespace
}  // namespace andon::pipeline
