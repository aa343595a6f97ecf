// Difference: how one value becomes another, as a tree that can be written as text.
//
// A node says what happens to one attribute, element or block: its action, and what is in
// it, in the shape in which people know it from the configuration. Both sides may be the
// same value: that is how an object of a state is shown.
#pragma once

#include <string>
#include <vector>

#include "infra/plan.h"
#include "provider/schema.h"
#include "value/path.h"
#include "value/value.h"

namespace andon::infratext {

enum class Shape {
  kPrimitive,  // `before` and `after`; also what is null.
  kObject,     // Parts by name, as the other shapes with names.
  kMap,        // Keys in quotes.
  kList,       // Parts in order; unchanged neighbours of a change are shown.
  kSet,
  kNestedObject,  // The same of attributes with a schema of their own.
  kNestedMap,
  kNestedList,
  kNestedSet,
  kBlock,       // Parts are the attributes, `groups` the blocks.
  kUnknown,     // Part: what it is now, where it is something.
  kTypeChange,  // Parts: before, after.
  kSensitive,   // Part: what is hidden. kSensitiveBlock likewise.
  kSensitiveBlock,
  kWriteOnly,
};

struct BlockGroup;

struct Difference {
  Shape shape = Shape::kPrimitive;
  infra::Action action = infra::Action::kNoOp;  // None of the replacements.
  bool forces_replacement = false;
  bool was_sensitive = false;  // Of kSensitive and kSensitiveBlock.
  bool is_sensitive = false;
  value::Value before;
  value::Value after;
  std::vector<Difference> parts;
  std::vector<std::string> names;  // Of the parts, in their order, where they have some.
  std::vector<BlockGroup> groups;
};

// The blocks of one name, or as many of them as there are.
struct BlockGroup {
  std::string name;
  provider::Nesting nesting = provider::Nesting::kSingle;
  bool forces_replacement = false;  // All of them together, as the next two.
  bool was_sensitive = false;
  bool is_sensitive = false;
  std::vector<std::string> labels;  // Of kMap.
  std::vector<Difference> blocks;
};

// Of an object with a schema. Null on either side: it is not there.
Difference Differ(const value::Value& before, const value::Value& after,
                  const provider::BlockSchema& schema,
                  const std::vector<value::Path>& replace_paths);
// Of values without one, as outputs have them: compared as their JSON would be. Null on either
// side: it is not there.
Difference Differ(const value::Value& before, const value::Value& after);
// Of values of one type.
Difference Differ(const value::Value& before, const value::Value& after, const value::Type& type);

// Equal as JSON: types and marks aside, unknown only as unknown.
bool IsSameJson(const value::Value& a, const value::Value& b);

}  // namespace andon::infratext
