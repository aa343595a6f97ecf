// Whether a provider may plan what it planned: it chooses only what is computed and not
// configured. It may keep what stands where that means the same as the configuration.
#pragma once

#include "provider/problem.h"
#include "provider/schema.h"
#include "value/value.h"

namespace andon::provider {

// Empty where the plan is valid. `config` is what the provider was given as such: after
// ignore_changes. `prior` may be null.
// Requires: all three have a type that ImpliedType(schema) allows, without marks.
Problems CheckPlanned(const BlockSchema& schema, const value::Value& prior,
                      const value::Value& config, const value::Value& planned);

}  // namespace andon::provider
