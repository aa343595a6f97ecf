// What the files of the planner share: the walk over a graph, a turn for each node.
#pragma once

#include <fmt/format.h>
#include <algorithm>
#include <mutex>
#include <set>
#include "base/text.h"
#include "config/terraform/body.h"
#include "graph/walk.h"
#include "infra/codes.h"
#include "infra/conditions.h"
#include "infra/ephemeral.h"
#include "infra/forced_order.h"
#include "infra/graph.h"
#include "infra/imports.h"
#include "infra/instance_plan.h"
#include "infra/moves.h"
#include "infra/planner.h"
#include "infra/relevant.h"
#include "infra/resource_walk.h"
#include "infra/selection.h"
#include "infra/triggers.h"
#include "infra/value_walk.h"
#include "provider/legacy_object.h"
#include "provider/proposed_new.h"
#include "provider/schema_values.h"
#include "value/convert.h"

namespace andon::infra {

// What one part of a resource's turn is about.
struct Task {
  enum class Kind { kDeclared, kLeftOver, kDeposed };
  Kind kind = Kind::kDeclared;
  address::Address address;
  int module_instance = -1;  // -1: its module instance is gone.
  address::Key key;
  value::Value each;
  std::string deposed;
  Reason reason = Reason::kNone;                 // Why it is left over.
  value::Value value = value::Value::Dynamic();  // What expressions see of it afterwards.
  std::vector<ResourceChange> changes;
  std::unique_ptr<ResourceChange> drift;  // Null for most, and then small.
};

// The turn of one node.
struct Turn {
  std::optional<ResourceType> type;
  Declared declared;
  std::map<address::Address, ImportTarget> imports;
  std::vector<Task> tasks;
  bool is_pending = false;  // Something about it will change.
};

struct Standing {
  value::Value value;  // Null where there is none.
  value::Value identity;
  std::string private_data;
  state::ObjectPtr object;
  bool is_tainted = false;
  bool ok = true;
};

class Planner {
 public:
  Planner(const config::ModuleTree& tree, state::State prior, const PlanOptions& options);

  Plan Run();

 private:
  bool is_destroy() const { return options_.mode == Mode::kDestroy; }

  // ---- A node's turn.

  int Begin(NodeId id);
  int BeginResource(NodeId id);

  // A node that the plan leaves out: expressions see what the state has.
  int KeepAll(NodeId id);
  Reason WhyLeftOver(NodeId id, const Declared& declared, int module_instance,
                     const address::Key& key) const;
  bool Part(NodeId id, int part);
  bool Keep(NodeId id, Turn& turn, Task& task);

  // The end of a turn: what expressions see of the resource, put together once.
  bool End(NodeId id);

  // The object as it stands now: of the state, and refreshed where that is asked for.
  Standing Stand(Task& task, const ResourceType& type, const config::ProviderAddress& whose,
                 ProviderUse& use, bool refresh);
  void Refresh(Task& task, const ResourceType& type, ProviderUse& use, Standing* standing);
  void KeepRefreshed(const Task& task, const ResourceType& type, const ProviderUse& use,
                     Standing* standing);
  void NoteDrift(Task& task, const ResourceType& type, const ProviderUse& use,
                 const Standing& standing, const value::Value& now);
  void Tell(Event::Kind kind, const Task& task, const value::Value& object,
            Action action = Action::kNoOp, Duration elapsed = Duration(0));
  ResourceChange NewChange(NodeId id, const Task& task, const ResourceType& type,
                           const ProviderUse& use) const;
  bool PlanManaged(NodeId id, Turn& turn, Task& task);
  bool ImportIfAsked(const Turn& turn, Task& task, const ProviderUse& use, Standing* standing,
                     ResourceChange* change);
  bool IsTriggered(const Node& node, const Task& task, const hcl::EvalContext& context);
  static bool IsFalse(hcl::Expression expression, const hcl::EvalContext& context);
  bool MayDestroy(const config::Resource& block, const hcl::EvalContext& context,
                  const address::Address& address);

  // ---- What is to go.

  // What a removed block says of an address; null where none does.
  const config::Removed* RemovedBlockOf(const address::Address& address) const;
  bool PlanRemoval(NodeId id, Turn& turn, Task& task);

  // ---- One data source.

  bool IsWaitedFor(NodeId id) const;
  // What is wrong with it goes to the messages of `walk`; what its provider's configuration lacks,
  // to those of the plan.
  bool PlanData(NodeId id, Turn& turn, Task& task, ResourceWalk& walk);
  bool PlanCheckData(NodeId id, Turn& turn, Task& task);
  bool OpenEphemeral(NodeId id, Turn& turn, Task& task);

  // ---- The end.

  void Collect();
  void CollectOutputs();
  const PlanOptions& options_;
  Diagnostics early_;
  std::map<address::Address, address::Address> moved_;  // New address → old.
  state::State prior_;
  Graph graph_;
  Scope scope_;
  Messages messages_;
  ResourceWalk walk_;
  ValueWalk values_;
  Selection selection_;
  std::map<NodeId, std::vector<address::Address>> by_node_;
  std::vector<Turn> turns_;
  std::vector<bool> forced_;  // By node: create before destroy.
  std::vector<bool> needed_;
  std::mutex mutex_;  // Guards plan_.state while the walk goes on.
  std::mutex listener_mutex_;
  Plan plan_;
  EphemeralResources ephemeral_;
};

}  // namespace andon::infra
