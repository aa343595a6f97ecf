// Type: what a value is. The type system of Terraform's language: three primitive
// types, list, set and map with one element type, object and tuple with one type
// for each member, and "dynamic", which stands for a type that is not known yet.
//
// A Type is immutable and cheap to copy; copies share their details, also between
// threads. Types compare by structure.
//
//   Type t = Type::List(Type::Object({{"name", Type::String()}}));
//   t.FriendlyName();  // "list of object"
//   ToJson(t);         // ["list",["object",{"name":"string"}]]
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace andon::value {

// Types that are nested deeper than this are refused where text becomes a type.
inline constexpr int kTypeDepthMax = 256;

class Type {
 public:
  enum class Kind { kDynamic, kString, kNumber, kBool, kList, kSet, kMap, kObject, kTuple };

  // An attribute of an object type. An optional one may be missing from the value
  // that is converted to the type, and is null then (or, in config, its default).
  struct Attribute;

  Type() = default;  // Dynamic.
  static Type Dynamic() { return Type(); }
  static Type String() { return Type(Kind::kString); }
  static Type Number() { return Type(Kind::kNumber); }
  static Type Bool() { return Type(Kind::kBool); }
  static Type List(Type element);
  static Type Set(Type element);
  static Type Map(Type element);
  // Attributes in any order; of two with one name the last counts.
  static Type Object(std::vector<Attribute> attributes);
  static Type EmptyObject();
  static Type Tuple(std::vector<Type> elements);
  static Type EmptyTuple() { return Tuple({}); }

  Kind kind() const { return kind_; }
  bool is_dynamic() const { return kind_ == Kind::kDynamic; }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_number() const { return kind_ == Kind::kNumber; }
  bool is_bool() const { return kind_ == Kind::kBool; }
  bool is_primitive() const { return is_string() || is_number() || is_bool(); }
  bool is_list() const { return kind_ == Kind::kList; }
  bool is_set() const { return kind_ == Kind::kSet; }
  bool is_map() const { return kind_ == Kind::kMap; }
  bool is_object() const { return kind_ == Kind::kObject; }
  bool is_tuple() const { return kind_ == Kind::kTuple; }
  bool is_collection() const { return is_list() || is_set() || is_map(); }
  bool is_structural() const { return is_object() || is_tuple(); }

  // Of a list, set or map. Requires: is_collection().
  const Type& element() const;
  // Of an object, ordered by name. Requires: is_object().
  const std::vector<Attribute>& attributes() const;
  // Null where the object has no such attribute. Requires: is_object().
  const Attribute* FindAttribute(std::string_view name) const;
  bool has_attribute(std::string_view name) const { return FindAttribute(name) != nullptr; }
  // Of a tuple, in order. Requires: is_tuple().
  const std::vector<Type>& elements() const;

  // "dynamic" stands somewhere in it.
  bool has_dynamic() const;
  // The same type in which no attribute is optional: the type that values have.
  Type WithoutOptionalAttributes() const;

  // As messages name it: "string", "list of number", "object", "dynamic".
  std::string FriendlyName() const;
  // The same for the type that a message asks for: "any single type" for what is
  // still dynamic inside a collection.
  std::string FriendlyNameForConstraint() const;

  bool operator==(const Type& other) const;

 private:
  struct Detail;
  explicit Type(Kind kind) : kind_(kind) {}
  Type(Kind kind, std::shared_ptr<const Detail> detail) : kind_(kind), detail_(std::move(detail)) {}

  Kind kind_ = Kind::kDynamic;
  std::shared_ptr<const Detail> detail_;
};

struct Type::Attribute {
  std::string name;
  Type type;
  bool optional = false;

  bool operator==(const Attribute&) const = default;
};

struct Type::Detail {
  Type element;
  std::vector<Attribute> attributes;
  std::vector<Type> elements;
  bool has_dynamic = false;
  bool has_optional = false;
};

// The type as the `type()` function of the console prints it, over several lines
// for objects and tuples: "list(string)", "object({\n    a: number,\n})".
std::string TypeExpression(const Type& type);

// The JSON form that state and plan files use: "string", ["list","string"],
// ["object",{"a":"number"}], with a third member ["a"] for optional attributes.
Json ToJson(const Type& type);
// kInvalid where `json` is no type.
Result<Type> TypeFromJson(const Json& json);

}  // namespace andon::value
