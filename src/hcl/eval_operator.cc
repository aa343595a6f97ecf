#include <fmt/format.h>

#include <cmath>

#include "hcl/eval_internal.h"
#include "value/convert.h"

namespace andon::hcl {

using value::Marks;
using value::Number;
using value::Type;
using value::Value;

namespace {

std::string_view Symbol(Operator op) {
  switch (op) {
    case Operator::kOr:
      return "||";
    case Operator::kAnd:
      return "&&";
    case Operator::kEqual:
      return "==";
    case Operator::kNotEqual:
      return "!=";
    case Operator::kGreater:
      return ">";
    case Operator::kGreaterEqual:
      return ">=";
    case Operator::kLess:
      return "<";
    case Operator::kLessEqual:
      return "<=";
    case Operator::kAdd:
      return "+";
    case Operator::kSubtract:
    case Operator::kNegate:
      return "-";
    case Operator::kMultiply:
      return "*";
    case Operator::kDivide:
      return "/";
    case Operator::kModulo:
      return "%";
    case Operator::kNot:
      return "!";
  }
  return "";
}

bool IsEquality(Operator op) { return op == Operator::kEqual || op == Operator::kNotEqual; }
bool IsLogical(Operator op) { return op == Operator::kOr || op == Operator::kAnd; }
bool IsComparison(Operator op) {
  return op == Operator::kGreater || op == Operator::kGreaterEqual || op == Operator::kLess ||
         op == Operator::kLessEqual;
}

Type OperandType(Operator op) {
  if (IsEquality(op)) return Type::Dynamic();
  if (IsLogical(op) || op == Operator::kNot) return Type::Bool();
  return Type::Number();
}

Type ResultType(Operator op) {
  bool is_bool = IsEquality(op) || IsLogical(op) || IsComparison(op) || op == Operator::kNot;
  return is_bool ? Type::Bool() : Type::Number();
}

Value UnknownResult(Operator op) { return Value::Unknown(ResultType(op), {.not_null = true}); }

bool Compare(Operator op, const Number& a, const Number& b) {
  switch (op) {
    case Operator::kGreater:
      return a > b;
    case Operator::kGreaterEqual:
      return a >= b;
    case Operator::kLess:
      return a < b;
    default:
      return a <= b;
  }
}

Number Infinity(int sign) { return Number::FromDouble(sign < 0 ? -INFINITY : INFINITY); }

// Infinities come from divisions by zero, as in go-cty; what would be no number
// at all is the mistake. Nothing where it is one.
std::optional<Number> Compute(Operator op, const Number& a, const Number& b) {
  switch (op) {
    case Operator::kAdd:
      if (a.is_infinite() && b.is_infinite() && a.sign() != b.sign()) return std::nullopt;
      return a + b;
    case Operator::kSubtract:
      if (a.is_infinite() && b.is_infinite() && a.sign() == b.sign()) return std::nullopt;
      return a - b;
    case Operator::kMultiply:
      if ((a.is_infinite() && b.is_zero()) || (a.is_zero() && b.is_infinite())) return std::nullopt;
      return a * b;
    case Operator::kDivide:
      if ((a.is_zero() && b.is_zero()) || (a.is_infinite() && b.is_infinite())) return std::nullopt;
      if (b.is_zero()) return Infinity(a.sign());
      return a / b;
    default:
      if (a.is_infinite() || b.is_infinite()) return Compute(Operator::kMultiply, a, b);
      if (b.is_zero()) return a;
      return a % b;
  }
}

// What is certain of numbers of which only bounds are known.
std::optional<bool> CompareRanges(Operator op, const Value& left, const Value& right) {
  auto range = [](const Value& side) {
    return side.is_known() ? value::Exactly(side.number()) : side.refinement();
  };
  value::Refinement a = range(left), b = range(right);
  switch (op) {
    case Operator::kLess:
      return IsLess(a, b);
    case Operator::kLessEqual:
      return IsLessOrEqual(a, b);
    case Operator::kGreater:
      return IsLess(b, a);
    default:
      return IsLessOrEqual(b, a);
  }
}

// The result that one side decides alone: true || x, false && x.
std::optional<bool> Deciding(Operator op, const Value& side) {
  if (!side.is_known_not_null()) return std::nullopt;
  bool decisive = op == Operator::kOr;
  return side.boolean() == decisive ? std::optional<bool>(decisive) : std::nullopt;
}

}  // namespace

std::optional<Value> Evaluator::Operand(const Value& given, const Type& type, std::string_view side,
                                        Span where) {
  if (type.is_dynamic()) return given;
  auto converted = value::Convert(given, type);
  if (converted.ok()) return *converted;
  Error(kInvalidOperand,
        fmt::format("The {} must be a {}, and is {}.", side, type.FriendlyName(),
                    given.type().FriendlyName()),
        where);
  return std::nullopt;
}

// A chain of operators hangs to the left: it is walked down, then evaluated up.
Value Evaluator::EvalBinary(const BinaryNode& node, const EvalContext& context) {
  std::vector<const BinaryNode*> chain;
  const Node* first = &node;
  while (first->kind == ExprKind::kBinary) {
    chain.push_back(&As<BinaryNode>(*first));
    first = chain.back()->left;
  }
  Diagnostics mistakes;
  Value left = EvalAside(*first, context, mistakes);
  Diagnostics* out = out_;
  for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
    Diagnostics left_mistakes = std::move(mistakes);
    mistakes = Diagnostics();
    out_ = &mistakes;
    left = EvalBinaryStep(**it, std::move(left), std::move(left_mistakes), context);
  }
  out_ = out;
  out_->Append(std::move(mistakes));
  return left;
}

Value Evaluator::EvalBinaryStep(const BinaryNode& node, Value left, Diagnostics left_mistakes,
                                const EvalContext& context) {
  Diagnostics right_mistakes;
  Value right = EvalAside(*node.right, context, right_mistakes);
  Type type = OperandType(node.op);
  auto a =
      Operand(left, type, fmt::format("left side of \"{}\"", Symbol(node.op)), node.left->span);
  auto b =
      Operand(right, type, fmt::format("right side of \"{}\"", Symbol(node.op)), node.right->span);
  if (!a || !b) {
    out_->Append(std::move(left_mistakes));
    out_->Append(std::move(right_mistakes));
    return Value::Unknown(ResultType(node.op));
  }
  // Equality looks into its operands, so it takes marks from within too.
  Marks marks =
      IsEquality(node.op) ? a->deep_marks().With(b->deep_marks()) : a->marks().With(b->marks());
  left = IsEquality(node.op) ? a->UnmarkDeep() : a->Unmark();
  right = IsEquality(node.op) ? b->UnmarkDeep() : b->Unmark();
  if (IsLogical(node.op)) {
    // One side may decide alone; then the mistakes of the other do not count.
    if (!left.is_known() && !right.is_known() && !left_mistakes.has_errors()) {
      out_->Append(std::move(left_mistakes));
      return UnknownResult(node.op).WithMarks(marks);
    }
    if (auto result = Deciding(node.op, left)) {
      out_->Append(std::move(left_mistakes));
      return Value::Bool(*result).WithMarks(marks);
    }
    if (auto result = Deciding(node.op, right)) {
      out_->Append(std::move(right_mistakes));
      return Value::Bool(*result).WithMarks(marks);
    }
  }
  bool failed = left_mistakes.has_errors() || right_mistakes.has_errors();
  out_->Append(std::move(left_mistakes));
  out_->Append(std::move(right_mistakes));
  if (failed) return Value::Unknown(ResultType(node.op)).WithMarks(marks);
  if (IsEquality(node.op)) {
    Value equal = left.Equals(right);
    if (!equal.is_known()) return UnknownResult(node.op).WithMarks(marks);
    return Value::Bool(equal.boolean() == (node.op == Operator::kEqual)).WithMarks(marks);
  }
  for (auto [side, span] :
       {std::pair(&left, node.left->span), std::pair(&right, node.right->span)}) {
    if (!side->is_null()) continue;
    Error(kInvalidOperand,
          fmt::format("This is null, and \"{}\" needs a {}.", Symbol(node.op), type.FriendlyName()),
          span);
    return Value::Unknown(ResultType(node.op)).WithMarks(marks);
  }
  if (!left.is_known() || !right.is_known()) {
    auto certain = IsComparison(node.op) ? CompareRanges(node.op, left, right) : std::nullopt;
    return (certain ? Value::Bool(*certain) : UnknownResult(node.op)).WithMarks(marks);
  }
  if (IsLogical(node.op)) {
    bool result = node.op == Operator::kOr ? left.boolean() || right.boolean()
                                           : left.boolean() && right.boolean();
    return Value::Bool(result).WithMarks(marks);
  }
  if (IsComparison(node.op)) {
    return Value::Bool(Compare(node.op, left.number(), right.number())).WithMarks(marks);
  }
  auto result = Compute(node.op, left.number(), right.number());
  if (result) return Value::Number(*result).WithMarks(marks);
  Error(kOperationFailed,
        node.op == Operator::kDivide
            ? "Zero cannot be divided by zero, nor an infinite number by another."
            : "The result is no number: one side, or both, are infinite.",
        node.span);
  return Value::Unknown(Type::Number()).WithMarks(marks);
}

Value Evaluator::EvalUnary(const UnaryNode& node, const EvalContext& context) {
  int before = out_->errors();
  Value given = Eval(*node.operand, context);
  Type type = OperandType(node.op);
  auto operand =
      Operand(given, type, fmt::format("operand of \"{}\"", Symbol(node.op)), node.operand->span);
  if (!operand || out_->errors() > before) return Value::Unknown(ResultType(node.op));
  Marks marks = operand->marks();
  Value value = operand->Unmark();
  if (value.is_null()) {
    Error(kInvalidOperand,
          fmt::format("This is null, and \"{}\" needs a {}.", Symbol(node.op), type.FriendlyName()),
          node.operand->span);
    return Value::Unknown(ResultType(node.op)).WithMarks(marks);
  }
  if (!value.is_known()) return UnknownResult(node.op).WithMarks(marks);
  if (node.op == Operator::kNot) return Value::Bool(!value.boolean()).WithMarks(marks);
  return Value::Number(-value.number()).WithMarks(marks);
}

}  // namespace andon::hcl
