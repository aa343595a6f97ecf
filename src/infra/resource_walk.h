// What planning and applying the resources of one node have in common: its schema, its
// instances with their scopes, its provider, the objects that the state has of it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "address/address.h"
#include "infra/codes.h"
#include "infra/expansion.h"
#include "infra/graph.h"
#include "infra/messages.h"
#include "infra/plan.h"
#include "infra/providers.h"
#include "infra/scope.h"
#include "provider/provider.h"
#include "provider/typed_block.h"
#include "state/state.h"

namespace andon::infra {

// The schema of a node's objects, looked up once.
struct ResourceType {
  const provider::Schema* schema = nullptr;
  const provider::IdentitySchema* identity = nullptr;  // Null where the type has none.
  provider::TypedBlock block;
  bool plan_destroy = false;  // The provider wants to plan removals too.
};

// One instance that the files declare.
struct DeclaredInstance {
  int module_instance = 0;
  address::Key key;
  value::Value each;
  address::Address address;
};

struct Declared {
  Repetition repetition = Repetition::kSingle;
  std::vector<DeclaredInstance> instances;  // Module by module, in order of the keys.
  std::vector<hcl::EvalContext> contexts;   // By instance of the module, without each and count.
  bool is_known = true;                     // False after a mistake, which was reported.
};

// A provider that is configured for one object.
struct ProviderUse {
  provider::Provider* provider = nullptr;  // Null: not to be had, and reported.
  std::string text;                        // As state files name the configuration.
  address::Key key;
};

struct ResourceWalk {
  const Graph& graph;
  Scope& scope;
  ProviderPool& pool;
  Messages& messages;
  std::string language_version;  // What providers are told to serve.
  // What state files call the default host of providers: that of the program which made them.
  std::string provider_host;

  // The same walk, whose messages go elsewhere.
  ResourceWalk Telling(Messages& others) const {
    return {graph, scope, pool, others, language_version, provider_host};
  }

  // Nothing where the provider cannot be asked or has no such type; reported.
  std::optional<ResourceType> TypeOf(NodeId resource);

  // Which instances the files declare. Nothing declared where the block is gone.
  Declared Declare(NodeId resource);

  // The names of one instance's own scope; `base` outlives the result.
  static hcl::EvalContext InstanceContext(const hcl::EvalContext& base, const address::Key& key,
                                          const value::Value& each);

  // The provider of one instance. `context` is that of the instance; null where its block is
  // gone, and then the state's text and key say which.
  ProviderUse ProviderOf(NodeId resource, int module_instance, const hcl::EvalContext* context,
                         const std::string& state_text, const address::Key& state_key);

  // The objects of the state that belong to the node, by address without key.
  static std::map<NodeId, std::vector<address::Address>> StateByNode(const Graph& graph,
                                                                     const state::State& state);

  static std::set<NodeId> NodesOf(const std::map<NodeId, std::vector<address::Address>>& by_node);

  // Lets expressions see what the state has of the node's objects: where nothing of them is
  // planned, or they are about to go.
  void SetFromState(NodeId resource, const ResourceType& type,
                    const std::map<NodeId, std::vector<address::Address>>& by_node,
                    const state::State& state);

  // An object of the state as a value of the type as it is now: upgraded by its provider where
  // it was written by another version. Null after an error, which was reported.
  std::optional<value::Value> Read(const state::Object& object, const ResourceType& type,
                                   const address::Address& address,
                                   const config::ProviderAddress& provider);

  // What a provider said of an object, with the places in the text that it stands for.
  void Tell(const provider::AttributeDiagnostics& said, const hcl::Body* body,
            const address::Address& address, const SourceRange& range);

 private:
  // Of a configuration that is mocked: the provider for its schema, not configured.
  ProviderPool::Configured Mocked(const config::ProviderAddress& address);
  Diagnostics Configure(NodeId provider_node, int module_instance, const address::Key& key,
                        provider::Provider& provider);
};

}  // namespace andon::infra
