// The evaluator: one visit of a tree, mistakes collected on the way.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hcl/codes.h"
#include "hcl/eval.h"

namespace andon::hcl {

// Why an element or attribute cannot be had.
struct AccessFault {
  Code code;
  std::string detail;
  std::string meant;  // The name that was probably meant; may be empty.
};

Diagnostic ToDiagnostic(const AccessFault& fault, SourceRange subject);

// What x[key] and x.name give; unknown, and the fault, where there is none.
value::Value IndexValue(const value::Value& collection, const value::Value& key,
                        std::optional<AccessFault>& fault);
value::Value AttributeValue(const value::Value& object, std::string_view name,
                            std::optional<AccessFault>& fault);

// The argument in the type of its parameter, or why it does not fit.
std::variant<value::Value, std::string> FitArgument(const Parameter& parameter,
                                                    const value::Value& argument);
// The parameter for the n-th argument; null where there are too many arguments.
const Parameter* ParameterFor(const Function& function, size_t index);
// "takes 2 arguments", "takes at least 1 argument".
std::string ArityText(const Function& function);
bool IsArityFitting(const Function& function, size_t count);

class Evaluator {
 public:
  Evaluator(const File& file, Diagnostics& out) : file_(file), out_(&out) {}

  value::Value Eval(const Node& node, const EvalContext& context);
  value::Value EvalTraversal(std::string_view root, Span root_span, List<Step> steps,
                             const EvalContext& context);

 private:
  void Error(const Code& code, std::string detail, Span where) {
    Report(*out_, code, std::move(detail), file_.Range(where));
  }
  void Error(const AccessFault& fault, Span where);
  // Evaluates with mistakes put aside, for branches that may not count.
  value::Value EvalAside(const Node& node, const EvalContext& context, Diagnostics& aside);

  value::Value EvalJsonText(const JsonTextNode& node, const EvalContext& context);
  value::Value EvalSteps(value::Value from, List<Step> steps);
  value::Value EvalIndex(const IndexNode& node, const EvalContext& context);
  value::Value EvalTuple(const TupleNode& node, const EvalContext& context);
  value::Value EvalObject(const ObjectNode& node, const EvalContext& context);
  std::optional<std::string> EvalKey(const ObjectItem& item, const EvalContext& context,
                                     value::Marks& marks);
  value::Value EvalConditional(const ConditionalNode& node, const EvalContext& context);

  // eval_template.cc
  value::Value EvalTemplate(const TemplateNode& node, const EvalContext& context);
  value::Value EvalJoin(const TemplateJoinNode& node, const EvalContext& context);

  // eval_operator.cc
  value::Value EvalBinary(const BinaryNode& node, const EvalContext& context);
  value::Value EvalBinaryStep(const BinaryNode& node, value::Value left, Diagnostics left_mistakes,
                              const EvalContext& context);
  value::Value EvalUnary(const UnaryNode& node, const EvalContext& context);
  std::optional<value::Value> Operand(const value::Value& given, const value::Type& type,
                                      std::string_view side, Span where);

  // eval_for.cc
  struct ForLoop;
  value::Value EvalFor(const ForNode& node, const EvalContext& context);
  bool RunLoop(ForLoop& loop, const std::function<void()>& visit);
  value::Value EvalForTuple(ForLoop& loop);
  value::Value EvalForObject(ForLoop& loop);
  bool CheckForCondition(const ForNode& node, EvalContext& scope, value::Marks& marks);
  bool Includes(ForLoop& loop);
  std::optional<std::string> ForKey(ForLoop& loop);
  value::Value EvalSplat(const SplatNode& node, const EvalContext& context);
  value::Value EvalEach(const SplatNode& node, value::Value item, const EvalContext& context);
  value::Type SplatType(const SplatNode& node, const value::Type& source,
                        const EvalContext& context);

  // eval_call.cc
  value::Value EvalCall(const CallNode& node, const EvalContext& context);
  const Function* FindFunction(const CallNode& node, const EvalContext& context);
  bool EvalArguments(const CallNode& node, const Function& function, const EvalContext& context,
                     std::vector<value::Value>& values, std::vector<Span>& spans);
  bool ExpandLast(const CallNode& node, const EvalContext& context,
                  std::vector<value::Value>& values, std::vector<Span>& spans);
  bool CheckArity(const CallNode& node, const Function& function, const std::vector<Span>& spans);

  const File& file_;
  Diagnostics* out_;
  // What the items of the splats around stand for, innermost last.
  std::vector<std::pair<const Node*, value::Value>> items_;
};

}  // namespace andon::hcl
