#include "value/convert.h"

#include <fmt/format.h>

#include "base/text.h"

namespace andon::value {
namespace {

bool CanConvertKind(const Type& in, const Type& out, bool unsafe);

bool Can(const Type& in, const Type& out, bool unsafe) {
  return in == out || CanConvertKind(in, out, unsafe);
}

bool CanObjectToObject(const Type& in, const Type& out, bool unsafe) {
  for (const auto& wanted : out.attributes()) {
    const auto* have = in.FindAttribute(wanted.name);
    if (!have && !wanted.optional) return false;
    if (have && !Can(have->type, wanted.type, unsafe)) return false;
  }
  return true;
}

bool CanMapToObject(const Type& in, const Type& out, bool unsafe) {
  // Which keys the map has is not known from its type.
  if (!unsafe) return false;
  for (const auto& wanted : out.attributes()) {
    if (!wanted.optional && !Can(in.element(), wanted.type, unsafe)) return false;
  }
  return true;
}

// The element type of the collection that members of these types become, where
// `element` leaves it open; empty where they have none in common.
std::optional<Type> CommonElement(const std::vector<Type>& members, const Type& element,
                                  bool unsafe) {
  if (!element.is_dynamic() || members.empty()) return element;
  auto unified = Unify(members, unsafe);
  if (!unified || !unified->is_dynamic()) return unified;
  // A collection of dynamic elements is possible only where all of them are that.
  for (const auto& member : members) {
    if (!member.is_dynamic()) return std::nullopt;
  }
  return unified;
}

std::vector<Type> MemberTypes(const Type& type) {
  if (type.is_tuple()) return type.elements();
  std::vector<Type> types;
  for (const auto& attribute : type.attributes()) types.push_back(attribute.type);
  return types;
}

bool CanStructureToCollection(const Type& in, const Type& out, bool unsafe) {
  auto members = MemberTypes(in);
  auto element = CommonElement(members, out.element(), unsafe);
  if (!element && in.is_object()) element = Unify(members, unsafe);
  if (!element) return false;
  for (const auto& member : members) {
    if (!Can(member, *element, unsafe)) return false;
  }
  return true;
}

bool CanTupleToTuple(const Type& in, const Type& out, bool unsafe) {
  if (in.elements().size() != out.elements().size()) return false;
  for (size_t i = 0; i < in.elements().size(); ++i) {
    if (!Can(in.elements()[i], out.elements()[i], unsafe)) return false;
  }
  return true;
}

bool CanConvertKind(const Type& in, const Type& out, bool unsafe) {
  if (out.is_dynamic()) return true;
  if (in.is_dynamic()) return unsafe;
  if (in.is_primitive() && out.is_primitive()) {
    return in.kind() == out.kind() || out.is_string() || (unsafe && in.is_string());
  }
  if (in.is_object() && out.is_object()) return CanObjectToObject(in, out, unsafe);
  if (in.is_tuple() && out.is_tuple()) return CanTupleToTuple(in, out, unsafe);
  if (in.is_map() && out.is_map()) return Can(in.element(), out.element(), unsafe);
  if ((in.is_list() || in.is_set()) && (out.is_list() || out.is_set())) {
    // A set forgets order and repetition.
    if (in.is_list() && out.is_set() && !unsafe) return false;
    return Can(in.element(), out.element(), unsafe);
  }
  if ((in.is_tuple() && (out.is_list() || out.is_set())) || (in.is_object() && out.is_map())) {
    return CanStructureToCollection(in, out, unsafe);
  }
  if (in.is_map() && out.is_object()) return CanMapToObject(in, out, unsafe);
  return false;
}

// `out` with what is dynamic in it taken from `in`, for nulls and unknowns.
Type ReplaceDynamic(const Type& in, const Type& out);

Type ReplaceDynamicElement(const Type& in, const Type& out) {
  if (in.is_collection()) return ReplaceDynamic(in.element(), out.element());
  if (!in.is_structural()) return out.element();
  auto unified = Unify(MemberTypes(in), true);
  return unified ? ReplaceDynamic(*unified, out.element()) : out.element();
}

Type ReplaceDynamicAttributes(const Type& in, const Type& out) {
  std::vector<Type::Attribute> attributes;
  for (const auto& attribute : out.attributes()) {
    Type type = attribute.type;
    if (in.is_map()) {
      type = ReplaceDynamic(in.element(), attribute.type);
    } else if (const auto* have = in.is_object() ? in.FindAttribute(attribute.name) : nullptr) {
      type = ReplaceDynamic(have->type, attribute.type);
    }
    attributes.push_back({attribute.name, std::move(type), attribute.optional});
  }
  return Type::Object(std::move(attributes));
}

Type ReplaceDynamic(const Type& in, const Type& out) {
  if (in.is_dynamic() || !out.has_dynamic()) return out;
  switch (out.kind()) {
    case Type::Kind::kDynamic:
      return in;
    case Type::Kind::kList:
      return Type::List(ReplaceDynamicElement(in, out));
    case Type::Kind::kSet:
      return Type::Set(ReplaceDynamicElement(in, out));
    case Type::Kind::kMap:
      return Type::Map(ReplaceDynamicElement(in, out));
    case Type::Kind::kObject:
      return ReplaceDynamicAttributes(in, out);
    case Type::Kind::kTuple: {
      if (!in.is_tuple() || in.elements().size() != out.elements().size()) return out;
      std::vector<Type> elements;
      for (size_t i = 0; i < out.elements().size(); ++i) {
        elements.push_back(ReplaceDynamic(in.elements()[i], out.elements()[i]));
      }
      return Type::Tuple(std::move(elements));
    }
    default:
      return out;
  }
}

// Converts one value; `path` and `message` tell where and why it failed.
class Conversion {
 public:
  explicit Conversion(bool unsafe) : unsafe_(unsafe) {}

  // Empty where it failed. Requires: Can(value.type(), out, unsafe).
  std::optional<Value> Run(const Value& value, const Type& out);
  ConversionError error() const { return {Path(path_), message_}; }

 private:
  std::optional<Value> Known(const Value& value, const Type& out);
  std::optional<Value> Primitive(const Value& value, const Type& out);
  std::optional<Value> ObjectToObject(const Value& value, const Type& out);
  std::optional<Value> TupleToTuple(const Value& value, const Type& out);
  std::optional<Value> MapToObject(const Value& value, const Type& out);
  std::optional<Value> ToSequence(const Value& value, const Type& out);
  std::optional<Value> ToMap(const Value& value, const Type& out);

  // The element at `step`; on failure the step stays in the path.
  std::optional<Value> Inside(Step step, const Value& value, const Type& out) {
    path_.push_back(std::move(step));
    auto converted = Run(value, out);
    if (converted) path_.pop_back();
    return converted;
  }
  std::nullopt_t Fail(std::string message) {
    message_ = std::move(message);
    return std::nullopt;
  }
  // Makes the elements' types equal where the wanted type left them open.
  bool MakeEqual(std::vector<Value>& items, std::string_view what);

  bool unsafe_;
  std::vector<Step> path_;
  std::string message_;
};

std::optional<Value> Conversion::Run(const Value& value, const Type& out) {
  if (out.is_dynamic() || value.type() == out) return value;
  if (value.is_marked()) {
    auto converted = Run(value.Unmark(), out);
    if (converted) converted = converted->WithMarks(value.marks());
    return converted;
  }
  if (!value.is_known_not_null()) {
    Type type = ReplaceDynamic(value.type(), out.WithoutOptionalAttributes());
    if (value.is_null()) return Value::Null(std::move(type));
    return Value::Unknown(std::move(type), value.refinement());
  }
  return Known(value, out);
}

std::optional<Value> Conversion::Known(const Value& value, const Type& out) {
  switch (out.kind()) {
    case Type::Kind::kString:
    case Type::Kind::kNumber:
    case Type::Kind::kBool:
      return Primitive(value, out);
    case Type::Kind::kList:
    case Type::Kind::kSet:
      return ToSequence(value, out);
    case Type::Kind::kMap:
      return ToMap(value, out);
    case Type::Kind::kObject:
      return value.type().is_map() ? MapToObject(value, out) : ObjectToObject(value, out);
    case Type::Kind::kTuple:
      return TupleToTuple(value, out);
    case Type::Kind::kDynamic:
      break;
  }
  return value;
}

std::optional<Value> Conversion::Primitive(const Value& value, const Type& out) {
  if (out.is_string()) {
    if (value.type().is_bool()) return Value::String(value.boolean() ? "true" : "false");
    return Value::String(value.number().ToString());
  }
  const std::string& text = value.string();
  if (out.is_number()) {
    auto number = Number::Parse(text);
    if (!number.ok()) return Fail(number.error().message);
    return Value::Number(*number);
  }
  if (text == "true" || text == "1") return Value::True();
  if (text == "false" || text == "0") return Value::False();
  std::string lower = AsciiLower(text);
  if (lower == "true" || lower == "false") {
    return Fail(
        fmt::format("a bool is required; to convert from string, use lowercase \"{}\"", lower));
  }
  return Fail("a bool is required");
}

std::optional<Value> Conversion::ObjectToObject(const Value& value, const Type& out) {
  Value::Members members;
  for (const auto& name : value.attribute_order()) {
    const auto* wanted = out.FindAttribute(name);
    if (!wanted) continue;
    auto member = Inside(AttributeStep{name}, *value.Find(name), wanted->type);
    if (!member) return std::nullopt;
    members.emplace_back(name, *std::move(member));
  }
  for (const auto& wanted : out.attributes()) {
    if (!value.Find(wanted.name)) members.emplace_back(wanted.name, Value::Null(wanted.type));
  }
  return Value::Object(std::move(members));
}

std::optional<Value> Conversion::MapToObject(const Value& value, const Type& out) {
  Value::Members members;
  for (const auto& wanted : out.attributes()) {
    const Value* have = value.Find(wanted.name);
    if (!have && !wanted.optional) {
      return Fail(fmt::format("map has no element for required attribute \"{}\"", wanted.name));
    }
    if (!have) {
      members.emplace_back(wanted.name, Value::Null(wanted.type));
      continue;
    }
    if (!Can(have->type(), wanted.type, unsafe_)) {
      return Fail(fmt::format("map element type is incompatible with attribute \"{}\": {}",
                              wanted.name, MismatchMessage(have->type(), wanted.type)));
    }
    auto member = Inside(IndexStep{Value::String(wanted.name)}, *have, wanted.type);
    if (!member) return std::nullopt;
    members.emplace_back(wanted.name, *std::move(member));
  }
  return Value::Object(std::move(members));
}

std::optional<Value> Conversion::TupleToTuple(const Value& value, const Type& out) {
  std::vector<Value> items;
  for (size_t i = 0; i < value.items().size(); ++i) {
    auto item = Inside(IndexStep{Value::Number(i)}, value.items()[i], out.elements()[i]);
    if (!item) return std::nullopt;
    items.push_back(*std::move(item));
  }
  return Value::Tuple(std::move(items));
}

// What is dynamic among them, null or unknown, takes the type of the others.
bool AreEqualTypes(const std::vector<Value>& items) {
  const Type* first = nullptr;
  for (const auto& item : items) {
    if (item.type().is_dynamic()) continue;
    if (!first) first = &item.type();
    if (item.type() != *first) return false;
  }
  return true;
}

bool Conversion::MakeEqual(std::vector<Value>& items, std::string_view what) {
  if (AreEqualTypes(items)) return true;
  std::vector<Type> types;
  for (const auto& item : items) types.push_back(item.type());
  auto unified = Unify(types, unsafe_);
  if (!unified) {
    Fail("cannot find a common base type for all elements");
    return false;
  }
  for (size_t i = 0; i < items.size(); ++i) {
    auto item = Inside(IndexStep{Value::Number(i)}, items[i], *unified);
    if (!item) return false;
    items[i] = *std::move(item);
  }
  for (const auto& item : items) {
    // Dynamic unknowns fit beside anything: the collection gives them its type.
    if (item.type() == *unified || item.type().is_dynamic()) continue;
    Fail(fmt::format("element types must all match for conversion to {}", what));
    return false;
  }
  return true;
}

std::optional<Value> Conversion::ToSequence(const Value& value, const Type& out) {
  bool to_set = out.is_set();
  if (!to_set && value.type().is_set() && !value.Length().is_known()) {
    // Unknown elements may be equal to others: how long the list is nobody knows.
    return Value::Unknown(ReplaceDynamic(value.type(), out.WithoutOptionalAttributes()));
  }
  const Type& given = value.type();
  Type element = out.element();
  if (element.is_dynamic()) {
    element = given.is_tuple() ? CommonElement(given.elements(), element, unsafe_).value_or(element)
                               : given.element();
  }
  std::vector<Value> items;
  items.reserve(value.items().size());
  for (const auto& item : value.items()) {
    auto converted = Inside(IndexStep{Value::Number(items.size())}, item, element);
    if (!converted) return std::nullopt;
    items.push_back(*std::move(converted));
  }
  // The members of a list find a common type once more, those of a set do not, as cty has it.
  if (to_set && given.is_tuple() && !AreEqualTypes(items)) {
    Fail("element types must all match for conversion to set");
    return std::nullopt;
  }
  if (!MakeEqual(items, to_set ? "set" : "list")) return std::nullopt;
  Type type = items.empty() ? element.WithoutOptionalAttributes() : Type::Dynamic();
  for (const auto& item : items) {
    if (type.is_dynamic()) type = item.type();
  }
  return to_set ? Value::Set(std::move(type), std::move(items))
                : Value::List(std::move(type), std::move(items));
}

std::optional<Value> Conversion::ToMap(const Value& value, const Type& out) {
  const Type& given = value.type();
  Type element = out.element();
  if (element.is_dynamic()) {
    element =
        given.is_object() ? Unify(MemberTypes(given), unsafe_).value_or(element) : given.element();
  }
  std::vector<Value> items;
  for (const auto& [name, member] : value.members()) {
    auto converted = Inside(IndexStep{Value::String(name)}, member, element);
    if (!converted) return std::nullopt;
    items.push_back(*std::move(converted));
  }
  if (!MakeEqual(items, "map")) return std::nullopt;
  Type type = items.empty() ? element.WithoutOptionalAttributes() : Type::Dynamic();
  Value::Members members;
  for (size_t i = 0; i < items.size(); ++i) {
    if (type.is_dynamic()) type = items[i].type();
    members.emplace_back(value.members()[i].first, std::move(items[i]));
  }
  return Value::Map(std::move(type), std::move(members));
}

}  // namespace

std::string ToString(const ConversionError& error) {
  std::string path = ToString(error.path);
  if (path.starts_with('.')) path.erase(0, 1);
  return path.empty() ? error.message : path + ": " + error.message;
}

Result<Value> Convert(const Value& value, const Type& wanted, ConversionError* why) {
  if (value.type() == wanted) return value;
  if (!CanConvert(value.type(), wanted)) {
    if (why) *why = MismatchError(value.type(), wanted);
    return Error::Invalid("{}", MismatchMessage(value.type(), wanted));
  }
  Conversion conversion(true);
  auto converted = conversion.Run(value, wanted);
  if (converted) return *std::move(converted);
  if (why) *why = conversion.error();
  return Error::Invalid("{}", ToString(conversion.error()));
}

bool CanConvertSafely(const Type& from, const Type& to) { return Can(from, to, false); }
bool CanConvert(const Type& from, const Type& to) { return Can(from, to, true); }

}  // namespace andon::value
