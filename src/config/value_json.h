// Values of data blocks as JSON, and back. Objects keep the order of the source;
// whole numbers are integers, all others doubles.
#pragma once

#include "base/json.h"
#include "value/value.h"

namespace andon::config {

// Unknown parts become null. Marks are looked through.
Json ToJson(const value::Value& value);
value::Value FromJson(const Json& json);

}  // namespace andon::config
