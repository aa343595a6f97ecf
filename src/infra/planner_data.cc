// Data sources: read when their inputs are known, else left to the apply.
#include <fmt/format.h>

#include <algorithm>

#include "infra/planner_internal.h"

namespace andon::infra {

using address::Address;
using value::Value;

bool Planner::IsWaitedFor(NodeId id) const {
  const Node& node = graph_.At(id);
  auto any = [&](const std::vector<NodeId>& on) {
    return std::any_of(on.begin(), on.end(), [&](NodeId other) {
      return turns_[static_cast<size_t>(other)].is_pending &&
             !graph_.At(other).name.starts_with("data.");
    });
  };
  if (any(node.depends_on)) return true;
  for (int module = node.module; module > 0;
       module = graph_.modules[static_cast<size_t>(module)].parent) {
    NodeId call = graph_.modules[static_cast<size_t>(module)].call;
    if (call >= 0 && any(graph_.At(call).depends_on)) return true;
  }
  return false;
}

bool Planner::PlanData(NodeId id, Turn& turn, Task& task) {
  const Node& node = graph_.At(id);
  const config::Resource& block = *node.resource;
  const ResourceType& type = *turn.type;
  hcl::EvalContext context = ResourceWalk::InstanceContext(
      turn.declared.contexts[static_cast<size_t>(task.module_instance)], task.key, task.each);
  task.value = Value::Unknown(type.block.type);
  CheckOutcome outcome{.kind = "resource", .address = ToString(task.address), .status = "pass"};
  if (!JudgeAll(block.preconditions, context, kPrecondition, task.address, &messages_, &outcome)) {
    values_.AddCheck(std::move(outcome));
    return false;
  }
  auto decoded = config::DecodeBody(block.body, type.block, context);
  messages_.Add(decoded.diagnostics, ToString(task.address));
  if (decoded.diagnostics.has_errors()) return false;
  ProviderUse use = walk_.ProviderOf(id, task.module_instance, &context, {}, {});
  if (use.provider == nullptr) return false;
  auto [config, marks] = value::UnmarkDeepWithPaths(decoded.value);
  auto said = use.provider->ValidateDataConfig({.type = block.type, .config = config});
  walk_.Tell(said, &block.body, task.address, block.range);
  if (HasErrors(said)) return false;
  bool is_known = config.is_wholly_known();
  bool waits = IsWaitedFor(id);
  ResourceChange change = NewChange(id, task, type, use);
  if (!is_known || waits) {
    change.action = Action::kRead;
    change.reason = !is_known ? Reason::kReadConfigUnknown : Reason::kReadDependencyPending;
    change.after =
        value::MarkWithPaths(provider::PlannedDataSource(type.schema->block, config), marks);
    task.value = change.after;
    task.changes.push_back(std::move(change));
    return true;
  }
  Tell(Event::Kind::kRefreshStart, task, Value::Null(type.block.type));
  auto response = use.provider->ReadDataSource({.type = block.type, .config = config});
  walk_.Tell(response.diagnostics, &block.body, task.address, block.range);
  if (HasErrors(response.diagnostics)) return false;
  auto wrong = provider::CheckConformance(response.state, type.block.type);
  if (wrong || !response.state.is_wholly_known() || response.state.is_null()) {
    Diagnostics found;
    Report(&found, kInvalidObject,
           fmt::format("The provider's answer for {} is not what its own schema says: {}.",
                       ToString(task.address), wrong ? *wrong : "it is null, or not wholly known"),
           block.range);
    messages_.Add(found, ToString(task.address));
    return false;
  }
  task.value = provider::WithSensitiveMarks(type.schema->block, response.state, std::move(marks));
  Tell(Event::Kind::kRefreshComplete, task, task.value);
  bool ok = true;
  if (!block.postconditions.empty()) {
    hcl::EvalContext with_self = context;
    with_self.variables["self"] = task.value;
    ok = JudgeAll(block.postconditions, with_self, kPostcondition, task.address, &messages_,
                  &outcome);
  }
  if (!block.preconditions.empty() || !block.postconditions.empty())
    values_.AddCheck(std::move(outcome));
  auto object = std::make_shared<state::Object>();
  object->schema_version = static_cast<uint64_t>(type.schema->version);
  if (state::Encode(task.value, type.block.type, *object).ok()) {
    std::lock_guard lock(mutex_);
    plan_.state.SetCurrent(task.address, use.text, object, use.key);
  }
  return ok;
}

}  // namespace andon::infra
