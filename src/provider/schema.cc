#include "provider/schema.h"

#include "provider/elements.h"

namespace andon::provider {

using value::Type;

namespace {

void AddAttributes(const std::vector<AttributeSchema>& schemas, std::vector<Type::Attribute>* to) {
  for (const AttributeSchema& a : schemas) to->push_back({.name = a.name, .type = ImpliedType(a)});
}

}  // namespace

const AttributeSchema* BlockSchema::FindAttribute(std::string_view name) const {
  return FindByName(attributes, name);
}

const NestedBlock* BlockSchema::FindBlock(std::string_view name) const {
  return FindByName(blocks, name);
}

bool BlockSchema::operator==(const BlockSchema&) const = default;

Type ImpliedType(const AttributeSchema& attribute) {
  if (!attribute.nesting) return attribute.type.WithoutOptionalAttributes();
  std::vector<Type::Attribute> attributes;
  AddAttributes(attribute.attributes, &attributes);
  return GatheredType(*attribute.nesting, Type::Object(std::move(attributes)));
}

Type ImpliedType(const NestedBlock& nested) {
  Type object = ImpliedType(nested.block);
  bool may_differ = nested.nesting == Nesting::kList || nested.nesting == Nesting::kMap;
  if (may_differ && object.has_dynamic()) return Type::Dynamic();
  return GatheredType(nested.nesting, std::move(object));
}

Type ImpliedType(const BlockSchema& block) {
  std::vector<Type::Attribute> attributes;
  // Of an attribute and a block with one name the attribute counts: it comes last.
  for (const NestedBlock& nested : block.blocks)
    attributes.push_back({.name = nested.name, .type = ImpliedType(nested)});
  AddAttributes(block.attributes, &attributes);
  return Type::Object(std::move(attributes));
}

Type ImpliedType(const IdentitySchema& identity) {
  std::vector<Type::Attribute> attributes;
  for (const IdentityAttribute& a : identity.attributes)
    attributes.push_back({.name = a.name, .type = a.type.WithoutOptionalAttributes()});
  return Type::Object(std::move(attributes));
}

}  // namespace andon::provider
