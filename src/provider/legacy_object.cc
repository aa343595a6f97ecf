#include "provider/legacy_object.h"

#include "provider/typed_block.h"
#include "value/path.h"

namespace andon::provider {

using value::Type;
using value::Value;

namespace {

Value EmptyOf(const NestedBlock& nested, const Type& type);

Value EmptyOf(const BlockSchema& schema, const Type& type) {
  Value::Members members;
  members.reserve(type.attributes().size());
  for (const Type::Attribute& member : type.attributes()) {
    const NestedBlock* nested =
        schema.FindAttribute(member.name) == nullptr ? schema.FindBlock(member.name) : nullptr;
    members.emplace_back(
        member.name, nested == nullptr ? Value::Null(member.type) : EmptyOf(*nested, member.type));
  }
  return Value::Object(type, std::move(members));
}

Value EmptyOf(const NestedBlock& nested, const Type& type) {
  switch (nested.nesting) {
    case Nesting::kSingle:
      return Value::Null(type);
    case Nesting::kGroup:
      return EmptyOf(nested.block, type);
    case Nesting::kList:
      return type.is_dynamic() ? Value::EmptyTuple() : Value::List(type.element(), {});
    case Nesting::kSet:
      return Value::Set(type.element(), {});
    case Nesting::kMap:
      return type.is_dynamic() ? Value::EmptyObject() : Value::Map(type.element(), {});
  }
  return Value::Null(type);
}

// What stands for an unknown block: one with all of its attributes unknown.
Value UnknownBlock(const BlockSchema& schema, const Type& type);

Value UnknownBlocks(const NestedBlock& nested, const Type& type) {
  switch (nested.nesting) {
    case Nesting::kSingle:
    case Nesting::kGroup:
      return UnknownBlock(nested.block, type);
    case Nesting::kList:
      if (type.is_dynamic()) return Value::Dynamic();
      return Value::List(type.element(), {UnknownBlock(nested.block, type.element())});
    case Nesting::kSet:
      return Value::Set(type.element(), {UnknownBlock(nested.block, type.element())});
    case Nesting::kMap:
      // Which keys there are cannot be guessed.
      return EmptyOf(nested, type);
  }
  return Value::Unknown(type);
}

Value UnknownBlock(const BlockSchema& schema, const Type& type) {
  Value::Members members;
  for (const Type::Attribute& member : type.attributes()) {
    const NestedBlock* nested =
        schema.FindAttribute(member.name) == nullptr ? schema.FindBlock(member.name) : nullptr;
    members.emplace_back(member.name, nested == nullptr ? Value::Unknown(member.type)
                                                        : UnknownBlocks(*nested, member.type));
  }
  return Value::Object(type, std::move(members));
}

Value Normalize(const BlockSchema& schema, const Type& type, const Value& value);

Value NormalizeBlocks(const NestedBlock& nested, const Type& type, const Value& value) {
  if (type.has_dynamic() || nested.nesting == Nesting::kMap) return value;
  if (!value.is_known()) return UnknownBlocks(nested, type);
  switch (nested.nesting) {
    case Nesting::kSingle:
      return Normalize(nested.block, type, value);
    case Nesting::kGroup:
      return value.is_null() ? EmptyOf(nested, type) : Normalize(nested.block, type, value);
    case Nesting::kList:
    case Nesting::kSet: {
      if (value.is_null()) return EmptyOf(nested, type);
      std::vector<Value> items;
      items.reserve(value.items().size());
      for (const Value& item : value.items())
        items.push_back(Normalize(nested.block, type.element(), item));
      return nested.nesting == Nesting::kList ? Value::List(type.element(), std::move(items))
                                              : Value::Set(type.element(), std::move(items));
    }
    case Nesting::kMap:
      break;
  }
  return value;
}

Value Normalize(const BlockSchema& schema, const Type& type, const Value& value) {
  if (schema.blocks.empty() || !value.is_known_not_null()) return value;
  Value::Members members = value.members();
  for (auto& [name, member] : members) {
    const NestedBlock* nested =
        schema.FindAttribute(name) == nullptr ? schema.FindBlock(name) : nullptr;
    if (nested == nullptr) continue;
    member = NormalizeBlocks(*nested, type.FindAttribute(name)->type, member);
  }
  return Value::Object(type, std::move(members));
}

}  // namespace

Value EmptyValue(const BlockSchema& schema) { return EmptyOf(schema, ImpliedType(schema)); }

Value EmptyValue(const NestedBlock& nested) { return EmptyOf(nested, ImpliedType(nested)); }

Value AllUnknown(const BlockSchema& schema) {
  const Type type = ImpliedType(schema);
  Value::Members members;
  for (const Type::Attribute& member : type.attributes())
    members.emplace_back(member.name, Value::Unknown(member.type));
  return Value::Object(type, std::move(members));
}

Value NormalizeLegacyObject(const BlockSchema& schema, const Value& value) {
  auto [plain, marks] = value::UnmarkDeepWithPaths(value);
  return value::MarkWithPaths(Normalize(schema, ImpliedType(schema), plain), marks);
}

}  // namespace andon::provider
