#include <fmt/format.h>

#include "hcl/eval_internal.h"
#include "value/convert.h"

namespace andon::hcl {

using value::Marks;
using value::Type;
using value::Value;

Value Evaluator::EvalTemplate(const TemplateNode& node, const EvalContext& context) {
  std::string text;
  Marks marks;
  bool known = true;
  std::string prefix;  // What stands before the first unknown part.
  for (const Node* part : node.parts) {
    if (part->kind == ExprKind::kLiteral &&
        As<LiteralNode>(*part).literal == LiteralKind::kString) {
      text += As<LiteralNode>(*part).text;
      continue;
    }
    Value value = Eval(*part, context);
    if (value.is_null()) {
      Error(kInvalidInterpolation, "This is null, which cannot be put into a string.", part->span);
      known = false;
      continue;
    }
    marks |= value.marks();
    if (!value.is_known()) {
      if (known) prefix = text + value.refinement().prefix;
      known = false;
      continue;
    }
    auto converted = value::Convert(value.Unmark(), Type::String());
    if (!converted.ok()) {
      Error(kInvalidInterpolation,
            fmt::format("This cannot be put into a string, because it is {}. Name a part of it, or "
                        "use a function such as jsonencode or join.",
                        value.type().FriendlyName()),
            part->span);
      known = false;
      continue;
    }
    text += converted->string();
  }
  if (!known) {
    std::string begins(value::SafePrefix(prefix));
    return Value::Unknown(Type::String(), {.not_null = true, .prefix = std::move(begins)})
        .WithMarks(marks);
  }
  return Value::String(text).WithMarks(marks);
}

Value Evaluator::EvalJoin(const TemplateJoinNode& node, const EvalContext& context) {
  Value results = Eval(*node.inner, context);
  Marks marks = results.marks();
  results = results.Unmark();
  if (!results.is_known_not_null() || !results.type().is_tuple()) {
    return Value::Unknown(Type::String()).WithMarks(marks);
  }
  std::string text;
  bool known = true;
  for (const Value& result : results.items()) {
    marks |= result.marks();
    // Each is the result of a template, so a string, known or not.
    if (result.is_known_not_null() && result.type().is_string()) {
      text += result.string();
    } else {
      known = false;
    }
  }
  if (!known) return Value::Unknown(Type::String(), {.not_null = true}).WithMarks(marks);
  return Value::String(text).WithMarks(marks);
}

}  // namespace andon::hcl
