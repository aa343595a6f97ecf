#include "plan/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/executor.h"
#include "base/text.h"
#include "config/codes.h"
#include "graph/dag.h"
#include "graph/walk.h"
#include "hcl/static_form.h"
#include "plan/evaluate_internal.h"
#include "plan/open_names.h"
#include "value/convert.h"
#include "value/display.h"

namespace andon::plan {

using value::Type;

// ---------------------------------------------------------------- the graph

void Evaluation::Impl::AddNodes() {
  for (const auto& [name, local] : module->locals) {
    Node node{.kind = NodeKind::kLocal, .name = name, .range = local.range};
    node.is_broken = !Resolve(*module, local.expression, {}, &node.references, &node.diagnostics);
    local_nodes[name] = nodes.size();
    nodes.push_back(std::move(node));
  }
  expansions.resize(module->blocks.size());
  for (size_t i = 0; i < module->blocks.size(); ++i) {
    const config::DataBlock& block = module->blocks[i];
    expand_nodes.emplace_back();
    if (IsExpanded(block)) {
      Node node{.kind = NodeKind::kExpand, .block = i, .range = block.range};
      hcl::Expression expression = block.for_each ? block.for_each : block.count;
      node.is_broken = !Resolve(*module, expression, {}, &node.references, &node.diagnostics);
      expand_nodes[i] = nodes.size();
      nodes.push_back(std::move(node));
    }
    block_nodes.push_back(nodes.size());
    nodes.push_back(BlockNode(i));
  }
  for (const auto& [name, output] : module->outputs) {
    Node node{.kind = NodeKind::kOutput, .name = name, .range = output.range};
    node.is_broken = !output.expression ||
                     !Resolve(*module, output.expression, {}, &node.references, &node.diagnostics);
    nodes.push_back(std::move(node));
  }
}

Node Evaluation::Impl::BlockNode(size_t index) {
  const config::DataBlock& block = module->blocks[index];
  Node node{.kind = NodeKind::kBlock, .block = index, .range = block.range};
  if (block.is_broken) return node;
  Place place{.has_each = bool(block.for_each), .has_count = bool(block.count)};
  for (const hcl::Attribute& attribute : block.block->body.attributes) {
    if (block.schema->FindAttribute(block.type, attribute.name) == nullptr) continue;
    Diagnostics found;
    if (!Resolve(*module, attribute.expression(), place, &node.references, &found)) {
      node.broken.insert(attribute.name);
    }
    for (Diagnostic d : found) {
      d.address = block.address();
      node.diagnostics.Add(std::move(d));
    }
  }
  return node;
}

graph::Dag Evaluation::Impl::Edges() {
  graph::Dag dag(static_cast<int>(nodes.size()));
  for (size_t i = 0; i < nodes.size(); ++i) {
    Node& node = nodes[i];
    auto from = static_cast<graph::NodeId>(i);
    auto add = [&](size_t to) { dag.AddEdge(from, static_cast<graph::NodeId>(to)); };
    if (node.kind == NodeKind::kBlock && expand_nodes[node.block]) add(*expand_nodes[node.block]);
    for (const Reference& reference : node.references) {
      if (reference.kind == ReferenceKind::kLocal) add(local_nodes.find(reference.name)->second);
      if (reference.kind != ReferenceKind::kBlock) continue;
      if (reference.needs_value) {
        add(block_nodes[reference.block]);
      } else if (expand_nodes[reference.block]) {
        add(*expand_nodes[reference.block]);
      }
    }
  }
  return dag;
}

bool Evaluation::Impl::ReportCycles(const graph::Dag& dag) {
  auto name_of = [&](const Node& node) {
    if (node.kind == NodeKind::kLocal) return "local." + node.name;
    if (node.kind == NodeKind::kOutput) return "output." + node.name;
    return module->blocks[node.block].address();
  };
  bool found = false;
  for (const std::vector<graph::NodeId>& component : dag.Components()) {
    bool is_cycle = component.size() > 1 || dag.HasEdge(component[0], component[0]);
    if (!is_cycle) continue;
    found = true;
    graph::Dag inside(dag.size());
    for (graph::NodeId node : component) {
      for (graph::NodeId on : dag.DependenciesOf(node)) {
        if (std::find(component.begin(), component.end(), on) != component.end())
          inside.AddEdge(node, on);
      }
    }
    std::vector<std::string> names;
    for (graph::NodeId node : inside.FindCycle()) names.push_back(name_of(nodes[node]));
    Diagnostic d = config::Message(
        config::kCycle,
        fmt::format("These need one another's values in a circle: {}.", Join(names, " -> ")),
        nodes[component[0]].range);
    for (size_t i = 1; i < component.size() && i < 8; ++i) {
      d.labels.push_back({nodes[component[i]].range, name_of(nodes[component[i]])});
    }
    diagnostics.Add(std::move(d));
  }
  return found;
}

// ---------------------------------------------------------------- the walk

namespace {

// Functions of providers are for the plan of the infrastructure, which starts them.
bool CallsProvider(hcl::Expression expression) {
  const std::vector<std::string_view> called = hcl::CalledFunctions(expression);
  return std::any_of(called.begin(), called.end(),
                     [](std::string_view name) { return name.starts_with("provider::"); });
}

}  // namespace

bool Evaluation::Impl::Visit(Node& node) {
  if (node.kind == NodeKind::kExpand) {
    VisitExpand(node);
  } else if (node.kind == NodeKind::kBlock) {
    VisitBlock(node);
  } else if (node.is_broken || CallsProvider(ExpressionOf(node))) {
    node.value = Value::Dynamic();
  } else {
    auto evaluated = hcl::Evaluate(ExpressionOf(node), FullScope(node, {}));
    node.diagnostics.Append(evaluated.diagnostics);
    node.value = evaluated.diagnostics.has_errors() ? Value::Dynamic() : evaluated.value;
  }
  return true;
}

hcl::Expression Evaluation::Impl::ExpressionOf(const Node& node) const {
  if (node.kind == NodeKind::kLocal) return module->locals.find(node.name)->second.expression;
  if (node.kind == NodeKind::kOutput) return module->outputs.find(node.name)->second.expression;
  const config::DataBlock& block = module->blocks[node.block];
  return block.for_each ? block.for_each : block.count;
}

void Evaluation::Impl::VisitExpand(Node& node) {
  const config::DataBlock& block = module->blocks[node.block];
  expansions[node.block].is_known = false;
  if (node.is_broken) return;
  auto evaluated = hcl::Evaluate(ExpressionOf(node), FullScope(node, {}));
  node.diagnostics.Append(evaluated.diagnostics);
  if (evaluated.diagnostics.has_errors()) return;
  if (block.for_each) {
    ExpandForEach(block, evaluated.value, node);
  } else {
    ExpandCount(block, evaluated.value, node);
  }
}

void Evaluation::Impl::ExpandForEach(const config::DataBlock& block, const Value& value,
                                     Node& node) {
  auto wrong = [&](std::string detail) {
    config::Report(&node.diagnostics, config::kInvalidForEach, std::move(detail),
                   block.for_each.range());
  };
  if (value.Has(value::Mark::kSensitive)) {
    return wrong(
        "for_each must not be sensitive: its keys become part of addresses, which are shown "
        "everywhere.");
  }
  if (value.is_null())
    return wrong("for_each must not be null. An empty map or set gives no instances.");
  if (!value.is_known()) {
    return wrong(
        "for_each depends on something that only apply can tell, so the plan cannot say which "
        "instances there are.");
  }
  const Type& type = value.type();
  bool is_map = type.is_map() || type.is_object();
  if (!is_map && !(type.is_set() && (type.element().is_string() || value.size() == 0))) {
    return wrong(
        fmt::format("for_each takes a map, or a set of texts, but this is {}. toset([…]) makes a "
                    "set of a list.",
                    type.FriendlyName()));
  }
  Expansion& expansion = expansions[node.block];
  for (const auto& [key, each] : value.Elements()) {
    if (!key.is_known_not_null())
      return wrong("A set in for_each must not hold null or unknown values.");
    expansion.items.emplace_back(address::Key(key.string()), is_map ? each : key);
  }
  expansion.is_known = true;
}

void Evaluation::Impl::ExpandCount(const config::DataBlock& block, const Value& value, Node& node) {
  // Definitions are read whole by every command; so many are a mistake.
  constexpr int64_t kCountMax = 100'000;
  auto wrong = [&](std::string detail) {
    config::Report(&node.diagnostics, config::kInvalidCount, std::move(detail),
                   block.count.range());
  };
  if (value.contains_marked()) return wrong("count must not be sensitive.");
  auto number = value::Convert(value, Type::Number());
  if (!number.ok() || number->is_null()) return wrong("count takes a whole number from 0.");
  if (!number->is_known()) {
    return wrong(
        "count depends on something that only apply can tell, so the plan cannot say how many "
        "instances there are.");
  }
  auto n = number->number().ToInt64();
  if (!n || *n < 0 || *n > kCountMax)
    return wrong(fmt::format("count takes a whole number from 0 to {}.", kCountMax));
  Expansion& expansion = expansions[node.block];
  for (int64_t i = 0; i < *n; ++i) expansion.items.emplace_back(address::Key(i), Value::Number(i));
  expansion.is_known = true;
}

void Evaluation::Impl::VisitBlock(Node& node) {
  const config::DataBlock& block = module->blocks[node.block];
  if (!IsExpanded(block)) return AddInstance(node, {}, FullScope(node, {}));
  for (const auto& [key, each] : expansions[node.block].items) {
    if (auto* text = std::get_if<std::string>(&key)) {
      AddInstance(
          node, key,
          FullScope(node,
                    {{"each", Value::Object({{"key", Value::String(*text)}, {"value", each}})}}));
    } else {
      AddInstance(node, key, FullScope(node, {{"count", Value::Object({{"index", each}})}}));
    }
  }
}

void Evaluation::Impl::AddInstance(Node& node, const address::Key& key,
                                   const hcl::EvalContext& scope) {
  const config::DataBlock& block = module->blocks[node.block];
  config::Decoded decoded;
  if (block.is_broken) {
    decoded.object = Value::EmptyObject();
    decoded.positions[""] = block.range;
  } else {
    decoded = config::Decode(block, scope, module->dir, node.broken);
    if (block.schema->complete != nullptr)
      block.schema->complete(*options.files, module->dir, &decoded);
  }
  Instance instance;
  instance.is_broken = block.is_broken;
  instance.address.kind = block.kind;
  instance.address.name = block.name;
  instance.address.key = key;
  instance.type = block.type;
  instance.object = std::move(decoded.object);
  instance.positions = std::move(decoded.positions);
  instance.prevent_destroy = block.prevent_destroy;
  instance.ignore_changes = block.ignore_changes;
  for (auto& text : decoded.texts) node.texts.push_back(std::move(text));
  node.diagnostics.Append(std::move(decoded.diagnostics));
  node.instances.push_back(std::move(instance));
}

// ---------------------------------------------------------------- the end

// The validation blocks of variables; they may refer to anything.
void Evaluation::Impl::Validate() {
  for (const auto& [name, variable] : module->variables) {
    auto value = options.variables.find(name);
    if (value == options.variables.end() || !value->second.is_wholly_known()) continue;
    for (const config::Validation& validation : variable.validations) {
      std::vector<Reference> references;
      if (!Resolve(*module, validation.condition, {}, &references, &diagnostics)) continue;
      auto condition = hcl::Evaluate(validation.condition, Scope(references, {}));
      diagnostics.Append(condition.diagnostics);
      if (condition.diagnostics.has_errors()) continue;
      auto holds = value::Convert(condition.value.UnmarkDeep(), Type::Bool());
      if (!holds.ok() || holds->is_null()) {
        config::Report(&diagnostics, hcl::kInvalidCondition, "A condition must be true or false.",
                       validation.condition.range());
        continue;
      }
      if (!holds->is_known() || holds->boolean()) continue;
      references.clear();
      std::string text = "The condition of the validation block does not hold.";
      if (Resolve(*module, validation.error_message, {}, &references, &diagnostics)) {
        auto message = hcl::Evaluate(validation.error_message, Scope(references, {}));
        diagnostics.Append(message.diagnostics);
        bool is_text = message.value.is_known_not_null() && message.value.type().is_string();
        bool is_secret = message.value.contains_marked();
        if (is_text)
          text = is_secret ? "The error message holds a sensitive value and is not shown."
                           : message.value.string();
      }
      Diagnostic d = config::Message(config::kInvalidValue, fmt::format("var.{}: {}", name, text),
                                     variable.range);
      d.labels.push_back({validation.condition.range(), "this condition does not hold"});
      diagnostics.Add(std::move(d));
    }
  }
}

void Evaluation::Impl::Collect() {
  std::set<std::tuple<std::string, std::string, std::string>> told;
  for (Node& node : nodes) {
    for (auto& [file, text] : node.texts) module->sources.Add(file, std::move(text));
    // Instances of one block share their text: a mistake in it is told once.
    for (const Diagnostic& d : node.diagnostics) {
      if (told.emplace(d.code, ToString(d.subject), d.detail).second) diagnostics.Add(d);
    }
    if (node.kind != NodeKind::kOutput) continue;
    const config::Output& output = module->outputs.find(node.name)->second;
    bool is_marked = node.value.contains_marked();
    if (is_marked && !output.sensitive) {
      config::Report(&diagnostics, config::kSensitive,
                     "This output shows a sensitive value. Mark it with sensitive = true to say "
                     "that this is meant.",
                     output.range);
    }
    outputs.push_back({node.name, node.value.UnmarkDeep(), output.sensitive});
  }
  for (size_t i = 0; i < module->blocks.size(); ++i) {
    Node& node = nodes[block_nodes[i]];
    for (Instance& instance : node.instances) {
      std::set<std::string> seen;
      for (const Reference& reference : node.references) {
        if (reference.kind != ReferenceKind::kBlock) continue;
        std::string to = module->blocks[reference.block].address();
        if (seen.insert(to).second) instance.references.push_back(to);
      }
    }
  }
  for (size_t i = 0; i < module->blocks.size(); ++i) {
    const config::DataBlock& block = module->blocks[i];
    std::vector<std::string> depends_on;
    for (const hcl::Traversal& traversal : block.depends_on) {
      std::vector<Reference> references;
      if (!Resolve(*module, traversal, {}, &references, &diagnostics)) continue;
      for (const Reference& reference : references) {
        if (reference.kind == ReferenceKind::kBlock)
          depends_on.push_back(module->blocks[reference.block].address());
      }
    }
    for (Instance& instance : nodes[block_nodes[i]].instances) {
      instance.depends_on = depends_on;
      instances.push_back(instance);
    }
  }
}

Evaluation::Evaluation(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Evaluation::Evaluation(Evaluation&&) noexcept = default;
Evaluation& Evaluation::operator=(Evaluation&&) noexcept = default;
Evaluation::~Evaluation() = default;

const std::vector<Instance>& Evaluation::instances() const { return impl_->instances; }
std::vector<Instance>& Evaluation::instances() { return impl_->instances; }
const std::vector<OutputValue>& Evaluation::outputs() const { return impl_->outputs; }
const Diagnostics& Evaluation::diagnostics() const { return impl_->diagnostics; }

hcl::Evaluated Evaluation::Evaluate(hcl::Expression expression) const {
  std::vector<Reference> references;
  Diagnostics diagnostics;
  if (!Resolve(*impl_->module, expression, {}, &references, &diagnostics)) {
    return {Value::Dynamic(), std::move(diagnostics)};
  }
  std::set<std::string> names;
  CollectOpenNames(expression, impl_->Scope(references, {}), &names);
  return hcl::Evaluate(expression, impl_->Scope(references, names));
}

Evaluation Evaluate(config::Module& module, const EvaluateOptions& options) {
  auto impl = std::make_unique<Evaluation::Impl>();
  impl->module = &module;
  impl->options = options;
  impl->AddNodes();
  graph::Dag dag = impl->Edges();
  if (!impl->ReportCycles(dag)) {
    auto visit = [&](graph::NodeId id) { return impl->Visit(impl->nodes[id]); };
    if (options.executor != nullptr && options.parallel > 1) {
      (void)graph::Walk(dag, options.parallel, *options.executor, {}, visit);
    } else {
      std::vector<graph::NodeId> order = dag.Order().value_or(std::vector<graph::NodeId>{});
      for (graph::NodeId id : order) (void)visit(id);
    }
    impl->Validate();
  }
  impl->Collect();
  impl->options.executor = nullptr;  // Not kept.
  impl->is_complete = true;
  return Evaluation(std::move(impl));
}

}  // namespace andon::plan
