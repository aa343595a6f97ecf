#include "infra/graph.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "hcl/eval.h"
#include "infra/codes.h"
#include "infra/provider_resolution.h"

namespace andon::infra {
namespace {

using config::ResourceMode;

// The text of an attribute or of a text index; empty for others.
std::string_view NameOf(const hcl::Step& step) {
  bool is_name = step.kind == hcl::StepKind::kAttribute || step.kind == hcl::StepKind::kIndexString;
  return is_name ? step.text : std::string_view();
}

class Builder {
 public:
  Builder(const config::ModuleTree& tree, const state::State& state, Diagnostics* diagnostics)
      : state_(state), diagnostics_(diagnostics) {
    AddModule(*tree.root, -1, -1);
  }

  Graph Build() {
    AddFromState();
    for (size_t i = 0; i < graph_.modules.size(); ++i) ResolveProviders(static_cast<int>(i));
    for (size_t i = 0; i < graph_.nodes.size(); ++i) FindUses(static_cast<NodeId>(i));
    graph_.dag = graph::Dag(static_cast<int>(graph_.nodes.size()));
    for (size_t i = 0; i < graph_.nodes.size(); ++i) AddEdges(static_cast<NodeId>(i));
    for (const auto& [variable, on] : after_) graph_.dag.AddEdge(variable, on);
    AddImports();
    if (!ReportCycles()) FindDependencies();
    return std::move(graph_);
  }

 private:
  NodeId Add(Node node) {
    graph_.nodes.push_back(std::move(node));
    return static_cast<NodeId>(graph_.nodes.size()) - 1;
  }

  Node& At(NodeId id) { return graph_.nodes[static_cast<size_t>(id)]; }

  int AddModule(const config::ModuleNode& tree, int parent, NodeId call) {
    int index = static_cast<int>(graph_.modules.size());
    graph_.modules.push_back({.tree = &tree, .parent = parent, .call = call, .path = tree.path});
    const config::Module& module = *tree.module;
    ModuleEntry entry = graph_.modules.back();
    for (const auto& [name, variable] : module.variables) {
      entry.variables[name] =
          Add({.kind = NodeKind::kVariable, .module = index, .name = name, .variable = &variable});
    }
    for (const auto& [name, local] : module.locals)
      entry.locals[name] =
          Add({.kind = NodeKind::kLocal, .module = index, .name = name, .local = &local});
    for (const auto& [name, resource] : module.terraform.resources) {
      entry.resources[name] = Add({.kind = NodeKind::kResource,
                                   .module = index,
                                   .name = name,
                                   .resource = &resource,
                                   .provider_address = resource.provider_address});
    }
    for (const auto& [name, call_block] : module.terraform.module_calls)
      entry.calls[name] =
          Add({.kind = NodeKind::kModule, .module = index, .name = name, .call = &call_block});
    for (const auto& [name, output] : module.outputs)
      entry.outputs[name] =
          Add({.kind = NodeKind::kOutput, .module = index, .name = name, .output = &output});
    for (const auto& [name, check] : module.terraform.checks)
      Add({.kind = NodeKind::kCheck, .module = index, .name = name, .check = &check});
    std::map<std::string, NodeId, std::less<>> calls = entry.calls;
    graph_.modules[static_cast<size_t>(index)] = std::move(entry);
    for (const auto& [name, child] : tree.children) {
      auto it = calls.find(name);
      int child_index = AddModule(*child, index, it == calls.end() ? -1 : it->second);
      graph_.modules[static_cast<size_t>(index)].children[name] = child_index;
    }
    return index;
  }

  // Modules and resources that only the state has.
  void AddFromState() {
    for (const auto& [address, resource] : state_.resources) {
      int module = 0;
      for (const address::ModuleStep& step : address.module) {
        auto& children = graph_.modules[static_cast<size_t>(module)].children;
        auto it = children.find(step.name);
        if (it != children.end()) {
          module = it->second;
          continue;
        }
        int index = static_cast<int>(graph_.modules.size());
        children[step.name] = index;
        ModuleEntry entry{.parent = module,
                          .path = graph_.modules[static_cast<size_t>(module)].path};
        entry.path.push_back(step.name);
        graph_.modules.push_back(std::move(entry));
        module = index;
      }
      std::string name = ToString(
          address::Address{.is_data = address.is_data, .kind = address.kind, .name = address.name});
      ModuleEntry& entry = graph_.modules[static_cast<size_t>(module)];
      if (entry.resources.contains(name)) continue;
      entry.resources[name] = Add({.kind = NodeKind::kResource, .module = module, .name = name});
    }
  }

  // Each resource gets the node of the provider configuration that it uses.
  void ResolveProviders(int module) {
    const ModuleEntry& entry = graph_.modules[static_cast<size_t>(module)];
    if (entry.tree != nullptr) {
      for (const auto& [local, provider] : entry.tree->module->terraform.providers)
        (void)ProviderNode(module, local, provider.address);
    }
    for (const auto& [name, id] : entry.resources) {
      if (At(id).resource != nullptr) {
        const config::Resource& resource = *At(id).resource;
        ProviderPlace place =
            FindProvider(graph_, module, resource.provider_local, resource.provider_address);
        NodeId provider = ProviderNode(place.module, place.local, resource.provider_address);
        At(id).provider_node = provider;
        At(id).provider_key = resource.provider ? resource.provider->key : hcl::Expression();
        At(id).provider_key_module = module;
        if (place.key) {
          At(id).provider_key = place.key;
          At(id).provider_key_module = place.key_module;
        }
      }
    }
    // What is gone from the files is destroyed by the configuration that its state names.
    for (const auto& [address, resource] : state_.resources) {
      if (graph_.FindModule(address.module) != module) continue;
      std::string name = ToString(
          address::Address{.is_data = address.is_data, .kind = address.kind, .name = address.name});
      NodeId id = graph_.modules[static_cast<size_t>(module)].resources.at(name);
      if (At(id).resource != nullptr) continue;
      auto text = ParseProviderText(resource.provider);
      if (!text) continue;
      std::vector<address::ModuleStep> steps;
      for (const std::string& step : text->module) steps.push_back({step, {}});
      int at = std::max(0, graph_.FindModule(steps));
      At(id).provider_address = text->address;
      NodeId provider =
          ProviderNode(at, {LocalNameIn(at, text->address), text->alias}, text->address);
      At(id).provider_node = provider;
    }
  }

  std::string LocalNameIn(int module, const config::ProviderAddress& address) const {
    const ModuleEntry& entry = graph_.modules[static_cast<size_t>(module)];
    if (entry.tree != nullptr) {
      for (const auto& [name, required] : entry.tree->module->terraform.required_providers) {
        if (required.address == address) return name;
      }
    }
    return address.type;
  }

  NodeId ProviderNode(int module, const config::LocalProvider& local,
                      const config::ProviderAddress& address) {
    auto [it, is_new] = providers_.try_emplace({module, local}, -1);
    if (!is_new) return it->second;
    const ModuleEntry& entry = graph_.modules[static_cast<size_t>(module)];
    const config::Provider* block = nullptr;
    if (entry.tree != nullptr) {
      const auto& declared = entry.tree->module->terraform.providers;
      if (auto found = declared.find(local); found != declared.end()) block = &found->second;
    }
    it->second = Add({.kind = NodeKind::kProvider,
                      .module = module,
                      .name = ToString(local),
                      .provider = block,
                      .provider_address = block != nullptr ? block->address : address,
                      .provider_local = local});
    return it->second;
  }

  // ---- Uses.

  void FindUses(NodeId id) {
    Node& node = At(id);
    const ModuleEntry& module = graph_.modules[static_cast<size_t>(node.module)];
    switch (node.kind) {
      case NodeKind::kVariable:
        if (module.call >= 0) {
          const hcl::Attribute* input = At(module.call).call->body.Find(node.name);
          if (input != nullptr) Use(node, module.parent, input->expression());
        }
        // The conditions are evaluated in the module itself, after everything; what they
        // read beside the variable is known by then only if it is waited for.
        for (const config::Validation& validation : node.variable->validations) {
          UseOwn(node, validation.condition);
          UseOwn(node, validation.error_message);
        }
        break;
      case NodeKind::kLocal:
        Use(node, node.module, node.local->expression);
        break;
      case NodeKind::kOutput:
        Use(node, node.module, node.output->expression);
        for (const config::CheckRule& rule : node.output->preconditions) UseRule(node, rule);
        for (const hcl::Traversal& traversal : node.output->depends_on) DependOn(node, traversal);
        break;
      case NodeKind::kModule:
        Use(node, node.module, node.call->count);
        Use(node, node.module, node.call->for_each);
        Use(node, node.module, node.call->enabled);
        for (const hcl::Traversal& traversal : node.call->depends_on) DependOn(node, traversal);
        break;
      case NodeKind::kProvider:
        if (node.provider == nullptr) break;
        Use(node, node.module, node.provider->for_each);
        UseBody(node, node.provider->body);
        break;
      case NodeKind::kResource:
        if (node.resource != nullptr) {
          RefuseSelf(id);
          UseResource(node);
        }
        break;
      case NodeKind::kCheck:
        for (const config::CheckRule& rule : node.check->asserts) UseRule(node, rule);
        break;
    }
  }

  // A block's arguments cannot be made of its own attributes; its conditions may look at them.
  void RefuseSelf(NodeId id) {
    const Node& node = At(id);
    const ModuleEntry& module = graph_.modules[static_cast<size_t>(node.module)];
    std::set<std::string, std::less<>> local_names;
    std::vector<hcl::Expression> expressions = ExpressionsOf(node.resource->body, &local_names);
    for (hcl::Expression e : {node.resource->count, node.resource->for_each})
      if (e) expressions.push_back(e);
    for (hcl::Expression e : expressions) {
      for (const hcl::Traversal& traversal : hcl::References(e)) {
        if (local_names.contains(traversal.root) || Resolve(module, traversal).node != id) continue;
        Report(
            diagnostics_, kSelfReference,
            fmt::format("{} may not refer to itself: its value would be needed to find its value.",
                        graph_.AddressOf(id)),
            traversal.range());
      }
    }
  }

  void UseResource(Node& node) {
    const config::Resource& resource = *node.resource;
    for (hcl::Expression e :
         {resource.count, resource.for_each, resource.enabled, resource.prevent_destroy})
      Use(node, node.module, e);
    if (resource.provider) Use(node, node.module, resource.provider->key);
    for (hcl::Expression e : resource.replace_triggered_by) Use(node, node.module, e);
    for (const config::CheckRule& rule : resource.preconditions) UseRule(node, rule);
    for (const config::CheckRule& rule : resource.postconditions) UseRule(node, rule);
    UseBody(node, resource.body);
    if (resource.connection) UseBody(node, resource.connection->body);
    for (const config::Provisioner& provisioner : resource.provisioners) {
      UseBody(node, provisioner.body);
      if (provisioner.connection) UseBody(node, provisioner.connection->body);
    }
    for (const hcl::Traversal& traversal : resource.depends_on) DependOn(node, traversal);
  }

  void UseRule(Node& node, const config::CheckRule& rule) {
    Use(node, node.module, rule.condition);
    Use(node, node.module, rule.error_message);
  }

  // An expression of a variable's own module: the variable itself is no dependency.
  void UseOwn(Node& node, hcl::Expression expression) {
    if (!expression) return;
    const ModuleEntry& module = graph_.modules[static_cast<size_t>(node.module)];
    for (const hcl::Traversal& traversal : hcl::References(expression)) {
      Target target = Resolve(module, traversal);
      if (target.kind == Target::Kind::kVariable && target.node != module.variables.at(node.name))
        after_.emplace_back(module.variables.at(node.name), target.node);
    }
  }

  void UseBody(Node& node, const hcl::Body& body) {
    std::set<std::string, std::less<>> local_names;
    for (hcl::Expression e : ExpressionsOf(body, &local_names))
      Use(node, node.module, e, &local_names);
  }

  void Use(Node& node, int module, hcl::Expression expression,
           const std::set<std::string, std::less<>>* local_names = nullptr) {
    if (!expression) return;
    AddUses(graph_.modules[static_cast<size_t>(module)], expression, &node.uses, local_names);
  }

  // Everything inside of a module, and of those below it.
  void Inside(int module, std::vector<NodeId>* out) const {
    const ModuleEntry& entry = graph_.modules[static_cast<size_t>(module)];
    for (const auto& [name, id] : entry.resources) out->push_back(id);
    for (const auto& [name, id] : entry.outputs) out->push_back(id);
    for (const auto& [name, child] : entry.children) Inside(child, out);
  }

  void DependOn(Node& node, const hcl::Traversal& traversal) {
    Target target = Resolve(graph_.modules[static_cast<size_t>(node.module)], traversal);
    if (target.kind == Target::Kind::kModule) {
      const ModuleEntry& entry = graph_.modules[static_cast<size_t>(node.module)];
      auto child = entry.children.find(At(target.node).name);
      node.depends_on.push_back(target.node);
      if (child != entry.children.end()) Inside(child->second, &node.depends_on);
    } else if (target.kind != Target::Kind::kNone) {
      node.depends_on.push_back(target.node);
    }
  }

  // ---- Edges.

  void AddEdges(NodeId id) {
    Node& node = At(id);
    auto add = [&](NodeId on) {
      if (on >= 0 && on != id) graph_.dag.AddEdge(id, on);
    };
    auto add_self = [&](NodeId on) { graph_.dag.AddEdge(id, on); };
    for (NodeId on : node.uses.variables) add_self(on);
    for (NodeId on : node.uses.locals) add_self(on);
    // A resource may read its own other instances' place in a splat of itself: reported when
    // it is evaluated, as "self-reference".
    for (NodeId on : node.uses.resources) add(on);
    for (const auto& [call, use] : node.uses.modules) AddModuleEdges(id, call, use);
    for (NodeId on : node.depends_on) add(on);
    add(node.provider_node);
    // Which instances of its module there are is the first thing that it needs; and what its
    // module waits for, it waits for.
    for (int module = node.module; module >= 0;
         module = graph_.modules[static_cast<size_t>(module)].parent)
      add(graph_.modules[static_cast<size_t>(module)].call);
    if (node.check != nullptr && !node.check->data.empty()) {
      const auto& resources = graph_.modules[static_cast<size_t>(node.module)].resources;
      if (auto it = resources.find(node.check->data); it != resources.end()) {
        add(it->second);
        At(it->second).is_in_check = true;
      }
    }
  }

  void AddImports() {
    const ModuleEntry& root = graph_.modules[0];
    for (const config::Import& import : root.tree->module->terraform.imports) {
      NodeId id = graph_.FindResource(import.target);
      if (id < 0 || At(id).resource == nullptr) {
        Report(diagnostics_, kNoImportConfig,
               fmt::format("No file declares {}. Write the block of the resource first.",
                           ToString(import.target)),
               import.range);
        continue;
      }
      graph_.imports[id].push_back(&import);
      Node reads;
      for (hcl::Expression e : {import.id, import.identity, import.to, import.for_each})
        Use(reads, 0, e);
      for (const auto* some : {&reads.uses.variables, &reads.uses.locals, &reads.uses.resources}) {
        for (NodeId on : *some) {
          if (on != id) graph_.dag.AddEdge(id, on);
        }
      }
      for (const auto& [call, use] : reads.uses.modules) AddModuleEdges(id, call, use);
    }
  }

  void AddModuleEdges(NodeId id, NodeId call, const ModuleUse& use) {
    graph_.dag.AddEdge(id, call);
    const ModuleEntry& entry = graph_.modules[static_cast<size_t>(At(call).module)];
    auto child = entry.children.find(At(call).name);
    if (child == entry.children.end()) return;
    for (const auto& [name, output] : graph_.modules[static_cast<size_t>(child->second)].outputs) {
      if (use.all || use.outputs.contains(name)) graph_.dag.AddEdge(id, output);
    }
  }

  bool ReportCycles() {
    bool found = false;
    for (const std::vector<NodeId>& component : graph_.dag.Components()) {
      bool is_cycle = component.size() > 1 || graph_.dag.HasEdge(component[0], component[0]);
      if (!is_cycle) continue;
      found = true;
      std::set<NodeId> inside(component.begin(), component.end());
      graph::Dag part(graph_.dag.size());
      for (NodeId node : component) {
        for (NodeId on : graph_.dag.DependenciesOf(node)) {
          if (inside.contains(on)) part.AddEdge(node, on);
        }
      }
      std::vector<std::string> names;
      for (NodeId node : part.FindCycle()) names.push_back(graph_.AddressOf(node));
      config::Report(
          diagnostics_, config::kCycle,
          fmt::format("These need one another's values in a circle: {}.", Join(names, " -> ")), {});
    }
    return found;
  }

  // The resources above each resource, in one pass over the order.
  void FindDependencies() {
    std::vector<std::vector<NodeId>> above(graph_.nodes.size());  // Resources, sorted by id.
    std::vector<NodeId> order = *graph_.dag.Order();
    for (NodeId id : order) {
      std::set<NodeId> found;
      for (NodeId on : graph_.dag.DependenciesOf(id)) {
        const auto& more = above[static_cast<size_t>(on)];
        found.insert(more.begin(), more.end());
        if (At(on).kind == NodeKind::kResource) found.insert(on);
      }
      above[static_cast<size_t>(id)].assign(found.begin(), found.end());
      if (At(id).kind != NodeKind::kResource || found.empty()) continue;
      auto names = std::make_shared<std::vector<std::string>>();
      for (NodeId on : found) {
        // Of what is never stored, no object can remember that it depended on it.
        if (on != id && !At(on).is_ephemeral()) names->push_back(graph_.AddressOf(on));
      }
      if (names->empty()) continue;
      std::sort(names->begin(), names->end());
      At(id).dependencies = std::move(names);
    }
  }

  const state::State& state_;
  Diagnostics* diagnostics_;
  Graph graph_;
  std::map<std::pair<int, config::LocalProvider>, NodeId> providers_;
  std::vector<std::pair<NodeId, NodeId>> after_;
};

void Collect(const hcl::Body& body, std::set<std::string, std::less<>>* local_names,
             std::vector<hcl::Expression>* out) {
  for (const hcl::Attribute& attribute : body.attributes) out->push_back(attribute.expression());
  for (const hcl::Block& block : body.blocks) {
    if (block.type == "dynamic" && !block.labels.empty()) {
      std::string name(block.labels[0].text);
      if (const hcl::Attribute* iterator = block.body.Find("iterator")) {
        auto text = iterator->expression().text();
        name = std::string(Trim(text));
      }
      local_names->insert(name);
      for (const hcl::Attribute& attribute : block.body.attributes) {
        if (attribute.name != "iterator") out->push_back(attribute.expression());
      }
      for (const hcl::Block& inner : block.body.blocks) Collect(inner.body, local_names, out);
      continue;
    }
    Collect(block.body, local_names, out);
  }
}

}  // namespace

std::vector<hcl::Expression> ExpressionsOf(const hcl::Body& body,
                                           std::set<std::string, std::less<>>* local_names) {
  std::vector<hcl::Expression> out;
  if (body.file != nullptr || !body.attributes.empty() || !body.blocks.empty())
    Collect(body, local_names, &out);
  return out;
}

Target Resolve(const ModuleEntry& module, const hcl::Traversal& traversal) {
  auto find = [](const std::map<std::string, NodeId, std::less<>>& names, std::string_view name,
                 Target::Kind kind) {
    auto it = names.find(name);
    return it == names.end() ? Target{} : Target{kind, it->second, {}};
  };
  std::string_view root = traversal.root;
  if (traversal.steps.empty()) return {};
  std::string_view first = NameOf(traversal.steps[0]);
  if (root == "var") return find(module.variables, first, Target::Kind::kVariable);
  if (root == "local") return find(module.locals, first, Target::Kind::kLocal);
  if (root == "module") {
    Target target = find(module.calls, first, Target::Kind::kModule);
    // module.m.out, module.m["key"].out, module.m[0].out
    for (size_t i = 1; i < traversal.steps.size() && i <= 2; ++i) {
      if (traversal.steps[i].kind == hcl::StepKind::kAttribute) {
        target.output = std::string(traversal.steps[i].text);
        break;
      }
    }
    return target;
  }
  std::string name;
  if (root == "data" || root == "ephemeral") {
    if (traversal.steps.size() < 2) return {};
    name = fmt::format("{}.{}.{}", root, first, NameOf(traversal.steps[1]));
  } else if (root == "resource") {
    if (traversal.steps.size() < 2) return {};
    name = fmt::format("{}.{}", first, NameOf(traversal.steps[1]));
  } else {
    name = fmt::format("{}.{}", root, first);
  }
  return find(module.resources, name, Target::Kind::kResource);
}

void AddUses(const ModuleEntry& module, hcl::Expression expression, Uses* uses,
             const std::set<std::string, std::less<>>* local_names) {
  for (std::string_view function : hcl::CalledFunctions(expression)) {
    if (function.starts_with("provider::")) uses->functions.emplace(function);
  }
  for (const hcl::Traversal& traversal : hcl::References(expression)) {
    if (local_names != nullptr && local_names->contains(traversal.root)) continue;
    Target target = Resolve(module, traversal);
    switch (target.kind) {
      case Target::Kind::kNone:
        break;
      case Target::Kind::kVariable:
        uses->variables.insert(target.node);
        break;
      case Target::Kind::kLocal:
        uses->locals.insert(target.node);
        break;
      case Target::Kind::kResource:
        uses->resources.insert(target.node);
        break;
      case Target::Kind::kModule: {
        ModuleUse& use = uses->modules[target.node];
        if (target.output.empty()) {
          use.all = true;
        } else {
          use.outputs.insert(target.output);
        }
        break;
      }
    }
  }
}

std::string Graph::AddressOf(NodeId id) const {
  const Node& node = At(id);
  std::string out;
  for (const std::string& name : modules[static_cast<size_t>(node.module)].path)
    out += fmt::format("module.{}.", name);
  switch (node.kind) {
    case NodeKind::kVariable:
      return out + "var." + node.name;
    case NodeKind::kLocal:
      return out + "local." + node.name;
    case NodeKind::kOutput:
      return out + "output." + node.name;
    case NodeKind::kModule:
      return out + "module." + node.name;
    case NodeKind::kProvider:
      return out + "provider." + node.name;
    case NodeKind::kCheck:
      return out + "check." + node.name;
    case NodeKind::kResource:
      return out + node.name;
  }
  return out;
}

int Graph::FindModule(const std::vector<address::ModuleStep>& path) const {
  int module = 0;
  for (const address::ModuleStep& step : path) {
    const auto& children = modules[static_cast<size_t>(module)].children;
    auto it = children.find(step.name);
    if (it == children.end()) return -1;
    module = it->second;
  }
  return module;
}

NodeId Graph::FindResource(const address::Address& address) const {
  int module = FindModule(address.module);
  if (module < 0) return -1;
  const auto& resources = modules[static_cast<size_t>(module)].resources;
  auto it = resources.find(ToString(address::Address{.is_data = address.is_data,
                                                     .is_ephemeral = address.is_ephemeral,
                                                     .kind = address.kind,
                                                     .name = address.name}));
  return it == resources.end() ? -1 : it->second;
}

Graph BuildGraph(const config::ModuleTree& tree, const state::State& state,
                 Diagnostics* diagnostics) {
  return Builder(tree, state, diagnostics).Build();
}

}  // namespace andon::infra
