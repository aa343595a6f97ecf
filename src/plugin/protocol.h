// What the two versions of the provider protocol call their procedures. They carry
// the same messages, but for three numbers in the schema (schema_message.h).
#pragma once

#include <string>
#include <string_view>

namespace andon::plugin {

enum class Protocol { kV5 = 5, kV6 = 6 };

enum class Procedure {
  kGetSchema,
  kGetIdentitySchemas,
  kValidateProviderConfig,
  kValidateResourceConfig,
  kValidateDataConfig,
  kValidateEphemeralConfig,
  kConfigure,
  kStop,
  kUpgradeResourceState,
  kUpgradeResourceIdentity,
  kReadResource,
  kPlanResourceChange,
  kApplyResourceChange,
  kImportResourceState,
  kMoveResourceState,
  kReadDataSource,
  kCallFunction,
  kOpenEphemeralResource,
  kRenewEphemeralResource,
  kCloseEphemeralResource,
};

// "PlanResourceChange", as the version calls it.
std::string_view NameOf(Procedure procedure, Protocol protocol);
// "/tfplugin6.Provider/PlanResourceChange".
std::string PathOf(Procedure procedure, Protocol protocol);

}  // namespace andon::plugin
