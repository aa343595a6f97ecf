// The validation of a tree: nodes for everything that has a value or may be in a cycle,
// visited so that each comes after what it refers to. Used by validate*.cc only.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "config/terraform/reference.h"
#include "config/terraform/report.h"
#include "config/terraform/validate.h"
#include "graph/dag.h"
#include "hcl/eval.h"
#include "value/value.h"

namespace andon::config {

// Where an expression stands decides what it may say.
struct Place {
  bool has_count = false;
  bool has_each = false;
  const Resource* self = nullptr;  // What `self` means.
  std::string check;               // The check block around, whose data block may be named.
  std::map<std::string, value::Value, std::less<>> iterators;  // Of dynamic blocks.
};

// A module with the values of what was visited.
struct ModuleState {
  const ModuleNode* node = nullptr;
  std::map<std::string, value::Value, std::less<>> variables;
  std::map<std::string, value::Value, std::less<>> locals;
  std::map<std::string, value::Value, std::less<>> outputs;
  std::map<std::string, ModuleState*, std::less<>> children;
  ModuleState* parent = nullptr;
  graph::NodeId call_node = -1;  // Of the call that makes it; -1: the root.
  // By kind and name: "var.x", "local.x", "output.x", "module.x", a resource's address,
  // "provider.x.y".
  std::map<std::string, graph::NodeId, std::less<>> nodes;

  const Module& module() const { return *node->module; }
  const Terraform& terraform() const { return node->module->terraform; }
};

class Validator {
 public:
  Validator(const ModuleTree& tree, const ValidateOptions& options);
  Diagnostics Run();

 private:
  enum class NodeKind { kVariable, kLocal, kOutput, kResource, kProvider, kCall };
  struct Node {
    NodeKind kind = NodeKind::kLocal;
    ModuleState* state = nullptr;
    std::string name;  // In ModuleState::nodes.
    const void* what = nullptr;
    SourceRange range;
  };

  // --- The graph (validate.cc).
  ModuleState* AddModule(const ModuleNode& node, ModuleState* parent);
  graph::NodeId AddNode(NodeKind kind, ModuleState* state, std::string name, const void* what,
                        const SourceRange& range);
  void AddEdges();
  void AddEdges(graph::NodeId node, hcl::Expression expression, ModuleState* state);
  void AddEdge(graph::NodeId node, const hcl::Traversal& traversal, ModuleState* state);
  void AddEdges(graph::NodeId node, const hcl::Body& body, ModuleState* state);
  void AddEdgesOf(graph::NodeId node, const Resource& resource, ModuleState* state);
  void Visit(const Node& node);
  void VisitVariable(const Variable& variable, ModuleState* state);
  void VisitOutput(const Output& output, ModuleState* state);
  void VisitCall(const ModuleCall& call, ModuleState* state);
  value::Value InputValue(const Variable& variable, ModuleState* state);
  void CheckImports(ModuleState& root);

  // --- Expressions (validate_expressions.cc).
  // The value, unknown after a mistake.
  value::Value Evaluate(hcl::Expression expression, ModuleState* state, const Place& place);
  bool CheckReference(const hcl::Traversal& traversal, const ModuleState& state,
                      const Place& place);
  bool CheckResource(const TerraformReference& reference, const hcl::Traversal& traversal,
                     const ModuleState& state, const Place& place);
  bool CheckModule(const TerraformReference& reference, const hcl::Traversal& traversal,
                   const ModuleState& state);
  bool CheckWord(const TerraformReference& reference, const hcl::Traversal& traversal,
                 const Place& place);
  bool CheckFunctions(hcl::Expression expression, const ModuleState& state);
  hcl::EvalContext Context(const std::vector<hcl::Traversal>& references, ModuleState* state,
                           const Place& place);
  value::Value ResourceValue(const Resource& resource);
  value::Value ModuleValue(const std::string& name, const ModuleState& state);
  const BodyShape* ShapeOf(const Resource& resource) const;
  bool Wrong(const Code& code, std::string_view summary, std::string detail, SourceRange range,
             const std::string& meant = {});

  // --- Blocks (validate_blocks.cc).
  void CheckResourceBlock(const Resource& resource, ModuleState* state);
  void CheckBody(const hcl::Body& body, const BodyShape* shape, ModuleState* state,
                 const Place& place);
  void CheckAttribute(const hcl::Attribute& attribute, const BodyShape* shape, ModuleState* state,
                      const Place& place);
  void CheckDynamic(const hcl::Block& block, const BodyShape* shape, ModuleState* state,
                    const Place& place);
  void CheckCount(hcl::Expression expression, ModuleState* state, const Place& place);
  void CheckForEach(hcl::Expression expression, ModuleState* state, const Place& place);
  void CheckEnabled(hcl::Expression expression, ModuleState* state, const Place& place);
  void CheckRepetition(hcl::Expression count, hcl::Expression for_each, hcl::Expression enabled,
                       ModuleState* state);
  void CheckDependsOn(const std::vector<hcl::Traversal>& references, ModuleState* state,
                      const Place& place);
  void CheckRule(const CheckRule& rule, ModuleState* state, const Place& place);
  void CheckProvisioner(const Provisioner& provisioner, ModuleState* state, const Place& place);
  void CheckConstantBool(hcl::Expression expression, std::string_view name);

  // --- Providers (validate_providers.cc).
  void CheckProviders(const ModuleState& state, const SourceRange* no_configuration_at);
  void CheckResourceProviders(const ModuleState& state);
  void CheckPassed(const ModuleState& state, const ModuleCall& call);
  void CheckInstanceKey(const ProviderReference& reference, const ModuleState& state,
                        std::string_view what);
  bool IsConfigured(const LocalProvider& local, const ModuleState& state) const;

  const ModuleTree& tree_;
  const ValidateOptions& options_;
  std::unique_ptr<hcl::FunctionTable> own_functions_;
  const hcl::FunctionTable* functions_ = nullptr;
  std::vector<std::unique_ptr<ModuleState>> states_;
  std::vector<Node> nodes_;
  graph::Dag dag_;
  Diagnostics diagnostics_;
};

}  // namespace andon::config
