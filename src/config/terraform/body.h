// The body of a resource, data source or provider as one value, by the schema that its
// provider gives for it.
//
//   auto decoded = DecodeBody(resource.body, typed_block, context);
//   decoded.value.type();  // What provider::ImpliedType gives.
//
// `dynamic` blocks are expanded: their for_each may be a list, set, map, tuple or object.
// An unknown one makes all blocks of the kind unknown together, and the marks of one go
// to the blocks that it makes. In a *.tf.json file, whose bodies have no blocks, an
// attribute stands for the blocks of its name: an object, or a list of them.
//
// Thread: pure.
#pragma once

#include "base/diagnostics.h"
#include "base/source.h"
#include "hcl/ast.h"
#include "hcl/eval.h"
#include "provider/schema.h"
#include "provider/typed_block.h"
#include "value/path.h"
#include "value/value.h"

namespace andon::config {

// Always an object of the schema's type: absent attributes are null, those with a mistake
// unknown. Marks are kept where they are.
struct DecodedBody {
  value::Value value;
  Diagnostics diagnostics;
};

DecodedBody DecodeBody(const hcl::Body& body, const provider::TypedBlock& schema,
                       const hcl::EvalContext& context);
// For one body alone.
DecodedBody DecodeBody(const hcl::Body& body, const provider::BlockSchema& schema,
                       const hcl::EvalContext& context);

// Warnings for what is written and the schema calls deprecated. Providers that check
// their configuration themselves say the same, so it is for those that do not.
Diagnostics DeprecationWarnings(const hcl::Body& body, const provider::BlockSchema& schema);

// Errors for ephemeral parts of a decoded value that would be stored: those that no
// write-only attribute takes. Not for the bodies of providers and ephemeral resources.
Diagnostics CheckEphemeral(const hcl::Body& body, const provider::BlockSchema& schema,
                           const value::Value& value);

// Where the part of the decoded value at `path` is written: as deep as the source tells,
// else what encloses it, at last the body.
SourceRange RangeOf(const hcl::Body& body, const value::Path& path);

}  // namespace andon::config
