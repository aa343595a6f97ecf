// Row: one function as a row of its group's table. The group files hold the rows and
// their bodies; registry.h makes a table for the evaluator of them.
//
// The caller sees to arguments as the row's parameters say: they are counted,
// converted, not null, known (themselves, not what is in them) and without marks,
// unless the parameter allows it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "functions/environment.h"
#include "hcl/function_table.h"
#include "value/convert.h"
#include "value/value.h"

namespace andon::functions {

using value::Type;
using value::Value;

// What a body gives: a value, or why there is none.
class Outcome {
 public:
  Outcome(Value value) : result_(std::move(value)) {}
  Outcome(hcl::CallError error) : result_(std::move(error)) {}
  Outcome(Error error) : result_(hcl::CallError{-1, std::move(error.message)}) {}
  const hcl::CallResult& result() const { return result_; }

 private:
  hcl::CallResult result_;
};

inline hcl::CallError Fail(std::string message) { return {-1, std::move(message)}; }
inline hcl::CallError BadArgument(int index, std::string message) {
  return {index, std::move(message)};
}

class Args {
 public:
  Args(std::span<const Value> values, const Environment& environment)
      : values_(values), environment_(environment) {}

  const Value& operator[](size_t i) const { return values_[i]; }
  size_t size() const { return values_.size(); }
  std::span<const Value> all() const { return values_; }
  std::span<const Value> from(size_t i) const { return values_.subspan(i); }
  const std::string& text(size_t i) const { return values_[i].string(); }
  // kInvalid where the number is no integer that fits.
  Result<int64_t> integer(size_t i) const;
  const Environment& environment() const { return environment_; }

 private:
  std::span<const Value> values_;
  const Environment& environment_;
};

struct Row {
  std::string_view name;
  std::vector<hcl::Parameter> parameters;
  std::optional<hcl::Parameter> variadic;
  hcl::ReturnType returns;
  std::string_view description;
  Outcome (*body)(Args);
};

// Parameters in short.
enum Allow : unsigned { kNull = 1, kUnknown = 2, kMarked = 4 };
inline hcl::Parameter Param(std::string name, Type type, unsigned allow = 0) {
  return {std::move(name), std::move(type), (allow & kNull) != 0, (allow & kUnknown) != 0,
          (allow & kMarked) != 0};
}
inline hcl::Parameter Text(std::string name) { return Param(std::move(name), Type::String()); }
inline hcl::Parameter Num(std::string name) { return Param(std::move(name), Type::Number()); }
inline hcl::Parameter Any(std::string name, unsigned allow = 0) {
  return Param(std::move(name), Type::Dynamic(), allow);
}

// Return types in short.
inline hcl::ReturnType GivesText() { return hcl::Fixed(Type::String()); }
inline hcl::ReturnType GivesNumber() { return hcl::Fixed(Type::Number()); }
inline hcl::ReturnType GivesBool() { return hcl::Fixed(Type::Bool()); }
inline hcl::ReturnType GivesTexts() { return hcl::Fixed(Type::List(Type::String())); }
inline hcl::ReturnType GivesAny() { return hcl::Fixed(Type::Dynamic()); }
// The type of the first argument.
hcl::TypeResult TypeOfFirst(std::span<const Value> args);

inline bool IsSequence(const Type& type) {
  return type.is_list() || type.is_tuple() || type.is_set();
}

// A list of strings.
Value Texts(const std::vector<std::string>& texts);

// The groups.
std::vector<Row> StringFunctions();
std::vector<Row> FormatFunctions();
std::vector<Row> RegexFunctions();
std::vector<Row> NumberFunctions();
std::vector<Row> CollectionFunctions();
std::vector<Row> MappingFunctions();
std::vector<Row> SetFunctions();
std::vector<Row> EncodingFunctions();
std::vector<Row> YamlFunctions();
std::vector<Row> CryptoFunctions();
std::vector<Row> TimeFunctions();
std::vector<Row> NetworkFunctions();
std::vector<Row> TypeFunctions();
std::vector<Row> FilesystemFunctions();

}  // namespace andon::functions
