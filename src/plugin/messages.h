// The messages of the provider protocol as bytes: requests are written, answers are
// read. Both versions of the protocol have the same ones; schemas, which differ, are
// read in schema_message.h.
//
// Values need a type on both sides (value/msgpack.h), which the caller takes from
// the schema. Writing fails (kInvalid) where a value does not have it; reading
// (kCorrupt) where the bytes are no such message, or a value in them has not the type.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "provider/provider.h"

namespace andon::plugin {

// What the values of one message have.
struct ValueTypes {
  value::Type object;
  value::Type identity = value::Type::EmptyObject();
  value::Type provider_meta = value::Type::EmptyObject();  // Empty: not sent.
};

// Appends the Diagnostic in `bytes`. An error without a severity is an error.
Result<void> ReadDiagnostic(std::string_view bytes, provider::AttributeDiagnostics* to);

// `type_field` is false for the provider's own configuration, which has no type name.
Result<std::string> WriteValidateConfig(const provider::ValidateConfigRequest& request,
                                        const ValueTypes& types, bool type_field);
// Of the answers that hold nothing but diagnostics: in the field `number`.
Result<provider::AttributeDiagnostics> ReadDiagnostics(std::string_view bytes, int number);

Result<std::string> WriteConfigure(const provider::ConfigureRequest& request,
                                   const ValueTypes& types);
// Why the provider could not stop; empty where it could.
Result<std::string> ReadStop(std::string_view bytes);

std::string WriteUpgradeResourceState(const provider::UpgradeResourceStateRequest& request);
Result<provider::UpgradeResourceStateResponse> ReadUpgradeResourceState(std::string_view bytes,
                                                                        const ValueTypes& types);
std::string WriteUpgradeResourceIdentity(const provider::UpgradeResourceIdentityRequest& request);
Result<provider::UpgradeResourceIdentityResponse> ReadUpgradeResourceIdentity(
    std::string_view bytes, const ValueTypes& types);

Result<std::string> WriteReadResource(const provider::ReadResourceRequest& request,
                                      const ValueTypes& types);
Result<provider::ReadResourceResponse> ReadReadResource(std::string_view bytes,
                                                        const ValueTypes& types);

Result<std::string> WritePlanResourceChange(const provider::PlanResourceChangeRequest& request,
                                            const ValueTypes& types);
Result<provider::PlanResourceChangeResponse> ReadPlanResourceChange(std::string_view bytes,
                                                                    const ValueTypes& types);

Result<std::string> WriteApplyResourceChange(const provider::ApplyResourceChangeRequest& request,
                                             const ValueTypes& types);
Result<provider::ApplyResourceChangeResponse> ReadApplyResourceChange(std::string_view bytes,
                                                                      const ValueTypes& types);

Result<std::string> WriteImportResourceState(const provider::ImportResourceStateRequest& request,
                                             const ValueTypes& types);
// An import may give resources of several types: each is asked for its own.
using TypesOfResource = std::function<Result<ValueTypes>(const std::string& type)>;
Result<provider::ImportResourceStateResponse> ReadImportResourceState(
    std::string_view bytes, const TypesOfResource& types_of);

std::string WriteMoveResourceState(const provider::MoveResourceStateRequest& request);
Result<provider::MoveResourceStateResponse> ReadMoveResourceState(std::string_view bytes,
                                                                  const ValueTypes& types);

Result<std::string> WriteReadDataSource(const provider::ReadDataSourceRequest& request,
                                        const ValueTypes& types);
Result<provider::ReadDataSourceResponse> ReadReadDataSource(std::string_view bytes,
                                                            const ValueTypes& types);

// Requires: as many arguments as the schema takes.
Result<std::string> WriteCallFunction(const provider::CallFunctionRequest& request,
                                      const provider::FunctionSchema& schema);
Result<provider::CallFunctionResponse> ReadCallFunction(std::string_view bytes,
                                                        const value::Type& return_type);

Result<std::string> WriteOpenEphemeralResource(
    const provider::OpenEphemeralResourceRequest& request, const ValueTypes& types);
Result<provider::OpenEphemeralResourceResponse> ReadOpenEphemeralResource(std::string_view bytes,
                                                                          const ValueTypes& types);
// To renew and to close.
std::string WriteOpenedEphemeralResource(const provider::OpenedEphemeralResource& request);
Result<provider::RenewEphemeralResourceResponse> ReadRenewEphemeralResource(std::string_view bytes);

}  // namespace andon::plugin
