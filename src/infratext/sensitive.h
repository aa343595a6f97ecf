// What is sensitive in an object: by the marks of its values and by its schema.
#pragma once

#include "provider/schema.h"
#include "value/value.h"

namespace andon::infratext {

// The value with a mark on each part that the schema calls sensitive, beside those that it
// has. A set with such a part is marked as a whole.
value::Value MarkSensitive(const value::Value& object, const provider::BlockSchema& schema);
// The same; `schema` null adds none.
value::Value MarkSensitive(const value::Value& object, const provider::Schema* schema);

}  // namespace andon::infratext
