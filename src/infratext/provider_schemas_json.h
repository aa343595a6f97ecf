// The schemas of providers as "providers schema -json" prints them: format version 1.0.
#pragma once

#include <map>
#include <string>

#include "config/terraform/provider_address.h"
#include "infratext/json_writer.h"
#include "provider/schema.h"

namespace andon::infratext {

inline constexpr char kProviderSchemasFormat[] = "1.0";

// Members in the order of the reference; a provider's maps by name.
void WriteProviderSchemas(
    const std::map<config::ProviderAddress, const provider::ProviderSchema*>& schemas,
    JsonWriter& out);

}  // namespace andon::infratext
