// What evaluate.cc and scope.cc share: the nodes of the walk and what they hold.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/dag.h"
#include "plan/evaluate.h"
#include "plan/references.h"

namespace andon::plan {

using value::Value;

enum class NodeKind { kLocal, kExpand, kBlock, kOutput };

// One thing to evaluate. Its slots are written by its own visit only.
struct Node {
  NodeKind kind = NodeKind::kLocal;
  std::string name;  // Of a local or output.
  size_t block = 0;  // Index into module.blocks.
  std::vector<Reference> references;
  bool is_broken = false;             // A reference is wrong: unknown, silently.
  std::set<std::string_view> broken;  // The same for single attributes of a block.
  SourceRange range;

  Value value;                      // Of a local or output.
  std::vector<Instance> instances;  // Of a block.
  std::vector<std::pair<std::string, std::string>> texts;
  Diagnostics diagnostics;
};

// The instances of a block with for_each or count.
struct Expansion {
  bool is_known = true;  // False after a mistake: no instances, and nobody complains again.
  std::vector<std::pair<address::Key, Value>> items;  // Key and each.value.
};

inline bool IsExpanded(const config::DataBlock& block) { return block.for_each || block.count; }

struct Evaluation::Impl {
  config::Module* module = nullptr;
  EvaluateOptions options;
  std::vector<Node> nodes;
  std::map<std::string, size_t, std::less<>> local_nodes;
  std::vector<size_t> block_nodes;                  // By block.
  std::vector<std::optional<size_t>> expand_nodes;  // By block.
  std::vector<Expansion> expansions;                // By block.
  std::vector<Instance> instances;
  std::vector<OutputValue> outputs;
  Diagnostics diagnostics;
  bool is_complete = false;  // Everything was evaluated: references may show all.

  // ---- The graph.
  void AddNodes();
  Node BlockNode(size_t block);
  graph::Dag Edges();
  bool ReportCycles(const graph::Dag& dag);

  // ---- The walk.
  bool Visit(Node& node);
  void VisitExpand(Node& node);
  void ExpandForEach(const config::DataBlock& block, const Value& value, Node& node);
  void ExpandCount(const config::DataBlock& block, const Value& value, Node& node);
  void VisitBlock(Node& node);
  void AddInstance(Node& node, const address::Key& key, const hcl::EvalContext& scope);

  // ---- Scopes.
  hcl::Expression ExpressionOf(const Node& node) const;  // Requires: no block.
  std::set<std::string> OpenNames(const Node& node, const hcl::EvalContext& scope) const;
  hcl::EvalContext FullScope(const Node& node, const std::map<std::string, Value>& own) const;
  hcl::EvalContext Scope(const std::vector<Reference>& references,
                         const std::set<std::string>& names) const;
  Value BlockValue(size_t block, const std::vector<const Reference*>& references,
                   const std::set<std::string>& names) const;
  Value InstanceValue(size_t block, const std::string& address, const Instance* instance,
                      const std::vector<const Reference*>& references,
                      const std::set<std::string>& names) const;
  Value Infrastructure(const std::string& root) const;
  const Instance* FindInstance(size_t block, const address::Key& key) const;

  void Validate();
  void Collect();
};

}  // namespace andon::plan
