// The graph of what a tree of modules declares: one node for each variable, local, output,
// module call, provider configuration, resource and check *block*, with an edge to each
// node that its expressions need. Instances are no nodes: how many a block has is known
// only when it is its turn, so the graph's size is that of the text.
//
//   Configuration graph = BuildGraph(tree, state, &diagnostics);
//   for (NodeId id : *graph.dag.Order()) graph.nodes[id] …
//
// Blocks that are gone but left objects in the state are nodes too, with no block.
//
// Lifetime: nodes point into the module tree.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "address/address.h"
#include "base/diagnostics.h"
#include "config/terraform/module_tree.h"
#include "graph/dag.h"
#include "hcl/ast.h"
#include "state/state.h"

namespace andon::infra {

using graph::NodeId;

enum class NodeKind { kVariable, kLocal, kOutput, kModule, kProvider, kResource, kCheck };

// What expressions ask of a called module: some of its outputs, or all.
struct ModuleUse {
  std::set<std::string, std::less<>> outputs;
  bool all = false;
};

// Everything that the expressions of one node read, as nodes of the module in which they are
// evaluated. Sorted, each once.
struct Uses {
  std::set<NodeId> variables;
  std::set<NodeId> locals;
  std::set<NodeId> resources;
  std::map<NodeId, ModuleUse> modules;           // By the node of the call.
  std::set<std::string, std::less<>> functions;  // Of providers: "provider::aws::arn_parse".
};

struct Node {
  NodeKind kind = NodeKind::kVariable;
  int module = 0;    // Index into Graph::modules: where it is declared.
  std::string name;  // Of the variable, local, output, call, check; a resource's address in it.

  // What it is declared by; null where the kind is another, or the block is gone.
  const config::Variable* variable = nullptr;
  const config::Local* local = nullptr;
  const config::Output* output = nullptr;
  const config::ModuleCall* call = nullptr;
  const config::Provider* provider = nullptr;  // Null also where a configuration is implied.
  const config::Resource* resource = nullptr;
  const config::Check* check = nullptr;
  bool is_in_check = false;  // A data source that stands inside a check block.

  config::ProviderAddress provider_address;  // Of a provider or resource.
  config::LocalProvider provider_local;      // Of a provider configuration.
  // Of a resource: the node of its provider's configuration, or -1; and which instance of it,
  // as an expression of `provider_key_module` (its own module or one around it), or empty.
  NodeId provider_node = -1;
  hcl::Expression provider_key;
  int provider_key_module = -1;
  // Whose expressions these are: of the module, or (variables of a called module) its caller.
  Uses uses;
  // Of a resource: addresses of all that it depends on, directly or not, as state files
  // keep them. Shared by its instances.
  state::Dependencies dependencies;
  std::vector<NodeId> depends_on;  // Of depends_on, its own and that of the modules around it.

  bool is_data() const { return kind == NodeKind::kResource && name.starts_with("data."); }
  bool is_ephemeral() const {
    return kind == NodeKind::kResource && name.starts_with("ephemeral.");
  }
};

// One module of the tree, before count and for_each.
struct ModuleEntry {
  const config::ModuleNode* tree = nullptr;  // Null: the module is gone, the state has it.
  int parent = -1;
  NodeId call = -1;  // The node of its call; -1 for the root.
  std::vector<std::string> path;
  std::map<std::string, NodeId, std::less<>> variables, locals, outputs, calls, resources;
  std::map<std::string, int, std::less<>> children;  // By the name of the call.
};

struct Graph {
  std::vector<ModuleEntry> modules;  // The root first, parents before children.
  std::vector<Node> nodes;
  graph::Dag dag;
  // The root module's import blocks, by the node that they bring objects to. What they read
  // is waited for by it.
  std::map<NodeId, std::vector<const config::Import*>> imports;

  const Node& At(NodeId id) const { return nodes[static_cast<size_t>(id)]; }
  // "module.a.aws_vpc.main", "module.a.var.x": for messages and as a key.
  std::string AddressOf(NodeId id) const;
  // The resource's node; -1 where there is none. Keys in the address do not matter.
  NodeId FindResource(const address::Address& address) const;
  // The module that holds the address; -1 where there is none.
  int FindModule(const std::vector<address::ModuleStep>& path) const;
};

// Cycles are reported, and then `dag` has no order.
Graph BuildGraph(const config::ModuleTree& tree, const state::State& state,
                 Diagnostics* diagnostics);

// The expressions in a body, those of dynamic blocks included; `local_names` receives the
// names that dynamic blocks give to their elements, which are no references.
std::vector<hcl::Expression> ExpressionsOf(const hcl::Body& body,
                                           std::set<std::string, std::less<>>* local_names);

// What a traversal means in a module. kNone: each, count, self, path, terraform, or nothing
// that is declared.
struct Target {
  enum class Kind { kNone, kVariable, kLocal, kResource, kModule };
  Kind kind = Kind::kNone;
  NodeId node = -1;
  std::string output;  // Of a module, where the output's name stands there.
};
Target Resolve(const ModuleEntry& module, const hcl::Traversal& traversal);

// Adds all that an expression of the module reads, but for names in `local_names`, which may be
// null.
void AddUses(const ModuleEntry& module, hcl::Expression expression, Uses* uses,
             const std::set<std::string, std::less<>>* local_names = nullptr);

}  // namespace andon::infra
