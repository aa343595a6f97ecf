#include "graph/layout.h"

#include <gtest/gtest.h>

#include <random>

namespace andon::graph {
namespace {

void ExpectSound(const Dag& dag, const Layout& layout) {
  for (NodeId a = 0; a < dag.size(); ++a) {
    EXPECT_GE(layout.nodes[a].row, 0);
    EXPECT_LE(layout.nodes[a].row + 1, layout.rows + 1e-9);
    EXPECT_LT(layout.nodes[a].rank, layout.ranks);
    for (NodeId b = 0; b < a; ++b) {
      if (layout.nodes[a].rank != layout.nodes[b].rank) continue;
      EXPECT_GE(std::abs(layout.nodes[a].row - layout.nodes[b].row), 1 - 1e-9);
    }
  }
}

int Crossings(const Dag& dag, const Layout& layout) {
  std::vector<std::pair<NodeId, NodeId>> edges;
  for (NodeId node = 0; node < dag.size(); ++node) {
    for (NodeId on : dag.DependenciesOf(node)) edges.push_back({on, node});
  }
  int crossings = 0;
  for (auto [a, b] : edges) {
    for (auto [c, d] : edges) {
      if (layout.nodes[a].rank != layout.nodes[c].rank) continue;
      if (layout.nodes[b].rank != layout.nodes[d].rank) continue;
      if (layout.nodes[a].row < layout.nodes[c].row && layout.nodes[b].row > layout.nodes[d].row) {
        ++crossings;
      }
    }
  }
  return crossings;
}

TEST(Layout, OfNothing) {
  Layout layout = LayOut(Dag());
  EXPECT_EQ(layout.ranks, 0);
  EXPECT_EQ(layout.rows, 0);
}

TEST(Layout, DependenciesStandToTheLeft) {
  Dag dag(5);
  dag.AddEdge(1, 0);
  dag.AddEdge(2, 1);
  dag.AddEdge(2, 0);
  dag.AddEdge(2, 3);
  dag.AddEdge(4, 2);
  Layout layout = LayOut(dag);
  ExpectSound(dag, layout);
  EXPECT_EQ(layout.ranks, 4);
  EXPECT_EQ(layout.nodes[0].rank, 0);
  EXPECT_EQ(layout.nodes[2].rank, 2);
  EXPECT_EQ(layout.nodes[3].rank, 1) << "a source stands beside what uses it";
}

TEST(Layout, UntanglesCrossedPairs) {
  Dag dag(6);
  dag.AddEdge(3, 2);
  dag.AddEdge(4, 1);
  dag.AddEdge(5, 0);
  EXPECT_EQ(Crossings(dag, LayOut(dag)), 0);
}

TEST(Layout, CirclesDoNotDisturb) {
  Dag dag(4);
  dag.AddEdge(0, 1);
  dag.AddEdge(1, 0);
  dag.AddEdge(2, 1);
  dag.AddEdge(3, 3);
  Layout layout = LayOut(dag);
  ExpectSound(dag, layout);
  EXPECT_LT(layout.nodes[1].rank, layout.nodes[2].rank);
}

TEST(Layout, IsSoundAndStableOnRandomGraphs) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    int n = 1 + static_cast<int>(random() % 40);
    Dag dag(n);
    for (int e = 0; e < n; ++e) {
      int a = random() % n, b = random() % n;
      if (a != b) dag.AddEdge(std::max(a, b), std::min(a, b));
    }
    Layout layout = LayOut(dag);
    ExpectSound(dag, layout);
    EXPECT_EQ(layout.nodes, LayOut(dag).nodes);
    for (NodeId node = 0; node < n; ++node) {
      for (NodeId on : dag.DependenciesOf(node)) {
        EXPECT_LT(layout.nodes[on].rank, layout.nodes[node].rank);
      }
    }
  }
}

}  // namespace
}  // namespace andon::graph
