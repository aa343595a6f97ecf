#include "value/type.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace andon::value {
namespace {

bool ByName(const Type::Attribute& a, const Type::Attribute& b) { return a.name < b.name; }

std::string CollectionName(Type::Kind kind) {
  switch (kind) {
    case Type::Kind::kList:
      return "list";
    case Type::Kind::kSet:
      return "set";
    default:
      return "map";
  }
}

std::string PrimitiveName(Type::Kind kind) {
  switch (kind) {
    case Type::Kind::kString:
      return "string";
    case Type::Kind::kNumber:
      return "number";
    case Type::Kind::kBool:
      return "bool";
    default:
      return "dynamic";
  }
}

}  // namespace

Type Type::List(Type element) {
  Detail detail;
  detail.has_dynamic = element.has_dynamic();
  detail.has_optional = element.detail_ && element.detail_->has_optional;
  detail.element = std::move(element);
  return Type(Kind::kList, std::make_shared<const Detail>(std::move(detail)));
}

Type Type::Set(Type element) {
  Type list = List(std::move(element));
  return Type(Kind::kSet, std::move(list.detail_));
}

Type Type::Map(Type element) {
  Type list = List(std::move(element));
  return Type(Kind::kMap, std::move(list.detail_));
}

Type Type::Object(std::vector<Attribute> attributes) {
  std::stable_sort(attributes.begin(), attributes.end(), ByName);
  // Of equal names the last counts: keep the last of each run.
  Detail detail;
  for (auto& attribute : attributes) {
    if (!detail.attributes.empty() && detail.attributes.back().name == attribute.name) {
      detail.attributes.back() = std::move(attribute);
    } else {
      detail.attributes.push_back(std::move(attribute));
    }
  }
  for (const auto& attribute : detail.attributes) {
    detail.has_dynamic |= attribute.type.has_dynamic();
    detail.has_optional |=
        attribute.optional || (attribute.type.detail_ && attribute.type.detail_->has_optional);
  }
  return Type(Kind::kObject, std::make_shared<const Detail>(std::move(detail)));
}

Type Type::EmptyObject() { return Object({}); }

Type Type::Tuple(std::vector<Type> elements) {
  Detail detail;
  for (const auto& element : elements) {
    detail.has_dynamic |= element.has_dynamic();
    detail.has_optional |= element.detail_ && element.detail_->has_optional;
  }
  detail.elements = std::move(elements);
  return Type(Kind::kTuple, std::make_shared<const Detail>(std::move(detail)));
}

const Type& Type::element() const {
  ASSERT(is_collection());
  return detail_->element;
}

const std::vector<Type::Attribute>& Type::attributes() const {
  ASSERT(is_object());
  return detail_->attributes;
}

const Type::Attribute* Type::FindAttribute(std::string_view name) const {
  const auto& all = attributes();
  auto it = std::lower_bound(all.begin(), all.end(), name,
                             [](const Attribute& a, std::string_view n) { return a.name < n; });
  return it != all.end() && it->name == name ? &*it : nullptr;
}

const std::vector<Type>& Type::elements() const {
  ASSERT(is_tuple());
  return detail_->elements;
}

bool Type::has_dynamic() const { return is_dynamic() || (detail_ && detail_->has_dynamic); }

Type Type::WithoutOptionalAttributes() const {
  if (!detail_ || !detail_->has_optional) return *this;
  switch (kind_) {
    case Kind::kList:
      return List(element().WithoutOptionalAttributes());
    case Kind::kSet:
      return Set(element().WithoutOptionalAttributes());
    case Kind::kMap:
      return Map(element().WithoutOptionalAttributes());
    case Kind::kObject: {
      std::vector<Attribute> all;
      for (const auto& a : attributes()) {
        all.push_back({a.name, a.type.WithoutOptionalAttributes(), false});
      }
      return Object(std::move(all));
    }
    case Kind::kTuple: {
      std::vector<Type> all;
      for (const auto& t : elements()) all.push_back(t.WithoutOptionalAttributes());
      return Tuple(std::move(all));
    }
    default:
      return *this;
  }
}

std::string Type::FriendlyName() const {
  if (is_collection()) return CollectionName(kind_) + " of " + element().FriendlyName();
  if (is_object()) return "object";
  if (is_tuple()) return "tuple";
  return PrimitiveName(kind_);
}

std::string Type::FriendlyNameForConstraint() const {
  if (is_dynamic()) return "any type";
  if (!is_collection()) return FriendlyName();
  return CollectionName(kind_) + " of " +
         (element().is_dynamic() ? "any single type" : element().FriendlyNameForConstraint());
}

bool Type::operator==(const Type& other) const {
  if (kind_ != other.kind_) return false;
  if (detail_ == other.detail_) return true;
  if (!detail_ || !other.detail_) return false;
  return detail_->element == other.detail_->element &&
         detail_->attributes == other.detail_->attributes &&
         detail_->elements == other.detail_->elements;
}

namespace {

void WriteExpression(const Type& type, int indent, std::string& out) {
  auto line = [&out](int by) { out.append("\n").append(static_cast<size_t>(by), ' '); };
  if (type.is_collection()) {
    out += CollectionName(type.kind()) + "(";
    bool lines = type.element().is_structural();
    if (lines) line(indent + 4);
    WriteExpression(type.element(), lines ? indent + 4 : indent, out);
    if (lines) {
      out += ",";
      line(indent);
    }
    out += ")";
  } else if (type.is_object()) {
    out += "object({";
    for (const auto& a : type.attributes()) {
      line(indent + 4);
      out += a.name + ": ";
      WriteExpression(a.type, indent + 4, out);
      out += ",";
    }
    if (!type.attributes().empty()) line(indent);
    out += "})";
  } else if (type.is_tuple()) {
    out += "tuple([";
    for (const auto& t : type.elements()) {
      line(indent + 4);
      WriteExpression(t, indent + 4, out);
      out += ",";
    }
    if (!type.elements().empty()) line(indent);
    out += "])";
  } else {
    out += PrimitiveName(type.kind());
  }
}

Result<Type> FromJson(const Json& json, int depth) {
  if (depth > kTypeDepthMax) return Error::Invalid("The type is nested too deeply.");
  if (json.is_string()) {
    static const std::map<std::string, Type::Kind> kNames = {{"string", Type::Kind::kString},
                                                             {"number", Type::Kind::kNumber},
                                                             {"bool", Type::Kind::kBool},
                                                             {"dynamic", Type::Kind::kDynamic}};
    auto it = kNames.find(json.AsString());
    if (it == kNames.end()) return Error::Invalid("\"{}\" is no type.", json.AsString());
    switch (it->second) {
      case Type::Kind::kString:
        return Type::String();
      case Type::Kind::kNumber:
        return Type::Number();
      case Type::Kind::kBool:
        return Type::Bool();
      default:
        return Type::Dynamic();
    }
  }
  const auto& parts = json.items();
  if (parts.size() < 2 || parts.size() > 3 || !parts[0].is_string()) {
    return Error::Invalid("A type must be a name or a list such as [\"list\", \"string\"].");
  }
  const std::string& kind = parts[0].AsString();
  if (kind == "object" && parts[1].is_object()) {
    std::vector<Type::Attribute> attributes;
    for (const auto& [name, member] : parts[1].members()) {
      Type type = TRY(FromJson(member, depth + 1));
      bool optional = false;
      if (parts.size() == 3) {
        for (const auto& o : parts[2].items()) optional |= o.AsString() == name;
      }
      attributes.push_back({ToNfc(name), std::move(type), optional});
    }
    return Type::Object(std::move(attributes));
  }
  if (parts.size() != 2) return Error::Invalid("Only object types have a third part.");
  if (kind == "tuple" && parts[1].is_array()) {
    std::vector<Type> elements;
    for (const auto& item : parts[1].items()) {
      Type type = TRY(FromJson(item, depth + 1));
      elements.push_back(std::move(type));
    }
    return Type::Tuple(std::move(elements));
  }
  if (kind != "list" && kind != "set" && kind != "map") {
    return Error::Invalid("\"{}\" is no kind of type.", kind);
  }
  Type element = TRY(FromJson(parts[1], depth + 1));
  if (kind == "list") return Type::List(std::move(element));
  if (kind == "set") return Type::Set(std::move(element));
  return Type::Map(std::move(element));
}

}  // namespace

std::string TypeExpression(const Type& type) {
  std::string out;
  WriteExpression(type, 0, out);
  return out;
}

Json ToJson(const Type& type) {
  if (type.is_collection()) {
    return Json::List({CollectionName(type.kind()), ToJson(type.element())});
  }
  if (type.is_object()) {
    Json attributes = Json::Object();
    Json::Array optional;
    for (const auto& a : type.attributes()) {
      attributes.Set(a.name, ToJson(a.type));
      if (a.optional) optional.push_back(a.name);
    }
    Json::Array parts = {"object", std::move(attributes)};
    if (!optional.empty()) parts.push_back(Json::List(std::move(optional)));
    return Json::List(std::move(parts));
  }
  if (type.is_tuple()) {
    Json::Array elements;
    for (const auto& t : type.elements()) elements.push_back(ToJson(t));
    return Json::List({"tuple", Json::List(std::move(elements))});
  }
  return PrimitiveName(type.kind());
}

Result<Type> TypeFromJson(const Json& json) { return FromJson(json, 0); }

}  // namespace andon::value
