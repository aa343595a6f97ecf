#include "infra/evaluation.h"

#include "infra/resource_walk.h"
#include "infra/value_walk.h"

namespace andon::infra {

Evaluation::Evaluation(const config::ModuleTree& tree, state::State state,
                       const EvaluationOptions& options)
    : state_(std::move(state)),
      graph_(BuildGraph(tree, state_, &diagnostics_)),
      scope_(graph_, {options.functions, options.workspace, options.cwd, options.pool, {}}) {
  if (!diagnostics_.has_errors()) Walk(options);
  diagnostics_.Append(messages_.Take());
}

void Evaluation::Walk(const EvaluationOptions& options) {
  ResourceWalk resources{graph_, scope_, *options.pool, messages_, {}, {}};
  // As if all were to be destroyed: conditions need not hold for a value to be seen.
  ValueWalk values(graph_, scope_, messages_, options.variables, true);
  auto by_node = ResourceWalk::StateByNode(graph_, state_);
  auto order = graph_.dag.Order();
  if (!order) return;
  for (NodeId id : *order) {
    const Node& node = graph_.At(id);
    if (node.kind == NodeKind::kProvider || node.kind == NodeKind::kCheck) continue;
    if (node.kind != NodeKind::kResource) {
      values.Visit(id);
      continue;
    }
    scope_.Prepare(id);
    if (!by_node.contains(id)) continue;
    if (auto type = resources.TypeOf(id)) resources.SetFromState(id, *type, by_node, state_);
  }
}

hcl::Evaluated Evaluation::Evaluate(hcl::Expression expression) const {
  hcl::EvalContext context = scope_.ContextFor(0, 0, expression);
  return hcl::Evaluate(expression, context);
}

}  // namespace andon::infra
