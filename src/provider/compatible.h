// Whether what was applied is what was planned: all that was known is the same, all that
// was unknown has become something of its type. Also between a first plan and the one
// that is made when more is known.
#pragma once

#include "provider/problem.h"
#include "provider/schema.h"
#include "value/value.h"

namespace andon::provider {

// Empty where `actual` keeps the promise of `planned`.
// Requires: both have a type that ImpliedType(schema) allows. Marks may stand in them:
// what is sensitive by mark or by schema is in no text.
Problems CheckApplied(const BlockSchema& schema, const value::Value& planned,
                      const value::Value& actual);

}  // namespace andon::provider
