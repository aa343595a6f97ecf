// The type of a variable as it is written: string, list(number),
// object({ name = string, size = optional(number, 1) }), any.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/diagnostics.h"
#include "hcl/ast.h"
#include "value/value.h"

namespace andon::config {

// What stands in for missing optional attributes, as a tree along the type.
struct Defaults {
  std::map<std::string, value::Value> values;  // Of attributes of an object.
  // By attribute; "" for the elements of a collection, "0", "1", … for those of a tuple.
  std::map<std::string, std::shared_ptr<const Defaults>> children;
};

struct TypeConstraint {
  value::Type type;
  std::shared_ptr<const Defaults> defaults;  // Null: none.
};

TypeConstraint ReadTypeConstraint(hcl::Expression expression, Diagnostics* diagnostics);

// The value with its missing optional attributes filled in. Convert afterwards.
value::Value ApplyDefaults(const value::Value& value, const Defaults& defaults);

}  // namespace andon::config
