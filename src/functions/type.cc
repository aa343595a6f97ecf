// Types and marks.
#include <fmt/format.h>

#include "functions/row.h"
#include "value/display.h"

namespace andon::functions {
namespace {

using value::Convert;
using value::Mark;

hcl::CallError NoConversion(const Value& value, const Type& wanted) {
  return BadArgument(0, fmt::format("cannot convert {} to {}", value.type().FriendlyName(),
                                    wanted.FriendlyNameForConstraint()));
}

Outcome To(const Value& value, const Type& wanted) {
  if (!value::CanConvert(value.type(), wanted)) return NoConversion(value, wanted);
  auto converted = Convert(value, wanted);
  if (converted.ok()) return *std::move(converted);
  if (value.contains_marked()) {
    return BadArgument(
        0, fmt::format("cannot convert this sensitive {} to {}", value.type().FriendlyName(),
                       wanted.FriendlyNameForConstraint()));
  }
  if (!value.type().is_string()) return NoConversion(value, wanted);
  std::string_view rule = wanted.is_bool()
                              ? "only the strings \"true\" or \"false\" are allowed"
                              : "given string must be a decimal representation of a number";
  return BadArgument(0, fmt::format("cannot convert {} to {}; {}", value::Quote(value.string()),
                                    wanted.FriendlyName(), rule));
}

// The type that the conversion of this argument gives.
hcl::TypeResult TypeOfConversion(std::span<const Value> args, const Type& wanted) {
  if (!value::CanConvert(args[0].type(), wanted)) return NoConversion(args[0], wanted);
  auto converted = Convert(Value::Unknown(args[0].type()), wanted);
  return converted.ok() ? converted->type() : wanted;
}

template <Type (*kWanted)()>
Outcome ToFunction(Args args) {
  return To(args[0], kWanted());
}

template <Type (*kWanted)()>
hcl::TypeResult ToType(std::span<const Value> args) {
  return TypeOfConversion(args, kWanted());
}

Type AnyList() { return Type::List(Type::Dynamic()); }
Type AnySet() { return Type::Set(Type::Dynamic()); }
Type AnyMap() { return Type::Map(Type::Dynamic()); }

Outcome Sensitive(Args args) { return args[0].WithMarks(Mark::kSensitive); }
Outcome NonSensitive(Args args) { return args[0].WithoutMark(Mark::kSensitive); }

Outcome IsSensitive(Args args) {
  if (args[0].Has(Mark::kSensitive)) return Value::True();
  if (!args[0].is_known()) return Value::Unknown(Type::Bool());
  return Value::False();
}

// The value with everything in it that is ephemeral replaced by null.
Value WithoutEphemeral(const Value& value) {
  if (value.Has(Mark::kEphemeral)) {
    return Value::Null(value.type()).WithMarks(value.marks().Without(Mark::kEphemeral));
  }
  if (!value.deep_marks().Has(Mark::kEphemeral)) return value;
  Value result;
  if (value.type().is_map() || value.type().is_object()) {
    Value::Members members;
    for (const auto& [name, member] : value.members()) {
      members.emplace_back(name, WithoutEphemeral(member));
    }
    result = value.type().is_map() ? Value::Map(value.type().element(), std::move(members))
                                   : Value::Object(std::move(members));
  } else {
    std::vector<Value> items;
    for (const auto& item : value.items()) items.push_back(WithoutEphemeral(item));
    result = value.type().is_tuple() ? Value::Tuple(std::move(items))
                                     : Value::List(value.type().element(), std::move(items));
  }
  return result.WithMarks(value.marks());
}

Outcome EphemeralAsNull(Args args) { return WithoutEphemeral(args[0]); }

Outcome TypeFunction(Args args) { return Value::String(value::TypeExpression(args[0].type())); }

}  // namespace

std::vector<Row> TypeFunctions() {
  constexpr unsigned kAnything = kNull | kUnknown | kMarked;
  const auto any = [](const char* name) { return Any(name, kAnything); };
  // clang-format off
  return {
    {"tostring",        {any("v")}, {}, ToType<Type::String>, "The value as a string.", ToFunction<Type::String>},
    {"tonumber",        {any("v")}, {}, ToType<Type::Number>, "The value as a number.", ToFunction<Type::Number>},
    {"tobool",          {any("v")}, {}, ToType<Type::Bool>,   "The value as a bool.", ToFunction<Type::Bool>},
    {"tolist",          {any("v")}, {}, ToType<AnyList>, "The elements as a list, converted to one type.", ToFunction<AnyList>},
    {"toset",           {any("v")}, {}, ToType<AnySet>,  "The elements as a set, converted to one type.", ToFunction<AnySet>},
    {"tomap",           {any("v")}, {}, ToType<AnyMap>,  "The elements as a map, converted to one type.", ToFunction<AnyMap>},
    {"sensitive",       {any("value")}, {}, TypeOfFirst, "The value, marked so that it is not shown.", Sensitive},
    {"nonsensitive",    {any("value")}, {}, TypeOfFirst, "The value without the mark that hides it.", NonSensitive},
    {"issensitive",     {any("value")}, {}, GivesBool(), "Whether the value is marked as sensitive.", IsSensitive},
    {"ephemeralasnull", {any("value")}, {}, TypeOfFirst, "The value with null for what is ephemeral in it.", EphemeralAsNull},
    {"type",            {any("value")}, {}, GivesText(), "The type of the value, as text.", TypeFunction},
  };
  // clang-format on
}

}  // namespace andon::functions
