#include "infratext/sensitive.h"

#include <algorithm>

namespace andon::infratext {
namespace {

using provider::AttributeSchema;
using provider::BlockSchema;
using provider::Nesting;
using value::Value;

bool HasSensitive(const std::vector<AttributeSchema>& attributes) {
  return std::any_of(attributes.begin(), attributes.end(), [](const AttributeSchema& attribute) {
    return attribute.sensitive || HasSensitive(attribute.attributes);
  });
}

bool HasSensitive(const BlockSchema& block) {
  return HasSensitive(block.attributes) || std::any_of(block.blocks.begin(), block.blocks.end(),
                                                       [](const provider::NestedBlock& nested) {
                                                         return HasSensitive(nested.block);
                                                       });
}

const provider::NestedBlock* FindBlock(const std::vector<provider::NestedBlock>* blocks,
                                       std::string_view name) {
  if (blocks == nullptr) return nullptr;
  auto at = std::find_if(blocks->begin(), blocks->end(),
                         [&](const provider::NestedBlock& block) { return block.name == name; });
  return at == blocks->end() ? nullptr : &*at;
}

const AttributeSchema* FindAttribute(const std::vector<AttributeSchema>& attributes,
                                     std::string_view name) {
  auto at = std::find_if(attributes.begin(), attributes.end(),
                         [&](const AttributeSchema& attribute) { return attribute.name == name; });
  return at == attributes.end() ? nullptr : &*at;
}

bool CanLookInto(const Value& value) { return value.is_known_not_null(); }

// The value with `mark` done to each object that is nested in it as `nesting` says.
template <typename F>
Value MapNested(const Value& value, Nesting nesting, const F& mark) {
  if (!CanLookInto(value)) return value;
  if (nesting == Nesting::kSingle || nesting == Nesting::kGroup) return mark(value);
  const value::Type& type = value.type();
  if (nesting == Nesting::kMap) {
    Value::Members members = value.members();
    for (auto& [key, member] : members) member = mark(member);
    Value out = type.is_map() ? Value::Map(type.element(), std::move(members))
                              : Value::Object(std::move(members));
    return out.WithMarks(value.marks());
  }
  std::vector<Value> items = value.items();
  for (Value& item : items) item = mark(item);
  Value out = type.is_set()    ? Value::Set(type.element(), std::move(items))
              : type.is_list() ? Value::List(type.element(), std::move(items))
                               : Value::Tuple(std::move(items));
  return out.WithMarks(value.marks());
}

// Whether something sensitive in the object has no mark. Most objects come with all of them, and
// need not be built again.
bool LacksMarks(const Value& object, const std::vector<AttributeSchema>& attributes,
                const std::vector<provider::NestedBlock>* blocks);

bool PartsLackMarks(const Value& value, Nesting nesting,
                    const std::vector<AttributeSchema>& attributes,
                    const std::vector<provider::NestedBlock>* blocks) {
  auto lacks = [&](const Value& part) { return LacksMarks(part, attributes, blocks); };
  if (!CanLookInto(value)) return false;
  switch (nesting) {
    case Nesting::kSingle:
    case Nesting::kGroup:
      return lacks(value);
    case Nesting::kMap:
      return std::any_of(value.members().begin(), value.members().end(),
                         [&](const auto& member) { return lacks(member.second); });
    case Nesting::kSet:  // Which has the marks of what is in it.
      return value.size() > 0 && !value.Has(value::Mark::kSensitive);
    case Nesting::kList:
      return std::any_of(value.items().begin(), value.items().end(), lacks);
  }
  return true;
}

bool LacksMarks(const Value& object, const std::vector<AttributeSchema>& attributes,
                const std::vector<provider::NestedBlock>* blocks) {
  if (!CanLookInto(object) || !object.type().is_object()) return false;
  for (const auto& [name, member] : object.members()) {
    if (const AttributeSchema* attribute = FindAttribute(attributes, name)) {
      if (attribute->sensitive && !member.Has(value::Mark::kSensitive)) return true;
      if (attribute->nesting && HasSensitive(attribute->attributes) &&
          PartsLackMarks(member, *attribute->nesting, attribute->attributes, nullptr)) {
        return true;
      }
    } else if (const provider::NestedBlock* nested = FindBlock(blocks, name)) {
      if (HasSensitive(nested->block) &&
          PartsLackMarks(member, nested->nesting, nested->block.attributes,
                         &nested->block.blocks)) {
        return true;
      }
    }
  }
  return false;
}

Value MarkObject(const Value& object, const std::vector<AttributeSchema>& attributes,
                 const std::vector<provider::NestedBlock>* blocks) {
  if (!CanLookInto(object) || !object.type().is_object()) return object;
  Value::Members members = object.members();
  for (auto& [name, member] : members) {
    if (const AttributeSchema* attribute = FindAttribute(attributes, name)) {
      if (attribute->nesting && HasSensitive(attribute->attributes)) {
        member = MapNested(member, *attribute->nesting, [&](const Value& inner) {
          return MarkObject(inner, attribute->attributes, nullptr);
        });
      }
      if (attribute->sensitive) member = member.WithMarks(value::Mark::kSensitive);
      continue;
    }
    const provider::NestedBlock* nested = FindBlock(blocks, name);
    if (nested == nullptr || !HasSensitive(nested->block)) continue;
    member = MapNested(member, nested->nesting,
                       [&](const Value& inner) { return MarkSensitive(inner, nested->block); });
  }
  return Value::Object(std::move(members)).WithMarks(object.marks());
}

}  // namespace

Value MarkSensitive(const Value& object, const BlockSchema& schema) {
  if (!HasSensitive(schema) || !LacksMarks(object, schema.attributes, &schema.blocks))
    return object;
  return MarkObject(object, schema.attributes, &schema.blocks);
}

Value MarkSensitive(const Value& object, const provider::Schema* schema) {
  return schema == nullptr ? object : MarkSensitive(object, schema->block);
}

}  // namespace andon::infratext
