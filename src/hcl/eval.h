// Evaluation of expressions to values.
//
// Unknown values give unknown results of the best known type, marks go to every
// result that they touched, and a mistake gives an unknown value and one
// diagnostic. The rules are those of HCL's specification with cty's types.
//
// Thread: pure; contexts are only read.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "hcl/ast.h"
#include "hcl/function_table.h"
#include "value/value.h"

namespace andon::hcl {

// The names that an expression can see: its own first, then its parent's.
// Not owned: `functions` and `parent` outlive it.
struct EvalContext {
  std::map<std::string, value::Value, std::less<>> variables;
  const FunctionTable* functions = nullptr;  // Null: the parent's.
  const EvalContext* parent = nullptr;
};

Evaluated Evaluate(Expression expression, const EvalContext& context);

// Without any names or functions: for what must be a constant.
Evaluated EvaluateConstant(Expression expression);

// The names that the expression reads from its context, in the order of the
// source; the variables of its own for-expressions are not among them.
std::vector<Traversal> References(Expression expression);

// The functions that it calls, each call once, in the order of the source.
std::vector<std::string_view> CalledFunctions(Expression expression);

// The value of a traversal in the context.
Evaluated Evaluate(const Traversal& traversal, const EvalContext& context);

// What x[key] and x.name give; `range` is what a message marks.
Evaluated Index(const value::Value& collection, const value::Value& key, const SourceRange& range);
Evaluated GetAttribute(const value::Value& object, std::string_view name, const SourceRange& range);

// The key of a step that is an index; unknown for kIndexInvalid.
// Requires: step.kind != StepKind::kAttribute.
value::Value IndexKey(const Step& step);

}  // namespace andon::hcl
