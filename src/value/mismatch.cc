// Why a type does not convert to another, in words.
#include <fmt/format.h>

#include "base/text.h"
#include "value/convert.h"

namespace andon::value {
namespace {

std::string Required(const Type& wanted) {
  return wanted.FriendlyNameForConstraint() + " required";
}

std::string MissingAttributes(const std::vector<std::string>& names) {
  if (names.size() == 1) return fmt::format("attribute \"{}\" is required", names[0]);
  if (names.size() == 2) {
    return fmt::format("attributes \"{}\" and \"{}\" are required", names[0], names[1]);
  }
  std::string list;
  for (size_t i = 0; i < names.size(); ++i) {
    list += fmt::format("{}\"{}\"", i == 0 ? "" : i + 1 < names.size() ? ", " : ", and ", names[i]);
  }
  return fmt::format("attributes {} are required", list);
}

// The attribute that stands in the way most: one that can never convert before one
// that only might.
const Type::Attribute* WorstAttribute(const Type& got, const Type& wanted) {
  const Type::Attribute* unsafe = nullptr;
  for (const auto& attribute : wanted.attributes()) {
    const auto* have = got.FindAttribute(attribute.name);
    if (!have || have->type == attribute.type) continue;
    if (!CanConvert(have->type, attribute.type)) return &attribute;
    if (!unsafe && !CanConvertSafely(have->type, attribute.type)) unsafe = &attribute;
  }
  return unsafe;
}

ConversionError Inside(Step step, ConversionError inner) {
  std::vector<Step> steps = {std::move(step)};
  steps.insert(steps.end(), inner.path.steps().begin(), inner.path.steps().end());
  return {Path(std::move(steps)), std::move(inner.message)};
}

ConversionError ObjectMismatch(const Type& got, const Type& wanted) {
  std::vector<std::string> missing;
  for (const auto& attribute : wanted.attributes()) {
    if (!attribute.optional && !got.has_attribute(attribute.name))
      missing.push_back(attribute.name);
  }
  if (!missing.empty()) return {{}, MissingAttributes(missing)};
  const auto* worst = WorstAttribute(got, wanted);
  if (!worst) return {{}, "incorrect object attributes"};
  return Inside(AttributeStep{worst->name},
                MismatchError(got.FindAttribute(worst->name)->type, worst->type));
}

ConversionError StructureMismatch(const Type& got, const Type& wanted) {
  bool kinds_match = wanted.is_map() ? got.is_object() : got.is_tuple();
  if (!kinds_match) return {{}, Required(wanted)};
  const Type& element = wanted.element();
  if (got.is_tuple()) {
    for (size_t i = 0; i < got.elements().size(); ++i) {
      const Type& type = got.elements()[i];
      if (type == element || CanConvert(type, element)) continue;
      return Inside(IndexStep{Value::Number(i)}, MismatchError(type, element));
    }
  } else {
    for (const auto& attribute : got.attributes()) {
      if (attribute.type == element || CanConvert(attribute.type, element)) continue;
      return Inside(IndexStep{Value::String(attribute.name)},
                    MismatchError(attribute.type, element));
    }
  }
  return {{}, fmt::format("all elements must be {}", element.FriendlyNameForConstraint())};
}

std::string CollectionMismatch(const Type& got, const Type& wanted) {
  bool kinds_match = wanted.is_map() == got.is_map();
  if (!kinds_match) return Required(wanted);
  std::string_view kind = wanted.is_list() ? "list" : wanted.is_set() ? "set" : "map";
  return fmt::format("incorrect {} element type: {}", kind,
                     MismatchMessage(got.element(), wanted.element()));
}

// To say what was there as well helps where the two have nothing in common, and
// confuses where some values of the one are accepted for the other.
bool NamingBothConfuses(const Type& got, const Type& wanted) {
  if (got.is_primitive() != wanted.is_primitive() || wanted.is_string()) return false;
  if ((wanted.is_bool() && got.is_number()) || (got.is_bool() && wanted.is_number())) return false;
  return true;
}

}  // namespace

ConversionError MismatchError(const Type& got, const Type& wanted) {
  if (got.is_object() && wanted.is_object()) return ObjectMismatch(got, wanted);
  if (wanted.is_collection() && wanted.element().is_dynamic()) {
    if (got.is_tuple() && wanted.is_list()) {
      return {{}, "all list elements must have the same type"};
    }
    if (got.is_tuple() && wanted.is_set()) return {{}, "all set elements must have the same type"};
    if (got.is_object() && wanted.is_map()) return {{}, "all map elements must have the same type"};
  }
  if (got.is_structural() && wanted.is_collection()) return StructureMismatch(got, wanted);
  if (got.is_collection() && wanted.is_collection()) return {{}, CollectionMismatch(got, wanted)};
  if (!NamingBothConfuses(got, wanted)) {
    return {{}, fmt::format("{} required, but have {}", wanted.FriendlyName(), got.FriendlyName())};
  }
  return {{}, Required(wanted)};
}

std::string MismatchMessage(const Type& got, const Type& wanted) {
  ConversionError error = MismatchError(got, wanted);
  std::string text;
  for (const auto& step : error.path.steps()) {
    if (const auto* attribute = std::get_if<AttributeStep>(&step)) {
      text += fmt::format("attribute \"{}\": ", attribute->name);
    } else {
      const Value& key = std::get<IndexStep>(step).key;
      text += key.type().is_string() ? fmt::format("element \"{}\": ", key.string())
                                     : fmt::format("element {}: ", key.number().ToString());
    }
  }
  return text + error.message;
}

}  // namespace andon::value
