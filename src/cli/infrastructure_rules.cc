#include "cli/infrastructure_rules.h"

#include <fmt/format.h>

#include "cli/planning.h"
#include "functions/registry.h"
#include "policy/drift.h"
#include "policy/leaks.h"
#include "policy/policy.h"

namespace andon::cli {

bool RulesAllow(Context& context, const Infrastructure& infrastructure, const infra::Plan& plan) {
  if (context.speaks_as_other()) return true;
  const config::Module& root = *infrastructure.tree.root->module;
  const hcl::FunctionTable* functions = infrastructure.functions.get();
  Diagnostics found;
  if (plan.mode == infra::Mode::kNormal)
    found.Append(policy::FindLeaks(
        infrastructure.tree,
        {.variables = infrastructure.variables, .functions = functions, .plan = &plan}));
  policy::Policies policies = policy::ReadPolicies(root, functions);
  bool is_broken = policies.diagnostics.has_errors();
  found.Append(std::move(policies.diagnostics));
  policy::Judgement judgement =
      policy::Judge(policies.list, root, infrastructure.variables, functions, plan);
  found.Append(std::move(judgement.diagnostics));
  context.Report(found);
  return !judgement.refuses && !is_broken;
}

Diagnostics RulesOfFiles(const config::ModuleTree& tree,
                         const std::map<std::string, value::Value>& variables) {
  hcl::FunctionTable functions = functions::MakeTable({.base_dir = ".", .only_repeatable = true});
  Diagnostics found =
      policy::FindLeaks(tree, {.variables = variables, .functions = &functions, .plan = nullptr});
  found.Append(policy::ReadPolicies(*tree.root->module, &functions).diagnostics);
  return found;
}

namespace {

// The control database is in the clear.
policy::Keeping KeepingOf(const Infrastructure& infrastructure) {
  return infrastructure.home.state_codec.seals() ? policy::Keeping::kNamesAlone
                                                 : policy::Keeping::kValues;
}

}  // namespace

void RecordDrift(const Context& context, const Infrastructure& infrastructure,
                 const infra::Plan& plan, bool was_asked) {
  if (context.speaks_as_other()) return;
  auto record = [&]() -> Result<void> {
    auto db = TRY(OpenDatabaseIfAny(context));
    if (!db) return {};
    return policy::RecordDrift(*db, *context.clock, context.actor, plan, was_asked,
                               policy::FindReaders(*infrastructure.tree.root->module),
                               KeepingOf(infrastructure));
  };
  auto recorded = record();
  if (!recorded.ok() && !context.quiet)
    context.Note(fmt::format("Drift could not be recorded: {}", recorded.error().message));
}

ApplyFacts::ApplyFacts(const Context& context, const Infrastructure& infrastructure,
                       const infra::Plan& plan)
    : context_(context) {
  if (context.speaks_as_other()) return;
  changes_ = policy::ChangesOf(plan, policy::FindReaders(*infrastructure.tree.root->module),
                               KeepingOf(infrastructure));
  Record([&](store::Database& db) {
    return policy::RecordApplyBegun(db, context_.clock->Now(), context_.actor, changes_);
  });
}

void ApplyFacts::Done(const address::Address& address) {
  std::lock_guard lock(mutex_);
  done_.insert(ToString(address));
}

void ApplyFacts::End(const std::string& outcome) {
  Record([&](store::Database& db) {
    std::lock_guard lock(mutex_);
    return policy::RecordApplyEnded(db, context_.clock->Now(), context_.actor, changes_, done_,
                                    outcome);
  });
}

void ApplyFacts::Record(const std::function<Result<void>(store::Database& db)>& record) {
  if (changes_.empty()) return;
  auto done = [&]() -> Result<void> {
    auto db = TRY(OpenDatabaseIfAny(context_));
    return db ? record(*db) : Result<void>();
  }();
  if (!done.ok() && !context_.quiet)
    context_.Note(fmt::format("The ledger could not take what is done to infrastructure: {}",
                              done.error().message));
}

}  // namespace andon::cli
