// What will become of one object: the conversation with its provider, from the body of its
// block and the object as it stands to an action with its reason.
// (Reference: the plan step of Terraform's resource instance change lifecycle.)
#pragma once

#include <string>
#include <vector>

#include "hcl/ast.h"
#include "infra/plan.h"
#include "infra/resource_walk.h"

namespace andon::infra {

struct InstancePlanRequest {
  const address::Address& address;
  const config::Resource& block;
  const ResourceType& type;
  provider::Provider& provider;
  const value::Value& config;  // Of the body, with marks.
  // As it stands: null where there is none.
  value::Value prior;
  value::Value prior_identity;
  std::string prior_private;
  bool is_tainted = false;
  bool create_before_destroy = false;
  bool is_replace_requested = false;
  bool is_replace_triggered = false;
  // The action of the plan that is being carried out: which of the two halves of a
  // replacement comes first stays as it was said. Null when planning.
  const ResourceChange* planned = nullptr;
};

struct InstancePlan {
  bool ok = false;  // False: `said` and `diagnostics` tell why.
  Action action = Action::kNoOp;
  Reason reason = Reason::kNone;
  value::Value before;
  value::Value after;
  value::Value after_identity;
  std::vector<value::Path> replace_paths;
  std::string private_data;
  provider::AttributeDiagnostics said;  // By the provider.
  Diagnostics diagnostics;              // About the provider.
};

InstancePlan PlanInstance(const InstancePlanRequest& request);

// The arguments whose difference made `after` another than `before`, with what they read.
std::vector<Cause> CausesOf(const config::Resource& block, const value::Value& before,
                            const value::Value& after);

}  // namespace andon::infra
