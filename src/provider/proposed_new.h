// What an object should become before its provider has a say: the configuration, and
// for what the provider chooses (computed, and not configured) what stands already.
//
// Nested blocks and objects of lists are taken together by index, those of maps by key,
// those of sets where all that is configured is the same.
#pragma once

#include "provider/schema.h"
#include "value/value.h"

namespace andon::provider {

// `prior` may be null: the object does not exist yet. Null only where both are.
// Requires: both have a type that ImpliedType(schema) allows, without marks; `prior` is
// wholly known.
value::Value ProposedNew(const BlockSchema& schema, const value::Value& prior,
                         const value::Value& config);

// What a data source will give once it is read: its configuration, and unknown where it
// is computed and not configured.
// Requires: as above.
value::Value PlannedDataSource(const BlockSchema& schema, const value::Value& config);

}  // namespace andon::provider
