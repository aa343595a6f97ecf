#include "config/type_constraint.h"

#include "hcl/eval.h"
#include "hcl/static_form.h"
#include "value/convert.h"

namespace andon::config {
namespace {

using value::Type;
using value::Value;

constexpr std::string_view kInvalidType = "Invalid type constraint";

TypeConstraint Wrong(const SourceRange& range, std::string detail, Diagnostics* diagnostics) {
  diagnostics->Error("AN1110", std::string(kInvalidType), std::move(detail), range);
  return {Type::Dynamic(), nullptr};
}

// optional(type) or optional(type, default) inside of object({…}).
struct Optional {
  hcl::Expression type;
  hcl::Expression fallback;  // Empty: null.
};

std::optional<Optional> AsOptional(hcl::Expression expression) {
  auto call = hcl::AsCall(expression);
  if (!call || call->name != "optional" || call->arguments.empty() || call->arguments.size() > 2) {
    return std::nullopt;
  }
  return Optional{call->arguments[0],
                  call->arguments.size() == 2 ? call->arguments[1] : hcl::Expression()};
}

// A type inside of another: list and map say there what they hold.
TypeConstraint ReadElement(hcl::Expression expression, Diagnostics* diagnostics) {
  std::string_view word = hcl::AsKeyword(expression);
  if (word == "list" || word == "map") {
    return Wrong(expression.range(),
                 "Inside of another type the elements are said: list(any), map(string).",
                 diagnostics);
  }
  return ReadTypeConstraint(expression, diagnostics);
}

Value ReadDefault(hcl::Expression expression, const TypeConstraint& constraint,
                  Diagnostics* diagnostics) {
  auto evaluated = hcl::EvaluateConstant(expression);
  diagnostics->Append(evaluated.diagnostics);
  if (evaluated.diagnostics.has_errors()) return Value::Null(constraint.type);
  auto converted = value::Convert(evaluated.value, constraint.type);
  if (converted.ok()) return *converted;
  diagnostics->Error(
      "AN1111", "Invalid default value",
      "This default value does not have the attribute's type: " + converted.error().message + ".",
      expression.range());
  return Value::Null(constraint.type);
}

TypeConstraint ReadObject(hcl::Expression argument, Diagnostics* diagnostics) {
  auto items = hcl::AsMap(argument);
  if (!items) {
    return Wrong(argument.range(),
                 "object() takes an object of attribute types, like object({ name = string }).",
                 diagnostics);
  }
  std::vector<Type::Attribute> attributes;
  auto defaults = std::make_shared<Defaults>();
  for (const hcl::StaticItem& item : *items) {
    std::string_view name = hcl::AsKeyword(item.key);
    if (name.empty()) {
      return Wrong(item.key.range(), "The name of an attribute must be a plain word.", diagnostics);
    }
    auto optional = AsOptional(item.value);
    TypeConstraint inner = ReadElement(optional ? optional->type : item.value, diagnostics);
    if (optional && optional->fallback) {
      defaults->values[std::string(name)] = ReadDefault(optional->fallback, inner, diagnostics);
    }
    if (inner.defaults) defaults->children[std::string(name)] = inner.defaults;
    attributes.push_back({std::string(name), inner.type, optional.has_value()});
  }
  bool has_defaults = !defaults->values.empty() || !defaults->children.empty();
  return {Type::Object(std::move(attributes)), has_defaults ? defaults : nullptr};
}

TypeConstraint ReadTuple(hcl::Expression argument, Diagnostics* diagnostics) {
  auto items = hcl::AsList(argument);
  if (!items) {
    return Wrong(argument.range(), "tuple() takes a list of types, like tuple([string, number]).",
                 diagnostics);
  }
  std::vector<Type> elements;
  auto defaults = std::make_shared<Defaults>();
  for (hcl::Expression item : *items) {
    TypeConstraint element = ReadElement(item, diagnostics);
    if (element.defaults) defaults->children[std::to_string(elements.size())] = element.defaults;
    elements.push_back(element.type);
  }
  return {Type::Tuple(std::move(elements)), defaults->children.empty() ? nullptr : defaults};
}

TypeConstraint ReadCall(const hcl::StaticCall& call, const SourceRange& range,
                        Diagnostics* diagnostics) {
  bool is_collection = call.name == "list" || call.name == "set" || call.name == "map";
  if (!is_collection && call.name != "object" && call.name != "tuple") {
    return Wrong(call.name_range,
                 "The type constructors are list(), set(), map(), object() and tuple().",
                 diagnostics);
  }
  if (call.arguments.size() != 1) {
    return Wrong(range, "This type takes exactly one argument.", diagnostics);
  }
  if (call.name == "object") return ReadObject(call.arguments[0], diagnostics);
  if (call.name == "tuple") return ReadTuple(call.arguments[0], diagnostics);
  TypeConstraint element = ReadElement(call.arguments[0], diagnostics);
  std::shared_ptr<Defaults> defaults;
  if (element.defaults) {
    defaults = std::make_shared<Defaults>();
    defaults->children[""] = element.defaults;
  }
  if (call.name == "list") return {Type::List(element.type), defaults};
  if (call.name == "set") return {Type::Set(element.type), defaults};
  return {Type::Map(element.type), defaults};
}

}  // namespace

TypeConstraint ReadTypeConstraint(hcl::Expression expression, Diagnostics* diagnostics) {
  std::string_view word = hcl::AsKeyword(expression);
  if (word == "string") return {Type::String(), nullptr};
  if (word == "number") return {Type::Number(), nullptr};
  if (word == "bool") return {Type::Bool(), nullptr};
  if (word == "any") return {Type::Dynamic(), nullptr};
  if (word == "list") return {Type::List(Type::Dynamic()), nullptr};
  if (word == "map") return {Type::Map(Type::Dynamic()), nullptr};
  if (auto call = hcl::AsCall(expression)) return ReadCall(*call, expression.range(), diagnostics);
  if (auto text = hcl::AsStringLiteral(expression); text && !expression.file().is_json()) {
    return Wrong(expression.range(),
                 "A type stands without quotes, and says what it holds: string, list(string).",
                 diagnostics);
  }
  return Wrong(
      expression.range(),
      "A type is string, number, bool, any, or list(…), set(…), map(…), object({…}), tuple([…]).",
      diagnostics);
}

Value ApplyDefaults(const Value& given, const Defaults& defaults) {
  if (!given.is_known_not_null() || !given.CanIterate()) return given;
  const Type& type = given.type();
  auto child = [&](const std::string& name) -> const Defaults* {
    auto it = defaults.children.find(name);
    return it == defaults.children.end() ? nullptr : it->second.get();
  };
  const Defaults* each = child("");
  if (type.is_list() || type.is_tuple() || type.is_set()) {
    if (each == nullptr && defaults.children.empty()) return given;
    std::vector<Value> items;
    for (const Value& item : given.items()) {
      const Defaults* own = each != nullptr ? each : child(std::to_string(items.size()));
      items.push_back(own != nullptr ? ApplyDefaults(item, *own) : item);
    }
    return Value::Tuple(std::move(items)).WithMarks(given.marks());
  }
  Value::Members members;
  for (const auto& [name, member] : given.members()) {
    auto fallback = defaults.values.find(name);
    Value value = member.is_null() && fallback != defaults.values.end() ? fallback->second : member;
    const Defaults* inner = each != nullptr ? each : child(name);
    members.emplace_back(name, inner ? ApplyDefaults(value, *inner) : value);
  }
  for (const auto& [name, fallback] : defaults.values) {
    if (given.Find(name) != nullptr) continue;
    const Defaults* inner = child(name);
    members.emplace_back(name, inner ? ApplyDefaults(fallback, *inner) : fallback);
  }
  return Value::Object(std::move(members)).WithMarks(given.marks());
}

}  // namespace andon::config
