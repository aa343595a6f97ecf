// A block's schema with the types that follow from it: computed once for a type of
// object, used for each of its thousands of instances.
#pragma once

#include "provider/schema.h"
#include "value/type.h"

namespace andon::provider {

// The type that values are converted to: as ImpliedType, but in nested attributes what
// need not be written is optional.
value::Type ConversionType(const AttributeSchema& attribute);
value::Type ConversionType(const BlockSchema& block);
value::Type ConversionType(const NestedBlock& nested);

// Lifetime: the schema outlives it.
struct TypedBlock {
  const BlockSchema* schema = nullptr;
  value::Type type;        // ImpliedType(*schema).
  value::Type conversion;  // ConversionType(*schema).

  TypedBlock() = default;
  explicit TypedBlock(const BlockSchema& block);
  // The part of `outer` that one block of `nested` is.
  TypedBlock(const TypedBlock& outer, const NestedBlock& nested);
};

}  // namespace andon::provider
