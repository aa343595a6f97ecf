// Computed attributes: what a plan can tell of them, and what apply makes of the others, the same
// each time. `facts` is what the script says of the type.
#pragma once

#include <map>
#include <string>

#include "base/json.h"
#include "provider/schema.h"
#include "value/value.h"

namespace andon::standin {

value::Value WithAttribute(const value::Value& object, const std::string& name,
                           const value::Value& value);

// Defaults and copies are filled in; computed attributes that nobody set are unknown, where the
// object is new or replaced.
value::Value Planned(const provider::BlockSchema& block, const value::Value& proposed,
                     const value::Value& prior, const Json& facts);

// Unknown parts become values.
class Maker {
 public:
  value::Value Make(const value::Value& planned, const Json& facts, const std::string& type,
                    const std::string& region);

 private:
  std::string HashOf(const std::string& type, const value::Value& planned);

  int64_t made_ = 0;                     // Objects so far.
  std::map<std::string, int64_t> seen_;  // Equal objects have hashes of their own all the same.
};

}  // namespace andon::standin
