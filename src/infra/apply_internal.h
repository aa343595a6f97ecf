// What the files of the applier share: the walk over a graph and its destructions.
#pragma once

#include <fmt/format.h>
#include <chrono>
#include <mutex>
#include <optional>
#include <set>
#include "config/terraform/body.h"
#include "graph/walk.h"
#include "infra/apply.h"
#include "infra/apply_order.h"
#include "infra/check_results.h"
#include "infra/codes.h"
#include "infra/conditions.h"
#include "infra/ephemeral.h"
#include "infra/forced_order.h"
#include "infra/instance_plan.h"
#include "infra/provisioner.h"
#include "infra/resource_walk.h"
#include "infra/selection.h"
#include "infra/value_walk.h"
#include "provider/compatible.h"
#include "provider/legacy_object.h"
#include "provider/schema_values.h"
#include "value/json.h"

namespace andon::infra {

// What one part of a resource's turn does.
struct ApplyTask {
  DeclaredInstance instance;
  std::optional<size_t> change;  // Index into Plan::changes; none: it stays as it is.
  value::Value value = value::Value::Dynamic();
};

struct ApplyTurn {
  std::optional<ResourceType> type;
  Declared declared;
  std::vector<ApplyTask> tasks;
};

struct Running {
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
};

class Applier {
 public:
  Applier(const config::ModuleTree& tree, Plan plan, const ApplyOptions& options);

  Applied Run();

 private:
  // ---- Turns.

  int Begin(NodeId id);
  int BeginResource(NodeId id);
  static bool Acts(Action action);
  bool Part(NodeId id, int part);
  bool Keep(NodeId id, ApplyTurn& turn, ApplyTask& task);
  bool End(NodeId id);

  // ---- The state.

  state::ObjectPtr Current(const address::Address& address);
  void Save(const address::Address& address, const ResourceChange& change,
            const std::string& deposed, state::ObjectPtr object);

  // Tells of the instance as it is now. Two changes of one instance never happen at a time.
  void Record(const address::Address& address);
  void RecordImports();
  void Tell(Event::Kind kind, const address::Address& address, const ResourceChange& change,
            const value::Value& object, const Running& running, std::string_view provisioner = "",
            std::string_view line = "");
  void Blame(const Code& code, const address::Address& address, const SourceRange& range,
             std::string detail);

  // ---- Create, update, and the second half of a replacement.

  bool Change(NodeId id, ApplyTurn& turn, ApplyTask& task, ResourceChange& change);

  // With everything known the provider must still mean what it had planned.
  bool IsAsPlanned(const ResourceType& type, const address::Address& address,
                   const config::Resource& block, const ResourceChange& change,
                   const InstancePlan& now);

  // Asks the provider to do it. The object that stands afterwards, also after an error; null
  // where there is none.
  std::pair<std::shared_ptr<state::Object>, bool> Carry(
      const ResourceType& type, const address::Address& address, const ResourceChange& change,
      const config::Resource& block, ProviderUse& use, const value::Value& config,
      const value::Value& prior, const InstancePlan& plan);
  bool Provision(const config::Resource& block, config::ProvisionerWhen when,
                 const address::Address& address, const ResourceChange& change,
                 const hcl::EvalContext& context, const value::Value& self);
  void Count(Action action);

  // ---- Data sources that waited for something.

  bool ReadData(NodeId id, ApplyTurn& turn, ApplyTask& task, ResourceChange& change,
                ResourceWalk& walk);
  // Of a check block, whose errors are warnings.
  bool ReadCheckData(NodeId id, ApplyTurn& turn, ApplyTask& task, ResourceChange& change);
  bool OpenEphemeral(NodeId id, ApplyTurn& turn, ApplyTask& task);

  // ---- Destroy.

  bool Destroy(NodeId resource, size_t index);

  // What is left of an object that could not be destroyed.
  void KeepPart(const ResourceChange& change, const std::string& deposed,
                const state::Object& before, const ResourceType& type,
                const provider::ApplyResourceChangeResponse& response);

  // ---- The end.

  void Finish(const std::vector<graph::Outcome>& outcomes);
  bool IsPlanned(const std::string& name) const;
  const ApplyOptions& options_;
  Diagnostics early_;
  Plan plan_;
  Graph graph_;
  Scope scope_;
  Messages messages_;
  ResourceWalk walk_;
  ValueWalk values_;
  std::map<NodeId, std::vector<address::Address>> by_node_;
  std::vector<ApplyTurn> turns_;
  ApplyOrder order_;
  std::map<address::Address, size_t> by_address_;  // Changes of current objects.
  std::mutex mutex_;  // Guards out_ and set_aside_ while the walk goes on.
  std::map<address::Address, std::string> set_aside_;
  std::mutex listener_mutex_;
  Applied out_;
  std::vector<bool> needed_;  // By node, where all is destroyed.
  EphemeralResources ephemeral_;
};

}  // namespace andon::infra
