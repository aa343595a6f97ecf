#include "plugin/messages.h"

#include <fmt/format.h>

#include "plugin/wire.h"
#include "value/json.h"
#include "value/msgpack.h"

namespace andon::plugin {
namespace {

using provider::AttributeDiagnostics;
using provider::DeferredReason;
using value::Path;
using value::Type;
using value::Value;

Error NoMessage() {
  return {ErrorKind::kCorrupt, "the bytes are not the message that the protocol describes"};
}

// --- Parts that many messages have.

Result<void> WriteValue(Writer* to, int number, const Value& value, const Type& type,
                        std::string_view what) {
  auto bytes = value::ToMsgpack(value, type);
  if (!bytes.ok()) return std::move(bytes).error().In(what);
  to->Message(number, [&](Writer& m) { m.Text(1, *bytes); });
  return {};
}

// Where nothing is given, as providers leave it out, the value is null.
Result<Value> ReadValue(std::string_view bytes, const Type& type, std::string_view what) {
  std::string_view msgpack, json;
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1) msgpack = reader.text();
    if (reader.number() == 2) json = reader.text();
  }
  if (!reader.ok()) return NoMessage();
  if (msgpack.empty() && json.empty()) return Value::Null(type.WithoutOptionalAttributes());
  Result<Value> value =
      msgpack.empty() ? value::FromJsonText(json, type) : value::FromMsgpack(msgpack, type);
  if (!value.ok()) return Error{ErrorKind::kCorrupt, std::move(value).error().In(what).message};
  return value;
}

Result<void> WriteIdentity(Writer* to, int number, const Value& identity, const ValueTypes& types) {
  if (identity.is_null()) return {};
  Writer data;
  TRY(WriteValue(&data, 1, identity, types.identity, "identity"));
  to->Item(number, data.bytes());
  return {};
}

Result<Value> ReadIdentity(std::string_view bytes, const ValueTypes& types) {
  std::string_view data;
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1) data = reader.text();
  }
  if (!reader.ok()) return NoMessage();
  return ReadValue(data, types.identity, "identity");
}

Result<void> WriteProviderMeta(Writer* to, int number, const Value& meta, const ValueTypes& types) {
  bool is_wanted = types.provider_meta.is_object() && !types.provider_meta.attributes().empty();
  if (!is_wanted) return {};
  return WriteValue(to, number, meta, types.provider_meta, "provider_meta");
}

void WriteCapabilities(Writer* to, int number, const provider::ClientCapabilities& capabilities) {
  to->Message(number, [&](Writer& m) {
    m.Bool(1, capabilities.deferral_allowed);
    m.Bool(2, capabilities.write_only_attributes_allowed);
  });
}

Result<DeferredReason> ReadDeferred(std::string_view bytes) {
  int64_t reason = 0;
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1) reason = reader.integer();
  }
  if (!reader.ok()) return NoMessage();
  switch (reason) {
    case 1:
      return DeferredReason::kResourceConfigUnknown;
    case 2:
      return DeferredReason::kProviderConfigUnknown;
    case 3:
      return DeferredReason::kAbsentPrerequisite;
    default:
      return DeferredReason::kUnknown;
  }
}

Result<Path> ReadPath(std::string_view bytes) {
  std::vector<value::Step> steps;
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() != 1) continue;
    Reader step(reader.text());
    while (step.Next()) {
      if (step.number() == 1) steps.push_back(value::AttributeStep{step.words()});
      if (step.number() == 2) steps.push_back(value::IndexStep{Value::String(step.text())});
      if (step.number() == 3) steps.push_back(value::IndexStep{Value::Number(step.integer())});
    }
    if (!step.ok()) return NoMessage();
  }
  if (!reader.ok()) return NoMessage();
  return Path(std::move(steps));
}

Result<Timestamp> ReadTimestamp(std::string_view bytes) {
  // What a clock of ours can hold: year 1 to 9999, as the message's own definition has it.
  constexpr int64_t kFirst = -62'135'596'800, kLast = 253'402'300'799;
  int64_t seconds = 0, nanos = 0;
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1) seconds = reader.integer();
    if (reader.number() == 2) nanos = reader.integer();
  }
  bool in_range = seconds >= kFirst && seconds <= kLast && nanos >= 0 && nanos < 1'000'000'000;
  if (!reader.ok() || !in_range) return NoMessage();
  return FromMicros(seconds * 1'000'000 + nanos / 1000);
}

void WriteRawState(Writer* to, int number, const provider::RawState& state) {
  to->Message(number, [&](Writer& m) {
    if (const auto* json = std::get_if<std::string>(&state)) return m.Text(1, *json);
    for (const auto& [key, value] : std::get<1>(state)) {
      m.Message(2, [&](Writer& entry) {
        entry.Text(1, key);
        entry.Text(2, value);
      });
    }
  });
}

void WriteRawJson(Writer* to, int number, std::string_view json) {
  if (!json.empty()) to->Message(number, [&](Writer& m) { m.Text(1, json); });
}

}  // namespace

Result<void> ReadDiagnostic(std::string_view bytes, AttributeDiagnostics* to) {
  constexpr int64_t kWarning = 2;
  provider::AttributeDiagnostic d;
  Reader reader(bytes);
  while (reader.Next()) {
    switch (reader.number()) {
      case 1:
        d.diagnostic.severity =
            reader.integer() == kWarning ? Severity::kWarning : Severity::kError;
        break;
      case 2:
        d.diagnostic.summary = reader.words();
        break;
      case 3:
        d.diagnostic.detail = reader.words();
        break;
      case 4:
        d.attribute = TRY(ReadPath(reader.text()));
        break;
      default:
        break;
    }
  }
  if (!reader.ok()) return NoMessage();
  to->push_back(std::move(d));
  return {};
}

Result<AttributeDiagnostics> ReadDiagnostics(std::string_view bytes, int number) {
  AttributeDiagnostics result;
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == number) TRY(ReadDiagnostic(reader.text(), &result));
  }
  if (!reader.ok()) return NoMessage();
  return result;
}

// --- Configuration.

Result<std::string> WriteValidateConfig(const provider::ValidateConfigRequest& request,
                                        const ValueTypes& types, bool type_field) {
  Writer to;
  if (type_field) to.Text(1, request.type);
  TRY(WriteValue(&to, type_field ? 2 : 1, request.config, types.object, "configuration"));
  if (type_field) WriteCapabilities(&to, 3, request.capabilities);
  return std::move(to).Take();
}

Result<std::string> WriteConfigure(const provider::ConfigureRequest& request,
                                   const ValueTypes& types) {
  Writer to;
  to.Text(1, request.terraform_version);
  TRY(WriteValue(&to, 2, request.config, types.object, "configuration"));
  WriteCapabilities(&to, 3, request.capabilities);
  return std::move(to).Take();
}

Result<std::string> ReadStop(std::string_view bytes) {
  std::string error;
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1) error = reader.words();
  }
  if (!reader.ok()) return NoMessage();
  return error;
}

// --- Stored objects of older versions.

std::string WriteUpgradeResourceState(const provider::UpgradeResourceStateRequest& request) {
  Writer to;
  to.Text(1, request.type);
  to.Integer(2, request.version);
  WriteRawState(&to, 3, request.state);
  return std::move(to).Take();
}

Result<provider::UpgradeResourceStateResponse> ReadUpgradeResourceState(std::string_view bytes,
                                                                        const ValueTypes& types) {
  provider::UpgradeResourceStateResponse response{.state = Value::Null(types.object)};
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1)
      response.state = TRY(ReadValue(reader.text(), types.object, "upgraded state"));
    if (reader.number() == 2) TRY(ReadDiagnostic(reader.text(), &response.diagnostics));
  }
  if (!reader.ok()) return NoMessage();
  return response;
}

std::string WriteUpgradeResourceIdentity(const provider::UpgradeResourceIdentityRequest& request) {
  Writer to;
  to.Text(1, request.type);
  to.Integer(2, request.version);
  WriteRawJson(&to, 3, request.identity);
  return std::move(to).Take();
}

Result<provider::UpgradeResourceIdentityResponse> ReadUpgradeResourceIdentity(
    std::string_view bytes, const ValueTypes& types) {
  provider::UpgradeResourceIdentityResponse response{.identity = Value::Null(types.identity)};
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1) response.identity = TRY(ReadIdentity(reader.text(), types));
    if (reader.number() == 2) TRY(ReadDiagnostic(reader.text(), &response.diagnostics));
  }
  if (!reader.ok()) return NoMessage();
  return response;
}

// --- Managed resources.

Result<std::string> WriteReadResource(const provider::ReadResourceRequest& request,
                                      const ValueTypes& types) {
  Writer to;
  to.Text(1, request.type);
  TRY(WriteValue(&to, 2, request.prior, types.object, "current state"));
  to.Text(3, request.private_data);
  TRY(WriteProviderMeta(&to, 4, request.provider_meta, types));
  WriteCapabilities(&to, 5, request.capabilities);
  TRY(WriteIdentity(&to, 6, request.identity, types));
  return std::move(to).Take();
}

Result<provider::ReadResourceResponse> ReadReadResource(std::string_view bytes,
                                                        const ValueTypes& types) {
  provider::ReadResourceResponse response{.state = Value::Null(types.object)};
  Reader reader(bytes);
  while (reader.Next()) {
    switch (reader.number()) {
      case 1:
        response.state = TRY(ReadValue(reader.text(), types.object, "new state"));
        break;
      case 2:
        TRY(ReadDiagnostic(reader.text(), &response.diagnostics));
        break;
      case 3:
        response.private_data = reader.text();
        break;
      case 4:
        response.deferred = TRY(ReadDeferred(reader.text()));
        break;
      case 5:
        response.identity = TRY(ReadIdentity(reader.text(), types));
        break;
      default:
        break;
    }
  }
  if (!reader.ok()) return NoMessage();
  return response;
}

Result<std::string> WritePlanResourceChange(const provider::PlanResourceChangeRequest& request,
                                            const ValueTypes& types) {
  Writer to;
  to.Text(1, request.type);
  TRY(WriteValue(&to, 2, request.prior, types.object, "prior state"));
  TRY(WriteValue(&to, 3, request.proposed, types.object, "proposed state"));
  TRY(WriteValue(&to, 4, request.config, types.object, "configuration"));
  to.Text(5, request.private_data);
  TRY(WriteProviderMeta(&to, 6, request.provider_meta, types));
  WriteCapabilities(&to, 7, request.capabilities);
  TRY(WriteIdentity(&to, 8, request.prior_identity, types));
  return std::move(to).Take();
}

Result<provider::PlanResourceChangeResponse> ReadPlanResourceChange(std::string_view bytes,
                                                                    const ValueTypes& types) {
  provider::PlanResourceChangeResponse response{.planned = Value::Null(types.object)};
  Reader reader(bytes);
  while (reader.Next()) {
    switch (reader.number()) {
      case 1:
        response.planned = TRY(ReadValue(reader.text(), types.object, "planned state"));
        break;
      case 2:
        response.requires_replace.push_back(TRY(ReadPath(reader.text())));
        break;
      case 3:
        response.private_data = reader.text();
        break;
      case 4:
        TRY(ReadDiagnostic(reader.text(), &response.diagnostics));
        break;
      case 5:
        response.legacy_type_system = reader.boolean();
        break;
      case 6:
        response.deferred = TRY(ReadDeferred(reader.text()));
        break;
      case 7:
        response.identity = TRY(ReadIdentity(reader.text(), types));
        break;
      default:
        break;
    }
  }
  if (!reader.ok()) return NoMessage();
  return response;
}

Result<std::string> WriteApplyResourceChange(const provider::ApplyResourceChangeRequest& request,
                                             const ValueTypes& types) {
  Writer to;
  to.Text(1, request.type);
  TRY(WriteValue(&to, 2, request.prior, types.object, "prior state"));
  TRY(WriteValue(&to, 3, request.planned, types.object, "planned state"));
  TRY(WriteValue(&to, 4, request.config, types.object, "configuration"));
  to.Text(5, request.private_data);
  TRY(WriteProviderMeta(&to, 6, request.provider_meta, types));
  TRY(WriteIdentity(&to, 7, request.planned_identity, types));
  return std::move(to).Take();
}

Result<provider::ApplyResourceChangeResponse> ReadApplyResourceChange(std::string_view bytes,
                                                                      const ValueTypes& types) {
  provider::ApplyResourceChangeResponse response{.state = Value::Null(types.object)};
  Reader reader(bytes);
  while (reader.Next()) {
    switch (reader.number()) {
      case 1:
        response.state = TRY(ReadValue(reader.text(), types.object, "new state"));
        break;
      case 2:
        response.private_data = reader.text();
        break;
      case 3:
        TRY(ReadDiagnostic(reader.text(), &response.diagnostics));
        break;
      case 4:
        response.legacy_type_system = reader.boolean();
        break;
      case 5:
        response.identity = TRY(ReadIdentity(reader.text(), types));
        break;
      default:
        break;
    }
  }
  if (!reader.ok()) return NoMessage();
  return response;
}

Result<std::string> WriteImportResourceState(const provider::ImportResourceStateRequest& request,
                                             const ValueTypes& types) {
  Writer to;
  to.Text(1, request.type);
  to.Text(2, request.id);
  WriteCapabilities(&to, 3, request.capabilities);
  TRY(WriteIdentity(&to, 4, request.identity, types));
  return std::move(to).Take();
}

namespace {

Result<provider::ImportedResource> ReadImported(std::string_view bytes,
                                                const TypesOfResource& types_of) {
  provider::ImportedResource resource;
  std::string_view state, identity;
  Reader reader(bytes);
  while (reader.Next()) {
    switch (reader.number()) {
      case 1:
        resource.type = reader.text();
        break;
      case 2:
        state = reader.text();
        break;
      case 3:
        resource.private_data = reader.text();
        break;
      case 4:
        identity = reader.text();
        break;
      default:
        break;
    }
  }
  if (!reader.ok()) return NoMessage();
  ValueTypes types = TRY(types_of(resource.type));
  resource.state = TRY(ReadValue(state, types.object, "imported state"));
  if (!identity.empty()) resource.identity = TRY(ReadIdentity(identity, types));
  return resource;
}

}  // namespace

Result<provider::ImportResourceStateResponse> ReadImportResourceState(
    std::string_view bytes, const TypesOfResource& types_of) {
  provider::ImportResourceStateResponse response;
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1)
      response.resources.push_back(TRY(ReadImported(reader.text(), types_of)));
    if (reader.number() == 2) TRY(ReadDiagnostic(reader.text(), &response.diagnostics));
    if (reader.number() == 3) response.deferred = TRY(ReadDeferred(reader.text()));
  }
  if (!reader.ok()) return NoMessage();
  return response;
}

std::string WriteMoveResourceState(const provider::MoveResourceStateRequest& request) {
  Writer to;
  to.Text(1, request.source_provider);
  to.Text(2, request.source_type);
  to.Integer(3, request.source_schema_version);
  WriteRawJson(&to, 4, request.source_state);
  to.Text(5, request.target_type);
  to.Text(6, request.source_private_data);
  WriteRawJson(&to, 7, request.source_identity);
  to.Integer(8, request.source_identity_schema_version);
  return std::move(to).Take();
}

Result<provider::MoveResourceStateResponse> ReadMoveResourceState(std::string_view bytes,
                                                                  const ValueTypes& types) {
  provider::MoveResourceStateResponse response{.state = Value::Null(types.object)};
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1)
      response.state = TRY(ReadValue(reader.text(), types.object, "target state"));
    if (reader.number() == 2) TRY(ReadDiagnostic(reader.text(), &response.diagnostics));
    if (reader.number() == 3) response.private_data = reader.text();
    if (reader.number() == 4) response.identity = TRY(ReadIdentity(reader.text(), types));
  }
  if (!reader.ok()) return NoMessage();
  return response;
}

// --- Data sources and functions.

Result<std::string> WriteReadDataSource(const provider::ReadDataSourceRequest& request,
                                        const ValueTypes& types) {
  Writer to;
  to.Text(1, request.type);
  TRY(WriteValue(&to, 2, request.config, types.object, "configuration"));
  TRY(WriteProviderMeta(&to, 3, request.provider_meta, types));
  WriteCapabilities(&to, 4, request.capabilities);
  return std::move(to).Take();
}

Result<provider::ReadDataSourceResponse> ReadReadDataSource(std::string_view bytes,
                                                            const ValueTypes& types) {
  provider::ReadDataSourceResponse response{.state = Value::Null(types.object)};
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1) response.state = TRY(ReadValue(reader.text(), types.object, "state"));
    if (reader.number() == 2) TRY(ReadDiagnostic(reader.text(), &response.diagnostics));
    if (reader.number() == 3) response.deferred = TRY(ReadDeferred(reader.text()));
  }
  if (!reader.ok()) return NoMessage();
  return response;
}

Result<std::string> WriteCallFunction(const provider::CallFunctionRequest& request,
                                      const provider::FunctionSchema& schema) {
  Writer to;
  to.Text(1, request.name);
  for (size_t i = 0; i < request.arguments.size(); ++i) {
    bool is_variadic = i >= schema.parameters.size();
    if (is_variadic && !schema.variadic_parameter)
      return Error::Invalid("{} takes {} arguments and was given {}", request.name,
                            schema.parameters.size(), request.arguments.size());
    const Type& type = is_variadic ? schema.variadic_parameter->type : schema.parameters[i].type;
    TRY(WriteValue(&to, 2, request.arguments[i], type, fmt::format("argument {}", i + 1)));
  }
  return std::move(to).Take();
}

Result<provider::CallFunctionResponse> ReadCallFunction(std::string_view bytes,
                                                        const Type& return_type) {
  provider::CallFunctionResponse response{.result = Value::Null(return_type)};
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1)
      response.result = TRY(ReadValue(reader.text(), return_type, "result"));
    if (reader.number() != 2) continue;
    response.error.emplace();
    Reader error(reader.text());
    while (error.Next()) {
      if (error.number() == 1) response.error->text = error.words();
      if (error.number() == 2) response.error->argument = error.integer();
    }
    if (!error.ok()) return NoMessage();
  }
  if (!reader.ok()) return NoMessage();
  return response;
}

// --- Ephemeral resources.

Result<std::string> WriteOpenEphemeralResource(
    const provider::OpenEphemeralResourceRequest& request, const ValueTypes& types) {
  Writer to;
  to.Text(1, request.type);
  TRY(WriteValue(&to, 2, request.config, types.object, "configuration"));
  WriteCapabilities(&to, 3, request.capabilities);
  return std::move(to).Take();
}

Result<provider::OpenEphemeralResourceResponse> ReadOpenEphemeralResource(std::string_view bytes,
                                                                          const ValueTypes& types) {
  provider::OpenEphemeralResourceResponse response{.result = Value::Null(types.object)};
  Reader reader(bytes);
  while (reader.Next()) {
    switch (reader.number()) {
      case 1:
        TRY(ReadDiagnostic(reader.text(), &response.diagnostics));
        break;
      case 2:
        response.renew_at = TRY(ReadTimestamp(reader.text()));
        break;
      case 3:
        response.result = TRY(ReadValue(reader.text(), types.object, "result"));
        break;
      case 4:
        response.private_data = reader.text();
        break;
      case 5:
        response.deferred = TRY(ReadDeferred(reader.text()));
        break;
      default:
        break;
    }
  }
  if (!reader.ok()) return NoMessage();
  return response;
}

std::string WriteOpenedEphemeralResource(const provider::OpenedEphemeralResource& request) {
  Writer to;
  to.Text(1, request.type);
  to.Text(2, request.private_data);
  return std::move(to).Take();
}

Result<provider::RenewEphemeralResourceResponse> ReadRenewEphemeralResource(
    std::string_view bytes) {
  provider::RenewEphemeralResourceResponse response;
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1) TRY(ReadDiagnostic(reader.text(), &response.diagnostics));
    if (reader.number() == 2) response.renew_at = TRY(ReadTimestamp(reader.text()));
    if (reader.number() == 3) response.private_data = reader.text();
  }
  if (!reader.ok()) return NoMessage();
  return response;
}

}  // namespace andon::plugin
