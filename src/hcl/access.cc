#include <fmt/format.h>

#include "base/text.h"
#include "hcl/eval_internal.h"
#include "value/convert.h"

namespace andon::hcl {

using value::Marks;
using value::Type;
using value::Value;

namespace {

Value Fail(std::optional<AccessFault>& fault, const Code& code, std::string detail,
           std::string meant = {}) {
  fault = AccessFault{code, std::move(detail), std::move(meant)};
  return Value::Dynamic();
}

// Why a number finds no element in a sequence. The number itself is not shown:
// it may come from a value that must not be.
std::string WhyNoElement(const Value& collection, const Value& key) {
  if (key.is_known_not_null()) {
    const value::Number& number = key.number();
    if (!number.is_integer()) {
      return "An index must be a whole number, and this one has a fraction. (Division gives "
             "fractions: use floor.)";
    }
    if (number.sign() < 0) return "An index must not be negative: elements count from 0.";
  }
  int64_t size = collection.is_known_not_null() ? collection.size() : -1;
  if (size < 0 && collection.type().is_tuple()) {
    size = static_cast<int64_t>(collection.type().elements().size());
  }
  if (size == 0) return "The list has no elements.";
  if (size > 0) {
    return fmt::format("The index lies behind the end: the list has {}, counted from 0.",
                       Count(size, "element"));
  }
  return "The list has no such element.";
}

Value IndexSequence(const Value& collection, const Value& key, std::optional<AccessFault>& fault) {
  const Type& type = collection.type();
  auto number = value::Convert(key, Type::Number());
  if (!number.ok()) {
    return Fail(fault, kInvalidIndex,
                fmt::format("Elements of a list are found by number, and this index is {}.",
                            key.type().FriendlyName()));
  }
  Value has = collection.HasIndex(*number).UnmarkDeep();
  if (!has.is_known()) {
    if (type.is_tuple()) return Value::Dynamic().WithMarks(collection.marks());
    return Value::Unknown(type.element()).WithMarks(collection.marks());
  }
  if (!has.boolean()) return Fail(fault, kInvalidIndex, WhyNoElement(collection, *number));
  return collection.Index(*number);
}

Value IndexMap(const Value& collection, const Value& key, std::optional<AccessFault>& fault) {
  auto text = value::Convert(key, Type::String());
  if (!text.ok()) {
    return Fail(fault, kInvalidIndex,
                fmt::format("Elements of a map are found by text, and this index is {}.",
                            key.type().FriendlyName()));
  }
  Value has = collection.HasIndex(*text).UnmarkDeep();
  if (!has.is_known()) {
    return Value::Unknown(collection.type().element()).WithMarks(collection.marks());
  }
  if (has.boolean()) return collection.Index(*text);
  if (collection.is_marked() || text->is_marked()) {
    return Fail(fault, kInvalidIndex, "The map has no element with this key.");
  }
  std::vector<std::string> keys;
  for (const auto& [name, value] : collection.members()) keys.push_back(name);
  return Fail(fault, kInvalidIndex,
              fmt::format("The map has no element with the key \"{}\".", text->string()),
              DidYouMean(text->string(), keys));
}

Value IndexObject(const Value& object, const Value& key, std::optional<AccessFault>& fault) {
  auto text = value::Convert(key, Type::String());
  if (!text.ok()) {
    return Fail(fault, kInvalidIndex,
                fmt::format("Attributes of an object are found by name, and this index is {}.",
                            key.type().FriendlyName()));
  }
  if (!text->is_known()) return Value::Dynamic().WithMarks(object.marks());
  const std::string& name = text->string();
  const Type& type = object.type();
  const auto* attribute = type.FindAttribute(name);
  if (attribute == nullptr) {
    std::string detail = "The object has no attribute with this name.";
    std::string meant;
    if (key.type().is_number()) {
      detail = "An object has no numbered elements: its attributes are found by name.";
    } else if (!text->is_marked()) {
      std::vector<std::string> names;
      for (const auto& other : type.attributes()) names.push_back(other.name);
      detail = fmt::format("The object has no attribute \"{}\".", name);
      meant = DidYouMean(name, names);
    }
    return Fail(fault, kInvalidIndex, std::move(detail), std::move(meant));
  }
  if (!object.is_known()) return Value::Unknown(attribute->type).WithMarks(object.marks());
  return object.Attribute(name);
}

}  // namespace

Value IndexValue(const Value& collection, const Value& key, std::optional<AccessFault>& fault) {
  if (collection.is_null()) {
    return Fail(fault, kNullValue, "This is null, so it has no elements.");
  }
  if (key.is_null()) return Fail(fault, kInvalidIndex, "The index is null.");
  const Type& type = collection.type();
  if (type.is_dynamic() || key.type().is_dynamic()) {
    return Value::Dynamic().WithMarks(collection.marks());
  }
  switch (type.kind()) {
    case Type::Kind::kList:
    case Type::Kind::kTuple:
      return IndexSequence(collection, key, fault);
    case Type::Kind::kMap:
      return IndexMap(collection, key, fault);
    case Type::Kind::kObject:
      return IndexObject(collection, key, fault);
    case Type::Kind::kSet:
      return Fail(
          fault, kInvalidIndex,
          "The elements of a set have no index. Go through all of them with \"for\", or make "
          "a list of it: tolist(...).");
    default:
      return Fail(fault, kInvalidIndex,
                  fmt::format("This is {}, which has no elements.", type.FriendlyName()));
  }
}

Value AttributeValue(const Value& object, std::string_view name,
                     std::optional<AccessFault>& fault) {
  if (object.is_null()) {
    return Fail(fault, kNullValue,
                fmt::format("This is null, so it has no attribute \"{}\".", name));
  }
  const Type& type = object.type();
  if (type.is_dynamic()) return Value::Dynamic().WithMarks(object.marks());
  if (type.is_object()) {
    if (const auto* attribute = type.FindAttribute(name)) {
      if (!object.is_known()) return Value::Unknown(attribute->type).WithMarks(object.marks());
      return object.Attribute(name);
    }
    std::vector<std::string> names;
    for (const auto& other : type.attributes()) names.push_back(other.name);
    return Fail(fault, kUnsupportedAttribute,
                fmt::format("The object has no attribute \"{}\".", name), DidYouMean(name, names));
  }
  if (type.is_map()) {
    if (!object.is_known()) return Value::Unknown(type.element()).WithMarks(object.marks());
    Value key = Value::String(name);
    Value has = object.HasIndex(key).UnmarkDeep();
    if (!has.is_known() || has.boolean()) return object.Index(key);
    std::vector<std::string> names;
    if (!object.is_marked()) {
      for (const auto& [other, value] : object.members()) names.push_back(other);
    }
    return Fail(fault, kUnsupportedAttribute, fmt::format("The map has no element \"{}\".", name),
                DidYouMean(name, names));
  }
  if (type.is_collection() && type.element().is_object()) {
    return Fail(fault, kUnsupportedAttribute,
                type.is_list()
                    ? fmt::format("This is a list of objects, which has no attributes itself. Name "
                                  "one element, as in [0].{0}, or take all with [*].{0}.",
                                  name)
                    : "This is a set of objects, which has no attributes itself. Go through its "
                      "elements with \"for\".");
  }
  return Fail(fault, kUnsupportedAttribute,
              fmt::format("This is {}, which has no attributes.", type.FriendlyName()));
}

Diagnostic ToDiagnostic(const AccessFault& fault, SourceRange subject) {
  Diagnostic diagnostic;
  diagnostic.code = fault.code.code;
  diagnostic.summary = fault.code.summary;
  diagnostic.detail = fault.detail;
  diagnostic.subject = std::move(subject);
  if (!fault.meant.empty()) diagnostic.at_caret = fmt::format("did you mean \"{}\"?", fault.meant);
  return diagnostic;
}

Evaluated Index(const Value& collection, const Value& key, const SourceRange& range) {
  std::optional<AccessFault> fault;
  Evaluated result{IndexValue(collection, key, fault), {}};
  if (fault) result.diagnostics.Add(ToDiagnostic(*fault, range));
  return result;
}

Evaluated GetAttribute(const Value& object, std::string_view name, const SourceRange& range) {
  std::optional<AccessFault> fault;
  Evaluated result{AttributeValue(object, name, fault), {}};
  if (fault) result.diagnostics.Add(ToDiagnostic(*fault, range));
  return result;
}

}  // namespace andon::hcl
