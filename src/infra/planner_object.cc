// An object as it stands: of the state, and as the world has it now.
#include <fmt/format.h>

#include <algorithm>

#include "infra/planner_internal.h"

namespace andon::infra {

using address::Address;
using value::Value;

Standing Planner::Stand(Task& task, const ResourceType& type, const config::ProviderAddress& whose,
                        ProviderUse& use, bool refresh) {
  Standing out{.value = Value::Null(type.block.type)};
  const state::Instance* instance = prior_.FindInstance(task.address);
  state::ObjectPtr object;
  if (instance != nullptr) {
    object = instance->current;
    if (task.kind == Task::Kind::kDeposed) object = instance->deposed.at(task.deposed);
  }
  if (object == nullptr) return out;
  out.object = object;
  auto read = walk_.Read(*object, type, task.address, whose);
  if (!read) return {.ok = false};
  out.value = *read;
  out.private_data = object->private_data;
  out.is_tainted = object->status == state::ObjectStatus::kTainted;
  if (!refresh || task.address.is_data) return out;
  if (use.provider == nullptr) return {.ok = false};
  Refresh(task, type, use, &out);
  return out;
}

void Planner::Refresh(Task& task, const ResourceType& type, ProviderUse& use, Standing* standing) {
  Tell(Event::Kind::kRefreshStart, task, standing->value);
  auto [plain, marks] = value::UnmarkDeepWithPaths(standing->value);
  auto response = use.provider->ReadResource({.type = task.address.kind,
                                              .prior = plain,
                                              .identity = standing->identity,
                                              .private_data = standing->private_data});
  const Node& node = graph_.At(graph_.FindResource(task.address));
  walk_.Tell(response.diagnostics, node.resource != nullptr ? &node.resource->body : nullptr,
             task.address, node.resource != nullptr ? node.resource->range : SourceRange{});
  if (HasErrors(response.diagnostics)) {
    standing->ok = false;
    return;
  }
  if (auto wrong = provider::CheckConformance(response.state, type.block.type)) {
    Diagnostics found;
    Report(&found, kInvalidObject,
           fmt::format("While reading {}, its provider answered with something that does not "
                       "have the form of its own schema: {}.",
                       ToString(task.address), *wrong),
           {});
    messages_.Add(found, ToString(task.address));
    standing->ok = false;
    return;
  }
  Value now = provider::NormalizeLegacyObject(type.schema->block, response.state);
  now = provider::Storable(type.schema->block, now, std::move(marks));
  if (!now.RawEquals(standing->value)) NoteDrift(task, type, use, *standing, now);
  bool same = now.RawEquals(standing->value) && response.private_data == standing->private_data;
  standing->value = now;
  standing->private_data = response.private_data;
  standing->identity = response.identity;
  if (now.is_null()) {
    standing->object = nullptr;
    std::lock_guard lock(mutex_);
    if (task.kind == Task::Kind::kDeposed) {
      plan_.state.SetDeposed(task.address, task.deposed, use.text, nullptr);
    } else {
      plan_.state.SetCurrent(task.address, use.text, nullptr);
    }
  } else if (!same) {
    KeepRefreshed(task, type, use, standing);
  }
  Tell(Event::Kind::kRefreshComplete, task, standing->value);
}

void Planner::KeepRefreshed(const Task& task, const ResourceType& type, const ProviderUse& use,
                            Standing* standing) {
  auto object = std::make_shared<state::Object>(*standing->object);
  object->private_data = standing->private_data;
  object->schema_version = static_cast<uint64_t>(type.schema->version);
  object->attributes_flat.reset();
  if (!state::Encode(standing->value, type.block.type, *object).ok()) return;
  standing->object = object;
  std::lock_guard lock(mutex_);
  if (task.kind == Task::Kind::kDeposed) {
    plan_.state.SetDeposed(task.address, task.deposed, use.text, object, use.key);
  } else {
    plan_.state.SetCurrent(task.address, use.text, object, use.key);
  }
}

void Planner::NoteDrift(Task& task, const ResourceType& type, const ProviderUse& use,
                        const Standing& standing, const Value& now) {
  ResourceChange drift{.address = task.address,
                       .deposed = task.deposed,
                       .provider = use.text,
                       .provider_key = use.key,
                       .action = now.is_null() ? Action::kDelete : Action::kUpdate,
                       .before = standing.value,
                       .after = now,
                       .schema = type.schema};
  task.drift = std::make_unique<ResourceChange>(std::move(drift));
}

void Planner::Tell(Event::Kind kind, const Task& task, const Value& object, Action action,
                   Duration elapsed) {
  if (!options_.listener) return;
  std::lock_guard lock(listener_mutex_);
  options_.listener({.kind = kind,
                     .address = task.address,
                     .deposed = task.deposed,
                     .action = action,
                     .object = object,
                     .elapsed = elapsed});
}

ResourceChange Planner::NewChange(NodeId id, const Task& task, const ResourceType& type,
                                  const ProviderUse& use) const {
  const Node& node = graph_.At(id);
  ResourceChange change{.address = task.address,
                        .deposed = task.deposed,
                        .provider = use.text,
                        .provider_key = use.key,
                        .before = Value::Null(type.block.type),
                        .after = Value::Null(type.block.type),
                        .schema = type.schema,
                        .dependencies = node.dependencies,
                        .create_before_destroy = forced_[static_cast<size_t>(id)]};
  if (node.resource != nullptr) change.range = node.resource->range;
  if (auto moved = moved_.find(task.address); moved != moved_.end())
    change.previous_address = moved->second;
  return change;
}

}  // namespace andon::infra
