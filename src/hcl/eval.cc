#include "hcl/eval.h"

#include <fmt/format.h>

#include "base/text.h"
#include "hcl/eval_internal.h"
#include "hcl/json_parts.h"
#include "hcl/static_form.h"
#include "value/convert.h"

namespace andon::hcl {

using value::Marks;
using value::Type;
using value::Value;

namespace {

Value NumberLiteral(std::string_view text) {
  if (text.size() < 18 && text.find_first_not_of("0123456789") == std::string_view::npos) {
    int64_t n = 0;
    for (char c : text) n = n * 10 + (c - '0');
    return Value::Number(value::Number(n));
  }
  auto number = value::Number::Parse(text);
  // The parser reported what is no number.
  return number.ok() ? Value::Number(*number) : Value::Unknown(Type::Number());
}

Value LiteralValue(const LiteralNode& node) {
  switch (node.literal) {
    case LiteralKind::kNull:
      return Value::Null();
    case LiteralKind::kTrue:
      return Value::True();
    case LiteralKind::kFalse:
      return Value::False();
    case LiteralKind::kNumber:
      return NumberLiteral(node.text);
    case LiteralKind::kString:
      return Value::String(node.text);
    case LiteralKind::kInvalid:
      break;
  }
  return Value::Dynamic();
}

}  // namespace

Value Evaluator::Eval(const Node& node, const EvalContext& context) {
  switch (node.kind) {
    case ExprKind::kLiteral:
      return LiteralValue(As<LiteralNode>(node));
    case ExprKind::kTemplate:
      return EvalTemplate(As<TemplateNode>(node), context);
    case ExprKind::kTemplateWrap:
      return Eval(*As<TemplateWrapNode>(node).inner, context);
    case ExprKind::kTemplateJoin:
      return EvalJoin(As<TemplateJoinNode>(node), context);
    case ExprKind::kScopeTraversal: {
      const auto& scope = As<ScopeTraversalNode>(node);
      return EvalTraversal(scope.root, scope.root_span, scope.steps, context);
    }
    case ExprKind::kRelativeTraversal: {
      const auto& relative = As<RelativeTraversalNode>(node);
      return EvalSteps(Eval(*relative.source, context), relative.steps);
    }
    case ExprKind::kCall:
      return EvalCall(As<CallNode>(node), context);
    case ExprKind::kConditional:
      return EvalConditional(As<ConditionalNode>(node), context);
    case ExprKind::kBinary:
      return EvalBinary(As<BinaryNode>(node), context);
    case ExprKind::kUnary:
      return EvalUnary(As<UnaryNode>(node), context);
    case ExprKind::kTuple:
      return EvalTuple(As<TupleNode>(node), context);
    case ExprKind::kObject:
      return EvalObject(As<ObjectNode>(node), context);
    case ExprKind::kFor:
      return EvalFor(As<ForNode>(node), context);
    case ExprKind::kSplat:
      return EvalSplat(As<SplatNode>(node), context);
    case ExprKind::kSplatItem:
      for (auto it = items_.rbegin(); it != items_.rend(); ++it) {
        if (it->first == &node) return it->second;
      }
      return Value::Dynamic();
    case ExprKind::kIndex:
      return EvalIndex(As<IndexNode>(node), context);
    case ExprKind::kParentheses:
      return Eval(*As<ParenthesesNode>(node).inner, context);
    case ExprKind::kJsonText:
      return EvalJsonText(As<JsonTextNode>(node), context);
  }
  return Value::Dynamic();
}

Value Evaluator::EvalJsonText(const JsonTextNode& node, const EvalContext& context) {
  bool is_constant =
      context.parent == nullptr && context.functions == nullptr && context.variables.empty();
  if (is_constant) return Value::String(node.text);
  const ParsedExpression& parsed = file_.json().Template(file_, node);
  out_->Append(parsed.diagnostics);
  if (parsed.diagnostics.has_errors()) return Value::Dynamic();
  return Evaluator(*parsed.file, *out_).Eval(parsed.expression.node(), context);
}

Value Evaluator::EvalAside(const Node& node, const EvalContext& context, Diagnostics& aside) {
  Diagnostics* before = std::exchange(out_, &aside);
  Value value = Eval(node, context);
  out_ = before;
  return value;
}

void Evaluator::Error(const AccessFault& fault, Span where) {
  out_->Add(ToDiagnostic(fault, file_.Range(where)));
}

// --- Names and steps.

Value Evaluator::EvalTraversal(std::string_view root, Span root_span, List<Step> steps,
                               const EvalContext& context) {
  bool has_variables = false;
  for (const EvalContext* scope = &context; scope != nullptr; scope = scope->parent) {
    auto it = scope->variables.find(root);
    if (it != scope->variables.end()) return EvalSteps(it->second, steps);
    has_variables |= !scope->variables.empty();
  }
  if (!has_variables) {
    Error(kUnknownVariable,
          fmt::format("Nothing can be referred to here, so there is no \"{}\": the value must be a "
                      "constant.",
                      root),
          root_span);
    return Value::Dynamic();
  }
  std::vector<std::string> names;
  for (const EvalContext* scope = &context; scope != nullptr; scope = scope->parent) {
    for (const auto& [name, value] : scope->variables) names.push_back(name);
  }
  Error({kUnknownVariable,
         fmt::format("There is no \"{}\" that this expression could refer to.", root),
         DidYouMean(root, names)},
        root_span);
  return Value::Dynamic();
}

Value Evaluator::EvalSteps(Value from, List<Step> steps) {
  for (const Step& step : steps) {
    std::optional<AccessFault> fault;
    if (step.kind == StepKind::kAttribute) {
      from = AttributeValue(from, step.text, fault);
    } else {
      from = IndexValue(from, IndexKey(step), fault);
    }
    if (fault) {
      Error(*fault, step.span);
      return Value::Dynamic();
    }
  }
  return from;
}

Value Evaluator::EvalIndex(const IndexNode& node, const EvalContext& context) {
  Value collection = Eval(*node.collection, context);
  Value key = Eval(*node.key, context);
  std::optional<AccessFault> fault;
  Value element = IndexValue(collection, key, fault);
  if (fault) Error(*fault, node.brackets);
  return element;
}

Value IndexKey(const Step& step) {
  switch (step.kind) {
    case StepKind::kIndexNumber:
      return NumberLiteral(step.text);
    case StepKind::kIndexString:
      return Value::String(step.text);
    case StepKind::kIndexOther:
      if (step.text == "null") return Value::Null();
      return Value::Bool(step.text == "true");
    default:
      return Value::Dynamic();
  }
}

// --- Constructors.

Value Evaluator::EvalTuple(const TupleNode& node, const EvalContext& context) {
  std::vector<Value> items;
  items.reserve(node.items.size());
  for (const Node* item : node.items) items.push_back(Eval(*item, context));
  return Value::Tuple(std::move(items));
}

// The key as text; empty after a mistake, and where it is unknown.
std::optional<std::string> Evaluator::EvalKey(const ObjectItem& item, const EvalContext& context,
                                              Marks& marks) {
  if (!item.parenthesized && !file_.is_json()) {
    Expression key(&file_, item.key);
    std::string_view word = AsKeyword(key);
    if (!word.empty()) return std::string(word);
    if (item.key->kind == ExprKind::kScopeTraversal) {
      Error(kInvalidKey,
            "A key with dots is ambiguous. Put it into parentheses if it is a reference, or into "
            "quotes if it is a name.",
            item.key->span);
      return std::nullopt;
    }
  }
  int before = out_->errors();
  Value key = Eval(*item.key, context);
  if (out_->errors() > before) return std::nullopt;
  if (key.is_null()) {
    Error(kInvalidKey, "The key of an object must not be null.", item.key->span);
    return std::nullopt;
  }
  marks |= key.marks();
  auto text = value::Convert(key.Unmark(), Type::String());
  if (!text.ok()) {
    Error(kInvalidKey,
          fmt::format("This cannot be the key of an object: {}.", text.error().message),
          item.key->span);
    return std::nullopt;
  }
  if (!text->is_known()) return std::nullopt;
  return text->string();
}

Value Evaluator::EvalObject(const ObjectNode& node, const EvalContext& context) {
  Value::Members members;
  members.reserve(node.items.size());
  Marks marks;
  bool known = true;
  for (const ObjectItem& item : node.items) {
    std::optional<std::string> key = EvalKey(item, context, marks);
    Value value = Eval(*item.value, context);
    if (key) {
      members.emplace_back(std::move(*key), std::move(value));
    } else {
      known = false;
    }
  }
  if (!known) return Value::Dynamic().WithMarks(marks);
  return Value::Object(std::move(members)).WithMarks(marks);
}

// --- Conditionals.

namespace {

bool IsUntypedNull(const Value& value) { return value.is_null() && value.type().is_dynamic(); }

// The type of the result, or nothing where the results have none in common.
std::optional<Type> ResultType(const Value& if_true, const Value& if_false) {
  if (IsUntypedNull(if_true) && !if_true.is_marked()) return if_false.type();
  if (IsUntypedNull(if_false) && !if_false.is_marked()) return if_true.type();
  if (if_true.type().is_dynamic() || if_false.type().is_dynamic()) return Type::Dynamic();
  if (if_true.type() == if_false.type()) return if_true.type();
  return value::Unify({if_true.type(), if_false.type()}, /*unsafe=*/true);
}

// What is different about two types that cannot be unified.
std::string Difference(const Type& a, const Type& b) {
  if (a.is_object() && b.is_object()) {
    for (const auto& attribute : a.attributes()) {
      const auto* other = b.FindAttribute(attribute.name);
      if (other == nullptr) {
        return fmt::format("only the first has the attribute \"{}\"", attribute.name);
      }
      if (!(other->type == attribute.type)) {
        return fmt::format("in attribute \"{}\" {}", attribute.name,
                           Difference(attribute.type, other->type));
      }
    }
    for (const auto& attribute : b.attributes()) {
      if (!a.has_attribute(attribute.name)) {
        return fmt::format("only the second has the attribute \"{}\"", attribute.name);
      }
    }
  }
  if (a.is_tuple() && b.is_tuple()) {
    if (a.elements().size() != b.elements().size()) {
      return fmt::format("the first has {} elements and the second has {}", a.elements().size(),
                         b.elements().size());
    }
    for (size_t i = 0; i < a.elements().size(); ++i) {
      if (!(a.elements()[i] == b.elements()[i])) {
        return fmt::format("in element {} {}", i, Difference(a.elements()[i], b.elements()[i]));
      }
    }
  }
  if (a.is_collection() && a.kind() == b.kind() && a.element().is_structural() &&
      a.element().kind() == b.element().kind()) {
    return fmt::format("in their elements {}", Difference(a.element(), b.element()));
  }
  std::string first = a.FriendlyName();
  std::string second = b.FriendlyName();
  if (first == second) return "something nested in them differs";
  return fmt::format("the first is {} and the second is {}", first, second);
}

}  // namespace

Value Evaluator::EvalConditional(const ConditionalNode& node, const EvalContext& context) {
  // Both results are evaluated, for their types; the mistakes of the one that is
  // not taken do not count.
  Diagnostics true_mistakes;
  Diagnostics false_mistakes;
  Value if_true = EvalAside(*node.if_true, context, true_mistakes);
  Value if_false = EvalAside(*node.if_false, context, false_mistakes);
  std::optional<Type> type = ResultType(if_true, if_false);
  if (!type) {
    Error(kInvalidCondition,
          fmt::format("The two results of a conditional must be of one type, or convert to one; "
                      "here {}.",
                      Difference(if_true.type(), if_false.type())),
          Join(node.if_true->span, node.if_false->span));
    return Value::Dynamic();
  }
  Value condition = Eval(*node.condition, context);
  if (condition.is_null()) {
    Error(kInvalidCondition, "The condition is null; it must be true or false.",
          node.condition->span);
    return Value::Unknown(*type);
  }
  Marks marks = condition.marks().With(if_true.marks()).With(if_false.marks());
  condition = condition.Unmark();
  if_true = if_true.Unmark();
  if_false = if_false.Unmark();
  if (!condition.is_known()) {
    if (if_true.is_null() && if_false.is_null()) return Value::Null(*type).WithMarks(marks);
    bool not_null = if_true.is_definitely_not_null() && if_false.is_definitely_not_null();
    return Value::Unknown(*type, {.not_null = not_null}).WithMarks(marks);
  }
  auto chosen = value::Convert(condition, Type::Bool());
  if (!chosen.ok()) {
    Error(kInvalidCondition,
          fmt::format("The condition must be true or false, and is {}.",
                      condition.type().FriendlyName()),
          node.condition->span);
    return Value::Unknown(*type);
  }
  bool is_true = chosen->boolean();
  out_->Append(std::move(is_true ? true_mistakes : false_mistakes));
  Value& taken = is_true ? if_true : if_false;
  if (type->is_dynamic()) return taken.WithMarks(marks);
  auto result = value::Convert(taken, *type);
  if (!result.ok()) {
    Error(kInvalidCondition,
          fmt::format("This result does not fit the type of the other one: {}.",
                      result.error().message),
          (is_true ? node.if_true : node.if_false)->span);
    return Value::Unknown(*type).WithMarks(marks);
  }
  return result->WithMarks(marks);
}

// --- What callers see.

Evaluated Evaluate(Expression expression, const EvalContext& context) {
  Evaluated result;
  result.value = Evaluator(expression.file(), result.diagnostics).Eval(expression.node(), context);
  return result;
}

Evaluated EvaluateConstant(Expression expression) { return Evaluate(expression, EvalContext{}); }

Evaluated Evaluate(const Traversal& traversal, const EvalContext& context) {
  Evaluated result;
  result.value = Evaluator(*traversal.file, result.diagnostics)
                     .EvalTraversal(traversal.root, traversal.root_span, traversal.steps, context);
  return result;
}

}  // namespace andon::hcl
