#include "provider/typed_block.h"

#include "provider/elements.h"

namespace andon::provider {

using value::Type;

Type ConversionType(const AttributeSchema& attribute) {
  if (!attribute.nesting) return attribute.type;
  std::vector<Type::Attribute> attributes;
  for (const AttributeSchema& inner : attribute.attributes) {
    attributes.push_back({.name = inner.name,
                          .type = ConversionType(inner),
                          .optional = inner.optional || inner.computed});
  }
  return GatheredType(*attribute.nesting, Type::Object(std::move(attributes)));
}

Type ConversionType(const NestedBlock& nested) {
  Type object = ConversionType(nested.block);
  bool may_differ = nested.nesting == Nesting::kList || nested.nesting == Nesting::kMap;
  if (may_differ && object.has_dynamic()) return Type::Dynamic();
  return GatheredType(nested.nesting, std::move(object));
}

Type ConversionType(const BlockSchema& block) {
  std::vector<Type::Attribute> attributes;
  // As in ImpliedType: of two with one name the last counts.
  for (const NestedBlock& nested : block.blocks)
    attributes.push_back({.name = nested.name, .type = ConversionType(nested)});
  for (const AttributeSchema& attribute : block.attributes)
    attributes.push_back({.name = attribute.name, .type = ConversionType(attribute)});
  return Type::Object(std::move(attributes));
}

TypedBlock::TypedBlock(const BlockSchema& block)
    : schema(&block), type(ImpliedType(block)), conversion(ConversionType(block)) {}

TypedBlock::TypedBlock(const TypedBlock& outer, const NestedBlock& nested) : schema(&nested.block) {
  type = outer.type.FindAttribute(nested.name)->type;
  conversion = outer.conversion.FindAttribute(nested.name)->type;
  if (type.is_dynamic()) {
    *this = TypedBlock(nested.block);
  } else if (type.is_collection()) {
    type = Type(type.element());
    conversion = Type(conversion.element());
  }
}

}  // namespace andon::provider
