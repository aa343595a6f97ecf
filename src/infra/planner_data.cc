// Data sources and ephemeral resources: read and opened when their inputs are known, else left to
// the apply.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "infra/planner_internal.h"

namespace andon::infra {

using address::Address;
using value::Value;

bool Planner::IsWaitedFor(NodeId id) const {
  const Node& node = graph_.At(id);
  auto any = [&](const std::vector<NodeId>& on) {
    return std::any_of(on.begin(), on.end(), [&](NodeId other) {
      return turns_[static_cast<size_t>(other)].is_pending && !graph_.At(other).is_data();
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

bool Planner::OpenEphemeral(NodeId id, Turn& turn, Task& task) {
  const config::Resource& block = *graph_.At(id).resource;
  CheckOutcome outcome{.kind = "resource", .address = ToString(task.address), .status = "pass"};
  auto value = ephemeral_.Open(id, *turn.type,
                               {.module_instance = task.module_instance,
                                .key = task.key,
                                .each = task.each,
                                .address = task.address},
                               turn.declared.contexts[static_cast<size_t>(task.module_instance)],
                               IsWaitedFor(id), &outcome);
  if (!block.preconditions.empty() || !block.postconditions.empty())
    values_.AddCheck(std::move(outcome));
  if (value) task.value = *std::move(value);
  return value.has_value();
}

bool Planner::PlanCheckData(NodeId id, Turn& turn, Task& task) {
  // A check tells; it does not stop anything.
  Messages said;
  ResourceWalk walk = walk_.Telling(said);
  if (!PlanData(id, turn, task, walk)) task.value = Value::Unknown(turn.type->block.type);
  messages_.AddAsWarnings(said.Take());
  return true;
}

bool Planner::PlanData(NodeId id, Turn& turn, Task& task, ResourceWalk& walk) {
  const Node& node = graph_.At(id);
  const config::Resource& block = *node.resource;
  const ResourceType& type = *turn.type;
  hcl::EvalContext context = ResourceWalk::InstanceContext(
      turn.declared.contexts[static_cast<size_t>(task.module_instance)], task.key, task.each);
  task.value = Value::Unknown(type.block.type);
  CheckOutcome outcome{.kind = "resource", .address = ToString(task.address), .status = "pass"};
  if (!JudgeAll(block.preconditions, context, kPrecondition, task.address, &walk.messages,
                &outcome)) {
    values_.AddCheck(std::move(outcome));
    return false;
  }
  auto decoded = config::DecodeBody(block.body, type.block, context);
  decoded.diagnostics.Append(config::CheckEphemeral(block.body, type.schema->block, decoded.value));
  walk.messages.Add(decoded.diagnostics, ToString(task.address));
  if (decoded.diagnostics.has_errors()) return false;
  ProviderUse use = walk_.ProviderOf(id, task.module_instance, &context, {}, {});
  if (use.provider == nullptr) return false;
  auto [config, marks] = value::UnmarkDeepWithPaths(decoded.value);
  auto said = use.provider->ValidateDataConfig({.type = block.type, .config = config});
  walk.Tell(said, &block.body, task.address, block.range);
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
  const auto began = std::chrono::steady_clock::now();
  auto elapsed = [&] {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began);
  };
  Tell(Event::Kind::kApplyStart, task, Value::Null(type.block.type), Action::kRead);
  auto response = use.provider->ReadDataSource({.type = block.type, .config = config});
  walk.Tell(response.diagnostics, &block.body, task.address, block.range);
  if (HasErrors(response.diagnostics)) {
    Tell(Event::Kind::kApplyErrored, task, Value::Null(type.block.type), Action::kRead, elapsed());
    return false;
  }
  auto wrong = provider::CheckConformance(response.state, type.block.type);
  if (wrong || !response.state.is_wholly_known() || response.state.is_null()) {
    Diagnostics found;
    Report(&found, kInvalidObject,
           fmt::format("The provider's answer for {} is not what its own schema says: {}.",
                       ToString(task.address), wrong ? *wrong : "it is null, or not wholly known"),
           block.range);
    walk.messages.Add(found, ToString(task.address));
    return false;
  }
  task.value = provider::Storable(type.schema->block, response.state, std::move(marks));
  Tell(Event::Kind::kApplyComplete, task, task.value, Action::kRead, elapsed());
  bool ok = true;
  if (!block.postconditions.empty()) {
    hcl::EvalContext with_self = context;
    with_self.variables["self"] = task.value;
    ok = JudgeAll(block.postconditions, with_self, kPostcondition, task.address, &walk.messages,
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
