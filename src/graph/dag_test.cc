#include "graph/dag.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace andon::graph {
namespace {

using Nodes = std::vector<NodeId>;
using Edges = std::vector<std::pair<NodeId, NodeId>>;  // First depends on second.

Dag Make(int nodes, const Edges& edges) {
  Dag dag(nodes);
  for (auto [node, on] : edges) dag.AddEdge(node, on);
  return dag;
}

struct Case {
  const char* name;
  int nodes;
  Edges edges;
  Nodes order;  // Empty: none.
  Nodes cycle;
  std::vector<Nodes> components;
};

TEST(Dag, OrderCycleAndComponents) {
  const Case kCases[] = {
      {"empty", 0, {}, {}, {}, {}},
      {"alone", 3, {}, {0, 1, 2}, {}, {{0}, {1}, {2}}},
      {"chain backwards", 3, {{0, 1}, {1, 2}}, {2, 1, 0}, {}, {{2}, {1}, {0}}},
      {"diamond", 4, {{3, 1}, {3, 2}, {1, 0}, {2, 0}}, {0, 1, 2, 3}, {}, {{0}, {1}, {2}, {3}}},
      {"itself", 2, {{1, 1}}, {}, {1, 1}, {{0}, {1}}},
      {"circle of two", 4, {{1, 2}, {2, 1}, {3, 1}, {1, 0}}, {}, {1, 2, 1}, {{0}, {1, 2}, {3}}},
      {"shortest way round",
       4,
       {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {1, 0}},
       {},
       {0, 1, 0},
       {{0, 1, 2, 3}}},
      {"two circles", 4, {{0, 1}, {1, 0}, {2, 3}, {3, 2}, {0, 2}}, {}, {0, 1, 0}, {{2, 3}, {0, 1}}},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    Dag dag = Make(c.nodes, c.edges);
    auto order = dag.Order();
    EXPECT_EQ(order.has_value(), c.cycle.empty());
    if (order) {
      EXPECT_EQ(*order, c.order);
    }
    EXPECT_EQ(dag.FindCycle(), c.cycle);
    EXPECT_EQ(dag.Components(), c.components);
  }
}

TEST(Dag, KeepsAnEdgeOnce) {
  Dag dag = Make(2, {{1, 0}, {1, 0}});
  EXPECT_EQ(dag.edges(), 1);
  EXPECT_TRUE(dag.HasEdge(1, 0));
  EXPECT_FALSE(dag.HasEdge(0, 1));
}

TEST(Dag, ClosuresWithDepth) {
  Dag dag = Make(6, {{1, 0}, {2, 1}, {3, 2}, {4, 1}, {5, 5}});
  EXPECT_EQ(dag.UpstreamOf({3}), (Nodes{0, 1, 2}));
  EXPECT_EQ(dag.UpstreamOf({3}, 1), (Nodes{2}));
  EXPECT_EQ(dag.UpstreamOf({3}, 0), (Nodes{}));
  EXPECT_EQ(dag.DownstreamOf({0}), (Nodes{1, 2, 3, 4}));
  EXPECT_EQ(dag.DownstreamOf({0}, 2), (Nodes{1, 2, 4}));
  EXPECT_EQ(dag.DownstreamOf({1, 0}), (Nodes{1, 2, 3, 4}));
  EXPECT_EQ(dag.DownstreamOf({5}), (Nodes{5}));
}

TEST(Dag, TransitiveReductionDropsWhatIsImplied) {
  Dag reduced = Make(4, {{3, 0}, {3, 2}, {2, 1}, {1, 0}, {3, 1}}).TransitiveReduction();
  EXPECT_EQ(reduced.edges(), 3);
  EXPECT_TRUE(reduced.HasEdge(3, 2) && reduced.HasEdge(2, 1) && reduced.HasEdge(1, 0));
}

TEST(Dag, CondenseJoinsCircles) {
  Nodes component_of;
  Dag dag = Make(4, {{1, 2}, {2, 1}, {3, 1}, {3, 2}, {1, 0}});
  Dag condensed = Condense(dag, &component_of);
  EXPECT_EQ(component_of, (Nodes{0, 1, 1, 2}));
  EXPECT_EQ(condensed.edges(), 2);
  EXPECT_EQ(*condensed.Order(), (Nodes{0, 1, 2}));
}

TEST(Dag, ALongChainNeedsNoStack) {
  constexpr int kLength = 200000;
  Dag dag(kLength);
  for (int i = 1; i < kLength; ++i) dag.AddEdge(i - 1, i);
  EXPECT_EQ(dag.Components().size(), static_cast<size_t>(kLength));
  dag.AddEdge(kLength - 1, 0);
  EXPECT_EQ(dag.Components().size(), 1u);
  EXPECT_EQ(dag.FindCycle().size(), static_cast<size_t>(kLength + 1));
}

TEST(Dag, OrderHoldsOnRandomGraphs) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    int n = 1 + static_cast<int>(random() % 30);
    Dag dag(n);
    Nodes shuffled(n);
    for (int i = 0; i < n; ++i) shuffled[i] = i;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    for (int e = 0; e < 2 * n; ++e) {
      int a = random() % n, b = random() % n;
      if (a != b) dag.AddEdge(shuffled[std::max(a, b)], shuffled[std::min(a, b)]);
    }
    auto order = dag.Order();
    ASSERT_TRUE(order);
    std::vector<int> position(n);
    for (int i = 0; i < n; ++i) position[(*order)[i]] = i;
    Dag reduced = dag.TransitiveReduction();
    for (NodeId node = 0; node < n; ++node) {
      for (NodeId on : dag.DependenciesOf(node)) EXPECT_LT(position[on], position[node]);
      EXPECT_EQ(reduced.UpstreamOf({node}), dag.UpstreamOf({node}));
    }
    EXPECT_TRUE(dag.FindCycle().empty());
  }
}

}  // namespace
}  // namespace andon::graph
