#include "infra/scope.h"

#include <algorithm>

namespace andon::infra {

using value::Value;

Scope::Scope(const Graph& graph, ScopeOptions options)
    : graph_(graph),
      options_(std::move(options)),
      provider_functions_(graph, *options_.functions, *options_.pool),
      values_(graph.nodes.size()),
      instances_(graph.modules.size()),
      repetitions_(graph.nodes.size(), Repetition::kSingle) {
  instances_[0] = {ModuleInstance{}};
}

const Value& Scope::ValueOf(NodeId node, int instance) const {
  const auto& values = values_[static_cast<size_t>(node)];
  return static_cast<size_t>(instance) < values.size() ? values[static_cast<size_t>(instance)]
                                                       : unknown_;
}

void Scope::Prepare(NodeId node) {
  size_t count = InstancesOf(graph_.At(node).module).size();
  values_[static_cast<size_t>(node)].assign(count, Value::Dynamic());
}

void Scope::Set(NodeId node, int instance, Value value) {
  auto& values = values_[static_cast<size_t>(node)];
  if (values.size() <= static_cast<size_t>(instance)) Prepare(node);
  values[static_cast<size_t>(instance)] = std::move(value);
}

void Scope::SetInstances(int module, std::vector<ModuleInstance> instances) {
  instances_[static_cast<size_t>(module)] = std::move(instances);
}

int Scope::FindInstance(int module, const std::vector<address::ModuleStep>& path) const {
  const auto& instances = InstancesOf(module);
  for (size_t i = 0; i < instances.size(); ++i) {
    if (instances[i].path == path) return static_cast<int>(i);
  }
  return -1;
}

Value Scope::ModuleValue(NodeId call, int instance, const ModuleUse& use) const {
  const Node& node = graph_.At(call);
  const ModuleEntry& module = graph_.modules[static_cast<size_t>(node.module)];
  auto child = module.children.find(node.name);
  if (child == module.children.end()) return Value::Dynamic();
  const ModuleEntry& called = graph_.modules[static_cast<size_t>(child->second)];
  const auto& instances = InstancesOf(child->second);
  std::vector<address::Key> keys;
  std::vector<Value> values;
  for (size_t i = 0; i < instances.size(); ++i) {
    if (instances[i].parent != instance) continue;
    Value::Members members;
    for (const auto& [name, output] : called.outputs) {
      if (use.all || use.outputs.contains(name))
        members.emplace_back(name, ValueOf(output, static_cast<int>(i)));
    }
    keys.push_back(instances[i].key);
    values.push_back(Value::Object(std::move(members)));
  }
  return Gather(repetitions_[static_cast<size_t>(call)], keys, std::move(values));
}

hcl::EvalContext Scope::Context(int module, int instance, const Uses& uses) const {
  hcl::EvalContext context;
  context.functions = uses.functions.empty() ? options_.functions
                                             : provider_functions_.TableFor(module, uses.functions);
  auto gather = [&](const std::set<NodeId>& nodes) {
    Value::Members members;
    members.reserve(nodes.size());
    for (NodeId id : nodes) members.emplace_back(graph_.At(id).name, ValueOf(id, instance));
    return Value::Object(std::move(members));
  };
  if (!uses.variables.empty()) context.variables["var"] = gather(uses.variables);
  if (!uses.locals.empty()) context.variables["local"] = gather(uses.locals);
  if (!uses.modules.empty()) {
    Value::Members members;
    for (const auto& [call, use] : uses.modules)
      members.emplace_back(graph_.At(call).name, ModuleValue(call, instance, use));
    context.variables["module"] = Value::Object(std::move(members));
  }
  // data.TYPE.NAME, ephemeral.TYPE.NAME and TYPE.NAME.
  std::map<std::string, std::map<std::string, Value::Members>> modes;
  for (NodeId id : uses.resources) {
    std::string_view name = graph_.At(id).name;
    std::string mode;
    for (std::string_view prefix : {"data.", "ephemeral."}) {
      if (!name.starts_with(prefix)) continue;
      mode = prefix.substr(0, prefix.size() - 1);
      name.remove_prefix(prefix.size());
    }
    size_t dot = name.find('.');
    modes[mode][std::string(name.substr(0, dot))].emplace_back(name.substr(dot + 1),
                                                               ValueOf(id, instance));
  }
  for (auto& [mode, types] : modes) {
    Value::Members members;
    for (auto& [type, names] : types) {
      Value object = Value::Object(std::move(names));
      if (mode.empty()) {
        context.variables[type] = object;
      }
      members.emplace_back(type, std::move(object));
    }
    // `resource.TYPE.NAME` is the long form of TYPE.NAME.
    context.variables[mode.empty() ? "resource" : mode] = Value::Object(std::move(members));
  }
  const ModuleEntry& entry = graph_.modules[static_cast<size_t>(module)];
  std::string dir = entry.tree != nullptr ? entry.tree->module->dir : ".";
  const ModuleEntry& root = graph_.modules[0];
  context.variables["path"] = Value::Object({{"module", Value::String(dir)},
                                             {"root", Value::String(root.tree->module->dir)},
                                             {"cwd", Value::String(options_.cwd)}});
  Value program = Value::Object({{"workspace", Value::String(options_.workspace)}});
  context.variables["terraform"] = program;
  context.variables["tofu"] = program;
  if (module == 0) context.variables.insert(options_.names.begin(), options_.names.end());
  return context;
}

hcl::EvalContext Scope::ContextFor(int module, int instance, hcl::Expression expression) const {
  Uses uses;
  AddUses(graph_.modules[static_cast<size_t>(module)], expression, &uses);
  return Context(module, instance, uses);
}

}  // namespace andon::infra
