// Comparison of values between which what is known of an unknown does not count: a
// provider may say more of it, or forget what was said.
#pragma once

#include "value/value.h"

namespace andon::provider {

bool EqualUnrefined(const value::Value& a, const value::Value& b);

}  // namespace andon::provider
