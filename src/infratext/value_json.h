// Values as plans and states in JSON show them: what is known, and beside it in the same
// structure what is not known yet and what is sensitive.
#pragma once

#include "base/json.h"
#include "infratext/json_writer.h"
#include "value/value.h"

namespace andon::infratext {

// The known parts, marks looked through. Unknown members are left out, unknown elements are
// null, since their place counts. Nothing known at all: null.
void WriteValue(const value::Value& value, JsonWriter& out);
// The members of an object or map that are known, as above, each as a member of the object that
// `out` is in.
void WriteMembers(const value::Value& object, JsonWriter& out);

void WriteJson(const Json& json, JsonWriter& out);

// True for each unknown part. Members that are known and have no structure of their own are left
// out; elements are false.
void WriteUnknowns(const value::Value& value, JsonWriter& out);
// The same for what is marked as sensitive.
void WriteSensitives(const value::Value& value, JsonWriter& out);

}  // namespace andon::infratext
