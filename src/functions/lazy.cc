#include "functions/lazy.h"

#include "functions/row.h"
#include "hcl/ast.h"
#include "hcl/eval.h"

namespace andon::functions {
namespace {

hcl::LazyResult Mistake(std::string detail) {
  hcl::LazyResult result;
  result.value = Value::Dynamic();
  result.diagnostics.Error("AN1039", "Function call failed", std::move(detail));
  return result;
}

// The reasons why each of the alternatives failed, as a list.
std::string Reasons(const std::vector<hcl::Evaluated>& failed) {
  std::string text = "no expression succeeded:";
  for (const auto& one : failed) {
    for (const auto& diagnostic : one.diagnostics) {
      if (diagnostic.severity != Severity::kError) continue;
      text += "\n- " + diagnostic.summary;
      if (diagnostic.subject.exists()) text += " (at " + ToString(diagnostic.subject) + ")";
      if (!diagnostic.detail.empty()) text += "\n  " + diagnostic.detail;
    }
  }
  return text + "\n\nAt least one expression must produce a successful result";
}

hcl::LazyResult Try(std::span<const hcl::Expression> args, const hcl::EvalContext& context) {
  if (args.empty())
    return Mistake("The function \"try\" failed: at least one argument is required.");
  std::vector<hcl::Evaluated> failed;
  for (const auto& argument : args) {
    auto evaluated = hcl::Evaluate(argument, context);
    if (evaluated.diagnostics.has_errors()) {
      failed.push_back(std::move(evaluated));
      continue;
    }
    // What is not known yet may fail when it is: then the next one would be taken,
    // and nobody knows today which.
    if (!evaluated.value.is_wholly_known() && &argument != &args.back()) {
      return {Value::Dynamic().WithMarks(evaluated.value.deep_marks()), {}};
    }
    return evaluated;
  }
  return Mistake("The function \"try\" failed: " + Reasons(failed) + ".");
}

hcl::LazyResult Can(std::span<const hcl::Expression> args, const hcl::EvalContext& context) {
  auto evaluated = hcl::Evaluate(args[0], context);
  if (evaluated.diagnostics.has_errors()) return {Value::False(), {}};
  if (!evaluated.value.is_wholly_known()) return {Value::Unknown(Type::Bool()), {}};
  return {Value::True(), {}};
}

}  // namespace

std::vector<hcl::Function> LazyFunctions() {
  hcl::Function attempt;
  attempt.name = "try";
  attempt.description = "The result of the first of the expressions that has no errors.";
  attempt.variadic = Any("expressions");
  attempt.lazy = Try;
  hcl::Function can;
  can.name = "can";
  can.description = "Whether the expression can be evaluated without errors.";
  can.parameters = {Any("expression")};
  can.returns = hcl::Fixed(Type::Bool());
  can.lazy = Can;
  return {std::move(attempt), std::move(can)};
}

}  // namespace andon::functions
