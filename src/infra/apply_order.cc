#include "infra/apply_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "infra/codes.h"

namespace andon::infra {
namespace {

bool Destroys(Action action) {
  return action == Action::kDelete || action == Action::kDeleteThenCreate ||
         action == Action::kCreateThenDelete || action == Action::kForget;
}

bool Creates(Action action) {
  return action == Action::kCreate || action == Action::kUpdate || action == Action::kRead ||
         IsReplace(action);
}

class Orderer {
 public:
  Orderer(const Graph& graph, const Plan& plan) : graph_(graph), plan_(plan) {
    for (NodeId id = 0; id < graph.dag.size(); ++id) {
      if (graph.At(id).kind == NodeKind::kResource) by_name_[graph.AddressOf(id)] = id;
    }
  }

  ApplyOrder Run(Diagnostics* diagnostics) {
    order_.dag = graph_.dag;
    Sort();
    for (size_t i = 0; i < order_.destructions.size(); ++i) Connect(i);
    ConnectCreators();
    if (order_.dag.Order()) return std::move(order_);
    std::vector<std::string> names;
    for (NodeId id : order_.dag.FindCycle()) {
      bool is_destruction = order_.IsDestruction(id, graph_);
      NodeId of = is_destruction ? order_.At(id, graph_).resource : id;
      names.push_back(graph_.AddressOf(of) + (is_destruction ? " (destroy)" : ""));
    }
    Report(diagnostics, config::kCycle,
           fmt::format("What the plan destroys and creates waits for itself: {}. Apply a part of "
                       "it with -target, or change create_before_destroy on one of them.",
                       Join(names, " -> ")),
           {});
    return {};
  }

 private:
  // Each change to the turns that do it.
  void Sort() {
    std::map<std::pair<NodeId, bool>, size_t> groups;
    for (size_t i = 0; i < plan_.changes.size(); ++i) {
      const ResourceChange& change = plan_.changes[i];
      NodeId id = graph_.FindResource(change.address);
      if (id < 0) continue;
      if (Creates(change.action) && change.deposed.empty()) order_.changes[id].push_back(i);
      if (!Destroys(change.action)) continue;
      bool after = change.action == Action::kCreateThenDelete ||
                   (change.action == Action::kDelete && change.create_before_destroy);
      auto [it, is_new] = groups.try_emplace({id, after}, order_.destructions.size());
      if (is_new) {
        NodeId node = order_.dag.AddNode();
        order_.destructions.push_back({.resource = id});
        nodes_.push_back(node);
        is_after_.push_back(after);
        by_resource_[id].push_back(it->second);
        if (graph_.At(id).provider_node >= 0) order_.dag.AddEdge(node, graph_.At(id).provider_node);
      }
      order_.destructions[it->second].changes.push_back(i);
    }
  }

  bool HasReplacement(const Destruction& destruction) const {
    return std::any_of(destruction.changes.begin(), destruction.changes.end(),
                       [&](size_t i) { return IsReplace(plan_.changes[i].action); });
  }

  // The resources that the object depended on when it was made.
  std::vector<NodeId> StoredDependencies(const ResourceChange& change) const {
    std::vector<NodeId> out;
    const state::Instance* instance = plan_.state.FindInstance(change.address);
    if (instance == nullptr) return out;
    state::ObjectPtr object = instance->current;
    if (!change.deposed.empty()) {
      auto it = instance->deposed.find(change.deposed);
      object = it == instance->deposed.end() ? nullptr : it->second;
    }
    if (object == nullptr || object->dependencies == nullptr) return out;
    for (const std::string& name : *object->dependencies) {
      if (auto it = by_name_.find(name); it != by_name_.end()) out.push_back(it->second);
    }
    return out;
  }

  // An edge between a creator and a destruction: the destruction first, or, where it comes
  // after what replaces it, the other way round.
  void Between(NodeId creator, size_t destruction) {
    if (is_after_[destruction]) {
      order_.dag.AddEdge(nodes_[destruction], creator);
    } else {
      order_.dag.AddEdge(creator, nodes_[destruction]);
    }
  }

  void Connect(size_t i) {
    const Destruction& destruction = order_.destructions[i];
    if (HasReplacement(destruction)) Between(destruction.resource, i);
    std::set<NodeId> dependencies;
    for (size_t change : destruction.changes) {
      for (NodeId on : StoredDependencies(plan_.changes[change])) dependencies.insert(on);
    }
    for (NodeId on : dependencies) {
      if (on == destruction.resource) continue;
      // What it depended on goes after it.
      auto others = by_resource_.find(on);
      if (others != by_resource_.end()) {
        for (size_t other : others->second) order_.dag.AddEdge(nodes_[other], nodes_[i]);
      }
      // What it depended on and stays is changed after it is gone.
      if (order_.changes.contains(on)) Between(on, i);
    }
  }

  // Who is changed and depended on something that goes.
  void ConnectCreators() {
    for (const auto& [id, changes] : order_.changes) {
      std::set<NodeId> dependencies;
      for (size_t change : changes) {
        for (NodeId on : StoredDependencies(plan_.changes[change])) dependencies.insert(on);
      }
      for (NodeId on : dependencies) {
        auto found = by_resource_.find(on);
        if (found == by_resource_.end() || on == id) continue;
        for (size_t destruction : found->second) Between(id, destruction);
      }
    }
  }

  const Graph& graph_;
  const Plan& plan_;
  ApplyOrder order_;
  std::map<std::string, NodeId, std::less<>> by_name_;
  std::vector<NodeId> nodes_;   // By destruction.
  std::vector<bool> is_after_;  // By destruction: after its successor is there.
  std::map<NodeId, std::vector<size_t>> by_resource_;
};

}  // namespace

ApplyOrder OrderOf(const Graph& graph, const Plan& plan, Diagnostics* diagnostics) {
  return Orderer(graph, plan).Run(diagnostics);
}

}  // namespace andon::infra
