#include "infra/triggers.h"

#include <optional>

#include "value/convert.h"

namespace andon::infra {

using value::Path;
using value::Value;

namespace {

// x.y, x.y[0], x.y[each.key], x.y[0].attribute: the block, the instance, the part.
struct Trigger {
  NodeId node = -1;
  std::optional<address::Key> key;
  Path part;
};

address::Key KeyOf(const Value& value) {
  if (!value.is_known_not_null()) return {};
  if (value.type().is_string()) return value.string();
  auto number = value::Convert(value, value::Type::Number());
  if (!number.ok() || !number->is_known_not_null()) return {};
  return number->number().ToInt64().value_or(0);
}

Trigger Read(const ModuleEntry& module, hcl::Expression expression, const hcl::EvalContext& context,
             Diagnostics* diagnostics) {
  Trigger out;
  const hcl::Node* node = &expression.node();
  hcl::List<hcl::Step> rest;
  std::vector<std::pair<bool, Value>> steps;  // Behind the block's name: is it a key.
  // x.y[each.key].z is an index with a traversal behind it.
  if (node->kind == hcl::ExprKind::kRelativeTraversal) {
    const auto& relative = hcl::As<hcl::RelativeTraversalNode>(*node);
    rest = relative.steps;
    node = relative.source;
  }
  if (node->kind == hcl::ExprKind::kIndex) {
    const auto& index = hcl::As<hcl::IndexNode>(*node);
    auto key = hcl::Evaluate(expression.At(index.key), context);
    diagnostics->Append(key.diagnostics);
    out.key = KeyOf(key.value.UnmarkDeep());
    node = index.collection;
  }
  if (node->kind != hcl::ExprKind::kScopeTraversal) return out;
  const auto& scope = hcl::As<hcl::ScopeTraversalNode>(*node);
  hcl::Traversal traversal{.file = &expression.file(),
                           .root = scope.root,
                           .root_span = scope.root_span,
                           .steps = scope.steps,
                           .span = scope.span};
  Target target = Resolve(module, traversal);
  if (target.kind != Target::Kind::kResource) return out;
  out.node = target.node;
  size_t named = scope.root == "resource" ? 2 : 1;
  auto add = [&](const hcl::Step& step) {
    if (step.kind == hcl::StepKind::kAttribute) {
      out.part = out.part.Attribute(step.text);
    } else if (!out.key && out.part.empty()) {
      out.key = KeyOf(hcl::IndexKey(step));
    } else {
      out.part = out.part.Index(hcl::IndexKey(step));
    }
  };
  for (size_t i = named; i < scope.steps.size(); ++i) add(scope.steps[i]);
  for (const hcl::Step& step : rest) add(step);
  return out;
}

}  // namespace

bool IsReplaceTriggered(const Graph& graph, const Node& node, const address::Address& address,
                        const hcl::EvalContext& context,
                        const std::function<std::vector<const ResourceChange*>(NodeId)>& changes_of,
                        Diagnostics* diagnostics) {
  const ModuleEntry& module = graph.modules[static_cast<size_t>(node.module)];
  for (hcl::Expression expression : node.resource->replace_triggered_by) {
    Trigger trigger = Read(module, expression, context, diagnostics);
    if (trigger.node < 0) continue;
    for (const ResourceChange* change : changes_of(trigger.node)) {
      if (change->address.module != address.module) continue;
      if (trigger.key && change->address.key != *trigger.key) continue;
      if (change->action == Action::kNoOp || change->action == Action::kRead) continue;
      if (change->action == Action::kDelete && change->deposed.empty() && !trigger.key) continue;
      if (trigger.part.empty()) return true;
      auto before = trigger.part.Apply(change->before.UnmarkDeep());
      auto after = trigger.part.Apply(change->after.UnmarkDeep());
      if (before.ok() != after.ok()) return true;
      if (before.ok() && !before->RawEquals(*after)) return true;
    }
  }
  return false;
}

}  // namespace andon::infra
