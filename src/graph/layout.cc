#include "graph/layout.h"

#include <algorithm>
#include <numeric>

namespace andon::graph {
namespace {

// Sweeps over the ranks; the picture rarely changes after the third.
constexpr int kSweeps = 8;

struct Edge {
  int left, right;
};

// The graph without its backward edges, in ranks, with a vertex for every rank that
// an edge passes over, so that long edges count where they run.
struct Layers {
  std::vector<std::vector<int>> ranks;  // Vertices of each, from the top.
  std::vector<std::vector<int>> left;   // Of each vertex, its neighbours in the rank before…
  std::vector<std::vector<int>> right;  // …and behind.
  std::vector<double> row;
};

// Edges (dependency, dependent), those left out that close a circle: within a
// component, the ones from a higher to a lower NodeId.
std::vector<Edge> ForwardEdges(const Dag& dag) {
  std::vector<NodeId> component;
  Condense(dag, &component);
  std::vector<Edge> edges;
  for (NodeId node = 0; node < dag.size(); ++node) {
    for (NodeId on : dag.DependenciesOf(node)) {
      if (component[node] != component[on] || on < node) edges.push_back({on, node});
    }
  }
  return edges;
}

// The longest way from a node without dependencies; then sources are drawn towards
// their nearest dependent, so that edges are short.
std::vector<int> Ranks(int nodes, const std::vector<Edge>& edges) {
  Dag forward(nodes);
  for (const Edge& edge : edges) forward.AddEdge(edge.right, edge.left);
  std::vector<int> rank(nodes);
  auto order = forward.Order();  // There is one: the backward edges are out.
  for (NodeId node : *order) {
    for (NodeId on : forward.DependenciesOf(node)) rank[node] = std::max(rank[node], rank[on] + 1);
  }
  for (auto node = order->rbegin(); node != order->rend(); ++node) {
    const auto& dependents = forward.DependentsOf(*node);
    if (dependents.empty() || !forward.DependenciesOf(*node).empty()) continue;
    int nearest = rank[dependents[0]];
    for (NodeId dependent : dependents) nearest = std::min(nearest, rank[dependent]);
    rank[*node] = nearest - 1;
  }
  return rank;
}

Layers MakeLayers(const std::vector<int>& rank, const std::vector<Edge>& edges) {
  Layers layers;
  int ranks = rank.empty() ? 0 : *std::max_element(rank.begin(), rank.end()) + 1;
  layers.ranks.resize(ranks);
  layers.left.resize(rank.size());
  layers.right.resize(rank.size());
  for (size_t node = 0; node < rank.size(); ++node) {
    layers.ranks[rank[node]].push_back(static_cast<int>(node));
  }
  auto connect = [&](int a, int b) {
    layers.right[a].push_back(b);
    layers.left[b].push_back(a);
  };
  for (const Edge& edge : edges) {
    int from = edge.left;
    for (int r = rank[edge.left] + 1; r < rank[edge.right]; ++r) {
      int passing = static_cast<int>(layers.left.size());
      layers.left.emplace_back();
      layers.right.emplace_back();
      layers.ranks[r].push_back(passing);
      connect(from, passing);
      from = passing;
    }
    connect(from, edge.right);
  }
  layers.row.resize(layers.left.size());
  for (const auto& vertices : layers.ranks) {
    for (size_t i = 0; i < vertices.size(); ++i) layers.row[vertices[i]] = static_cast<double>(i);
  }
  return layers;
}

double Barycenter(const Layers& layers, const std::vector<int>& neighbours, int vertex) {
  if (neighbours.empty()) return layers.row[vertex];
  double sum = 0;
  for (int other : neighbours) sum += layers.row[other];
  return sum / static_cast<double>(neighbours.size());
}

// Orders one rank by where its neighbours on one side stand, and moves each vertex
// as near to that as the distance of 1 between neighbours allows.
void Arrange(Layers& layers, std::vector<int>& vertices,
             const std::vector<std::vector<int>>& neighbours) {
  std::vector<double> wanted(vertices.size());
  std::vector<size_t> by(vertices.size());
  std::iota(by.begin(), by.end(), 0);
  for (size_t i = 0; i < vertices.size(); ++i) {
    wanted[i] = Barycenter(layers, neighbours[vertices[i]], vertices[i]);
  }
  std::stable_sort(by.begin(), by.end(), [&](size_t a, size_t b) { return wanted[a] < wanted[b]; });
  std::vector<int> sorted;
  double lowest = -1e300, shift = 0;
  for (size_t i : by) {
    double row = std::max(wanted[i], lowest + 1);
    shift += row - wanted[i];
    lowest = row;
    layers.row[vertices[i]] = row;
    sorted.push_back(vertices[i]);
  }
  // Pushing went downwards only; the rank as a whole goes back by the mean.
  if (!sorted.empty()) shift /= static_cast<double>(sorted.size());
  for (int vertex : sorted) layers.row[vertex] -= shift;
  vertices = std::move(sorted);
}

}  // namespace

Layout LayOut(const Dag& dag) {
  Layout layout;
  layout.nodes.resize(dag.size());
  if (dag.size() == 0) return layout;
  auto edges = ForwardEdges(dag);
  auto rank = Ranks(dag.size(), edges);
  Layers layers = MakeLayers(rank, edges);
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    bool rightwards = sweep % 2 == 0;
    for (size_t i = 0; i < layers.ranks.size(); ++i) {
      size_t r = rightwards ? i : layers.ranks.size() - 1 - i;
      Arrange(layers, layers.ranks[r], rightwards ? layers.left : layers.right);
    }
  }
  double top = layers.row[0];
  for (NodeId node = 0; node < dag.size(); ++node) top = std::min(top, layers.row[node]);
  for (NodeId node = 0; node < dag.size(); ++node) {
    layout.nodes[node] = {rank[node], layers.row[node] - top};
    layout.rows = std::max(layout.rows, layout.nodes[node].row + 1);
    layout.ranks = std::max(layout.ranks, rank[node] + 1);
  }
  return layout;
}

}  // namespace andon::graph
