// The functions that an expression may call: names, parameters, bodies.
//
// The table is data; src/functions fills it and the evaluator (eval.h) reads it.
// A row says what it takes, and `Call` sees to the rest, for every function
// alike: number of arguments, conversion to the parameter's type, null, unknown
// and marked arguments. So a body sees only what its parameters admit:
//
//   Function upper = {
//       .name = "upper",
//       .parameters = {{.name = "str", .type = value::Type::String()}},
//       .returns = Fixed(value::Type::String()),
//       .body = [](std::span<const value::Value> args, const CallSite&) -> CallResult {
//         return value::Value::String(Upper(args[0].string()));
//       }};
//
// Thread: a table is not changed after it was filled, and then shared freely.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/diagnostics.h"
#include "base/source.h"
#include "value/type.h"
#include "value/value.h"

namespace andon::hcl {

struct EvalContext;  // eval.h
class Expression;    // ast.h

// Why a call failed. `message` is a sentence without the function's name, for
// example `cannot read directory "x".`
struct CallError {
  int argument = -1;  // Index of the guilty argument; -1 for the call as a whole.
  std::string message;
};

using CallResult = std::variant<value::Value, CallError>;
using TypeResult = std::variant<value::Type, CallError>;

// Where the call stands, made only when it is asked for. A call by a program
// (a test, a template without source) has ranges that do not exist.
class CallSite {
 public:
  virtual ~CallSite() = default;
  virtual SourceRange call() const { return {}; }
  virtual SourceRange argument(size_t /*index*/) const { return {}; }
};

struct Parameter {
  std::string name;
  value::Type type;            // Type::Dynamic() takes a value of any type as it is.
  bool allow_null = false;     // Else: error "argument must not be null".
  bool allow_unknown = false;  // Else: the result is an unknown of the return type.
  bool allow_marked = false;   // Else: marks are taken off before, and put on the result after.
};

// The type of the result for these arguments, which are converted to the
// parameters' types, not null where that is refused, without marks; they may be
// unknown. May fail with the same messages as the body.
using ReturnType = std::function<TypeResult(std::span<const value::Value> args)>;

// A return type that does not depend on the arguments.
inline ReturnType Fixed(value::Type type) {
  return [type](std::span<const value::Value>) -> TypeResult { return type; };
}

using FunctionBody =
    std::function<CallResult(std::span<const value::Value> args, const CallSite& site)>;

// What evaluation gives: always a value (an unknown one after a mistake), and
// what is wrong.
struct Evaluated {
  value::Value value;
  Diagnostics diagnostics;
};
using LazyResult = Evaluated;

// For `try` and `can`: the arguments unevaluated, with the scope to evaluate
// them in (Evaluate(args[i], context)).
using LazyBody =
    std::function<LazyResult(std::span<const Expression> args, const EvalContext& context)>;

struct Function {
  std::string name;  // "upper", or with namespace "provider::aws::arn_parse".
  std::string description;
  std::vector<Parameter> parameters;
  std::optional<Parameter> variadic;  // Takes all arguments after `parameters`.
  ReturnType returns;
  FunctionBody body;  // Null where `lazy` is set.
  LazyBody lazy;      // Set for try and can; then `returns` and `body` are unused and
                      // `parameters` and `variadic` only say how many arguments.
};

class FunctionTable {
 public:
  // Replaces a function of the same name.
  void Add(Function function);

  // Null where there is none.
  const Function* Find(std::string_view name) const;
  // In order; the candidates for "did you mean".
  std::vector<std::string> Names() const;
  size_t size() const { return functions_.size(); }
  auto begin() const { return functions_.begin(); }
  auto end() const { return functions_.end(); }

 private:
  std::map<std::string, Function, std::less<>> functions_;
};

// Calls a function that is not lazy, with the rules above. Order of checks:
// count, conversion, null; then an unknown argument that the parameter does not
// admit gives an unknown of the return type; then the body.
CallResult Call(const Function& function, std::span<const value::Value> args,
                const CallSite& site = CallSite());

}  // namespace andon::hcl
