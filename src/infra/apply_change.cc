// Creations, updates, and the second half of replacements.
#include <fmt/format.h>

#include <chrono>

#include "infra/apply_internal.h"

namespace andon::infra {

using address::Address;
using value::Value;

bool Applier::Change(NodeId id, ApplyTurn& turn, ApplyTask& task, ResourceChange& change) {
  const Node& node = graph_.At(id);
  const config::Resource& block = *node.resource;
  const ResourceType& type = *turn.type;
  const Address& address = task.instance.address;
  hcl::EvalContext context = ResourceWalk::InstanceContext(
      turn.declared.contexts[static_cast<size_t>(task.instance.module_instance)], task.instance.key,
      task.instance.each);
  ProviderUse use = walk_.ProviderOf(id, task.instance.module_instance, &context, {}, {});
  if (use.provider == nullptr) return false;
  change.provider = use.text;
  change.provider_key = use.key;
  bool sets_aside = change.action == Action::kCreateThenDelete;
  bool forgets = change.action == Action::kForgetThenCreate;
  CheckOutcome outcome{.kind = "resource", .address = ToString(address), .status = "pass"};
  if (!JudgeAll(block.preconditions, context, kPrecondition, address, &messages_, &outcome)) {
    values_.AddCheck(std::move(outcome));
    return false;
  }
  auto decoded = config::DecodeBody(block.body, type.block, context);
  messages_.Add(decoded.diagnostics, ToString(address));
  if (decoded.diagnostics.has_errors()) return false;
  state::ObjectPtr old = Current(address);
  Value prior = Value::Null(type.block.type);
  if (change.action == Action::kUpdate) {
    if (old == nullptr) return false;
    auto read = walk_.Read(*old, type, address, node.provider_address);
    if (!read) return false;
    prior = *read;
  }
  InstancePlan plan = PlanInstance({
      .address = address,
      .block = block,
      .type = type,
      .provider = *use.provider,
      .config = decoded.value,
      .prior = prior,
      .prior_identity = change.before_identity,
      .prior_private = change.action == Action::kUpdate ? old->private_data : std::string(),
      .create_before_destroy = change.create_before_destroy,
      .planned = &change,
  });
  walk_.Tell(plan.said, &block.body, address, block.range);
  messages_.Add(plan.diagnostics, ToString(address));
  if (!plan.ok) return false;
  if (!IsAsPlanned(type, address, block, change, plan)) return false;
  if (plan.action == Action::kNoOp) {
    // With all known it turns out that nothing has to be done.
    task.value = prior;
    return true;
  }
  std::string deposed;
  bool is_new = change.action != Action::kUpdate;
  if (forgets) Save(address, change, {}, nullptr);
  if (sets_aside) {
    {
      std::lock_guard lock(mutex_);
      deposed = out_.state.Depose(address);
      set_aside_[address] = deposed;
    }
    Record(address);
  }
  Running running;
  Tell(Event::Kind::kApplyStart, address, change, prior, running);
  auto [object, ok] = Carry(type, address, change, block, use, decoded.value, prior, plan);
  if (object == nullptr && !deposed.empty()) {
    // Nothing new is there, so the old one counts again.
    {
      std::lock_guard lock(mutex_);
      (void)out_.state.RestoreDeposed(address, deposed);
      set_aside_.erase(address);
    }
    Record(address);
  } else if (object != nullptr) {
    object->dependencies = node.dependencies;
    object->create_before_destroy = change.create_before_destroy;
    // Until its provisioners have run it is not what it should be: after a crash it is made
    // anew.
    if (ok && is_new && !block.provisioners.empty()) {
      auto tainted = std::make_shared<state::Object>(*object);
      tainted->status = state::ObjectStatus::kTainted;
      Save(address, change, {}, tainted);
    } else {
      Save(address, change, {}, object);
    }
  }
  if (object != nullptr) {
    auto value = state::Decode(*object, type.block.type);
    if (value.ok()) task.value = *value;
  }
  if (ok && is_new && !block.provisioners.empty()) {
    ok = Provision(block, config::ProvisionerWhen::kCreate, address, change, context, task.value);
    if (ok) Save(address, change, {}, object);
  }
  Tell(ok ? Event::Kind::kApplyComplete : Event::Kind::kApplyErrored, address, change,
       object != nullptr ? task.value : prior, running);
  if (!ok) return false;
  Count(change.action);
  if (!block.postconditions.empty()) {
    hcl::EvalContext with_self = context;
    with_self.variables["self"] = task.value;
    ok = JudgeAll(block.postconditions, with_self, kPostcondition, address, &messages_, &outcome);
  }
  if (!block.preconditions.empty() || !block.postconditions.empty())
    values_.AddCheck(std::move(outcome));
  return ok;
}

bool Applier::IsAsPlanned(const ResourceType& type, const Address& address,
                          const config::Resource& block, const ResourceChange& change,
                          const InstancePlan& now) {
  bool same_action = now.action == change.action ||
                     (IsReplace(change.action) && now.action == Action::kCreate) ||
                     (change.action == Action::kUpdate && now.action == Action::kNoOp);
  if (!same_action) {
    Blame(kInconsistentPlan, address, block.range,
          fmt::format("When {} was planned it was to be changed in another way than now that "
                      "everything is known.",
                      ToString(address)));
    return false;
  }
  auto problems =
      provider::CheckApplied(type.schema->block, change.after.UnmarkDeep(), now.after.UnmarkDeep());
  for (const provider::Problem& problem : problems)
    Blame(kInconsistentPlan, address, block.range,
          fmt::format("With the values that were not known before, the provider now plans "
                      "something else for {}: {}.",
                      ToString(address), provider::ToString(problem)));
  return problems.empty();
}

std::pair<std::shared_ptr<state::Object>, bool> Applier::Carry(
    const ResourceType& type, const Address& address, const ResourceChange& change,
    const config::Resource& block, ProviderUse& use, const Value& config, const Value& prior,
    const InstancePlan& plan) {
  auto [planned, marks] = value::UnmarkDeepWithPaths(plan.after);
  auto response = use.provider->ApplyResourceChange({.type = address.kind,
                                                     .prior = prior.UnmarkDeep(),
                                                     .planned = planned,
                                                     .config = config.UnmarkDeep(),
                                                     .planned_identity = plan.after_identity,
                                                     .private_data = plan.private_data});
  walk_.Tell(response.diagnostics, &block.body, address, block.range);
  bool ok = !HasErrors(response.diagnostics);
  Value now = response.state;
  if (response.is_lost) {
    // Nobody knows what stands; the prior object is the best guess.
    now = prior.UnmarkDeep();
  } else if (auto wrong = provider::CheckConformance(now, type.block.type)) {
    Blame(kInvalidObject, address, block.range,
          fmt::format("After applying {}, its provider answered with something that does not "
                      "have the form of its own schema: {}.",
                      ToString(address), *wrong));
    return {nullptr, false};
  }
  if (ok && now.is_null()) {
    Blame(kInconsistentResult, address, block.range,
          fmt::format("{} was applied, and its provider says that it does not exist.",
                      ToString(address)));
    return {nullptr, false};
  }
  if (ok && !now.is_wholly_known()) {
    Blame(kInconsistentResult, address, block.range,
          fmt::format("After applying {}, its provider still gives values that are not known.",
                      ToString(address)));
    ok = false;
  }
  if (ok && !response.legacy_type_system) {
    auto problems = provider::CheckApplied(type.schema->block, planned, now);
    for (const provider::Problem& problem : problems)
      Blame(kInconsistentResult, address, block.range,
            fmt::format("When applying {} its provider did something else than it had planned: "
                        "{}.",
                        ToString(address), provider::ToString(problem)));
    ok = problems.empty();
  }
  if (now.is_null()) return {nullptr, ok};
  auto object = std::make_shared<state::Object>();
  object->schema_version = static_cast<uint64_t>(type.schema->version);
  object->private_data = response.private_data;
  // What could not be made whole is to be made anew.
  bool is_new = change.action != Action::kUpdate;
  if (!ok && is_new) object->status = state::ObjectStatus::kTainted;
  auto encoded = state::Encode(provider::Storable(type.schema->block, now, std::move(marks)),
                               type.block.type, *object);
  if (!encoded.ok()) {
    Blame(kInvalidObject, address, block.range, encoded.error().message);
    return {nullptr, false};
  }
  return {object, ok};
}

bool Applier::Provision(const config::Resource& block, config::ProvisionerWhen when,
                        const Address& address, const ResourceChange& change,
                        const hcl::EvalContext& context, const Value& self) {
  hcl::EvalContext own = context;
  own.variables["self"] = self;
  for (const config::Provisioner& provisioner : block.provisioners) {
    if (provisioner.when != when) continue;
    Running running;
    Tell(Event::Kind::kProvisionStart, address, change, self, running, provisioner.type);
    Diagnostics found = RunProvisioner(provisioner, own, options_.stop, [&](std::string_view line) {
      Tell(Event::Kind::kProvisionProgress, address, change, self, running, provisioner.type, line);
    });
    bool failed = found.has_errors();
    Tell(failed ? Event::Kind::kProvisionErrored : Event::Kind::kProvisionComplete, address, change,
         self, running, provisioner.type);
    if (!failed) continue;
    if (provisioner.on_failure == config::ProvisionerOnFailure::kContinue) continue;
    messages_.Add(found, ToString(address));
    return false;
  }
  return true;
}

}  // namespace andon::infra
