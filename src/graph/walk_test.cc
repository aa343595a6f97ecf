#include "graph/walk.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <random>

#include "base/executor.h"

namespace andon::graph {
namespace {

using enum Outcome;

TEST(Walk, AFailureSkipsOnlyWhatIsDownstream) {
  Dag dag(6);  // 0 ← 1 ← 2, and 0 ← 3 ← 4; 5 depends on 2 and 4.
  dag.AddEdge(1, 0);
  dag.AddEdge(2, 1);
  dag.AddEdge(3, 0);
  dag.AddEdge(4, 3);
  dag.AddEdge(5, 2);
  dag.AddEdge(5, 4);
  Executor executor(4);
  auto outcomes = Walk(dag, 4, executor, {}, [](NodeId node) { return node != 1; });
  EXPECT_EQ(outcomes, (std::vector{kDone, kFailed, kSkipped, kDone, kDone, kSkipped}));
}

TEST(Walk, AloneItFollowsTheOrderOfTheGraph) {
  Dag dag(5);
  dag.AddEdge(0, 4);
  dag.AddEdge(1, 3);
  Executor executor(3);
  std::vector<NodeId> visited;
  Walk(dag, 1, executor, {}, [&](NodeId node) {
    visited.push_back(node);
    return true;
  });
  EXPECT_EQ(visited, *dag.Order());
}

TEST(Walk, VisitsAtTheSameTimeUpToTheLimit) {
  Dag dag(3);
  Executor executor(3);
  std::latch all(3);
  // Each visit waits for the others: one after another would never end.
  auto outcomes = Walk(dag, 3, executor, {}, [&](NodeId) {
    all.arrive_and_wait();
    return true;
  });
  EXPECT_EQ(outcomes, (std::vector{kDone, kDone, kDone}));
}

TEST(Walk, StopsBeforeTheNextVisit) {
  Dag dag(3);
  dag.AddEdge(1, 0);
  dag.AddEdge(2, 1);
  Executor executor(2);
  std::stop_source stop;
  auto outcomes = Walk(dag, 2, executor, stop.get_token(), [&](NodeId) {
    stop.request_stop();
    return true;
  });
  EXPECT_EQ(outcomes, (std::vector{kDone, kStopped, kStopped}));
}

TEST(Walk, OfNothing) {
  Executor executor(1);
  EXPECT_TRUE(Walk(Dag(), 1, executor, {}, [](NodeId) { return true; }).empty());
}

// With TSan this is also the proof that dependents see what a visit wrote.
TEST(Walk, RandomGraphsInParallel) {
  std::mt19937 random(11);
  Executor executor(8);
  for (int round = 0; round < 100; ++round) {
    int n = 1 + static_cast<int>(random() % 60);
    int parallel = 1 + static_cast<int>(random() % 8);
    Dag dag(n);
    for (int e = 0; e < 3 * n; ++e) {
      int a = random() % n, b = random() % n;
      if (a != b) dag.AddEdge(std::max(a, b), std::min(a, b));
    }
    int bad = random() % n;
    std::vector<int> value(n);  // No lock: the walk orders the accesses.
    std::atomic<int> running{0}, most{0};
    auto outcomes = Walk(dag, parallel, executor, {}, [&](NodeId node) {
      int now = ++running;
      for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
      }
      int sum = 1;
      for (NodeId on : dag.DependenciesOf(node)) sum += value[on];
      value[node] = sum;
      --running;
      return node != bad;
    });
    EXPECT_LE(most, parallel);
    auto skipped = dag.DownstreamOf({bad});
    for (NodeId node = 0; node < n; ++node) {
      bool below = std::find(skipped.begin(), skipped.end(), node) != skipped.end();
      EXPECT_EQ(outcomes[node], node == bad ? kFailed : below ? kSkipped : kDone);
      EXPECT_EQ(value[node] == 0, below);
    }
  }
}

TEST(WalkParts, ThePartsOfANodeRunAtTheSameTimeBeforeWhatDependsOnIt) {
  Dag dag(2);
  dag.AddEdge(1, 0);
  Executor executor(3);
  std::latch all(3);
  std::atomic<int> parts = 0, seen = -1, ended = -1;
  auto outcomes = WalkParts(dag, 3, executor, {},
                            {.begin =
                                 [&](NodeId node) {
                                   if (node == 1) seen = parts.load();
                                   return node == 0 ? 3 : 0;
                                 },
                             .part =
                                 [&](NodeId, int) {
                                   all.arrive_and_wait();
                                   ++parts;
                                   return true;
                                 },
                             .end =
                                 [&](NodeId node) {
                                   if (node == 0) ended = parts.load();
                                   return true;
                                 }});
  EXPECT_EQ(outcomes, (std::vector{kDone, kDone}));
  EXPECT_EQ(ended, 3);
  EXPECT_EQ(seen, 3);
}

TEST(WalkParts, AFailedPartLeavesTheOthersAndFailsTheNode) {
  Dag dag(3);
  dag.AddEdge(1, 0);
  Executor executor(2);
  std::atomic<int> parts = 0, ends = 0;
  auto outcomes = WalkParts(dag, 2, executor, {},
                            {.begin = [](NodeId node) { return node == 2 ? -1 : 5; },
                             .part =
                                 [&](NodeId, int part) {
                                   ++parts;
                                   return part != 2;
                                 },
                             .end =
                                 [&](NodeId) {
                                   ++ends;
                                   return true;
                                 }});
  EXPECT_EQ(outcomes, (std::vector{kFailed, kSkipped, kFailed}));
  EXPECT_EQ(parts, 5);
  EXPECT_EQ(ends, 2);  // Also of the one whose beginning failed.
}

TEST(WalkParts, AStopEndsWhatWasBegun) {
  Dag dag(2);
  dag.AddEdge(1, 0);
  Executor executor(1);
  std::stop_source stop;
  std::vector<NodeId> ended;
  int parts = 0;
  auto outcomes = WalkParts(dag, 1, executor, stop.get_token(),
                            {.begin = [](NodeId) { return 4; },
                             .part =
                                 [&](NodeId, int part) {
                                   ++parts;
                                   if (part == 1) stop.request_stop();
                                   return true;
                                 },
                             .end =
                                 [&](NodeId node) {
                                   ended.push_back(node);
                                   return true;
                                 }});
  EXPECT_EQ(outcomes, (std::vector{kStopped, kStopped}));
  EXPECT_EQ(parts, 2);
  EXPECT_EQ(ended, std::vector<NodeId>{0});
}

TEST(WalkParts, ManyNodesOfManyPartsOnFewThreads) {
  constexpr int kNodes = 300;
  Dag dag(kNodes);
  std::mt19937 random(7);
  for (int node = 1; node < kNodes; ++node) {
    for (int i = 0; i < 3; ++i) dag.AddEdge(node, static_cast<NodeId>(random() % node));
  }
  Executor executor(4);
  std::vector<std::atomic<int>> left(kNodes);
  std::vector<std::atomic<bool>> over(kNodes);
  std::atomic<bool> in_order = true;
  auto outcomes = WalkParts(dag, 4, executor, {},
                            {.begin =
                                 [&](NodeId node) {
                                   for (NodeId on : dag.DependenciesOf(node)) {
                                     if (!over[on]) in_order = false;
                                   }
                                   left[node] = node % 7;
                                   return node % 7;
                                 },
                             .part =
                                 [&](NodeId node, int) {
                                   --left[node];
                                   return true;
                                 },
                             .end =
                                 [&](NodeId node) {
                                   if (left[node] != 0) in_order = false;
                                   over[node] = true;
                                   return true;
                                 }});
  EXPECT_EQ(outcomes, std::vector<Outcome>(kNodes, kDone));
  EXPECT_TRUE(in_order);
}

}  // namespace
}  // namespace andon::graph
