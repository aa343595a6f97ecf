#include "plan/open_names.h"

namespace andon::plan {
namespace {

using hcl::As;
using hcl::ExprKind;

class Collector {
 public:
  Collector(hcl::Expression expression, const hcl::EvalContext& context,
            std::set<std::string>* names)
      : file_(expression), context_(context), names_(names) {}

  // The parser bounds the height of the tree.
  void Visit(const hcl::Node* node) {
    if (node == nullptr) return;
    switch (node->kind) {
      case ExprKind::kLiteral: {
        const auto& literal = As<hcl::LiteralNode>(*node);
        if (literal.literal == hcl::LiteralKind::kString) names_->emplace(literal.text);
        return;
      }
      case ExprKind::kTemplate:
        for (const hcl::Node* part : As<hcl::TemplateNode>(*node).parts) Visit(part);
        return;
      case ExprKind::kTemplateWrap:
        return Visit(As<hcl::TemplateWrapNode>(*node).inner);
      case ExprKind::kTemplateJoin:
        return Visit(As<hcl::TemplateJoinNode>(*node).inner);
      case ExprKind::kRelativeTraversal:
        return Visit(As<hcl::RelativeTraversalNode>(*node).source);
      case ExprKind::kCall:
        for (const hcl::Node* argument : As<hcl::CallNode>(*node).arguments) Visit(argument);
        return;
      case ExprKind::kConditional: {
        const auto& conditional = As<hcl::ConditionalNode>(*node);
        Visit(conditional.condition);
        Visit(conditional.if_true);
        return Visit(conditional.if_false);
      }
      case ExprKind::kBinary:
        for (; node->kind == ExprKind::kBinary; node = As<hcl::BinaryNode>(*node).left)
          Visit(As<hcl::BinaryNode>(*node).right);
        return Visit(node);
      case ExprKind::kUnary:
        return Visit(As<hcl::UnaryNode>(*node).operand);
      case ExprKind::kTuple:
        for (const hcl::Node* item : As<hcl::TupleNode>(*node).items) Visit(item);
        return;
      case ExprKind::kObject:
        for (const hcl::ObjectItem& item : As<hcl::ObjectNode>(*node).items) {
          if (item.parenthesized) Visit(item.key);
          Visit(item.value);
        }
        return;
      case ExprKind::kFor: {
        const auto& loop = As<hcl::ForNode>(*node);
        for (const hcl::Node* part : {loop.collection, loop.key, loop.value, loop.condition})
          Visit(part);
        return;
      }
      case ExprKind::kSplat: {
        const auto& splat = As<hcl::SplatNode>(*node);
        Visit(splat.source);
        return Visit(splat.each);
      }
      case ExprKind::kIndex:
        return Index(As<hcl::IndexNode>(*node));
      case ExprKind::kParentheses:
        return Visit(As<hcl::ParenthesesNode>(*node).inner);
      case ExprKind::kJsonText:  // Data blocks stand in no JSON file.
      case ExprKind::kScopeTraversal:
      case ExprKind::kSplatItem:
        return;
    }
  }

 private:
  void Index(const hcl::IndexNode& index) {
    Visit(index.collection);
    Visit(index.key);
    auto key = hcl::Evaluate(file_.At(index.key), context_).value;
    if (key.is_known_not_null() && key.type().is_string()) names_->insert(key.string());
  }

  hcl::Expression file_;
  const hcl::EvalContext& context_;
  std::set<std::string>* names_;
};

}  // namespace

void CollectOpenNames(hcl::Expression expression, const hcl::EvalContext& context,
                      std::set<std::string>* names) {
  Collector(expression, context, names).Visit(&expression.node());
}

}  // namespace andon::plan
