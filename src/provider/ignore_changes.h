// lifecycle { ignore_changes = … }: a configuration that says of some things what
// stands already, so that no change is seen.
#pragma once

#include <vector>

#include "provider/schema.h"
#include "value/path.h"
#include "value/value.h"

namespace andon::provider {

struct IgnoredChanges {
  bool all = false;
  // `.tags["team"]` also where only one side has that key: it then stays as it is in the
  // prior object, present or absent. A path that leads nowhere in one of them is passed over.
  std::vector<value::Path> paths;
};

// The configuration with the prior values of what is ignored; with `all` the prior object
// without what is only computed. Nothing is ignored of an object that does not exist yet.
// Marks are kept on both sides.
value::Value IgnoreChanges(const BlockSchema& schema, const value::Value& prior,
                           const value::Value& config, const IgnoredChanges& ignored);

}  // namespace andon::provider
