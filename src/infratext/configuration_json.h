// The modules that a plan was made from, as the member `configuration` of a plan in JSON:
// what is written in them, and which expressions refer to what.
#pragma once

#include <functional>

#include "config/terraform/module_tree.h"
#include "infratext/json_writer.h"
#include "provider/schema.h"

namespace andon::infratext {

// The schemas of a provider; null where nobody knows them: the arguments of its blocks are then
// left out, since only the schema tells arguments from blocks.
using ProviderSchemaOf =
    std::function<const provider::ProviderSchema*(const config::ProviderAddress&)>;

// Lifetime: the modules are only looked at.
struct Configuration {
  const config::ModuleNode* root = nullptr;
  ProviderSchemaOf schemas;
};

void WriteConfigurationJson(const Configuration& configuration, JsonWriter& out);

}  // namespace andon::infratext
