#include "hcl/static_form.h"

#include "hcl/json_parts.h"

namespace andon::hcl {
namespace {

// In a JSON file a string may hold an expression.
Expression Native(Expression expression) {
  std::string_view text;
  if (!expression.file().is_json() || !IsJsonString(expression.node(), &text)) return expression;
  const ParsedExpression& parsed =
      expression.file().json().Native(expression.file(), expression.node());
  return parsed.diagnostics.has_errors() ? expression : parsed.expression;
}

}  // namespace

std::string_view AsKeyword(Expression expression) {
  expression = Native(expression);
  const Node& node = expression.node();
  if (node.kind == ExprKind::kScopeTraversal) {
    const auto& scope = As<ScopeTraversalNode>(node);
    return scope.steps.empty() ? scope.root : std::string_view();
  }
  if (node.kind != ExprKind::kLiteral) return {};
  switch (As<LiteralNode>(node).literal) {
    case LiteralKind::kNull:
      return "null";
    case LiteralKind::kTrue:
      return "true";
    case LiteralKind::kFalse:
      return "false";
    default:
      return {};
  }
}

std::optional<Traversal> AsTraversal(Expression expression) {
  expression = Native(expression);
  const Node& node = expression.node();
  if (node.kind == ExprKind::kScopeTraversal) {
    const auto& scope = As<ScopeTraversalNode>(node);
    return Traversal{&expression.file(), scope.root, scope.root_span, scope.steps, scope.span};
  }
  std::string_view word = AsKeyword(expression);
  if (word.empty()) return std::nullopt;
  return Traversal{&expression.file(), word, node.span, {}, node.span};
}

std::optional<std::vector<Expression>> AsList(Expression expression) {
  if (expression.kind() != ExprKind::kTuple) return std::nullopt;
  std::vector<Expression> items;
  for (const Node* item : As<TupleNode>(expression.node()).items) {
    items.push_back(expression.At(item));
  }
  return items;
}

std::optional<std::vector<StaticItem>> AsMap(Expression expression) {
  if (expression.kind() != ExprKind::kObject) return std::nullopt;
  std::vector<StaticItem> items;
  for (const ObjectItem& item : As<ObjectNode>(expression.node()).items) {
    items.push_back({expression.At(item.key), expression.At(item.value), item.parenthesized});
  }
  return items;
}

std::optional<StaticCall> AsCall(Expression expression) {
  expression = Native(expression);
  if (expression.kind() != ExprKind::kCall) return std::nullopt;
  const auto& node = As<CallNode>(expression.node());
  StaticCall call;
  call.name = node.name;
  call.name_range = expression.file().Range(node.name_span);
  for (const Node* argument : node.arguments) call.arguments.push_back(expression.At(argument));
  call.arguments_range = expression.file().Range(Join(node.open_paren, node.close_paren));
  return call;
}

Expression AsNative(Expression expression, Diagnostics* diagnostics) {
  std::string_view text;
  if (!expression.file().is_json() || !IsJsonString(expression.node(), &text)) return expression;
  const ParsedExpression& parsed =
      expression.file().json().Native(expression.file(), expression.node());
  diagnostics->Append(parsed.diagnostics);
  return parsed.expression;
}

std::optional<std::string_view> AsStringLiteral(Expression expression) {
  std::string_view text;
  if (expression.file().is_json() && IsJsonString(expression.node(), &text)) return text;
  if (expression.kind() != ExprKind::kLiteral) return std::nullopt;
  const auto& literal = As<LiteralNode>(expression.node());
  if (literal.literal != LiteralKind::kString) return std::nullopt;
  return literal.text;
}

}  // namespace andon::hcl
