#include "infra/relevant.h"

#include <algorithm>
#include <deque>
#include <set>

#include "hcl/eval.h"

namespace andon::infra {
namespace {

// A traversal where it is written: in one instance of a module.
struct Found {
  int module = 0;
  int instance = 0;
  hcl::Traversal traversal;
};

class Search {
 public:
  Search(const Graph& graph, const Scope& scope) : graph_(graph), scope_(scope) {}

  void FromResource(NodeId id, int instance) {
    const Node& node = graph_.At(id);
    if (node.resource == nullptr || !seen_blocks_.emplace(id, instance).second) return;
    AddBody(node.module, instance, node.resource->body);
  }

  void FromOutput(NodeId id, int instance) {
    const Node& node = graph_.At(id);
    Add(node.module, instance, node.output->expression);
  }

  std::vector<RelevantAttribute> Run() {
    while (!pending_.empty()) {
      Found next = std::move(pending_.front());
      pending_.pop_front();
      Follow(next);
    }
    return {out_.begin(), out_.end()};
  }

 private:
  void Add(int module, int instance, hcl::Expression expression,
           const std::set<std::string, std::less<>>* local_names = nullptr) {
    if (!expression) return;
    for (const hcl::Traversal& traversal : hcl::References(expression)) {
      if (local_names != nullptr && local_names->contains(traversal.root)) continue;
      if (seen_.emplace(module, instance, traversal.ToString()).second)
        pending_.push_back({module, instance, traversal});
    }
  }

  void AddBody(int module, int instance, const hcl::Body& body) {
    std::set<std::string, std::less<>> local_names;
    for (hcl::Expression e : ExpressionsOf(body, &local_names))
      Add(module, instance, e, &local_names);
  }

  void Follow(const Found& found) {
    const ModuleEntry& module = graph_.modules[static_cast<size_t>(found.module)];
    Target target = Resolve(module, found.traversal);
    if (target.node < 0) return;
    const Node& node = graph_.At(target.node);
    switch (target.kind) {
      case Target::Kind::kNone:
        return;
      case Target::Kind::kVariable:
        return FollowVariable(found, node);
      case Target::Kind::kLocal:
        return Add(found.module, found.instance, node.local->expression);
      case Target::Kind::kModule:
        return FollowModule(found, target);
      case Target::Kind::kResource:
        return FollowResource(found, node);
    }
  }

  void FollowVariable(const Found& found, const Node& node) {
    const ModuleEntry& module = graph_.modules[static_cast<size_t>(found.module)];
    if (module.call < 0) return;
    const hcl::Attribute* input = graph_.At(module.call).call->body.Find(node.name);
    if (input == nullptr) return;
    int caller = scope_.InstancesOf(found.module)[static_cast<size_t>(found.instance)].parent;
    Add(module.parent, caller, input->expression());
  }

  void FollowModule(const Found& found, const Target& target) {
    const ModuleEntry& module = graph_.modules[static_cast<size_t>(found.module)];
    auto child = module.children.find(graph_.At(target.node).name);
    if (child == module.children.end()) return;
    const auto& instances = scope_.InstancesOf(child->second);
    for (size_t i = 0; i < instances.size(); ++i) {
      if (instances[i].parent != found.instance) continue;
      for (const auto& [name, output] :
           graph_.modules[static_cast<size_t>(child->second)].outputs) {
        if (target.output.empty() || target.output == name) FromOutput(output, static_cast<int>(i));
      }
    }
  }

  void FollowResource(const Found& found, const Node& node) {
    size_t at = node.is_data() || node.is_ephemeral() || found.traversal.root == "resource" ? 2 : 1;
    RelevantAttribute relevant;
    auto address = address::Parse(node.name);
    if (!address.ok()) return;
    relevant.address = *address;
    relevant.address.module =
        scope_.InstancesOf(found.module)[static_cast<size_t>(found.instance)].path;
    const auto& steps = found.traversal.steps;
    if (at < steps.size() && steps[at].kind != hcl::StepKind::kAttribute) {
      value::Value key = hcl::IndexKey(steps[at]);
      if (steps[at].kind == hcl::StepKind::kIndexString) relevant.address.key = key.string();
      if (auto number = steps[at].kind == hcl::StepKind::kIndexNumber ? key.number().ToInt64()
                                                                      : std::optional<int64_t>())
        relevant.address.key = *number;
      ++at;
    }
    std::string_view first;
    for (size_t i = at; i < steps.size(); ++i) {
      if (i == at && steps[i].kind == hcl::StepKind::kAttribute) first = steps[i].text;
      relevant.path = steps[i].kind == hcl::StepKind::kAttribute
                          ? relevant.path.Attribute(steps[i].text)
                          : relevant.path.Index(hcl::IndexKey(steps[i]));
    }
    out_.insert(std::move(relevant));
    if (node.resource == nullptr) return;
    // What the attribute itself is made of, if the block says; what only the provider knows is
    // made of nothing here.
    const hcl::Body& body = node.resource->body;
    if (first.empty()) return AddBody(found.module, found.instance, body);
    if (const hcl::Attribute* attribute = body.Find(first))
      Add(found.module, found.instance, attribute->expression());
    for (const hcl::Block& block : body.blocks) {
      bool is_dynamic = block.type == "dynamic" && !block.labels.empty();
      if ((is_dynamic ? std::string_view(block.labels[0].text) : block.type) == first)
        AddBody(found.module, found.instance, block.body);
    }
  }

  struct ByText {
    bool operator()(const RelevantAttribute& a, const RelevantAttribute& b) const {
      return std::pair(ToString(a.address), ToString(a.path)) <
             std::pair(ToString(b.address), ToString(b.path));
    }
  };

  const Graph& graph_;
  const Scope& scope_;
  std::deque<Found> pending_;
  std::set<std::tuple<int, int, std::string>> seen_;
  std::set<std::pair<NodeId, int>> seen_blocks_;
  std::set<RelevantAttribute, ByText> out_;
};

}  // namespace

std::vector<RelevantAttribute> RelevantAttributes(const Graph& graph, const Scope& scope,
                                                  const Plan& plan) {
  Search search(graph, scope);
  for (const ResourceChange& change : plan.changes) {
    if (change.action == Action::kNoOp) continue;
    NodeId id = graph.FindResource(change.address);
    if (id < 0) continue;
    int instance = scope.FindInstance(graph.At(id).module, change.address.module);
    if (instance >= 0) search.FromResource(id, instance);
  }
  for (const OutputChange& output : plan.outputs) {
    auto id = graph.modules[0].outputs.find(output.name);
    if (output.action != Action::kNoOp && id != graph.modules[0].outputs.end())
      search.FromOutput(id->second, 0);
  }
  // No state remembers the outputs of modules, so that they count as new each time.
  for (NodeId id = 0; plan.mode != Mode::kDestroy && id < graph.dag.size(); ++id) {
    const Node& node = graph.At(id);
    if (node.kind != NodeKind::kOutput || node.module == 0) continue;
    for (size_t i = 0; i < scope.InstancesOf(node.module).size(); ++i) {
      if (!scope.ValueOf(id, static_cast<int>(i)).is_null())
        search.FromOutput(id, static_cast<int>(i));
    }
  }
  return search.Run();
}

}  // namespace andon::infra
