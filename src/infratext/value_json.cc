#include "infratext/value_json.h"

namespace andon::infratext {
namespace {

using value::Type;
using value::Value;

bool IsSequence(const Type& type) { return type.is_list() || type.is_set() || type.is_tuple(); }
bool HasMembers(const Type& type) { return type.is_map() || type.is_object(); }
bool IsSensitive(const Value& value) { return value.Has(value::Mark::kSensitive); }

// Whether WriteUnknowns would write false.
bool IsKnownLeaf(const Value& value) {
  if (value.is_null()) return true;
  return value.is_known() && !IsSequence(value.type()) && !HasMembers(value.type());
}

// Whether WriteSensitives would write false.
bool IsOpenLeaf(const Value& value) {
  if (IsSensitive(value)) return false;
  return (value.is_known() && value.is_null()) ||
         (!IsSequence(value.type()) && !HasMembers(value.type()));
}

}  // namespace

void WriteJson(const Json& json, JsonWriter& out) {
  if (json.is_object()) {
    out.BeginObject();
    for (const auto& [name, member] : json.members()) {
      out.Key(name);
      WriteJson(member, out);
    }
    out.EndObject();
  } else if (json.is_array()) {
    out.BeginArray();
    for (const Json& item : json.items()) WriteJson(item, out);
    out.EndArray();
  } else if (json.is_string()) {
    out.String(json.AsString());
  } else {
    out.Raw(json.Dump());
  }
}

void WriteMembers(const Value& object, JsonWriter& out) {
  for (const auto& [name, member] : object.members()) {
    if (!member.is_known()) continue;
    out.Key(name);
    WriteValue(member, out);
  }
}

void WriteValue(const Value& value, JsonWriter& out) {
  if (!value.is_known_not_null()) {
    out.Null();
    return;
  }
  switch (value.type().kind()) {
    case Type::Kind::kString:
      out.String(value.string());
      return;
    case Type::Kind::kNumber:
      out.Raw(value.number().ToString());
      return;
    case Type::Kind::kBool:
      out.Bool(value.boolean());
      return;
    case Type::Kind::kMap:
    case Type::Kind::kObject:
      out.BeginObject();
      WriteMembers(value, out);
      out.EndObject();
      return;
    case Type::Kind::kDynamic:
      out.Null();
      return;
    default:
      out.BeginArray();
      for (const Value& item : value.items()) WriteValue(item, out);
      out.EndArray();
  }
}

void WriteUnknowns(const Value& value, JsonWriter& out) {
  if (IsKnownLeaf(value)) {
    out.Bool(false);
  } else if (!value.is_known()) {
    out.Bool(true);
  } else if (HasMembers(value.type())) {
    out.BeginObject();
    for (const auto& [name, member] : value.members()) {
      if (IsKnownLeaf(member)) continue;
      out.Key(name);
      WriteUnknowns(member, out);
    }
    out.EndObject();
  } else {
    out.BeginArray();
    for (const Value& item : value.items()) WriteUnknowns(item, out);
    out.EndArray();
  }
}

void WriteSensitives(const Value& value, JsonWriter& out) {
  if (IsSensitive(value)) {
    out.Bool(true);
  } else if (IsOpenLeaf(value)) {
    out.Bool(false);
  } else if (HasMembers(value.type())) {
    out.BeginObject();
    if (value.is_known()) {
      for (const auto& [name, member] : value.members()) {
        if (IsOpenLeaf(member)) continue;
        out.Key(name);
        WriteSensitives(member, out);
      }
    }
    out.EndObject();
  } else {
    out.BeginArray();
    if (value.is_known()) {
      for (const Value& item : value.items()) WriteSensitives(item, out);
    }
    out.EndArray();
  }
}

}  // namespace andon::infratext
