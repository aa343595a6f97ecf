#include "infra/forced_order.h"

namespace andon::infra {

std::vector<bool> ForcedCreateBeforeDestroy(
    const Graph& graph, const state::State& state,
    const std::map<NodeId, std::vector<address::Address>>& by_node) {
  std::vector<NodeId> first;
  for (NodeId id = 0; id < graph.dag.size(); ++id) {
    const Node& node = graph.At(id);
    if (node.kind != NodeKind::kResource) continue;
    bool says = node.resource != nullptr && node.resource->create_before_destroy.value_or(false);
    // A block that is gone is destroyed as it was when it was applied last.
    if (auto found = by_node.find(id); node.resource == nullptr && found != by_node.end()) {
      for (const address::Address& address : found->second) {
        for (const auto& [key, instance] : state.FindResource(address)->instances)
          says |= instance.current != nullptr && instance.current->create_before_destroy;
      }
    }
    if (says) first.push_back(id);
  }
  std::vector<bool> out(graph.nodes.size(), false);
  for (NodeId id : graph.dag.UpstreamOf(first)) {
    if (graph.At(id).kind == NodeKind::kResource) out[static_cast<size_t>(id)] = true;
  }
  for (NodeId id : first) out[static_cast<size_t>(id)] = true;
  return out;
}

}  // namespace andon::infra
