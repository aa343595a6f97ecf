#include "config/value_json.h"

#include <fmt/format.h>

#include <cmath>

namespace andon::config {
namespace {

using value::Value;

// Deeper values cannot be written; the evaluator refuses deeper expressions long before.
constexpr int kDepthMax = 300;

Json NumberToJson(const value::Number& number) {
  if (auto integer = number.ToInt64()) return *integer;
  return number.ToDouble();
}

Json Convert(const Value& value, int depth) {
  if (depth > kDepthMax || !value.is_known_not_null()) return {};
  const value::Type& type = value.type();
  if (type.is_string()) return value.string();
  if (type.is_bool()) return value.boolean();
  if (type.is_number()) return NumberToJson(value.number());
  if (type.is_object() || type.is_map()) {
    Json::Members members;
    if (type.is_object()) {
      for (const std::string& name : value.attribute_order()) {
        if (const Value* member = value.Find(name))
          members.emplace_back(name, Convert(*member, depth + 1));
      }
    } else {
      for (const auto& [name, member] : value.members())
        members.emplace_back(name, Convert(member, depth + 1));
    }
    return Json::Object(std::move(members));
  }
  Json::Array items;
  for (const Value& item : value.items()) items.push_back(Convert(item, depth + 1));
  return Json::List(std::move(items));
}

Value NumberFromDouble(double real) {
  if (!std::isfinite(real)) return Value::Number(value::Number::FromDouble(real));
  // By its decimal digits, so that 0.1 from a file is the 0.1 of the language.
  auto number = value::Number::Parse(fmt::format("{}", real));
  return Value::Number(number.ok() ? *number : value::Number::FromDouble(real));
}

}  // namespace

Json ToJson(const Value& value) { return Convert(value, 0); }

Value FromJson(const Json& json) {
  if (json.is_string()) return Value::String(json.AsString());
  if (json.is_bool()) return Value::Bool(json.AsBool());
  if (json.is_integer()) return Value::Number(json.AsInteger());
  if (json.is_number()) return NumberFromDouble(json.AsDouble());
  if (json.is_array()) {
    std::vector<Value> items;
    for (const Json& item : json.items()) items.push_back(FromJson(item));
    return Value::Tuple(std::move(items));
  }
  if (json.is_object()) {
    Value::Members members;
    for (const auto& [name, member] : json.members()) members.emplace_back(name, FromJson(member));
    return Value::Object(std::move(members));
  }
  return Value::Null();
}

}  // namespace andon::config
