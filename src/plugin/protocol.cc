#include "plugin/protocol.h"

#include <array>

#include "base/assert.h"

namespace andon::plugin {
namespace {

struct Row {
  Procedure procedure;
  std::string_view v6;
  std::string_view v5 = {};  // Empty: the same.
};

// In the order of the enumeration.
constexpr auto kRows = std::to_array<Row>({
    {Procedure::kGetSchema, "GetProviderSchema", "GetSchema"},
    {Procedure::kGetIdentitySchemas, "GetResourceIdentitySchemas"},
    {Procedure::kValidateProviderConfig, "ValidateProviderConfig", "PrepareProviderConfig"},
    {Procedure::kValidateResourceConfig, "ValidateResourceConfig", "ValidateResourceTypeConfig"},
    {Procedure::kValidateDataConfig, "ValidateDataResourceConfig", "ValidateDataSourceConfig"},
    {Procedure::kValidateEphemeralConfig, "ValidateEphemeralResourceConfig"},
    {Procedure::kConfigure, "ConfigureProvider", "Configure"},
    {Procedure::kStop, "StopProvider", "Stop"},
    {Procedure::kUpgradeResourceState, "UpgradeResourceState"},
    {Procedure::kUpgradeResourceIdentity, "UpgradeResourceIdentity"},
    {Procedure::kReadResource, "ReadResource"},
    {Procedure::kPlanResourceChange, "PlanResourceChange"},
    {Procedure::kApplyResourceChange, "ApplyResourceChange"},
    {Procedure::kImportResourceState, "ImportResourceState"},
    {Procedure::kMoveResourceState, "MoveResourceState"},
    {Procedure::kReadDataSource, "ReadDataSource"},
    {Procedure::kCallFunction, "CallFunction"},
    {Procedure::kOpenEphemeralResource, "OpenEphemeralResource"},
    {Procedure::kRenewEphemeralResource, "RenewEphemeralResource"},
    {Procedure::kCloseEphemeralResource, "CloseEphemeralResource"},
});

}  // namespace

std::string_view NameOf(Procedure procedure, Protocol protocol) {
  const Row& row = kRows[static_cast<size_t>(procedure)];
  ASSERT(row.procedure == procedure);
  return protocol == Protocol::kV5 && !row.v5.empty() ? row.v5 : row.v6;
}

std::string PathOf(Procedure procedure, Protocol protocol) {
  std::string path = protocol == Protocol::kV5 ? "/tfplugin5.Provider/" : "/tfplugin6.Provider/";
  return path.append(NameOf(procedure, protocol));
}

}  // namespace andon::plugin
