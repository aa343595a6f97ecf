#include "base/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace andon {
namespace {

TEST(Executor, RunsEverythingBeforeItEnds) {
  std::atomic<int> ran{0};
  {
    Executor executor(4);
    for (int i = 0; i < 1000; ++i) executor.Submit([&] { ++ran; });
  }
  EXPECT_EQ(ran, 1000);
}

TEST(Executor, RunsWhatWorkSubmitsWhileItDrains) {
  std::atomic<int> ran{0};
  std::function<void(Executor&, int)> spawn = [&](Executor& executor, int depth) {
    ++ran;
    if (depth == 0) return;
    for (int i = 0; i < 2; ++i) {
      executor.Submit([&spawn, &executor, depth] { spawn(executor, depth - 1); });
    }
  };
  {
    Executor executor(2);
    executor.Submit([&] { spawn(executor, 7); });
    // The destructor begins while the tree still grows.
  }
  EXPECT_EQ(ran, 255);
}

TEST(Executor, WithOneThreadKeepsTheOrder) {
  std::vector<int> order;
  {
    Executor executor(1);
    for (int i = 0; i < 100; ++i) executor.Submit([&order, i] { order.push_back(i); });
  }
  ASSERT_EQ(order.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[i], i);
}

}  // namespace
}  // namespace andon
