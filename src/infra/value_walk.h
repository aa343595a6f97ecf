// The nodes of a walk that are values alone: variables, locals, outputs, which instances a
// module has, checks. A plan and an apply evaluate them in the same way.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "infra/graph.h"
#include "infra/messages.h"
#include "infra/plan.h"
#include "infra/scope.h"

namespace andon::infra {

class ValueWalk {
 public:
  // `variables` are those of the root module, one for each. Where everything is destroyed,
  // conditions need not hold. Lifetime: all outlive it.
  ValueWalk(const Graph& graph, Scope& scope, Messages& messages,
            const std::map<std::string, value::Value>& variables, bool is_destroy)
      : graph_(graph),
        scope_(scope),
        messages_(messages),
        variables_(variables),
        is_destroy_(is_destroy) {}

  // Of a node that is no resource and no provider. False: what depends on it makes no sense.
  bool Visit(NodeId id);

  // What was judged, in the order of addresses.
  std::vector<CheckOutcome> TakeChecks();
  void AddCheck(CheckOutcome outcome);

 private:
  bool VisitVariable(NodeId id);
  bool VisitModule(NodeId id);
  bool VisitOutput(NodeId id);
  bool VisitCheck(NodeId id);
  bool JudgeVariable(NodeId id, int instance);

  const Graph& graph_;
  Scope& scope_;
  Messages& messages_;
  const std::map<std::string, value::Value>& variables_;
  const bool is_destroy_;
  std::mutex mutex_;  // Guards checks_.
  std::vector<CheckOutcome> checks_;
};

// "module.a[0].module.b." before the name of an object in it; empty for the root.
std::string ModulePrefix(const std::vector<address::ModuleStep>& path);

}  // namespace andon::infra
