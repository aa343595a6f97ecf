// What becomes of one managed object.
#include <fmt/format.h>

#include <algorithm>

#include "infra/planner_internal.h"

namespace andon::infra {

using address::Address;
using value::Value;

bool Planner::PlanManaged(NodeId id, Turn& turn, Task& task) {
  const Node& node = graph_.At(id);
  const config::Resource& block = *node.resource;
  const ResourceType& type = *turn.type;
  hcl::EvalContext context = ResourceWalk::InstanceContext(
      turn.declared.contexts[static_cast<size_t>(task.module_instance)], task.key, task.each);
  ProviderUse use = walk_.ProviderOf(id, task.module_instance, &context, {}, {});
  if (use.provider == nullptr) return false;
  Standing standing = Stand(task, type, node.provider_address, use, options_.refresh);
  if (!standing.ok) return false;
  ResourceChange change = NewChange(id, task, type, use);
  if (standing.value.is_null() && !ImportIfAsked(turn, task, use, &standing, &change)) return false;
  task.value = standing.value;
  CheckOutcome outcome{.kind = "resource", .address = ToString(task.address), .status = "pass"};
  const bool has_conditions = !block.preconditions.empty() || !block.postconditions.empty();
  if (options_.mode == Mode::kRefreshOnly) {
    // Nothing is changed that a condition could stop; what does not hold is told.
    JudgeAll(block.preconditions, context, kPrecondition, task.address, &messages_, &outcome, true);
    hcl::EvalContext with_self = context;
    with_self.variables["self"] = standing.value;
    if (standing.value.is_null())
      task.value = Value::Unknown(type.block.type);
    else
      JudgeAll(block.postconditions, with_self, kPostcondition, task.address, &messages_, &outcome,
               true);
    if (has_conditions) values_.AddCheck(std::move(outcome));
    return true;
  }
  task.value = Value::Unknown(type.block.type);
  if (!JudgeAll(block.preconditions, context, kPrecondition, task.address, &messages_, &outcome)) {
    values_.AddCheck(std::move(outcome));
    return false;
  }
  auto decoded = config::DecodeBody(block.body, type.block, context);
  decoded.diagnostics.Append(config::CheckEphemeral(block.body, type.schema->block, decoded.value));
  messages_.Add(decoded.diagnostics, ToString(task.address));
  if (decoded.diagnostics.has_errors()) return false;
  InstancePlan planned = PlanInstance({
      .address = task.address,
      .block = block,
      .type = type,
      .provider = *use.provider,
      .config = decoded.value,
      .prior = standing.value,
      .prior_identity = standing.identity,
      .prior_private = standing.private_data,
      .is_tainted = standing.is_tainted,
      .create_before_destroy = forced_[static_cast<size_t>(id)],
      .is_replace_requested = std::find(options_.replace.begin(), options_.replace.end(),
                                        task.address) != options_.replace.end(),
      .is_replace_triggered = IsTriggered(node, task, context),
  });
  walk_.Tell(planned.said, &block.body, task.address, block.range);
  messages_.Add(planned.diagnostics, ToString(task.address));
  if (!planned.ok) return false;
  change.action = planned.action;
  change.reason = planned.reason;
  change.before = std::move(planned.before);
  change.after = std::move(planned.after);
  change.before_identity = standing.identity;
  change.after_identity = std::move(planned.after_identity);
  change.replace_paths = std::move(planned.replace_paths);
  change.private_data = std::move(planned.private_data);
  if (change.action != Action::kNoOp) change.causes = CausesOf(block, change.before, change.after);
  task.value = change.after;
  bool ok = IsReplace(change.action) ? MayDestroy(block, context, task.address) : true;
  if (block.destroy && IsReplace(change.action) && IsFalse(block.destroy, context))
    change.action = Action::kForgetThenCreate;
  if (!block.postconditions.empty()) {
    hcl::EvalContext with_self = context;
    with_self.variables["self"] = change.after;
    ok &= JudgeAll(block.postconditions, with_self, kPostcondition, task.address, &messages_,
                   &outcome);
  }
  if (has_conditions) values_.AddCheck(std::move(outcome));
  task.changes.push_back(std::move(change));
  return ok;
}

bool Planner::ImportIfAsked(const Turn& turn, Task& task, const ProviderUse& use,
                            Standing* standing, ResourceChange* change) {
  auto import = turn.imports.find(task.address);
  if (import == turn.imports.end()) return true;
  const ResourceType& type = *turn.type;
  Diagnostics found;
  auto imported = ReadImport(import->second, task.address, type, *use.provider, &found);
  messages_.Add(found, ToString(task.address));
  if (!imported) return false;
  change->import_id = import->second.id;
  standing->value = imported->value;
  standing->private_data = imported->private_data;
  standing->identity = imported->identity;
  auto object = std::make_shared<state::Object>();
  standing->object = object;
  KeepRefreshed(task, type, use, standing);
  return true;
}

bool Planner::IsTriggered(const Node& node, const Task& task, const hcl::EvalContext& context) {
  if (node.resource->replace_triggered_by.empty()) return false;
  auto find = [this](NodeId id) -> std::vector<const ResourceChange*> {
    std::vector<const ResourceChange*> out;
    for (const Task& other : turns_[static_cast<size_t>(id)].tasks) {
      for (const ResourceChange& change : other.changes) out.push_back(&change);
    }
    return out;
  };
  Diagnostics found;
  bool is = IsReplaceTriggered(graph_, node, task.address, context, find, &found);
  messages_.Add(found, ToString(task.address));
  return is;
}

bool Planner::IsFalse(hcl::Expression expression, const hcl::EvalContext& context) {
  auto value =
      value::Convert(hcl::Evaluate(expression, context).value.UnmarkDeep(), value::Type::Bool());
  return value.ok() && value->is_known_not_null() && !value->boolean();
}

bool Planner::MayDestroy(const config::Resource& block, const hcl::EvalContext& context,
                         const Address& address) {
  if (!block.prevent_destroy) return true;
  auto evaluated = hcl::Evaluate(block.prevent_destroy, context);
  messages_.Add(evaluated.diagnostics, ToString(address));
  auto is = value::Convert(evaluated.value.UnmarkDeep(), value::Type::Bool());
  if (!is.ok() || !is->is_known_not_null() || !is->boolean()) return true;
  Diagnostics found;
  Report(&found, kMustNotDestroy,
         fmt::format("{} has lifecycle.prevent_destroy set, but the plan calls for it to be "
                     "destroyed. Either take the setting away, or leave the object out with "
                     "-exclude or -target.",
                     ToString(address)),
         block.prevent_destroy.range());
  messages_.Add(found, ToString(address));
  return false;
}

const config::Removed* Planner::RemovedBlockOf(const Address& address) const {
  for (const ModuleEntry& module : graph_.modules) {
    if (module.tree == nullptr) continue;
    for (const config::Removed& removed : module.tree->module->terraform.removed) {
      Address from = removed.from;
      std::vector<address::ModuleStep> path;
      for (const std::string& name : module.path) path.push_back({name, {}});
      from.module.insert(from.module.begin(), path.begin(), path.end());
      Address bare = address.WithoutKey();
      for (address::ModuleStep& step : bare.module) step.key = {};
      if (from.Contains(bare)) return &removed;
    }
  }
  return nullptr;
}

bool Planner::PlanRemoval(NodeId id, Turn& turn, Task& task) {
  const Node& node = graph_.At(id);
  const ResourceType& type = *turn.type;
  if (task.address.is_data) {
    // Reading changed nothing, so there is nothing to undo.
    std::lock_guard lock(mutex_);
    if (!is_destroy()) plan_.state.RemoveInstance(task.address);
    return true;
  }
  const state::Resource& resource = *prior_.FindResource(task.address);
  const state::Instance& instance = *prior_.FindInstance(task.address);
  if (options_.mode == Mode::kRefreshOnly && !options_.refresh) return true;
  // The configuration is that of the block where there is one, of the state where it is gone.
  std::optional<hcl::EvalContext> base, context;
  if (node.resource != nullptr && task.module_instance >= 0) {
    base = scope_.Context(node.module, task.module_instance, node.uses);
    Value each = Value::Dynamic();
    context = ResourceWalk::InstanceContext(*base, task.key, each);
  }
  bool by_block = context.has_value() && !node.provider_key;
  ProviderUse use =
      walk_.ProviderOf(id, std::max(0, task.module_instance), by_block ? &*context : nullptr,
                       resource.provider, instance.provider_key);
  if (use.provider == nullptr) return false;
  Standing standing = Stand(task, type, node.provider_address, use, options_.refresh);
  if (!standing.ok) return false;
  if (standing.value.is_null() || options_.mode == Mode::kRefreshOnly) return true;
  ResourceChange change = NewChange(id, task, type, use);
  change.reason = task.reason;
  change.before = standing.value;
  change.before_identity = standing.identity;
  change.private_data = standing.private_data;
  change.create_before_destroy = standing.object->create_before_destroy;
  const config::Removed* removed =
      node.resource == nullptr ? RemovedBlockOf(task.address) : nullptr;
  bool is_forgotten = (removed != nullptr && !removed->destroy) ||
                      (standing.object->skip_destroy && task.kind != Task::Kind::kDeclared);
  if (node.resource != nullptr && node.resource->destroy && context)
    is_forgotten |= IsFalse(node.resource->destroy, *context);
  if (is_forgotten) {
    change.action = Action::kForget;
    task.changes.push_back(std::move(change));
    return true;
  }
  bool ok = true;
  if (node.resource != nullptr && context && task.kind != Task::Kind::kDeposed)
    ok = MayDestroy(*node.resource, *context, task.address);
  if (type.plan_destroy) {
    auto response = use.provider->PlanResourceChange({.type = task.address.kind,
                                                      .prior = standing.value.UnmarkDeep(),
                                                      .proposed = Value::Null(type.block.type),
                                                      .config = Value::Null(type.block.type),
                                                      .prior_identity = standing.identity,
                                                      .private_data = standing.private_data});
    walk_.Tell(response.diagnostics, nullptr, task.address, change.range);
    if (HasErrors(response.diagnostics)) return false;
    change.private_data = response.private_data;
  }
  change.action = Action::kDelete;
  task.changes.push_back(std::move(change));
  return ok;
}

}  // namespace andon::infra
