#include <algorithm>

#include "hcl/eval.h"
#include "hcl/json_parts.h"
#include "hcl/static_form.h"

namespace andon::hcl {
namespace {

// Visits a tree and collects what it reads from its context.
class Collector {
 public:
  explicit Collector(const File& file) : file_(file) {}

  void Visit(const Node* node) {
    // Chains of operators are long, not deep: down the left side in a loop.
    std::vector<const Node*> rights;
    while (node != nullptr && node->kind == ExprKind::kBinary) {
      rights.push_back(As<BinaryNode>(*node).right);
      node = As<BinaryNode>(*node).left;
    }
    if (node != nullptr) VisitOther(*node);
    for (auto it = rights.rbegin(); it != rights.rend(); ++it) Visit(*it);
  }

  std::vector<Traversal> references;
  std::vector<std::string_view> calls;

 private:
  void VisitOther(const Node& node) {
    switch (node.kind) {
      case ExprKind::kTemplate:
        return VisitAll(As<TemplateNode>(node).parts);
      case ExprKind::kTemplateWrap:
        return Visit(As<TemplateWrapNode>(node).inner);
      case ExprKind::kTemplateJoin:
        return Visit(As<TemplateJoinNode>(node).inner);
      case ExprKind::kScopeTraversal:
        return AddReference(As<ScopeTraversalNode>(node));
      case ExprKind::kRelativeTraversal:
        return Visit(As<RelativeTraversalNode>(node).source);
      case ExprKind::kCall:
        calls.push_back(As<CallNode>(node).name);
        return VisitAll(As<CallNode>(node).arguments);
      case ExprKind::kConditional: {
        const auto& conditional = As<ConditionalNode>(node);
        Visit(conditional.condition);
        Visit(conditional.if_true);
        return Visit(conditional.if_false);
      }
      case ExprKind::kUnary:
        return Visit(As<UnaryNode>(node).operand);
      case ExprKind::kTuple:
        return VisitAll(As<TupleNode>(node).items);
      case ExprKind::kObject:
        return VisitObject(As<ObjectNode>(node));
      case ExprKind::kFor:
        return VisitFor(As<ForNode>(node));
      case ExprKind::kSplat:
        Visit(As<SplatNode>(node).source);
        return Visit(As<SplatNode>(node).each);
      case ExprKind::kIndex:
        Visit(As<IndexNode>(node).collection);
        return Visit(As<IndexNode>(node).key);
      case ExprKind::kParentheses:
        return Visit(As<ParenthesesNode>(node).inner);
      case ExprKind::kJsonText:
        return VisitText(node);
      default:
        return;
    }
  }

  // A template of a JSON file is a text of its own.
  void VisitText(const Node& node) {
    const ParsedExpression& parsed = file_.json().Template(file_, node);
    Collector inner(*parsed.file);
    inner.Visit(&parsed.expression.node());
    references.insert(references.end(), inner.references.begin(), inner.references.end());
    calls.insert(calls.end(), inner.calls.begin(), inner.calls.end());
  }

  void VisitAll(NodeList nodes) {
    for (const Node* node : nodes) Visit(node);
  }

  void VisitObject(const ObjectNode& node) {
    for (const ObjectItem& item : node.items) {
      bool is_word = !item.parenthesized && !file_.is_json() &&
                     !AsKeyword(Expression(&file_, item.key)).empty();
      if (!is_word) Visit(item.key);
      Visit(item.value);
    }
  }

  void VisitFor(const ForNode& node) {
    Visit(node.collection);
    size_t before = hidden_.size();
    hidden_.push_back(node.value_name);
    if (!node.key_name.empty()) hidden_.push_back(node.key_name);
    Visit(node.key);
    Visit(node.value);
    Visit(node.condition);
    hidden_.resize(before);
  }

  void AddReference(const ScopeTraversalNode& node) {
    if (std::find(hidden_.begin(), hidden_.end(), node.root) != hidden_.end()) return;
    references.push_back({&file_, node.root, node.root_span, node.steps, node.span});
  }

  const File& file_;
  std::vector<std::string_view> hidden_;  // The variables of the for-expressions around.
};

}  // namespace

std::vector<Traversal> References(Expression expression) {
  Collector collector(expression.file());
  collector.Visit(&expression.node());
  return std::move(collector.references);
}

std::vector<std::string_view> CalledFunctions(Expression expression) {
  Collector collector(expression.file());
  collector.Visit(&expression.node());
  return std::move(collector.calls);
}

}  // namespace andon::hcl
