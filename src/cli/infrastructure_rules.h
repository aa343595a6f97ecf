// What is said of a plan of infrastructure beside what it does: leaks, the project's policies, and
// drift, which is kept.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "cli/infrastructure.h"
#include "policy/applied.h"

namespace andon::cli {

// Reports leaks as warnings and what policies say. False: a policy refuses the plan.
bool RulesAllow(Context& context, const Infrastructure& infrastructure, const infra::Plan& plan);

// Leaks that the files alone show, and what is wrong with policies.
Diagnostics RulesOfFiles(const config::ModuleTree& tree,
                         const std::map<std::string, value::Value>& variables);

// Keeps what the plan saw of drift in the control database, where the project has one.
// `was_asked`: the providers were asked how the resources stand. Where it cannot be kept that is
// said, and no reason to stop.
void RecordDrift(const Context& context, const Infrastructure& infrastructure,
                 const infra::Plan& plan, bool was_asked);

// The facts of one apply, in the control database, where the project has one. Thread: Done from
// any.
class ApplyFacts {
 public:
  // Records that it begins. `plan` is not kept.
  ApplyFacts(const Context& context, const Infrastructure& infrastructure, const infra::Plan& plan);
  // An object stands as the plan has it, now.
  void Done(const address::Address& address);
  // Records what was changed, and how it ended: "done", "failed", "interrupted".
  void End(const std::string& outcome);

 private:
  void Record(const std::function<Result<void>(store::Database& db)>& record);

  const Context& context_;
  std::vector<policy::AppliedChange> changes_;
  std::mutex mutex_;
  std::set<std::string> done_;  // Guarded by mutex_.
};

}  // namespace andon::cli
