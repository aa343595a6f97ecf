#include "plugin/plugin.h"

#include <fmt/format.h>

#include <mutex>

#include "plugin/connection.h"
#include "plugin/messages.h"
#include "plugin/schema_message.h"

namespace andon::plugin {
namespace {

using provider::AttributeDiagnostics;
using provider::Refusal;
using value::Type;

// After the connection broke: time to see how the process ended, for the message.
constexpr Duration kEndingLimit = std::chrono::seconds(1);
// A provider that is asked to stop answers at once, or is past answering.
constexpr Duration kStopLimit = std::chrono::seconds(10);

enum class Of { kResource, kDataSource, kEphemeral };

class RemoteProvider final : public Plugin {
 public:
  RemoteProvider(Options options, Connection connection)
      : options_(std::move(options)), connection_(std::move(connection)) {}
  ~RemoteProvider() override { Close(); }

  Protocol protocol() const override { return connection_.protocol; }
  int pid() const override { return connection_.process ? connection_.process->pid() : 0; }
  void Close() override { Disconnect(&connection_, options_.stop_limit); }
  void Kill() override {
    if (connection_.process) connection_.process->Kill();
  }
  SharedSchema schema() override {
    GetSchema();
    return has_schema_ ? schema_ : nullptr;
  }

  const provider::GetSchemaResponse& GetSchema() override;
  AttributeDiagnostics ValidateProviderConfig(
      const provider::ValidateConfigRequest& request) override;
  AttributeDiagnostics ValidateResourceConfig(
      const provider::ValidateConfigRequest& request) override;
  AttributeDiagnostics ValidateDataConfig(const provider::ValidateConfigRequest& request) override;
  AttributeDiagnostics ValidateEphemeralConfig(
      const provider::ValidateConfigRequest& request) override;
  AttributeDiagnostics Configure(const provider::ConfigureRequest& request) override;
  std::string Stop() override;
  provider::UpgradeResourceStateResponse UpgradeResourceState(
      const provider::UpgradeResourceStateRequest& request) override;
  provider::UpgradeResourceIdentityResponse UpgradeResourceIdentity(
      const provider::UpgradeResourceIdentityRequest& request) override;
  provider::ReadResourceResponse ReadResource(
      const provider::ReadResourceRequest& request) override;
  provider::PlanResourceChangeResponse PlanResourceChange(
      const provider::PlanResourceChangeRequest& request) override;
  provider::ApplyResourceChangeResponse ApplyResourceChange(
      const provider::ApplyResourceChangeRequest& request) override;
  provider::ImportResourceStateResponse ImportResourceState(
      const provider::ImportResourceStateRequest& request) override;
  provider::MoveResourceStateResponse MoveResourceState(
      const provider::MoveResourceStateRequest& request) override;
  provider::ReadDataSourceResponse ReadDataSource(
      const provider::ReadDataSourceRequest& request) override;
  provider::CallFunctionResponse CallFunction(
      const provider::CallFunctionRequest& request) override;
  provider::OpenEphemeralResourceResponse OpenEphemeralResource(
      const provider::OpenEphemeralResourceRequest& request) override;
  provider::RenewEphemeralResourceResponse RenewEphemeralResource(
      const provider::OpenedEphemeralResource& request) override;
  AttributeDiagnostics CloseEphemeralResource(
      const provider::OpenedEphemeralResource& request) override;

 private:
  Result<provider::GetSchemaResponse> AskForSchema();
  Result<ValueTypes> TypesOf(Of of, const std::string& type);
  Result<std::string> Ask(Procedure procedure, const std::string& request,
                          std::optional<Duration> limit = {}) {
    return connection_.channel->Call(PathOf(procedure, connection_.protocol), request, limit);
  }
  AttributeDiagnostics Validate(Procedure procedure, Of of,
                                const provider::ValidateConfigRequest& request);

  // What a person is told of a request that came to nothing.
  AttributeDiagnostics NotWritten(Procedure procedure, std::string_view about, const Error& error);
  AttributeDiagnostics NotAnswered(Procedure procedure, std::string_view about, const Error& error);
  AttributeDiagnostics NotRead(Procedure procedure, std::string_view about, const Error& error);
  std::string About(Procedure procedure, std::string_view about) const {
    return fmt::format("{}{}{}", NameOf(procedure, connection_.protocol),
                       about.empty() ? "" : " of ", about);
  }

  // Writes, asks, reads; the diagnostics say which of them failed.
  template <typename Response, typename Read>
  Response Exchange(Procedure procedure, std::string_view about, const Result<std::string>& request,
                    Read read);
  template <typename Response>
  Response Unasked(Procedure procedure, std::string_view about, const Error& error);

  const Options options_;
  Connection connection_;

  std::once_flag asked_;
  SharedSchema schema_;
  bool has_schema_ = false;

  std::mutex types_mutex_;
  std::map<std::pair<Of, std::string>, ValueTypes> types_;  // Guarded by types_mutex_.
};

AttributeDiagnostics RemoteProvider::NotWritten(Procedure procedure, std::string_view about,
                                                const Error& error) {
  return {Refusal("Request cannot be made",
                  fmt::format("{} of the provider {} could not be asked for: {}.",
                              About(procedure, about), options_.name, error.message))};
}

AttributeDiagnostics RemoteProvider::NotAnswered(Procedure procedure, std::string_view about,
                                                 const Error& error) {
  std::string call = About(procedure, about);
  if (error.kind == ErrorKind::kNotFound)
    return {Refusal(
        "Unsupported by the provider",
        fmt::format("The provider {} has no {}: a newer version of it may.", options_.name, call))};
  std::string what = error.message;
  if (error.kind == ErrorKind::kUnavailable && connection_.process) {
    connection_.process->WaitForExit(kEndingLimit);
    std::string ending = connection_.process->ending();
    if (!ending.empty()) what = "its process " + ending;
  }
  if (error.kind == ErrorKind::kInvalid)
    return {Refusal("Provider returned an error",
                    fmt::format("The provider {} failed in {}: {}", options_.name, call, what))};
  return {Refusal("Plugin did not respond",
                  fmt::format("The provider {} did not answer {}: {}. This is a fault of the "
                              "provider, not of the configuration: report it to who makes it, with "
                              "what follows; what was done before is kept, and the command can be "
                              "run again.{}",
                              options_.name, call, what, LastWords(connection_)))};
}

AttributeDiagnostics RemoteProvider::NotRead(Procedure procedure, std::string_view about,
                                             const Error& error) {
  return {
      Refusal("Provider produced invalid object",
              fmt::format("What the provider {} answered to {} does not fit its own schema: {}. "
                          "This is a bug in the provider, which should be reported in the "
                          "provider's own issue tracker.",
                          options_.name, About(procedure, about), error.message))};
}

template <typename Response>
Response Failure(AttributeDiagnostics diagnostics) {
  if constexpr (std::is_same_v<Response, AttributeDiagnostics>) {
    return diagnostics;
  } else if constexpr (std::is_same_v<Response, provider::CallFunctionResponse>) {
    return {.error = provider::FunctionError{diagnostics[0].diagnostic.detail}};
  } else if constexpr (std::is_same_v<Response, provider::ApplyResourceChangeResponse>) {
    return {.is_lost = true, .diagnostics = std::move(diagnostics)};
  } else {
    Response response;
    response.diagnostics = std::move(diagnostics);
    return response;
  }
}

template <typename Response>
Response RemoteProvider::Unasked(Procedure procedure, std::string_view about, const Error& error) {
  return Failure<Response>(NotWritten(procedure, about, error));
}

template <typename Response, typename Read>
Response RemoteProvider::Exchange(Procedure procedure, std::string_view about,
                                  const Result<std::string>& request, Read read) {
  if (!request.ok()) return Unasked<Response>(procedure, about, request.error());
  Result<std::string> answer = Ask(procedure, *request);
  if (!answer.ok()) return Failure<Response>(NotAnswered(procedure, about, answer.error()));
  Result<Response> response = read(*answer);
  if (!response.ok()) return Failure<Response>(NotRead(procedure, about, response.error()));
  return std::move(*response);
}

Result<provider::GetSchemaResponse> RemoteProvider::AskForSchema() {
  std::string answer = TRY(Ask(Procedure::kGetSchema, ""));
  auto response = TRY(ReadSchemaResponse(answer, connection_.protocol));
  Result<std::string> identities = Ask(Procedure::kGetIdentitySchemas, "");
  if (!identities.ok()) {
    // Providers from before identities do not know the procedure.
    if (identities.error().kind == ErrorKind::kNotFound) return response;
    return std::move(identities).error();
  }
  auto read = TRY(ReadIdentitySchemas(*identities));
  response.schema.identities = std::move(read.schemas);
  // Some say by an error that they have none.
  return response;
}

const provider::GetSchemaResponse& RemoteProvider::GetSchema() {
  std::call_once(asked_, [&] {
    if (options_.schema && options_.schema->schema.capabilities.get_schema_optional) {
      schema_ = options_.schema;
      has_schema_ = true;
      return;
    }
    if (options_.schema) {
      // It is known, and the provider still expects the question.
      Result<std::string> ignored = Ask(Procedure::kGetSchema, "");
      has_schema_ = ignored.ok();
      if (has_schema_) schema_ = options_.schema;
      if (has_schema_) return;
    }
    auto asked = AskForSchema();
    if (asked.ok()) {
      has_schema_ = !provider::HasErrors(asked->diagnostics);
      schema_ = std::make_shared<const provider::GetSchemaResponse>(std::move(*asked));
      return;
    }
    auto failed = std::make_shared<provider::GetSchemaResponse>();
    bool is_nonsense = asked.error().kind == ErrorKind::kCorrupt;
    failed->diagnostics = is_nonsense ? NotRead(Procedure::kGetSchema, "", asked.error())
                                      : NotAnswered(Procedure::kGetSchema, "", asked.error());
    schema_ = std::move(failed);
  });
  return *schema_;
}

Result<ValueTypes> RemoteProvider::TypesOf(Of of, const std::string& type) {
  const provider::ProviderSchema& schema = GetSchema().schema;
  if (!has_schema_) return Error::Invalid("its schema could not be had");
  std::lock_guard lock(types_mutex_);
  auto found = types_.find({of, type});
  if (found != types_.end()) return found->second;
  const auto& schemas = of == Of::kResource     ? schema.resources
                        : of == Of::kDataSource ? schema.data_sources
                                                : schema.ephemeral_resources;
  auto wanted = schemas.find(type);
  if (wanted == schemas.end())
    return Error::NotFound("it has no {} \"{}\"",
                           of == Of::kResource     ? "resource type"
                           : of == Of::kDataSource ? "data source"
                                                   : "ephemeral resource type",
                           type);
  ValueTypes types{.object = ImpliedType(wanted->second.block),
                   .provider_meta = ImpliedType(schema.provider_meta.block)};
  auto identity = schema.identities.find(type);
  if (of == Of::kResource && identity != schema.identities.end())
    types.identity = ImpliedType(identity->second);
  return types_[{of, type}] = std::move(types);
}

// --- The procedures, in the order of the interface.

AttributeDiagnostics RemoteProvider::ValidateProviderConfig(
    const provider::ValidateConfigRequest& request) {
  constexpr Procedure kProcedure = Procedure::kValidateProviderConfig;
  const provider::GetSchemaResponse& schema = GetSchema();
  if (!has_schema_) return schema.diagnostics;
  ValueTypes types{.object = ImpliedType(schema.schema.provider.block)};
  return Exchange<AttributeDiagnostics>(
      kProcedure, "", WriteValidateConfig(request, types, false),
      [](std::string_view bytes) { return ReadDiagnostics(bytes, 2); });
}

AttributeDiagnostics RemoteProvider::Validate(Procedure procedure, Of of,
                                              const provider::ValidateConfigRequest& request) {
  auto types = TypesOf(of, request.type);
  if (!types.ok()) return NotWritten(procedure, request.type, types.error());
  return Exchange<AttributeDiagnostics>(
      procedure, request.type, WriteValidateConfig(request, *types, true),
      [](std::string_view bytes) { return ReadDiagnostics(bytes, 1); });
}

AttributeDiagnostics RemoteProvider::ValidateResourceConfig(
    const provider::ValidateConfigRequest& request) {
  return Validate(Procedure::kValidateResourceConfig, Of::kResource, request);
}

AttributeDiagnostics RemoteProvider::ValidateDataConfig(
    const provider::ValidateConfigRequest& request) {
  return Validate(Procedure::kValidateDataConfig, Of::kDataSource, request);
}

AttributeDiagnostics RemoteProvider::ValidateEphemeralConfig(
    const provider::ValidateConfigRequest& request) {
  return Validate(Procedure::kValidateEphemeralConfig, Of::kEphemeral, request);
}

AttributeDiagnostics RemoteProvider::Configure(const provider::ConfigureRequest& request) {
  const provider::GetSchemaResponse& schema = GetSchema();
  if (!has_schema_) return schema.diagnostics;
  ValueTypes types{.object = ImpliedType(schema.schema.provider.block)};
  return Exchange<AttributeDiagnostics>(
      Procedure::kConfigure, "", WriteConfigure(request, types),
      [](std::string_view bytes) { return ReadDiagnostics(bytes, 1); });
}

std::string RemoteProvider::Stop() {
  Result<std::string> answer = Ask(Procedure::kStop, "", kStopLimit);
  if (!answer.ok()) return answer.error().message;
  Result<std::string> error = ReadStop(*answer);
  return error.ok() ? *error : error.error().message;
}

provider::UpgradeResourceStateResponse RemoteProvider::UpgradeResourceState(
    const provider::UpgradeResourceStateRequest& request) {
  using Response = provider::UpgradeResourceStateResponse;
  constexpr Procedure kProcedure = Procedure::kUpgradeResourceState;
  auto types = TypesOf(Of::kResource, request.type);
  if (!types.ok()) return Unasked<Response>(kProcedure, request.type, types.error());
  return Exchange<Response>(
      kProcedure, request.type, WriteUpgradeResourceState(request),
      [&](std::string_view bytes) { return ReadUpgradeResourceState(bytes, *types); });
}

provider::UpgradeResourceIdentityResponse RemoteProvider::UpgradeResourceIdentity(
    const provider::UpgradeResourceIdentityRequest& request) {
  using Response = provider::UpgradeResourceIdentityResponse;
  constexpr Procedure kProcedure = Procedure::kUpgradeResourceIdentity;
  auto types = TypesOf(Of::kResource, request.type);
  if (!types.ok()) return Unasked<Response>(kProcedure, request.type, types.error());
  return Exchange<Response>(
      kProcedure, request.type, WriteUpgradeResourceIdentity(request),
      [&](std::string_view bytes) { return ReadUpgradeResourceIdentity(bytes, *types); });
}

provider::ReadResourceResponse RemoteProvider::ReadResource(
    const provider::ReadResourceRequest& request) {
  using Response = provider::ReadResourceResponse;
  constexpr Procedure kProcedure = Procedure::kReadResource;
  auto types = TypesOf(Of::kResource, request.type);
  if (!types.ok()) return Unasked<Response>(kProcedure, request.type, types.error());
  return Exchange<Response>(
      kProcedure, request.type, WriteReadResource(request, *types),
      [&](std::string_view bytes) { return ReadReadResource(bytes, *types); });
}

provider::PlanResourceChangeResponse RemoteProvider::PlanResourceChange(
    const provider::PlanResourceChangeRequest& request) {
  using Response = provider::PlanResourceChangeResponse;
  constexpr Procedure kProcedure = Procedure::kPlanResourceChange;
  auto types = TypesOf(Of::kResource, request.type);
  if (!types.ok()) return Unasked<Response>(kProcedure, request.type, types.error());
  // Who does not ask to be asked about removals is not: the answer is always the same.
  if (request.proposed.is_null() && !GetSchema().schema.capabilities.plan_destroy) {
    return {.planned = value::Value::Null(types->object),
            .identity = request.prior_identity,
            .private_data = request.private_data};
  }
  return Exchange<Response>(
      kProcedure, request.type, WritePlanResourceChange(request, *types),
      [&](std::string_view bytes) { return ReadPlanResourceChange(bytes, *types); });
}

provider::ApplyResourceChangeResponse RemoteProvider::ApplyResourceChange(
    const provider::ApplyResourceChangeRequest& request) {
  using Response = provider::ApplyResourceChangeResponse;
  constexpr Procedure kProcedure = Procedure::kApplyResourceChange;
  auto types = TypesOf(Of::kResource, request.type);
  if (!types.ok()) return Unasked<Response>(kProcedure, request.type, types.error());
  return Exchange<Response>(
      kProcedure, request.type, WriteApplyResourceChange(request, *types),
      [&](std::string_view bytes) { return ReadApplyResourceChange(bytes, *types); });
}

provider::ImportResourceStateResponse RemoteProvider::ImportResourceState(
    const provider::ImportResourceStateRequest& request) {
  using Response = provider::ImportResourceStateResponse;
  constexpr Procedure kProcedure = Procedure::kImportResourceState;
  auto types = TypesOf(Of::kResource, request.type);
  if (!types.ok()) return Unasked<Response>(kProcedure, request.type, types.error());
  auto types_of = [&](const std::string& type) { return TypesOf(Of::kResource, type); };
  return Exchange<Response>(
      kProcedure, request.type, WriteImportResourceState(request, *types),
      [&](std::string_view bytes) { return ReadImportResourceState(bytes, types_of); });
}

provider::MoveResourceStateResponse RemoteProvider::MoveResourceState(
    const provider::MoveResourceStateRequest& request) {
  using Response = provider::MoveResourceStateResponse;
  constexpr Procedure kProcedure = Procedure::kMoveResourceState;
  auto types = TypesOf(Of::kResource, request.target_type);
  if (!types.ok()) return Unasked<Response>(kProcedure, request.target_type, types.error());
  return Exchange<Response>(
      kProcedure, request.target_type, WriteMoveResourceState(request),
      [&](std::string_view bytes) { return ReadMoveResourceState(bytes, *types); });
}

provider::ReadDataSourceResponse RemoteProvider::ReadDataSource(
    const provider::ReadDataSourceRequest& request) {
  using Response = provider::ReadDataSourceResponse;
  constexpr Procedure kProcedure = Procedure::kReadDataSource;
  auto types = TypesOf(Of::kDataSource, request.type);
  if (!types.ok()) return Unasked<Response>(kProcedure, request.type, types.error());
  return Exchange<Response>(
      kProcedure, request.type, WriteReadDataSource(request, *types),
      [&](std::string_view bytes) { return ReadReadDataSource(bytes, *types); });
}

provider::CallFunctionResponse RemoteProvider::CallFunction(
    const provider::CallFunctionRequest& request) {
  using Response = provider::CallFunctionResponse;
  constexpr Procedure kProcedure = Procedure::kCallFunction;
  const provider::GetSchemaResponse& schema = GetSchema();
  auto function = schema.schema.functions.find(request.name);
  if (function == schema.schema.functions.end())
    return {.error = provider::FunctionError{fmt::format("the provider {} has no function \"{}\"",
                                                         options_.name, request.name)}};
  return Exchange<Response>(kProcedure, request.name, WriteCallFunction(request, function->second),
                            [&](std::string_view bytes) {
                              return ReadCallFunction(bytes, function->second.return_type);
                            });
}

provider::OpenEphemeralResourceResponse RemoteProvider::OpenEphemeralResource(
    const provider::OpenEphemeralResourceRequest& request) {
  using Response = provider::OpenEphemeralResourceResponse;
  constexpr Procedure kProcedure = Procedure::kOpenEphemeralResource;
  auto types = TypesOf(Of::kEphemeral, request.type);
  if (!types.ok()) return Unasked<Response>(kProcedure, request.type, types.error());
  return Exchange<Response>(
      kProcedure, request.type, WriteOpenEphemeralResource(request, *types),
      [&](std::string_view bytes) { return ReadOpenEphemeralResource(bytes, *types); });
}

provider::RenewEphemeralResourceResponse RemoteProvider::RenewEphemeralResource(
    const provider::OpenedEphemeralResource& request) {
  return Exchange<provider::RenewEphemeralResourceResponse>(
      Procedure::kRenewEphemeralResource, request.type, WriteOpenedEphemeralResource(request),
      ReadRenewEphemeralResource);
}

AttributeDiagnostics RemoteProvider::CloseEphemeralResource(
    const provider::OpenedEphemeralResource& request) {
  return Exchange<AttributeDiagnostics>(
      Procedure::kCloseEphemeralResource, request.type, WriteOpenedEphemeralResource(request),
      [](std::string_view bytes) { return ReadDiagnostics(bytes, 1); });
}

}  // namespace

Result<std::unique_ptr<Plugin>> Start(Options options) {
  auto connection = TRY(Connect(options));
  return std::unique_ptr<Plugin>(
      std::make_unique<RemoteProvider>(std::move(options), std::move(connection)));
}

}  // namespace andon::plugin
