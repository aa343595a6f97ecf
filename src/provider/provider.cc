#include "provider/provider.h"

#include <fmt/format.h>

namespace andon::provider {
namespace {

AttributeDiagnostics NotThere(std::string_view what) {
  return {Refusal("Unsupported by the provider",
                  fmt::format("The provider has no {}: use one that has it, or leave it out of the "
                              "configuration.",
                              what))};
}

}  // namespace

Provider::~Provider() = default;

AttributeDiagnostics Provider::ValidateProviderConfig(const ValidateConfigRequest&) { return {}; }
AttributeDiagnostics Provider::ValidateResourceConfig(const ValidateConfigRequest&) { return {}; }
AttributeDiagnostics Provider::ValidateDataConfig(const ValidateConfigRequest&) { return {}; }
AttributeDiagnostics Provider::ValidateEphemeralConfig(const ValidateConfigRequest&) { return {}; }
AttributeDiagnostics Provider::Configure(const ConfigureRequest&) { return {}; }
std::string Provider::Stop() { return {}; }

UpgradeResourceStateResponse Provider::UpgradeResourceState(const UpgradeResourceStateRequest&) {
  return {.diagnostics = NotThere("way to upgrade stored objects")};
}

UpgradeResourceIdentityResponse Provider::UpgradeResourceIdentity(
    const UpgradeResourceIdentityRequest&) {
  return {.diagnostics = NotThere("identities of resources")};
}

ReadResourceResponse Provider::ReadResource(const ReadResourceRequest&) {
  return {.diagnostics = NotThere("resources")};
}

PlanResourceChangeResponse Provider::PlanResourceChange(const PlanResourceChangeRequest&) {
  return {.diagnostics = NotThere("resources")};
}

ApplyResourceChangeResponse Provider::ApplyResourceChange(const ApplyResourceChangeRequest&) {
  return {.is_lost = true, .diagnostics = NotThere("resources")};
}

ImportResourceStateResponse Provider::ImportResourceState(const ImportResourceStateRequest&) {
  return {.diagnostics = NotThere("import of resources")};
}

MoveResourceStateResponse Provider::MoveResourceState(const MoveResourceStateRequest&) {
  return {.diagnostics = NotThere("way to take over resources of another type")};
}

ReadDataSourceResponse Provider::ReadDataSource(const ReadDataSourceRequest&) {
  return {.diagnostics = NotThere("data sources")};
}

CallFunctionResponse Provider::CallFunction(const CallFunctionRequest& request) {
  return {.error = FunctionError{fmt::format("the provider has no function \"{}\"", request.name)}};
}

OpenEphemeralResourceResponse Provider::OpenEphemeralResource(const OpenEphemeralResourceRequest&) {
  return {.diagnostics = NotThere("ephemeral resources")};
}

RenewEphemeralResourceResponse Provider::RenewEphemeralResource(const OpenedEphemeralResource&) {
  return {.diagnostics = NotThere("ephemeral resources")};
}

AttributeDiagnostics Provider::CloseEphemeralResource(const OpenedEphemeralResource&) {
  return NotThere("ephemeral resources");
}

}  // namespace andon::provider
