// The provider interface: how the planner asks whoever owns a type of object what
// it may say, what will change, and to change it. It is the plugin protocol as
// plain data, so that a plugin is one implementation and the data blocks' own
// provider (src/builtin) another.
//
// Values are objects of the type that ImpliedType gives for the schema. Unknown
// parts stand for what only apply can tell. Marks do not reach a provider:
// Requires: no value in a request contains marks.
//
// Order:  GetSchema, ValidateProviderConfig, Configure, then the rest. What asks
//         for no remote system (schema, validation, upgrade, functions) needs no
//         Configure.
// Thread: all functions may be called at the same time. Each blocks until the
//         answer is there.
// Errors: every answer carries diagnostics. Where these have errors, the values
//         beside them are null, but for apply (see ApplyResourceChangeResponse).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "provider/diagnostic.h"
#include "provider/schema.h"
#include "value/path.h"
#include "value/value.h"

namespace andon::provider {

// What the caller can deal with.
struct ClientCapabilities {
  bool deferral_allowed = false;
  bool write_only_attributes_allowed = false;
};

// Why a provider puts a change off; the planner then treats it as not yet known.
enum class DeferredReason {
  kUnknown,
  kResourceConfigUnknown,
  kProviderConfigUnknown,
  kAbsentPrerequisite,
};

// A stored object as it was written, perhaps by an older version of the provider:
// JSON text, or the flat map of states from before 0.12.
using RawState = std::variant<std::string, std::map<std::string, std::string>>;

// A remark on one attribute's change, for the reader of a plan. Plugins make none.
struct Note {
  value::Path path;
  std::string text;  // "compatible, metadata only"
  bool is_breaking = false;
};

struct GetSchemaResponse {
  ProviderSchema schema;
  AttributeDiagnostics diagnostics;
};

struct ValidateConfigRequest {
  std::string type;  // Empty for the provider's own configuration.
  value::Value config;
  ClientCapabilities capabilities;
};

struct ConfigureRequest {
  std::string terraform_version;  // As providers know it: of the language that is spoken.
  value::Value config;
  ClientCapabilities capabilities;
};

struct UpgradeResourceStateRequest {
  std::string type;
  int64_t version = 0;  // Of the schema that `state` was written with.
  RawState state;
};

struct UpgradeResourceStateResponse {
  value::Value state;  // Of the schema as it is now.
  AttributeDiagnostics diagnostics;
};

struct UpgradeResourceIdentityRequest {
  std::string type;
  int64_t version = 0;
  std::string identity;  // JSON text.
};

struct UpgradeResourceIdentityResponse {
  value::Value identity;
  AttributeDiagnostics diagnostics;
};

struct ReadResourceRequest {
  std::string type;
  value::Value prior;
  value::Value identity;  // Null where none is known.
  value::Value provider_meta;
  std::string private_data;  // Bytes that only the provider understands.
  ClientCapabilities capabilities;
};

struct ReadResourceResponse {
  value::Value state;  // Null where the object is gone.
  value::Value identity;
  std::string private_data;
  std::optional<DeferredReason> deferred;
  AttributeDiagnostics diagnostics;
};

struct PlanResourceChangeRequest {
  std::string type;
  value::Value prior;     // Null where it does not exist yet.
  value::Value proposed;  // Null where it is to be removed.
  value::Value config;
  value::Value prior_identity;
  value::Value provider_meta;
  std::string private_data;
  ClientCapabilities capabilities;
};

struct PlanResourceChangeResponse {
  value::Value planned;                       // Null for a removal.
  std::vector<value::Path> requires_replace;  // A difference at one of these needs a new object.
  value::Value identity;
  std::string private_data;
  // The provider comes from before the present type system: what would be
  // inconsistent of others is only remarked of it.
  bool legacy_type_system = false;
  std::optional<DeferredReason> deferred;
  std::vector<Note> notes;
  AttributeDiagnostics diagnostics;
};

struct ApplyResourceChangeRequest {
  std::string type;
  value::Value prior;
  value::Value planned;
  value::Value config;
  value::Value planned_identity;
  value::Value provider_meta;
  std::string private_data;  // As planned.
};

struct ApplyResourceChangeResponse {
  // What stands now, also after an error: partial objects are recorded. Where the
  // provider could not even say that (`is_lost`), it is null and says nothing.
  value::Value state;
  bool is_lost = false;
  value::Value identity;
  std::string private_data;
  bool legacy_type_system = false;
  AttributeDiagnostics diagnostics;
};

struct ImportResourceStateRequest {
  std::string type;
  std::string id;
  value::Value identity;  // Instead of the id; else null.
  ClientCapabilities capabilities;
};

struct ImportedResource {
  std::string type;
  value::Value state;  // Often little more than the id: ReadResource fills it.
  value::Value identity;
  std::string private_data;
};

struct ImportResourceStateResponse {
  std::vector<ImportedResource> resources;
  std::optional<DeferredReason> deferred;
  AttributeDiagnostics diagnostics;
};

struct MoveResourceStateRequest {
  std::string source_provider;  // Its address in a registry.
  std::string source_type;
  int64_t source_schema_version = 0;
  std::string source_state;  // JSON text.
  std::string source_private_data;
  std::string source_identity;  // JSON text; empty where there is none.
  int64_t source_identity_schema_version = 0;
  std::string target_type;
};

struct MoveResourceStateResponse {
  value::Value state;
  value::Value identity;
  std::string private_data;
  AttributeDiagnostics diagnostics;
};

struct ReadDataSourceRequest {
  std::string type;
  value::Value config;
  value::Value provider_meta;
  ClientCapabilities capabilities;
};

struct ReadDataSourceResponse {
  value::Value state;  // May have sensitive parts marked, beside those of the schema.
  std::optional<DeferredReason> deferred;
  AttributeDiagnostics diagnostics;
};

struct CallFunctionRequest {
  std::string name;
  std::vector<value::Value> arguments;  // Of the parameters' types.
};

struct FunctionError {
  std::string text;
  std::optional<int64_t> argument;  // Which one is to blame, from 0.
};

struct CallFunctionResponse {
  value::Value result;
  std::optional<FunctionError> error;
};

struct OpenEphemeralResourceRequest {
  std::string type;
  value::Value config;
  ClientCapabilities capabilities;
};

struct OpenEphemeralResourceResponse {
  value::Value result;
  std::string private_data;
  std::optional<Timestamp> renew_at;  // Where it must be renewed by then.
  std::optional<DeferredReason> deferred;
  AttributeDiagnostics diagnostics;
};

// Of an ephemeral resource that stands open.
struct OpenedEphemeralResource {
  std::string type;
  std::string private_data;
};

struct RenewEphemeralResourceResponse {
  std::string private_data;
  std::optional<Timestamp> renew_at;
  AttributeDiagnostics diagnostics;
};

// What a provider does not override, it has not: validation then finds nothing,
// configuring does nothing, the rest is refused with a message.
class Provider {
 public:
  virtual ~Provider();

  // The same every time; the first call may cost time.
  // Lifetime: the schema lives as long as the provider.
  virtual const GetSchemaResponse& GetSchema() = 0;

  virtual AttributeDiagnostics ValidateProviderConfig(const ValidateConfigRequest& request);
  // Each alone, without other objects or the outside world.
  virtual AttributeDiagnostics ValidateResourceConfig(const ValidateConfigRequest& request);
  virtual AttributeDiagnostics ValidateDataConfig(const ValidateConfigRequest& request);
  virtual AttributeDiagnostics ValidateEphemeralConfig(const ValidateConfigRequest& request);

  virtual AttributeDiagnostics Configure(const ConfigureRequest& request);
  // Asks for what runs to end soon, after what it has begun. From any thread, while
  // other calls run. Empty, or why it could not be asked.
  virtual std::string Stop();

  virtual UpgradeResourceStateResponse UpgradeResourceState(
      const UpgradeResourceStateRequest& request);
  virtual UpgradeResourceIdentityResponse UpgradeResourceIdentity(
      const UpgradeResourceIdentityRequest& request);
  virtual ReadResourceResponse ReadResource(const ReadResourceRequest& request);
  virtual PlanResourceChangeResponse PlanResourceChange(const PlanResourceChangeRequest& request);
  virtual ApplyResourceChangeResponse ApplyResourceChange(
      const ApplyResourceChangeRequest& request);
  virtual ImportResourceStateResponse ImportResourceState(
      const ImportResourceStateRequest& request);
  virtual MoveResourceStateResponse MoveResourceState(const MoveResourceStateRequest& request);

  virtual ReadDataSourceResponse ReadDataSource(const ReadDataSourceRequest& request);
  virtual CallFunctionResponse CallFunction(const CallFunctionRequest& request);

  virtual OpenEphemeralResourceResponse OpenEphemeralResource(
      const OpenEphemeralResourceRequest& request);
  virtual RenewEphemeralResourceResponse RenewEphemeralResource(
      const OpenedEphemeralResource& request);
  virtual AttributeDiagnostics CloseEphemeralResource(const OpenedEphemeralResource& request);
};

}  // namespace andon::provider
