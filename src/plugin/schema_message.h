// Schemas as they come over the wire.
#pragma once

#include <string_view>

#include "base/result.h"
#include "plugin/protocol.h"
#include "provider/provider.h"

namespace andon::plugin {

// Blocks and attributes that are nested deeper are refused.
inline constexpr int kSchemaDepthMax = 128;

// The answer to GetSchema. kCorrupt, with the place, where the bytes are no such
// message or say what no schema can: a type that is none, a nesting that is none.
Result<provider::GetSchemaResponse> ReadSchemaResponse(std::string_view bytes, Protocol protocol);

struct IdentitySchemas {
  provider::ByName<provider::IdentitySchema> schemas;
  provider::AttributeDiagnostics diagnostics;
};
// The answer to GetResourceIdentitySchemas.
Result<IdentitySchemas> ReadIdentitySchemas(std::string_view bytes);

}  // namespace andon::plugin
