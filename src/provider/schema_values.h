// What a schema says of the parts of a value: which are sensitive, which are never
// stored, and whether the value is of its type at all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "provider/schema.h"
#include "value/path.h"
#include "value/value.h"

namespace andon::provider {

// The schema of the attribute that the path leads to. Null where it leads to a block,
// to a part of an attribute that has no schema of its own, or nowhere.
const AttributeSchema* AttributeAt(const BlockSchema& schema, const value::Path& path);

// Where the value holds what the schema calls sensitive, also where that is null.
// MarkWithPaths puts the marks on.
std::vector<value::PathMarks> SensitivePaths(const BlockSchema& schema, const value::Value& value);
// A provider's object as plans, expressions and states have it: sensitive where `marks` or the
// schema say so, and without what is ephemeral, which went to write-only attributes.
value::Value Storable(const BlockSchema& schema, const value::Value& value,
                      std::vector<value::PathMarks> marks = {});
bool HasSensitive(const BlockSchema& schema);
bool HasSensitive(const AttributeSchema& attribute);  // Itself, or something in it.

// The value with null for all that is write-only: as it may be planned and stored.
// What changes loses its marks with it.
value::Value RemoveWriteOnly(const BlockSchema& schema, const value::Value& value);
bool HasWriteOnly(const BlockSchema& schema);

// Whether it is `wanted` but for what is dynamic in that, which may be anything.
bool ConformsTo(const value::Type& got, const value::Type& wanted);
// Where the value, a provider's answer, has not the type that it must have: a
// clause with the path, ".port: number required, but received string"; empty where it
// conforms.
std::optional<std::string> CheckConformance(const value::Value& value, const value::Type& wanted);
std::optional<std::string> CheckConformance(const BlockSchema& schema, const value::Value& value);

}  // namespace andon::provider
