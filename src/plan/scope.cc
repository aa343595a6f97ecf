// Scopes: what an expression sees of the others, made of what it names and no more.
#include <algorithm>

#include "config/reference.h"
#include "plan/evaluate_internal.h"
#include "plan/open_names.h"

namespace andon::plan {

const Instance* Evaluation::Impl::FindInstance(size_t block, const address::Key& key) const {
  for (const Instance& instance : nodes[block_nodes[block]].instances) {
    if (instance.address.key == key) return &instance;
  }
  return nullptr;
}

// One instance as others see it: its address, the columns or tables that they
// name, and its attributes where they read one.
Value Evaluation::Impl::InstanceValue(size_t index, const std::string& address,
                                      const Instance* instance,
                                      const std::vector<const Reference*>& references,
                                      const std::set<std::string>& names) const {
  const config::DataBlock& block = module->blocks[index];
  bool has_columns = block.kind == "dataset";
  std::set<std::string> members;
  bool is_open = is_complete;
  bool needs_value = is_complete;
  for (const Reference* reference : references) {
    if (reference->member) members.insert(*reference->member);
    is_open |= reference->is_open;
    needs_value |= reference->needs_value;
  }
  Value::Members attributes;
  if (has_columns || block.schema->has_tables) {
    if (is_open) {
      members.insert(names.begin(), names.end());
      for (const std::string& name : module->NamesOf("dataset")) {
        if (!has_columns) members.insert(name);
      }
      const Value* columns =
          instance != nullptr && has_columns ? instance->object.Find("columns") : nullptr;
      if (columns != nullptr && columns->is_known_not_null()) {
        for (const auto& [name, unused] : columns->members()) members.insert(name);
      }
    }
    Value::Members inner;
    for (const std::string& name : members) {
      inner.emplace_back(name, has_columns ? config::ColumnReference(address, name)
                                           : config::TableReference(address, name));
    }
    attributes.emplace_back(has_columns ? "column" : "table", Value::Object(std::move(inner)));
  }
  if (needs_value && instance != nullptr) {
    for (auto* a : block.schema->AttributesOf(block.type)) {
      if (a->name == "name" || a->name == config::kAddress) continue;
      const Value* value = instance->object.Find(a->name);
      attributes.emplace_back(a->name, value != nullptr ? *value : Value::Null());
    }
  }
  return config::ObjectReference(address, std::move(attributes));
}

Value Evaluation::Impl::BlockValue(size_t index, const std::vector<const Reference*>& references,
                                   const std::set<std::string>& names) const {
  const config::DataBlock& block = module->blocks[index];
  std::string address = block.address();
  bool needs_value = is_complete || std::any_of(references.begin(), references.end(),
                                                [](const Reference* r) { return r->needs_value; });
  auto one = [&](const address::Key& key) {
    const Instance* instance = needs_value ? FindInstance(index, key) : nullptr;
    return InstanceValue(index, address + address::ToString(key), instance, references, names);
  };
  if (!IsExpanded(block)) return one({});
  const Expansion& expansion = expansions[index];
  if (!expansion.is_known) return Value::Dynamic();
  if (block.count) {
    std::vector<Value> items;
    for (const auto& [key, each] : expansion.items) items.push_back(one(key));
    return Value::Tuple(std::move(items));
  }
  Value::Members members;
  for (const auto& [key, each] : expansion.items)
    members.emplace_back(std::get<std::string>(key), one(key));
  return Value::Object(std::move(members));
}

Value Evaluation::Impl::Infrastructure(const std::string& root) const {
  auto it = options.infrastructure.find(root);
  return it == options.infrastructure.end() ? Value::Dynamic() : it->second;
}

hcl::EvalContext Evaluation::Impl::Scope(const std::vector<Reference>& references,
                                         const std::set<std::string>& names) const {
  hcl::EvalContext context;
  context.functions = options.functions;
  std::map<std::string, Value> variables, locals;
  std::map<size_t, std::vector<const Reference*>> blocks;
  for (const Reference& reference : references) {
    switch (reference.kind) {
      case ReferenceKind::kVariable: {
        auto it = options.variables.find(reference.name);
        variables[reference.name] = it == options.variables.end() ? Value::Dynamic() : it->second;
        break;
      }
      case ReferenceKind::kLocal:
        locals[reference.name] = nodes[local_nodes.find(reference.name)->second].value;
        break;
      case ReferenceKind::kBlock:
        blocks[reference.block].push_back(&reference);
        break;
      case ReferenceKind::kPath:
        context.variables["path"] = Value::Object({{"module", Value::String(module->dir)},
                                                   {"root", Value::String(module->dir)},
                                                   {"cwd", Value::String(module->dir)}});
        break;
      case ReferenceKind::kTerraform:
        context.variables["terraform"] =
            Value::Object({{"workspace", Value::String(options.workspace)}});
        break;
      case ReferenceKind::kInfrastructure:
        context.variables[reference.name] = Infrastructure(reference.name);
        break;
      case ReferenceKind::kEach:
      case ReferenceKind::kCount:
        break;  // Of the instance's own scope.
    }
  }
  auto object = [](const std::map<std::string, Value>& values) {
    return Value::Object(Value::Members(values.begin(), values.end()));
  };
  if (!variables.empty()) context.variables["var"] = object(variables);
  if (!locals.empty()) context.variables["local"] = object(locals);
  std::map<std::string, Value::Members> kinds;
  for (const auto& [index, uses] : blocks) {
    const config::DataBlock& block = module->blocks[index];
    Value value = BlockValue(index, uses, names);
    if (block.name.empty()) {
      context.variables[block.kind] = value;
    } else {
      kinds[block.kind].emplace_back(block.name, std::move(value));
    }
  }
  for (auto& [kind, members] : kinds) context.variables[kind] = Value::Object(std::move(members));
  return context;
}

// The names that open references of a node ask for.
std::set<std::string> Evaluation::Impl::OpenNames(const Node& node,
                                                  const hcl::EvalContext& scope) const {
  std::set<std::string> names;
  if (node.kind != NodeKind::kBlock) {
    CollectOpenNames(ExpressionOf(node), scope, &names);
    return names;
  }
  for (const hcl::Attribute& attribute : module->blocks[node.block].block->body.attributes) {
    if (!node.broken.contains(attribute.name))
      CollectOpenNames(attribute.expression(), scope, &names);
  }
  return names;
}

// The scope in which a node is evaluated; `own` has the names of one instance.
hcl::EvalContext Evaluation::Impl::FullScope(const Node& node,
                                             const std::map<std::string, Value>& own) const {
  hcl::EvalContext scope = Scope(node.references, {});
  for (const auto& [name, value] : own) scope.variables[name] = value;
  bool has_open = std::any_of(node.references.begin(), node.references.end(),
                              [](const Reference& r) { return r.is_open; });
  if (!has_open) return scope;
  scope = Scope(node.references, OpenNames(node, scope));
  for (const auto& [name, value] : own) scope.variables[name] = value;
  return scope;
}

}  // namespace andon::plan
