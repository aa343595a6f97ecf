#include "infra/selection.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "infra/codes.h"

namespace andon::infra {

using address::Address;

namespace {

// The node's address with no keys.
Address BareAddress(const Graph& graph, const Node& node) {
  Address out;
  for (const std::string& step : graph.modules[static_cast<size_t>(node.module)].path)
    out.module.push_back({step, {}});
  auto parsed = address::Parse(node.name);
  if (parsed.ok()) {
    out.is_data = parsed->is_data;
    out.is_ephemeral = parsed->is_ephemeral;
    out.kind = parsed->kind;
    out.name = parsed->name;
  }
  return out;
}

Address WithoutKeys(Address address) {
  for (address::ModuleStep& step : address.module) step.key = {};
  return address.WithoutKey();
}

std::vector<NodeId> Matching(const Graph& graph, const Address& wanted) {
  std::vector<NodeId> out;
  Address bare = WithoutKeys(wanted);
  for (NodeId id = 0; id < graph.dag.size(); ++id) {
    const Node& node = graph.At(id);
    bool is_in = node.kind == NodeKind::kResource && bare.Contains(BareAddress(graph, node));
    // A module as a whole takes its outputs along.
    if (node.kind == NodeKind::kOutput && bare.kind.empty() && !bare.module.empty()) {
      const auto& path = graph.modules[static_cast<size_t>(node.module)].path;
      is_in = path.size() >= bare.module.size();
      for (size_t i = 0; is_in && i < bare.module.size(); ++i)
        is_in = path[i] == bare.module[i].name;
    }
    if (is_in) out.push_back(id);
  }
  return out;
}

void ReportUnknown(const Graph& graph, const Address& address, Diagnostics* diagnostics) {
  std::vector<std::string> known;
  for (NodeId id = 0; id < graph.dag.size(); ++id) {
    if (graph.At(id).kind == NodeKind::kResource) known.push_back(graph.AddressOf(id));
  }
  std::string text = ToString(address);
  std::string meant = DidYouMean(text, known);
  Report(diagnostics, kInvalidTarget,
         fmt::format("Neither the files nor the state have {}{}", text,
                     meant.empty() ? "." : ": did you mean " + meant + "?"),
         {});
}

}  // namespace

bool Selection::Has(const Address& instance) const {
  auto contains = [&](const std::vector<Address>& all) {
    return std::any_of(all.begin(), all.end(),
                       [&](const Address& one) { return one.Contains(instance); });
  };
  if (contains(excludes_)) return false;
  if (targets_.empty()) return true;
  NodeId node = graph_->FindResource(instance);
  return node < 0 || !is_named_[static_cast<size_t>(node)] || contains(targets_);
}

Selection Select(const Graph& graph, const std::vector<Address>& targets,
                 const std::vector<Address>& excludes, bool is_destroy, Diagnostics* diagnostics) {
  Selection out;
  out.graph_ = &graph;
  out.targets_ = targets;
  out.excludes_ = excludes;
  if (targets.empty() && excludes.empty()) return out;
  auto size = static_cast<size_t>(graph.dag.size());
  if (!targets.empty()) {
    out.nodes_.assign(size, false);
    out.is_named_.assign(size, false);
    std::vector<NodeId> named;
    for (const Address& target : targets) {
      std::vector<NodeId> found = Matching(graph, target);
      if (found.empty()) ReportUnknown(graph, target, diagnostics);
      named.insert(named.end(), found.begin(), found.end());
    }
    for (NodeId id : named) {
      out.nodes_[static_cast<size_t>(id)] = true;
      out.is_named_[static_cast<size_t>(id)] = true;
    }
    std::vector<NodeId> more =
        is_destroy ? graph.dag.DownstreamOf(named) : graph.dag.UpstreamOf(named);
    for (NodeId id : more) out.nodes_[static_cast<size_t>(id)] = true;
    // Outputs of the root whose resources all take part keep up with them.
    for (NodeId id = 0; !is_destroy && id < graph.dag.size(); ++id) {
      const Node& node = graph.At(id);
      if (node.kind != NodeKind::kOutput || node.module != 0) continue;
      std::vector<NodeId> above = graph.dag.UpstreamOf({id});
      bool touches = false, all = true;
      for (NodeId on : above) {
        if (graph.At(on).kind != NodeKind::kResource) continue;
        touches = true;
        all &= out.nodes_[static_cast<size_t>(on)];
      }
      if (!touches || !all) continue;
      out.nodes_[static_cast<size_t>(id)] = true;
      for (NodeId on : above) out.nodes_[static_cast<size_t>(on)] = true;
    }
    // What values and providers need is needed in a destruction too.
    for (NodeId id = 0; is_destroy && id < graph.dag.size(); ++id) {
      const Node& node = graph.At(id);
      if (node.kind != NodeKind::kResource || node.is_ephemeral())
        out.nodes_[static_cast<size_t>(id)] = true;
    }
    return out;
  }
  out.nodes_.assign(size, true);
  for (const Address& exclude : excludes) {
    std::vector<NodeId> found = Matching(graph, exclude);
    if (found.empty()) ReportUnknown(graph, exclude, diagnostics);
    std::vector<NodeId> gone = graph.dag.DownstreamOf(found);
    // One instance alone leaves its block in the plan.
    bool is_instance = !std::holds_alternative<std::monostate>(exclude.key);
    if (!is_instance) gone.insert(gone.end(), found.begin(), found.end());
    for (NodeId id : gone) out.nodes_[static_cast<size_t>(id)] = false;
  }
  return out;
}

std::vector<bool> NeededToDestroy(const Graph& graph, const std::set<NodeId>& resources) {
  std::vector<NodeId> wanted;
  for (NodeId id : resources) {
    if (graph.At(id).provider_node >= 0) wanted.push_back(graph.At(id).provider_node);
  }
  for (NodeId id = 0; id < graph.dag.size(); ++id) {
    if (graph.At(id).kind == NodeKind::kModule) wanted.push_back(id);
  }
  std::vector<bool> out(graph.nodes.size(), false);
  for (NodeId id : wanted) out[static_cast<size_t>(id)] = true;
  for (NodeId id : graph.dag.UpstreamOf(wanted)) out[static_cast<size_t>(id)] = true;
  return out;
}

}  // namespace andon::infra
