// Destructions.
#include <fmt/format.h>

#include <chrono>

#include "infra/apply_internal.h"

namespace andon::infra {

using address::Address;
using value::Value;

bool Applier::Destroy(NodeId resource, size_t index) {
  const ResourceChange& change = plan_.changes[index];
  const Node& node = graph_.At(resource);
  std::string deposed = change.deposed;
  if (change.action == Action::kCreateThenDelete) {
    std::lock_guard lock(mutex_);
    auto it = set_aside_.find(change.address);
    if (it == set_aside_.end()) return true;  // Its successor never came to be.
    deposed = it->second;
  }
  if (change.action == Action::kForget) {
    Save(change.address, change, deposed, nullptr);
    std::lock_guard lock(mutex_);
    ++out_.forgotten;
    return true;
  }
  state::ObjectPtr object;
  {
    std::lock_guard lock(mutex_);
    const state::Instance* instance = out_.state.FindInstance(change.address);
    if (instance == nullptr) return true;
    if (deposed.empty()) {
      object = instance->current;
    } else if (auto it = instance->deposed.find(deposed); it != instance->deposed.end()) {
      object = it->second;
    }
  }
  if (object == nullptr) return true;
  auto type = walk_.TypeOf(resource);
  if (!type) return false;
  auto prior = walk_.Read(*object, *type, change.address, node.provider_address);
  if (!prior) return false;
  ProviderUse use = walk_.ProviderOf(resource, 0, nullptr, change.provider, change.provider_key);
  if (use.provider == nullptr) return false;
  ResourceChange told = change;
  told.deposed = deposed;
  told.action = Action::kDelete;
  Running running;
  Tell(Event::Kind::kApplyStart, change.address, told, *prior, running);
  if (deposed.empty() && node.resource != nullptr) {
    hcl::EvalContext context;
    context.functions = options_.functions;
    context.variables = RepetitionNames(change.address.key, Value::Dynamic());
    if (!Provision(*node.resource, config::ProvisionerWhen::kDestroy, change.address, told, context,
                   *prior)) {
      Tell(Event::Kind::kApplyErrored, change.address, told, *prior, running);
      return false;
    }
  }
  auto response = use.provider->ApplyResourceChange(
      {.type = change.address.kind,
       .prior = prior->UnmarkDeep(),
       .planned = Value::Null(type->block.type),
       .config = Value::Null(type->block.type),
       .planned_identity = Value::Null(),
       .private_data =
           change.action == Action::kDelete ? change.private_data : object->private_data});
  SourceRange range = node.resource != nullptr ? node.resource->range : SourceRange{};
  walk_.Tell(response.diagnostics, nullptr, change.address, range);
  bool ok = !HasErrors(response.diagnostics);
  if (ok && !response.state.is_null()) {
    Blame(kInconsistentResult, change.address, range,
          fmt::format("{} was destroyed, and its provider says that it still exists.",
                      ToString(change.address)));
    ok = false;
  }
  if (ok) {
    Save(change.address, change, deposed, nullptr);
    std::lock_guard lock(mutex_);
    ++out_.destroyed;
  } else if (!response.is_lost && !response.state.is_null()) {
    KeepPart(change, deposed, *object, *type, response);
  }
  Tell(ok ? Event::Kind::kApplyComplete : Event::Kind::kApplyErrored, change.address, told, *prior,
       running);
  return ok;
}

void Applier::KeepPart(const ResourceChange& change, const std::string& deposed,
                       const state::Object& before, const ResourceType& type,
                       const provider::ApplyResourceChangeResponse& response) {
  if (provider::CheckConformance(response.state, type.block.type)) return;
  auto object = std::make_shared<state::Object>(before);
  object->private_data = response.private_data;
  Value now = provider::Storable(type.schema->block, response.state);
  if (state::Encode(now, type.block.type, *object).ok())
    Save(change.address, change, deposed, object);
}

}  // namespace andon::infra
