#include "graph/dag.h"

#include <algorithm>
#include <functional>
#include <queue>

#include "base/assert.h"

namespace andon::graph {
namespace {

// The nodes reached from `nodes` by `next`, in at most `depth` steps (negative: any).
std::vector<NodeId> Reach(const std::vector<NodeId>& nodes, int depth,
                          const std::vector<std::vector<NodeId>>& next) {
  std::vector<char> seen(next.size());
  std::vector<NodeId> frontier = nodes, reached;
  for (int step = 0; !frontier.empty() && (depth < 0 || step < depth); ++step) {
    std::vector<NodeId> further;
    for (NodeId node : frontier) {
      for (NodeId other : next[node]) {
        if (seen[other]) continue;
        seen[other] = true;
        reached.push_back(other);
        further.push_back(other);
      }
    }
    frontier = std::move(further);
  }
  std::sort(reached.begin(), reached.end());
  return reached;
}

// Tarjan's algorithm with a stack of its own: the depth of a graph is the user's.
class ComponentFinder {
 public:
  explicit ComponentFinder(const Dag& dag)
      : dag_(dag), index_(dag.size(), -1), low_(dag.size()), on_stack_(dag.size()) {}

  std::vector<std::vector<NodeId>> Find() {
    for (NodeId node = 0; node < dag_.size(); ++node) {
      if (index_[node] < 0) Visit(node);
    }
    return std::move(components_);
  }

 private:
  struct Frame {
    NodeId node;
    size_t next = 0;  // Of its dependencies.
  };

  void Visit(NodeId root) {
    std::vector<Frame> frames;
    Enter(root, frames);
    while (!frames.empty()) {
      Frame& frame = frames.back();
      const auto& dependencies = dag_.DependenciesOf(frame.node);
      if (frame.next < dependencies.size()) {
        NodeId on = dependencies[frame.next++];
        if (index_[on] < 0) {
          Enter(on, frames);
        } else if (on_stack_[on]) {
          low_[frame.node] = std::min(low_[frame.node], index_[on]);
        }
        continue;
      }
      NodeId done = frame.node;
      frames.pop_back();
      if (!frames.empty()) {
        NodeId parent = frames.back().node;
        low_[parent] = std::min(low_[parent], low_[done]);
      }
      if (low_[done] == index_[done]) Close(done);
    }
  }

  void Enter(NodeId node, std::vector<Frame>& frames) {
    index_[node] = low_[node] = counter_++;
    stack_.push_back(node);
    on_stack_[node] = true;
    frames.push_back({node});
  }

  // All above `root` on the stack depend on one another.
  void Close(NodeId root) {
    std::vector<NodeId> component;
    NodeId node;
    do {
      node = stack_.back();
      stack_.pop_back();
      on_stack_[node] = false;
      component.push_back(node);
    } while (node != root);
    std::sort(component.begin(), component.end());
    components_.push_back(std::move(component));
  }

  const Dag& dag_;
  std::vector<int> index_, low_;
  std::vector<char> on_stack_;
  std::vector<NodeId> stack_;
  int counter_ = 0;
  std::vector<std::vector<NodeId>> components_;
};

// The lowest first, each when all that it waits for is out. Shorter than `waiting`
// where there is a circle.
std::vector<NodeId> OrderByLowest(std::vector<int> waiting,
                                  const std::vector<std::vector<NodeId>>& dependents) {
  std::priority_queue<NodeId, std::vector<NodeId>, std::greater<>> free;
  for (size_t node = 0; node < waiting.size(); ++node) {
    if (waiting[node] == 0) free.push(static_cast<NodeId>(node));
  }
  std::vector<NodeId> order;
  while (!free.empty()) {
    NodeId node = free.top();
    free.pop();
    order.push_back(node);
    for (NodeId dependent : dependents[node]) {
      if (--waiting[dependent] == 0) free.push(dependent);
    }
  }
  return order;
}

}  // namespace

Dag::Dag(int nodes) : dependencies_(nodes), dependents_(nodes) {}

NodeId Dag::AddNode() {
  dependencies_.emplace_back();
  dependents_.emplace_back();
  return size() - 1;
}

void Dag::AddEdge(NodeId node, NodeId on) {
  ASSERT(node >= 0 && node < size() && on >= 0 && on < size());
  if (HasEdge(node, on)) return;
  dependencies_[node].push_back(on);
  dependents_[on].push_back(node);
  ++edges_;
}

bool Dag::HasEdge(NodeId node, NodeId on) const {
  const auto& forward = dependencies_[node];
  const auto& backward = dependents_[on];
  // The shorter list: a hub of a thousand dependents stays cheap to build.
  if (forward.size() <= backward.size()) {
    return std::find(forward.begin(), forward.end(), on) != forward.end();
  }
  return std::find(backward.begin(), backward.end(), node) != backward.end();
}

std::optional<std::vector<NodeId>> Dag::Order() const {
  std::vector<int> waiting(size());
  for (NodeId node = 0; node < size(); ++node) {
    waiting[node] = static_cast<int>(dependencies_[node].size());
  }
  auto order = OrderByLowest(std::move(waiting), dependents_);
  if (static_cast<int>(order.size()) < size()) return std::nullopt;
  return order;
}

std::vector<NodeId> Dag::FindCycle() const {
  NodeId start = -1;
  for (const auto& component : Components()) {
    NodeId lowest = component.front();
    bool is_cycle = component.size() > 1 || HasEdge(lowest, lowest);
    if (is_cycle && (start < 0 || lowest < start)) start = lowest;
  }
  if (start < 0) return {};
  // Breadth first from `start` back to it: the first way found is a shortest.
  std::vector<NodeId> from(size(), -1), queue{start};
  for (size_t at = 0; at < queue.size(); ++at) {
    NodeId node = queue[at];
    for (NodeId on : dependencies_[node]) {
      if (on == start) {
        std::vector<NodeId> cycle{start};
        for (NodeId back = node; back != start; back = from[back]) cycle.push_back(back);
        cycle.push_back(start);
        std::reverse(cycle.begin(), cycle.end());
        return cycle;
      }
      if (from[on] >= 0) continue;
      from[on] = node;
      queue.push_back(on);
    }
  }
  return {};
}

std::vector<std::vector<NodeId>> Dag::Components() const {
  auto components = ComponentFinder(*this).Find();
  // Tarjan's order is right but depends on where it began; make it stable: the
  // component with the lowest node first among those that may come.
  std::sort(components.begin(), components.end());
  std::vector<NodeId> component_of(size());
  for (size_t i = 0; i < components.size(); ++i) {
    for (NodeId node : components[i]) component_of[node] = static_cast<NodeId>(i);
  }
  std::vector<int> waiting(components.size());
  std::vector<std::vector<NodeId>> dependents(components.size());
  for (NodeId node = 0; node < size(); ++node) {
    for (NodeId on : dependencies_[node]) {
      if (component_of[node] == component_of[on]) continue;
      ++waiting[component_of[node]];
      dependents[component_of[on]].push_back(component_of[node]);
    }
  }
  std::vector<std::vector<NodeId>> ordered;
  for (NodeId i : OrderByLowest(std::move(waiting), dependents)) {
    ordered.push_back(std::move(components[i]));
  }
  return ordered;
}

std::vector<NodeId> Dag::UpstreamOf(const std::vector<NodeId>& nodes, int depth) const {
  return Reach(nodes, depth, dependencies_);
}

std::vector<NodeId> Dag::DownstreamOf(const std::vector<NodeId>& nodes, int depth) const {
  return Reach(nodes, depth, dependents_);
}

Dag Dag::TransitiveReduction() const {
  auto order = Order();
  ASSERT(order.has_value());
  std::vector<int> position(size());
  for (int i = 0; i < size(); ++i) position[(*order)[i]] = i;
  Dag reduced(size());
  std::vector<int> seen_by(size(), -1);
  std::vector<NodeId> stack;
  for (NodeId node = 0; node < size(); ++node) {
    // Nearest first: an edge is implied when something nearer already led there.
    std::vector<NodeId> nearest = dependencies_[node];
    std::sort(nearest.begin(), nearest.end(),
              [&](NodeId a, NodeId b) { return position[a] > position[b]; });
    for (NodeId on : nearest) {
      if (seen_by[on] == node) continue;
      reduced.AddEdge(node, on);
      stack.push_back(on);
      seen_by[on] = node;
      while (!stack.empty()) {
        NodeId at = stack.back();
        stack.pop_back();
        for (NodeId further : dependencies_[at]) {
          if (seen_by[further] == node) continue;
          seen_by[further] = node;
          stack.push_back(further);
        }
      }
    }
  }
  return reduced;
}

Dag Condense(const Dag& dag, std::vector<NodeId>* component_of) {
  auto components = dag.Components();
  std::vector<NodeId> of(dag.size());
  for (size_t i = 0; i < components.size(); ++i) {
    for (NodeId node : components[i]) of[node] = static_cast<NodeId>(i);
  }
  Dag condensed(static_cast<int>(components.size()));
  for (NodeId node = 0; node < dag.size(); ++node) {
    for (NodeId on : dag.DependenciesOf(node)) {
      if (of[node] != of[on]) condensed.AddEdge(of[node], of[on]);
    }
  }
  if (component_of) *component_of = std::move(of);
  return condensed;
}

}  // namespace andon::graph
