// Maps and objects.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "functions/row.h"
#include "value/display.h"

namespace andon::functions {
namespace {

using value::Convert;
using value::Marks;

bool IsMapping(const Type& type) { return type.is_map() || type.is_object(); }

hcl::TypeResult KeysType(std::span<const Value> args) {
  const Type& type = args[0].type();
  if (type.is_dynamic()) return Type::Dynamic();
  if (type.is_map()) return Type::List(Type::String());
  if (!type.is_object()) return BadArgument(0, "must have map or object type");
  return Type::Tuple(std::vector<Type>(type.attributes().size(), Type::String()));
}

Outcome Keys(Args args) {
  auto type = KeysType(args.all());
  if (auto* error = std::get_if<hcl::CallError>(&type)) return *error;
  const Type& given = args[0].type();
  std::vector<Value> keys;
  if (given.is_object()) {
    for (const auto& attribute : given.attributes()) keys.push_back(Value::String(attribute.name));
    return Value::Tuple(std::move(keys)).WithMarks(args[0].marks());
  }
  if (!args[0].is_known()) {
    return Value::Unknown(std::get<Type>(type)).WithMarks(args[0].marks());
  }
  for (const auto& [name, member] : args[0].members()) keys.push_back(Value::String(name));
  return Value::List(Type::String(), std::move(keys)).WithMarks(args[0].marks());
}

hcl::TypeResult ValuesType(std::span<const Value> args) {
  const Type& type = args[0].type();
  if (type.is_dynamic()) return Type::Dynamic();
  if (type.is_map()) return Type::List(type.element());
  if (!type.is_object()) return Fail("values() requires a map as the first argument");
  std::vector<Type> types;
  for (const auto& attribute : type.attributes()) types.push_back(attribute.type);
  return Type::Tuple(std::move(types));
}

Outcome Values(Args args) {
  auto type = ValuesType(args.all());
  if (auto* error = std::get_if<hcl::CallError>(&type)) return *error;
  std::vector<Value> values;
  for (const auto& [name, member] : args[0].members()) values.push_back(member);
  Value all = args[0].type().is_object() ? Value::Tuple(std::move(values))
                                         : Value::List(args[0].type().element(), std::move(values));
  return all.WithMarks(args[0].marks());
}

hcl::TypeResult LookupType(std::span<const Value> args) {
  if (args.size() > 3) {
    return Fail(fmt::format("lookup() takes two or three arguments, got {}", args.size()));
  }
  const Type& type = args[0].type();
  if (type.is_dynamic()) return Type::Dynamic();
  if (!IsMapping(type)) return BadArgument(0, "lookup() requires a map as the first argument");
  if (type.is_map()) {
    if (args.size() == 3 && !Convert(args[2], type.element()).ok()) {
      return BadArgument(2, "the default value must have the same type as the map elements");
    }
    return type.element();
  }
  if (!args[1].is_known()) return Type::Dynamic();
  if (const auto* attribute = type.FindAttribute(args[1].string())) return attribute->type;
  if (args.size() == 3) return args[2].type();
  std::string key = args[1].is_marked() ? "(sensitive value)" : value::Quote(args[1].string());
  return BadArgument(0, "the given object has no attribute " + key);
}

Outcome Lookup(Args args) {
  auto found = LookupType(args.all());
  if (auto* error = std::get_if<hcl::CallError>(&found)) return *error;
  const Type& type = std::get<Type>(found);
  Marks marks = args[0].marks().With(args[1].marks());
  if (!args[0].is_known() || !args[1].is_known()) return Value::Unknown(type).WithMarks(marks);
  if (const Value* member = args[0].Find(args.text(1))) return member->WithMarks(marks);
  if (args.size() == 3) {
    Value otherwise = TRY(Convert(args[2], type));
    return otherwise.WithMarks(marks);
  }
  std::string key = args[1].is_marked() ? "(sensitive value)" : value::Quote(args.text(1));
  return Fail("lookup failed to find key " + key);
}

// The type of what merge gives; dynamic where it depends on something unknown.
hcl::TypeResult MergeType(std::span<const Value> args) {
  std::vector<Type::Attribute> attributes;
  std::optional<Type> first;
  bool same = true;
  bool known = true;
  for (const auto& arg : args) {
    Type type = arg.type();
    if (type.is_dynamic()) return Type::Dynamic();
    if (!IsMapping(type)) {
      return Fail(
          fmt::format("arguments must be maps or objects, got \"{}\"", type.FriendlyName()));
    }
    if (type.is_object()) {
      if (arg.is_null()) type = Type::EmptyObject();
      attributes.insert(attributes.end(), type.attributes().begin(), type.attributes().end());
    } else if (!arg.is_known()) {
      known = false;
    } else if (!arg.is_null()) {
      for (const auto& [name, member] : arg.members()) attributes.push_back({name, type.element()});
    }
    same = same && (!first || *first == type);
    if (!first) first = type;
  }
  if (!first) return Type::EmptyObject();
  if (same) return *first;
  if (!known) return Type::Dynamic();
  return Type::Object(std::move(attributes));
}

Outcome Merge(Args args) {
  auto found = MergeType(args.all());
  if (auto* error = std::get_if<hcl::CallError>(&found)) return *error;
  const Type& type = std::get<Type>(found);
  Marks marks;
  Value::Members members;
  for (const auto& arg : args.all()) {
    if (arg.is_null()) continue;
    marks |= arg.marks();
    for (const auto& member : arg.members()) members.push_back(member);
  }
  // By name, not in the order of the arguments: of equal names the last one counts.
  std::stable_sort(members.begin(), members.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  Value merged = type.is_map() ? Value::Map(type.element(), std::move(members))
                               : Value::Object(std::move(members));
  return merged.WithMarks(marks);
}

Outcome Transpose(Args args) {
  const Type texts = Type::List(Type::String());
  if (!args[0].is_wholly_known()) return Value::Unknown(Type::Map(texts));
  std::map<std::string, std::vector<std::string>> keys_of;
  for (const auto& [key, list] : args[0].members()) {
    if (list.is_null()) return Fail("input must not contain null list");
    for (const auto& item : list.items()) {
      if (item.is_null()) return Fail("input list must not contain null string");
      keys_of[item.string()].push_back(key);
    }
  }
  Value::Members members;
  for (const auto& [text, keys] : keys_of) members.emplace_back(text, Texts(keys));
  return Value::Map(texts, std::move(members));
}

hcl::TypeResult ZipmapType(std::span<const Value> args) {
  const Type& type = args[1].type();
  if (type.is_dynamic()) return Type::Dynamic();
  if (type.is_list()) return Type::Map(type.element());
  if (!type.is_tuple()) return Fail("values argument must be a list or tuple value");
  return Type::Dynamic();
}

Outcome Zipmap(Args args) {
  auto type = ZipmapType(args.all());
  if (auto* error = std::get_if<hcl::CallError>(&type)) return *error;
  Marks marks = args[0].marks().With(args[1].marks());
  if (!args[0].is_wholly_known()) {
    return Value::Unknown(std::get<Type>(type)).WithMarks(marks);
  }
  const auto& keys = args[0].items();
  const auto& values = args[1].items();
  if (keys.size() != values.size()) {
    return Fail(fmt::format("number of keys ({}) does not match number of values ({})", keys.size(),
                            values.size()));
  }
  Value::Members members;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].is_null()) return Fail(fmt::format("keys list has null value at index {}", i));
    marks |= keys[i].marks();
    members.emplace_back(keys[i].string(), values[i]);
  }
  Value zipped = args[1].type().is_tuple()
                     ? Value::Object(std::move(members))
                     : Value::Map(args[1].type().element(), std::move(members));
  return zipped.WithMarks(marks);
}

}  // namespace

std::vector<Row> MappingFunctions() {
  const Type lists = Type::Map(Type::List(Type::String()));
  // clang-format off
  return {
    {"keys",      {Any("inputMap", kUnknown | kMarked)}, {}, KeysType, "The keys of a map or object, in order.", Keys},
    {"values",    {Any("mapping", kMarked)}, {}, ValuesType, "The values of a map or object, in the order of their keys.", Values},
    {"lookup",    {Any("inputMap", kUnknown | kMarked), Param("key", Type::String(), kUnknown | kMarked)}, Any("default", kNull | kUnknown | kMarked), LookupType, "The element with the key, or the default where there is none.", Lookup},
    {"merge",     {}, Any("maps", kNull | kMarked), MergeType, "One map or object of all the arguments; of equal keys the last one counts.", Merge},
    {"transpose", {Param("values", lists)}, {}, hcl::Fixed(lists), "The map of lists of strings with keys and strings swapped.", Transpose},
    {"zipmap",    {Param("keys", Type::List(Type::String()), kMarked), Any("values", kMarked)}, {}, ZipmapType, "A map of the keys and the values at the same index.", Zipmap},
  };
  // clang-format on
}

}  // namespace andon::functions
