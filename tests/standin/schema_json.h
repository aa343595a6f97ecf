// Schemas in the form of `providers schema -json`, so that those of real providers can
// be taken over, and as the messages that a provider sends.
#pragma once

#include <string>

#include "base/json.h"
#include "plugin/protocol.h"
#include "plugin/wire.h"
#include "provider/schema.h"

namespace andon::standin {

// {"version": 1, "block": {"attributes": {…}, "block_types": {…}}}
provider::Schema ReadSchema(const Json& json);
provider::FunctionSchema ReadFunction(const Json& json);
provider::IdentitySchema ReadIdentity(const Json& json);

void WriteSchema(plugin::Writer* to, int number, const provider::Schema& schema,
                 plugin::Protocol protocol);
void WriteFunction(plugin::Writer* to, int number, const provider::FunctionSchema& function);
void WriteIdentity(plugin::Writer* to, int number, const provider::IdentitySchema& identity);

}  // namespace andon::standin
