#include <fmt/format.h>

#include "base/text.h"
#include "hcl/eval_internal.h"
#include "hcl/function_table.h"
#include "value/convert.h"

namespace andon::hcl {

using value::Marks;
using value::Type;
using value::Value;

void FunctionTable::Add(Function function) {
  std::string name = function.name;
  functions_.insert_or_assign(std::move(name), std::move(function));
}

const Function* FunctionTable::Find(std::string_view name) const {
  auto it = functions_.find(name);
  return it == functions_.end() ? nullptr : &it->second;
}

std::vector<std::string> FunctionTable::Names() const {
  std::vector<std::string> names;
  names.reserve(functions_.size());
  for (const auto& [name, function] : functions_) names.push_back(name);
  return names;
}

const Parameter* ParameterFor(const Function& function, size_t index) {
  if (index < function.parameters.size()) return &function.parameters[index];
  return function.variadic ? &*function.variadic : nullptr;
}

bool IsArityFitting(const Function& function, size_t count) {
  if (count < function.parameters.size()) return false;
  return count == function.parameters.size() || function.variadic.has_value();
}

std::string ArityText(const Function& function) {
  size_t count = function.parameters.size();
  if (count == 0 && !function.variadic) return "takes no arguments";
  return fmt::format("takes {}{}", function.variadic ? "at least " : "",
                     Count(static_cast<int64_t>(count), "argument"));
}

std::variant<Value, std::string> FitArgument(const Parameter& parameter, const Value& argument) {
  Value fitting = argument;
  if (!parameter.type.is_dynamic()) {
    auto converted = value::Convert(argument, parameter.type);
    if (!converted.ok()) return converted.error().message;
    fitting = std::move(*converted);
  }
  if (fitting.is_null() && !parameter.allow_null) return std::string("it must not be null");
  return fitting;
}

CallResult Call(const Function& function, std::span<const Value> args, const CallSite& site) {
  if (!IsArityFitting(function, args.size())) {
    return CallError{-1, fmt::format("It {}.", ArityText(function))};
  }
  if (function.body == nullptr) return CallError{-1, "It can only be called in an expression."};
  std::vector<Value> values;
  values.reserve(args.size());
  Marks marks;
  bool unknown = false;
  bool untyped = false;  // An argument whose type is not even known.
  for (size_t i = 0; i < args.size(); ++i) {
    const Parameter& parameter = *ParameterFor(function, i);
    auto fitting = FitArgument(parameter, args[i]);
    if (auto* why = std::get_if<std::string>(&fitting)) {
      return CallError{static_cast<int>(i), std::move(*why)};
    }
    Value value = std::get<Value>(std::move(fitting));
    if (!parameter.allow_marked) {
      marks |= value.deep_marks();
      value = value.UnmarkDeep();
    }
    if (!value.is_known() && !parameter.allow_unknown) {
      unknown = true;
      untyped |= value.type().is_dynamic();
    }
    values.push_back(std::move(value));
  }
  if (unknown) {
    if (untyped || function.returns == nullptr) return Value::Dynamic().WithMarks(marks);
    TypeResult type = function.returns(values);
    if (auto* error = std::get_if<CallError>(&type)) return std::move(*error);
    return Value::Unknown(std::get<Type>(std::move(type))).WithMarks(marks);
  }
  CallResult result = function.body(values, site);
  if (auto* value = std::get_if<Value>(&result); value != nullptr && !marks.empty()) {
    return value->WithMarks(marks);
  }
  return result;
}

}  // namespace andon::hcl
