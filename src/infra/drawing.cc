#include "infra/drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"

namespace andon::infra {
namespace {

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// Edges by name, from who needs to what is needed.
using Edges = std::map<std::string, std::set<std::string>>;

// The edges as a graph, with the names of its nodes.
struct Named {
  std::vector<std::string> names;
  graph::Dag dag;
};

Named NamedOf(const Edges& edges) {
  Named out;
  std::map<std::string, NodeId> ids;
  auto id_of = [&](const std::string& name) {
    auto [found, is_new] = ids.emplace(name, out.dag.size());
    if (is_new) {
      out.dag.AddNode();
      out.names.push_back(name);
    }
    return found->second;
  };
  for (const auto& [from, to] : edges) {
    NodeId id = id_of(from);
    for (const std::string& one : to) out.dag.AddEdge(id, id_of(one));
  }
  return out;
}

// Without edges that follow from others. Left as it is where there is a circle.
void Reduce(Edges* edges) {
  Named all = NamedOf(*edges);
  if (!all.dag.Order()) return;
  graph::Dag reduced = all.dag.TransitiveReduction();
  for (NodeId id = 0; id < reduced.size(); ++id) {
    auto& to = (*edges)[all.names[static_cast<size_t>(id)]];
    to.clear();
    for (NodeId on : reduced.DependenciesOf(id)) to.insert(all.names[static_cast<size_t>(on)]);
  }
}

// Which circle each node stands in; nothing where it stands in none.
std::map<std::string, size_t> CirclesOf(const Edges& edges) {
  Named all = NamedOf(edges);
  std::map<std::string, size_t> out;
  auto components = all.dag.Components();
  for (size_t i = 0; i < components.size(); ++i) {
    if (components[i].size() < 2) continue;
    for (NodeId id : components[i]) out[all.names[static_cast<size_t>(id)]] = i;
  }
  return out;
}

}  // namespace

ResourceEdges ResourcesOf(const Graph& graph) {
  ResourceEdges out;
  Edges edges;
  std::map<std::string, NodeId> ids;
  auto is_drawn = [&](NodeId id) {
    return graph.At(id).kind == NodeKind::kResource && graph.At(id).resource != nullptr;
  };
  for (NodeId id = 0; id < graph.dag.size(); ++id) {
    if (!is_drawn(id)) continue;
    out.resources.push_back(id);
    std::string name = graph.AddressOf(id);
    ids.emplace(name, id);
    // The nearest resources on every way.
    std::set<NodeId> seen;
    std::vector<NodeId> open = {id};
    while (!open.empty()) {
      NodeId at = open.back();
      open.pop_back();
      for (NodeId on : graph.dag.DependenciesOf(at)) {
        if (!seen.insert(on).second) continue;
        if (is_drawn(on)) {
          edges[name].insert(graph.AddressOf(on));
        } else {
          open.push_back(on);
        }
      }
    }
  }
  Reduce(&edges);
  std::sort(out.resources.begin(), out.resources.end(), [&](NodeId a, NodeId b) {
    auto key = [&](NodeId id) {
      const Node& node = graph.At(id);
      return std::make_tuple(graph.modules[static_cast<size_t>(node.module)].path,
                             !node.name.starts_with("data."), node.name);
    };
    return key(a) < key(b);
  });
  for (NodeId from : out.resources) {
    for (const std::string& to : edges[graph.AddressOf(from)])
      out.edges.emplace_back(from, ids.at(to));
  }
  return out;
}

std::string ResourceDot(const Graph& graph) {
  ResourceEdges drawn = ResourcesOf(graph);
  std::string out =
      "digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n";
  int module = 0;
  for (NodeId id : drawn.resources) {
    const Node& node = graph.At(id);
    if (node.module != module) {
      if (module != 0) out += "  }\n";
      module = node.module;
      std::string name =
          "module." + Join(graph.modules[static_cast<size_t>(module)].path, ".module.");
      out += fmt::format("  subgraph {} {{\n    label = {}\n    fontname = \"sans-serif\"\n",
                         Quoted("cluster_" + name), Quoted(name));
    }
    out += fmt::format("{}{} [label={}];\n", module == 0 ? "  " : "    ",
                       Quoted(graph.AddressOf(id)), Quoted(node.name));
  }
  if (module != 0) out += "  }\n";
  for (const auto& [from, to] : drawn.edges)
    out += fmt::format("  {} -> {};\n", Quoted(graph.AddressOf(from)), Quoted(graph.AddressOf(to)));
  return out + "}\n";
}

namespace {

class OperationDrawing {
 public:
  OperationDrawing(const Graph& graph, DrawnOperation operation,
                   const std::vector<DrawnChange>& changes)
      : graph_(graph), operation_(operation) {
    for (const DrawnChange& change : changes) {
      NodeId id = graph_.FindResource(change.address);
      if (change.makes && id >= 0) made_[id].push_back(&change);
      if (change.destroys) destroyed_[id].push_back(&change);
    }
  }

  std::string Draw(bool draw_cycles) {
    if (operation_ == DrawnOperation::kPlanDestroy) {
      AddDestructions();
      for (const auto& [name, id] : graph_.modules[0].outputs) edges_[NameOf(id)];
    } else {
      AddSteps();
      AddChanges();
    }
    AddRoot();
    Reduce(&edges_);
    return Text(draw_cycles);
  }

 private:
  std::string NameOf(NodeId id) const {
    const Node& node = graph_.At(id);
    std::string address = graph_.AddressOf(id);
    if (node.kind == NodeKind::kProvider) return ProviderName(node);
    bool is_root_variable = node.kind == NodeKind::kVariable && node.module == 0;
    return is_root_variable ? address : address + " (expand)";
  }

  // A variable is needed once it is judged, a resource once its instances are changed.
  std::vector<std::string> NamesAsNeeded(NodeId id) {
    auto made = made_.find(id);
    if (made == made_.end()) return {NameAsNeeded(id)};
    std::vector<std::string> names;
    for (const DrawnChange* change : made->second) names.push_back(ToString(change->address));
    return names;
  }

  std::string NameAsNeeded(NodeId id) {
    const Node& node = graph_.At(id);
    bool is_judged =
        node.kind == NodeKind::kVariable && node.module == 0 && !node.variable->validations.empty();
    if (!is_judged) return NameOf(id);
    std::string judged = NameOf(id) + " (validation)";
    edges_[judged].insert(NameOf(id));
    return judged;
  }

  std::string ProviderName(const Node& node) const {
    std::string prefix;
    for (const std::string& name : graph_.modules[static_cast<size_t>(node.module)].path)
      prefix += "module." + name + ".";
    std::string alias = node.provider_local.alias;
    return fmt::format("{}provider[\"{}\"]{}", prefix, config::ToString(node.provider_address),
                       alias.empty() ? "" : "." + alias);
  }

  void AddProvider(NodeId id) {
    std::string name = ProviderName(graph_.At(id));
    shapes_[name] = {name, "diamond"};
    edges_[name + " (close)"].insert(name);
  }

  void AddSteps() {
    for (NodeId id = 0; id < graph_.dag.size(); ++id) {
      const Node& node = graph_.At(id);
      std::string name = NameOf(id);
      bool is_unused = graph_.dag.DependentsOf(id).empty();
      if (is_unused && node.kind == NodeKind::kProvider) continue;
      if (node.kind == NodeKind::kVariable && is_unused && node.module != 0) continue;
      auto& to = edges_[name];
      for (NodeId on : graph_.dag.DependenciesOf(id)) {
        for (const std::string& needed : NamesAsNeeded(on)) to.insert(needed);
      }
      const ModuleEntry& module = graph_.modules[static_cast<size_t>(node.module)];
      if (module.call >= 0) {
        std::string call = graph_.AddressOf(module.call);
        to.insert(call + " (expand)");
        bool is_call = node.kind == NodeKind::kModule;
        edges_[call + " (close)"].insert(is_call ? graph_.AddressOf(id) + " (close)" : name);
      }
      if (node.kind == NodeKind::kModule) edges_[graph_.AddressOf(id) + " (close)"].insert(name);
      if (node.kind == NodeKind::kProvider) AddProvider(id);
      if (node.kind == NodeKind::kVariable && node.module == 0) shapes_[name] = {name, "note"};
      if (node.kind == NodeKind::kCheck && operation_ == DrawnOperation::kPlan)
        to.insert(graph_.AddressOf(id) + " (report)");
      if (node.kind != NodeKind::kResource) continue;
      shapes_[name] = {graph_.AddressOf(id), "box"};
      if (node.provider_node < 0) continue;
      std::string provider = ProviderName(graph_.At(node.provider_node));
      to.insert(provider);
      edges_[provider + " (close)"].insert(name);
    }
  }

  static std::string DestructionOf(const DrawnChange& change) {
    return ToString(change.address) + " (destroy)";
  }

  static std::string ResourceOf(const DrawnChange& change) {
    address::Address whole = change.address;
    whole.key = {};
    for (address::ModuleStep& step : whole.module) step.key = {};
    return ToString(whole);
  }

  // What needs an object is gone before it is.
  void AddDestructions() {
    for (const auto& [id, changes] : destroyed_) {
      for (const DrawnChange* change : changes) {
        std::string name = DestructionOf(*change);
        shapes_[name] = {ResourceOf(*change), "box"};
        edges_[name];
        if (id < 0 || graph_.At(id).provider_node < 0) continue;
        NodeId provider = graph_.At(id).provider_node;
        AddProvider(provider);
        edges_[name].insert(ProviderName(graph_.At(provider)));
        edges_[ProviderName(graph_.At(provider)) + " (close)"].insert(name);
      }
    }
    for (const auto& [id, own] : destroyed_) {
      if (id < 0) continue;
      for (NodeId on : graph_.dag.UpstreamOf({id})) {
        auto needed = destroyed_.find(on);
        if (on == id || needed == destroyed_.end()) continue;
        for (const DrawnChange* first : own) {
          for (const DrawnChange* then : needed->second)
            edges_[DestructionOf(*then)].insert(DestructionOf(*first));
        }
      }
    }
  }

  void AddChanges() {
    for (const auto& [id, changes] : made_) {
      for (const DrawnChange* change : changes) {
        std::string name = ToString(change->address);
        shapes_[name] = {ResourceOf(*change), "box"};
        edges_[name].insert(NameOf(id));
        NodeId call = graph_.modules[static_cast<size_t>(graph_.At(id).module)].call;
        if (call >= 0) edges_[graph_.AddressOf(call) + " (close)"].insert(name);
        NodeId provider = graph_.At(id).provider_node;
        if (provider >= 0) edges_[ProviderName(graph_.At(provider)) + " (close)"].insert(name);
        if (!change->destroys) continue;
        if (change->makes_first)
          edges_[DestructionOf(*change)].insert(name);
        else
          edges_[name].insert(DestructionOf(*change));
      }
    }
    AddDestructions();
  }

  // The end of everything: what nothing else waits for.
  void AddRoot() {
    std::set<std::string> waited_for;
    for (const auto& [from, to] : edges_) waited_for.insert(to.begin(), to.end());
    std::set<std::string> ends;
    for (const auto& [from, to] : edges_) {
      if (!waited_for.contains(from)) ends.insert(from);
    }
    edges_["root"] = std::move(ends);
  }

  std::string Text(bool draw_cycles) const {
    std::string out =
        "digraph {\n\tcompound = \"true\"\n\tnewrank = \"true\"\n\tsubgraph \"root\" {\n";
    for (const auto& [name, shape] : shapes_)
      out += fmt::format("\t\t{} [label = {}, shape = \"{}\"]\n", Quoted("[root] " + name),
                         Quoted(shape.first), shape.second);
    std::map<std::string, size_t> circles;
    if (draw_cycles) circles = CirclesOf(edges_);
    std::set<std::string> lines;  // As texts they are in order: "a (destroy)" before "a".
    for (const auto& [from, to] : edges_) {
      for (const std::string& one : to) {
        bool is_red =
            circles.contains(from) && circles.contains(one) && circles.at(from) == circles.at(one);
        lines.insert(fmt::format("\t\t{} -> {}{}\n", Quoted("[root] " + from),
                                 Quoted("[root] " + one),
                                 is_red ? " [color = \"red\", penwidth = \"2.0\"]" : ""));
      }
    }
    for (const std::string& line : lines) out += line;
    return out + "\t}\n}\n";
  }

  const Graph& graph_;
  const DrawnOperation operation_;
  std::map<NodeId, std::vector<const DrawnChange*>> made_;
  std::map<NodeId, std::vector<const DrawnChange*>> destroyed_;  // -1: declared no more.
  Edges edges_;
  std::map<std::string, std::pair<std::string, std::string>> shapes_;  // Label and shape.
};

}  // namespace

std::string OperationDot(const Graph& graph, DrawnOperation operation, const state::State& state,
                         bool draw_cycles) {
  std::vector<DrawnChange> changes;
  if (operation == DrawnOperation::kPlanDestroy) {
    for (const auto& [address, resource] : state.resources) {
      if (address.is_data || graph.FindResource(address) < 0) continue;
      for (const auto& [key, instance] : resource.instances)
        changes.push_back({.address = address.WithKey(key), .destroys = true});
    }
  }
  return OperationDrawing(graph, operation, changes).Draw(draw_cycles);
}

std::string ChangesDot(const Graph& graph, const std::vector<DrawnChange>& changes,
                       bool only_destroys, bool draw_cycles) {
  auto operation = only_destroys ? DrawnOperation::kPlanDestroy : DrawnOperation::kApply;
  return OperationDrawing(graph, operation, changes).Draw(draw_cycles);
}

}  // namespace andon::infra
