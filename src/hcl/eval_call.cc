#include <fmt/format.h>

#include "base/text.h"
#include "hcl/eval_internal.h"

namespace andon::hcl {

using value::Marks;
using value::Value;

namespace {

// The place of a call in a file, turned into ranges only when asked.
class CallInFile final : public CallSite {
 public:
  CallInFile(const File& file, const CallNode& node, const std::vector<Span>& spans)
      : file_(file), node_(node), spans_(spans) {}

  SourceRange call() const override { return file_.Range(node_.span); }
  SourceRange argument(size_t index) const override {
    return index < spans_.size() ? file_.Range(spans_[index]) : call();
  }

 private:
  const File& file_;
  const CallNode& node_;
  const std::vector<Span>& spans_;
};

std::string Sentence(std::string message) {
  if (message.empty()) return "no reason is known.";
  char last = message.back();
  if (last != '.' && last != '?' && last != '!') message += '.';
  return message;
}

}  // namespace

const Function* Evaluator::FindFunction(const CallNode& node, const EvalContext& context) {
  std::vector<std::string> names;
  bool has_functions = false;
  for (const EvalContext* scope = &context; scope != nullptr; scope = scope->parent) {
    if (scope->functions == nullptr) continue;
    has_functions = true;
    if (const Function* found = scope->functions->Find(node.name)) return found;
  }
  if (!has_functions) {
    Error(kUnknownFunction, "No function can be called here: the value must be a constant.",
          node.name_span);
    return nullptr;
  }
  for (const EvalContext* scope = &context; scope != nullptr; scope = scope->parent) {
    if (scope->functions == nullptr) continue;
    for (std::string& name : scope->functions->Names()) names.push_back(std::move(name));
  }
  Error({kUnknownFunction, fmt::format("There is no function \"{}\".", node.name),
         DidYouMean(node.name, names)},
        node.name_span);
  return nullptr;
}

bool Evaluator::CheckArity(const CallNode& node, const Function& function,
                           const std::vector<Span>& spans) {
  if (IsArityFitting(function, spans.size())) return true;
  size_t wanted = function.parameters.size();
  if (spans.size() > wanted) {
    Error(kWrongArgumentCount,
          fmt::format("The function \"{}\" {}; this one is too many.", node.name,
                      ArityText(function)),
          spans[wanted]);
  } else {
    Error(kWrongArgumentCount,
          fmt::format("The function \"{}\" {}: \"{}\" is missing.", node.name, ArityText(function),
                      function.parameters[spans.size()].name),
          node.close_paren);
  }
  return false;
}

// f(a, b...): the elements of the last argument become arguments. False after a
// mistake, and where they are not known yet.
bool Evaluator::ExpandLast(const CallNode& node, const EvalContext& context,
                           std::vector<Value>& values, std::vector<Span>& spans) {
  const Node& last = *node.arguments.back();
  int before = out_->errors();
  Value list = Eval(last, context);
  if (out_->errors() > before) return false;
  if (list.is_null()) {
    Error(kInvalidArgument, "An argument that is expanded (...) must not be null.", last.span);
    return false;
  }
  if (list.type().is_dynamic()) return false;
  if (!list.type().is_tuple() && !list.type().is_list() && !list.type().is_set()) {
    Error(kInvalidArgument,
          fmt::format("Only lists and sets can be expanded (...), and this is {}.",
                      list.type().FriendlyName()),
          last.span);
    return false;
  }
  if (!list.is_known()) return false;
  Marks marks = list.marks();
  for (const Value& item : list.Unmark().items()) {
    values.push_back(item.WithMarks(marks));
    spans.push_back(last.span);
  }
  return true;
}

// The arguments, each in the type of its parameter; false where there can be no call.
bool Evaluator::EvalArguments(const CallNode& node, const Function& function,
                              const EvalContext& context, std::vector<Value>& values,
                              std::vector<Span>& spans) {
  std::vector<Value> expanded;
  size_t written = node.arguments.size() - (node.expand_final ? 1 : 0);
  for (size_t i = 0; i < written; ++i) spans.push_back(node.arguments[i]->span);
  if (node.expand_final && !ExpandLast(node, context, expanded, spans)) return false;
  if (!CheckArity(node, function, spans)) return false;
  int before = out_->errors();
  for (size_t i = 0; i < spans.size(); ++i) {
    Value value = i < written ? Eval(*node.arguments[i], context) : expanded[i - written];
    const Parameter& parameter = *ParameterFor(function, i);
    auto fitting = FitArgument(parameter, value);
    if (auto* why = std::get_if<std::string>(&fitting)) {
      Error(kInvalidArgument,
            fmt::format("The function \"{}\" cannot take this for \"{}\": {}", node.name,
                        parameter.name, Sentence(std::move(*why))),
            spans[i]);
      continue;
    }
    values.push_back(std::get<Value>(std::move(fitting)));
  }
  return out_->errors() == before;
}

Value Evaluator::EvalCall(const CallNode& node, const EvalContext& context) {
  const Function* function = FindFunction(node, context);
  if (function == nullptr) return Value::Dynamic();
  std::vector<Value> values;
  std::vector<Span> spans;
  if (function->lazy != nullptr && !node.expand_final) {
    std::vector<Expression> arguments;
    for (const Node* argument : node.arguments) {
      spans.push_back(argument->span);
      arguments.emplace_back(&file_, argument);
    }
    if (!CheckArity(node, *function, spans)) return Value::Dynamic();
    Evaluated result = function->lazy(arguments, context);
    out_->Append(std::move(result.diagnostics));
    return result.value;
  }
  if (function->lazy != nullptr) {
    Error(kInvalidArgument,
          fmt::format("The arguments of \"{}\" must be written out: they cannot be expanded (...).",
                      node.name),
          node.arguments.back()->span);
    return Value::Dynamic();
  }
  if (!EvalArguments(node, *function, context, values, spans)) return Value::Dynamic();
  CallInFile site(file_, node, spans);
  CallResult result = Call(*function, values, site);
  if (auto* value = std::get_if<Value>(&result)) return std::move(*value);
  CallError& error = std::get<CallError>(result);
  bool known_argument = error.argument >= 0 && static_cast<size_t>(error.argument) < spans.size();
  const Parameter* parameter =
      error.argument >= 0 ? ParameterFor(*function, static_cast<size_t>(error.argument)) : nullptr;
  if (known_argument && parameter != nullptr) {
    Error(kInvalidArgument,
          fmt::format("The function \"{}\" cannot take this for \"{}\": {}", node.name,
                      parameter->name, Sentence(std::move(error.message))),
          spans[error.argument]);
  } else {
    Error(kCallFailed,
          fmt::format("The function \"{}\" failed: {}", node.name,
                      Sentence(std::move(error.message))),
          node.span);
  }
  return Value::Dynamic();
}

}  // namespace andon::hcl
