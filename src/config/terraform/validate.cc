#include "config/terraform/validate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "config/terraform/validator.h"
#include "functions/registry.h"
#include "hcl/json_file.h"
#include "value/convert.h"

namespace andon::config {

using graph::NodeId;
using value::Value;

Validator::Validator(const ModuleTree& tree, const ValidateOptions& options)
    : tree_(tree), options_(options), functions_(options.functions) {
  if (functions_ != nullptr) return;
  own_functions_ = std::make_unique<hcl::FunctionTable>(
      functions::MakeTable({.base_dir = tree.root->module->dir, .only_repeatable = true}));
  functions_ = own_functions_.get();
}

// ---------------------------------------------------------------- the graph

ModuleState* Validator::AddModule(const ModuleNode& node, ModuleState* parent) {
  ModuleState* state = states_.emplace_back(std::make_unique<ModuleState>()).get();
  state->node = &node;
  state->parent = parent;
  const Module& module = *node.module;
  for (const auto& [name, variable] : module.variables)
    AddNode(NodeKind::kVariable, state, "var." + name, &variable, variable.range);
  for (const auto& [name, local] : module.locals)
    AddNode(NodeKind::kLocal, state, "local." + name, &local, local.range);
  for (const auto& [name, output] : module.outputs)
    AddNode(NodeKind::kOutput, state, "output." + name, &output, output.range);
  for (const auto& [address, resource] : module.terraform.resources)
    AddNode(NodeKind::kResource, state, address, &resource, resource.range);
  for (const auto& [local, provider] : module.terraform.providers)
    AddNode(NodeKind::kProvider, state, "provider." + ToString(local), &provider, provider.range);
  for (const auto& [name, call] : module.terraform.module_calls) {
    NodeId id = AddNode(NodeKind::kCall, state, "module." + name, &call, call.range);
    auto child = node.children.find(name);
    if (child == node.children.end()) continue;
    ModuleState* inner = AddModule(*child->second, state);
    inner->call_node = id;
    state->children[name] = inner;
  }
  return state;
}

NodeId Validator::AddNode(NodeKind kind, ModuleState* state, std::string name, const void* what,
                          const SourceRange& range) {
  NodeId id = dag_.AddNode();
  state->nodes[name] = id;
  nodes_.push_back({kind, state, std::move(name), what, range});
  return id;
}

void Validator::AddEdge(NodeId node, const hcl::Traversal& traversal, ModuleState* state) {
  auto reference = ParseReference(traversal, nullptr);
  if (!reference) return;
  auto add = [&](const ModuleState& in, const std::string& name) {
    auto found = in.nodes.find(name);
    if (found == in.nodes.end()) return;
    bool is_own = found->second == node && nodes_[node].kind == NodeKind::kResource;
    if (!is_own) dag_.AddEdge(node, found->second);  // Planning refuses it.
  };
  std::string name(reference->name);
  switch (reference->kind) {
    case ReferenceKind::kVariable:
      return add(*state, "var." + name);
    case ReferenceKind::kLocal:
      return add(*state, "local." + name);
    case ReferenceKind::kResource:
      return add(*state, reference->address());
    case ReferenceKind::kModule: {
      add(*state, "module." + name);
      auto child = state->children.find(name);
      if (child == state->children.end()) return;
      const ModuleState& inner = *child->second;
      bool is_one = reference->steps < traversal.steps.size();
      if (is_one)
        return add(inner, "output." + std::string(traversal.steps[reference->steps].text));
      for (const auto& [output, unused] : inner.module().outputs) add(inner, "output." + output);
      return;
    }
    default:
      return;
  }
}

void Validator::AddEdges(NodeId node, hcl::Expression expression, ModuleState* state) {
  if (!expression) return;
  for (const hcl::Traversal& traversal : hcl::References(expression))
    AddEdge(node, traversal, state);
}

void Validator::AddEdges(NodeId node, const hcl::Body& body, ModuleState* state) {
  for (const hcl::Attribute& attribute : body.attributes)
    AddEdges(node, attribute.expression(), state);
  for (const hcl::Block& block : body.blocks) AddEdges(node, block.body, state);
}

void Validator::AddEdgesOf(NodeId node, const Resource& resource, ModuleState* state) {
  AddEdges(node, resource.count, state);
  AddEdges(node, resource.for_each, state);
  AddEdges(node, resource.enabled, state);
  AddEdges(node, resource.prevent_destroy, state);
  for (hcl::Expression trigger : resource.replace_triggered_by) AddEdges(node, trigger, state);
  for (const hcl::Traversal& traversal : resource.depends_on) AddEdge(node, traversal, state);
  for (const auto* rules : {&resource.preconditions, &resource.postconditions}) {
    for (const config::CheckRule& rule : *rules) {
      AddEdges(node, rule.condition, state);
      AddEdges(node, rule.error_message, state);
    }
  }
  for (const Provisioner& provisioner : resource.provisioners) {
    AddEdges(node, provisioner.body, state);
    if (provisioner.connection) AddEdges(node, provisioner.connection->body, state);
  }
  if (resource.connection) AddEdges(node, resource.connection->body, state);
  AddEdges(node, resource.body, state);
  auto provider = state->nodes.find("provider." + ToString(resource.provider_local));
  if (provider != state->nodes.end()) dag_.AddEdge(node, provider->second);
}

void Validator::AddEdges() {
  for (NodeId id = 0; id < dag_.size(); ++id) {
    const Node& node = nodes_[id];
    ModuleState* state = node.state;
    // A module's objects come into being when its call is expanded.
    bool waits = state->call_node >= 0 &&
                 (node.kind == NodeKind::kVariable || node.kind == NodeKind::kResource);
    if (waits) dag_.AddEdge(id, state->call_node);
    switch (node.kind) {
      case NodeKind::kVariable: {
        if (state->parent == nullptr) break;
        const auto& variable = *static_cast<const Variable*>(node.what);
        if (auto* given = state->node->call->body.Find(variable.name))
          AddEdges(id, given->expression(), state->parent);
        break;
      }
      case NodeKind::kLocal:
        AddEdges(id, static_cast<const Local*>(node.what)->expression, state);
        break;
      case NodeKind::kOutput: {
        const auto& output = *static_cast<const Output*>(node.what);
        AddEdges(id, output.expression, state);
        for (const hcl::Traversal& traversal : output.depends_on) AddEdge(id, traversal, state);
        break;
      }
      case NodeKind::kResource:
        AddEdgesOf(id, *static_cast<const Resource*>(node.what), state);
        break;
      case NodeKind::kProvider:
        AddEdges(id, static_cast<const Provider*>(node.what)->body, state);
        break;
      case NodeKind::kCall: {
        const auto& call = *static_cast<const ModuleCall*>(node.what);
        for (hcl::Expression expression : {call.count, call.for_each, call.enabled})
          AddEdges(id, expression, state);
        for (const hcl::Traversal& traversal : call.depends_on) AddEdge(id, traversal, state);
        break;
      }
    }
  }
}

// ---------------------------------------------------------------- the walk

Diagnostics Validator::Run() {
  ModuleState* root = AddModule(*tree_.root, nullptr);
  for (const auto& state : states_) {
    if (state->module().has_syntax_errors) return {};
  }
  AddEdges();
  auto name_of = [&](NodeId id) {
    std::string module = nodes_[id].state->node->address();
    return module.empty() ? nodes_[id].name : module + "." + nodes_[id].name;
  };
  // Components come after those that they need, also where there are cycles.
  for (const std::vector<NodeId>& component : dag_.Components()) {
    bool is_cycle = component.size() > 1 || dag_.HasEdge(component[0], component[0]);
    if (!is_cycle) {
      Visit(nodes_[component[0]]);
      continue;
    }
    std::vector<std::string> names;
    for (NodeId id : component) names.push_back(name_of(id));
    Diagnostic d = Mistake(
        kTerraformCycle, "Cycle",
        fmt::format("These need one another, so none of them can be first: {}.", Join(names, ", ")),
        nodes_[component[0]].range);
    for (size_t i = 1; i < component.size() && i < 8; ++i)
      d.labels.push_back({nodes_[component[i]].range, names[i]});
    diagnostics_.Add(std::move(d));
  }
  for (const auto& state : states_) {
    for (const auto& [name, check] : state->terraform().checks) {
      Place place{.check = name};
      for (const config::CheckRule& rule : check.asserts) CheckRule(rule, state.get(), place);
    }
  }
  CheckImports(*root);
  CheckProviders(*root, nullptr);
  return std::move(diagnostics_);
}

void Validator::Visit(const Node& node) {
  ModuleState* state = node.state;
  switch (node.kind) {
    case NodeKind::kVariable:
      return VisitVariable(*static_cast<const Variable*>(node.what), state);
    case NodeKind::kLocal: {
      const auto& local = *static_cast<const Local*>(node.what);
      state->locals[local.name] = Evaluate(local.expression, state, {});
      return;
    }
    case NodeKind::kOutput:
      return VisitOutput(*static_cast<const Output*>(node.what), state);
    case NodeKind::kResource:
      return CheckResourceBlock(*static_cast<const Resource*>(node.what), state);
    case NodeKind::kProvider: {
      const auto& provider = *static_cast<const Provider*>(node.what);
      return CheckBody(provider.body, nullptr, state, {.has_each = bool(provider.for_each)});
    }
    case NodeKind::kCall:
      return VisitCall(*static_cast<const ModuleCall*>(node.what), state);
  }
}

void Validator::VisitVariable(const Variable& variable, ModuleState* state) {
  Value value = state->parent == nullptr
                    ? Value::Unknown(variable.type.type.WithoutOptionalAttributes())
                    : InputValue(variable, state);
  if (variable.sensitive) value = value.WithMarks(value::Mark::kSensitive);
  if (variable.ephemeral) value = value.WithMarks(value::Mark::kEphemeral);
  state->variables[variable.name] = std::move(value);
  for (const config::CheckRule& rule : variable.validations) CheckRule(rule, state, {});
}

Value Validator::InputValue(const Variable& variable, ModuleState* state) {
  const ModuleCall& call = *state->node->call;
  const hcl::Attribute* given = call.body.Find(variable.name);
  value::Type type = variable.type.type.WithoutOptionalAttributes();
  if (given == nullptr) {
    if (variable.fallback) return *variable.fallback;
    Wrong(kTerraformInput, "Missing required argument",
          fmt::format("The module requires \"{}\", and the call does not give it.", variable.name),
          call.range);
    return Value::Unknown(type);
  }
  Place place{.has_count = bool(call.count), .has_each = bool(call.for_each)};
  Value value = Evaluate(given->expression(), state->parent, place);
  if (!variable.deprecated.empty()) {
    diagnostics_.Add(
        Doubt(kTerraformDeprecated, "Variable marked as deprecated by the module author",
              fmt::format("\"{}\" is deprecated: {}", variable.name, variable.deprecated),
              given->expression().range()));
  }
  if (value.contains_marked() && value.deep_marks().Has(value::Mark::kEphemeral) &&
      !variable.ephemeral) {
    Wrong(kTerraformInput, "Variable does not allow ephemeral value",
          fmt::format("\"{}\" does not say ephemeral = true, and this value must not be kept.",
                      variable.name),
          given->expression().range());
  }
  if (variable.type.defaults) value = ApplyDefaults(value, *variable.type.defaults);
  Result<Value> converted = value::Convert(value, variable.type.type);
  if (!converted.ok()) {
    Wrong(kTerraformInput, "Invalid value for input variable",
          fmt::format("The module's variable \"{}\" does not take this: {}.", variable.name,
                      converted.error().message),
          given->expression().range());
    return Value::Unknown(type);
  }
  if (!converted->is_null() || variable.nullable) return *converted;
  if (variable.fallback) return *variable.fallback;
  Wrong(kTerraformInput, "Required variable not set",
        fmt::format("The module's variable \"{}\" must not be null.", variable.name),
        given->expression().range());
  return Value::Unknown(type);
}

void Validator::VisitOutput(const Output& output, ModuleState* state) {
  Value value = output.expression ? Evaluate(output.expression, state, {}) : Value::Dynamic();
  CheckDependsOn(output.depends_on, state, {});
  for (const config::CheckRule& rule : output.preconditions) CheckRule(rule, state, {});
  bool is_root = state->parent == nullptr;
  SourceRange range = output.expression ? output.expression.range() : output.range;
  value::Marks marks = value.deep_marks();
  if (is_root && output.ephemeral) {
    Wrong(kTerraformInput, "Invalid output configuration",
          "An output of the root module is kept in the state, so it cannot be ephemeral.",
          output.range);
  } else if (marks.Has(value::Mark::kEphemeral) && !output.ephemeral) {
    Wrong(kTerraformInput, "Output does not allow ephemeral value",
          "The value must not be kept, and the output does not say ephemeral = true.", range);
  }
  if (is_root && marks.Has(value::Mark::kSensitive) && !output.sensitive) {
    Wrong(kTerraformInput, "Output refers to sensitive values",
          "What this output shows is sensitive. Say that it is meant: sensitive = true.", range);
  }
  if (output.sensitive) value = value.WithMarks(value::Mark::kSensitive);
  if (output.ephemeral) value = value.WithMarks(value::Mark::kEphemeral);
  state->outputs[output.name] = std::move(value);
}

void Validator::VisitCall(const ModuleCall& call, ModuleState* state) {
  CheckRepetition(call.count, call.for_each, call.enabled, state);
  CheckDependsOn(call.depends_on, state, {});
  auto child = state->children.find(call.name);
  Place place{.has_count = bool(call.count), .has_each = bool(call.for_each)};
  if (child == state->children.end()) return CheckBody(call.body, nullptr, state, place);
  const auto& variables = child->second->module().variables;
  std::vector<std::string> known;
  for (const auto& [name, unused] : variables) known.push_back(name);
  for (const hcl::Attribute& attribute : call.body.attributes) {
    if (variables.contains(attribute.name)) continue;
    Wrong(kTerraformInput, "Unsupported argument",
          fmt::format("The module \"{}\" declares no variable \"{}\".", call.name, attribute.name),
          attribute.name_range(), DidYouMean(attribute.name, known));
  }
  for (const hcl::Block& block : call.body.blocks) {
    Wrong(kTerraformInput, "Unsupported block type",
          fmt::format("A module takes no blocks; a variable is given with an equals sign: {} = …",
                      block.type),
          block.type_range());
  }
}

void Validator::CheckImports(ModuleState& root) {
  for (const Import& import : root.terraform().imports) {
    Place place{.has_each = bool(import.for_each)};
    if (import.for_each) Evaluate(import.for_each, &root, {});
    if (import.id) {
      Value id = Evaluate(import.id, &root, place);
      Result<Value> text = value::Convert(id.UnmarkDeep(), value::Type::String());
      if (!text.ok() || text->is_null()) {
        Wrong(kTerraformAddress, "Invalid import id argument",
              "The id of an object is a text that is not null.", import.id.range());
      }
    }
    if (import.identity) Evaluate(import.identity, &root, place);
    // The keys in the address are expressions; the address itself names a resource.
    const ModuleState* state = &root;
    for (const address::ModuleStep& step : import.target.module) {
      auto child = state->children.find(step.name);
      state = child == state->children.end() ? nullptr : child->second;
      if (state == nullptr) break;
    }
    if (state != nullptr || import.target.module.empty()) continue;
    Wrong(kTerraformAddress, "Invalid import address",
          fmt::format("There is no module for {}, so nothing can be imported into it.",
                      ToString(import.target)),
          import.to.range());
  }
}

Diagnostics Validate(const ModuleTree& tree, const ValidateOptions& options) {
  return Validator(tree, options).Run();
}

}  // namespace andon::config
