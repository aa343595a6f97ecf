// Objects of a block as a whole: the empty one, the unknown one, and those of providers
// from before the present type system, which mix up "absent" and "empty".
#pragma once

#include "provider/schema.h"
#include "value/value.h"

namespace andon::provider {

// What an empty block decodes to, required things aside: attributes are null, there is
// no nested block.
value::Value EmptyValue(const BlockSchema& schema);
// What stands for no block of the kind: null, or an empty collection.
value::Value EmptyValue(const NestedBlock& nested);

// A known object of which each attribute, and each kind of nested blocks, is unknown.
value::Value AllUnknown(const BlockSchema& schema);

// The object with nested blocks as all else expects them: no collection of blocks null,
// none unknown (one block with unknown attributes stands for it). Blocks that have
// dynamic attributes are left as they are; old providers have none. Marks are kept.
// Requires: a value of a type that ImpliedType(schema) allows.
value::Value NormalizeLegacyObject(const BlockSchema& schema, const value::Value& value);

}  // namespace andon::provider
