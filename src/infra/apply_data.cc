// Data sources that waited for something, and ephemeral resources, which are opened each time.
#include <fmt/format.h>

#include <chrono>

#include "infra/apply_internal.h"

namespace andon::infra {

using address::Address;
using value::Value;

bool Applier::ReadData(NodeId id, ApplyTurn& turn, ApplyTask& task, ResourceChange& change,
                       ResourceWalk& walk) {
  const Node& node = graph_.At(id);
  const config::Resource& block = *node.resource;
  const ResourceType& type = *turn.type;
  const Address& address = task.instance.address;
  hcl::EvalContext context = ResourceWalk::InstanceContext(
      turn.declared.contexts[static_cast<size_t>(task.instance.module_instance)], task.instance.key,
      task.instance.each);
  ProviderUse use = walk_.ProviderOf(id, task.instance.module_instance, &context, {}, {});
  if (use.provider == nullptr) return false;
  CheckOutcome outcome{.kind = "resource", .address = ToString(address), .status = "pass"};
  bool holds =
      JudgeAll(block.preconditions, context, kPrecondition, address, &walk.messages, &outcome);
  if (!holds) return false;
  auto decoded = config::DecodeBody(block.body, type.block, context);
  walk.messages.Add(decoded.diagnostics, ToString(address));
  if (decoded.diagnostics.has_errors()) return false;
  Running running;
  Tell(Event::Kind::kApplyStart, address, change, Value::Null(), running);
  auto [config, marks] = value::UnmarkDeepWithPaths(decoded.value);
  auto response = use.provider->ReadDataSource({.type = block.type, .config = config});
  walk.Tell(response.diagnostics, &block.body, address, block.range);
  if (HasErrors(response.diagnostics)) {
    Tell(Event::Kind::kApplyErrored, address, change, Value::Null(), running);
    return false;
  }
  if (auto wrong = provider::CheckConformance(response.state, type.block.type)) {
    Diagnostics found;
    Report(&found, kInvalidObject,
           fmt::format("The provider's answer for {} has not the form of its own schema: {}.",
                       ToString(address), *wrong),
           block.range);
    walk.messages.Add(found, ToString(address));
    return false;
  }
  task.value = provider::Storable(type.schema->block, response.state, std::move(marks));
  auto object = std::make_shared<state::Object>();
  object->schema_version = static_cast<uint64_t>(type.schema->version);
  if (state::Encode(task.value, type.block.type, *object).ok()) {
    change.provider = use.text;
    change.provider_key = use.key;
    Save(address, change, {}, object);
  }
  Tell(Event::Kind::kApplyComplete, address, change, task.value, running);
  if (block.postconditions.empty()) return true;
  hcl::EvalContext with_self = context;
  with_self.variables["self"] = task.value;
  return JudgeAll(block.postconditions, with_self, kPostcondition, address, &walk.messages,
                  &outcome);
}

bool Applier::ReadCheckData(NodeId id, ApplyTurn& turn, ApplyTask& task, ResourceChange& change) {
  Messages said;
  ResourceWalk walk = walk_.Telling(said);
  if (!ReadData(id, turn, task, change, walk)) task.value = Value::Unknown(turn.type->block.type);
  messages_.AddAsWarnings(said.Take());
  return true;
}

bool Applier::OpenEphemeral(NodeId id, ApplyTurn& turn, ApplyTask& task) {
  const config::Resource& block = *graph_.At(id).resource;
  CheckOutcome outcome{
      .kind = "resource", .address = ToString(task.instance.address), .status = "pass"};
  auto value = ephemeral_.Open(
      id, *turn.type, task.instance,
      turn.declared.contexts[static_cast<size_t>(task.instance.module_instance)], false, &outcome);
  if (!block.preconditions.empty() || !block.postconditions.empty())
    values_.AddCheck(std::move(outcome));
  if (value) task.value = *std::move(value);
  return value.has_value();
}

}  // namespace andon::infra
