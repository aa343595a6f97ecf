#include "provider/terraform_provider.h"

#include "base/text.h"
#include "provider/terraform_functions.h"
#include "value/json.h"

namespace andon::provider {
namespace {

using value::Type;
using value::Value;

constexpr char kData[] = "terraform_data";

GetSchemaResponse MakeSchema() {
  auto attribute = [](std::string name, Type type, bool optional, bool computed, std::string says) {
    AttributeSchema a;
    a.name = std::move(name);
    a.type = std::move(type);
    a.optional = optional;
    a.computed = computed;
    a.description.text = std::move(says);
    return a;
  };
  Schema data;
  data.block.attributes = {
      attribute("id", Type::String(), false, true, "A string unique to the resource instance."),
      attribute("input", Type::Dynamic(), true, false,
                "A value which will be stored in the state, and reflected in the output."),
      attribute("output", Type::Dynamic(), false, true, "The value of input after an apply."),
      attribute("triggers_replace", Type::Dynamic(), true, false,
                "A value whose change replaces the instance."),
  };
  GetSchemaResponse out;
  out.schema.resources[kData] = std::move(data);
  out.schema.data_sources[kRemoteState] = RemoteStateSchema();
  out.schema.functions = TerraformFunctions();
  out.schema.capabilities.plan_destroy = false;
  return out;
}

// An object with one or two members replaced.
Value With(const Value& object, std::string_view name, Value value) {
  Value::Members members = object.members();
  for (auto& [key, member] : members) {
    if (key == name) member = std::move(value);
  }
  return Value::Object(std::move(members));
}

// What comes out of what goes in: known once it is applied.
Value OutputOf(const Value& input) {
  return input.is_null() ? input : Value::Unknown(input.type());
}

class TerraformProvider : public Provider {
 public:
  explicit TerraformProvider(RemoteStateReader reader) : reader_(std::move(reader)) {}

  const GetSchemaResponse& GetSchema() override { return schema_; }

  UpgradeResourceStateResponse UpgradeResourceState(
      const UpgradeResourceStateRequest& request) override {
    auto* json = std::get_if<std::string>(&request.state);
    auto state = json != nullptr
                     ? value::FromJsonText(*json, type_)
                     : Result<Value>(Error::Invalid("it has the flat form of old states"));
    if (state.ok()) return {.state = *state};
    UpgradeResourceStateResponse out{.state = Value::Null(type_)};
    out.diagnostics.push_back({.diagnostic = {.summary = "Cannot read the stored object",
                                              .detail = state.error().message}});
    return out;
  }

  ReadResourceResponse ReadResource(const ReadResourceRequest& request) override {
    return {
        .state = request.prior, .identity = request.identity, .private_data = request.private_data};
  }

  PlanResourceChangeResponse PlanResourceChange(const PlanResourceChangeRequest& request) override {
    PlanResourceChangeResponse out{.planned = request.proposed,
                                   .private_data = request.private_data};
    if (request.proposed.is_null()) return out;
    const Value& input = *request.proposed.Find("input");
    const Value& triggers = *request.proposed.Find("triggers_replace");
    if (request.prior.is_null()) {
      out.planned = With(out.planned, "id", Value::Unknown(Type::String()).RefineNotNull());
      out.planned = With(out.planned, "output", OutputOf(input));
    } else if (!request.prior.Find("triggers_replace")->RawEquals(triggers)) {
      out.requires_replace.push_back(value::Path().Attribute("triggers_replace"));
      out.planned = With(out.planned, "id", Value::Unknown(Type::String()).RefineNotNull());
      out.planned = With(out.planned, "output", OutputOf(input));
    } else if (!request.prior.Find("input")->RawEquals(input)) {
      out.planned = With(out.planned, "output", OutputOf(input));
    }
    return out;
  }

  ApplyResourceChangeResponse ApplyResourceChange(
      const ApplyResourceChangeRequest& request) override {
    ApplyResourceChangeResponse out{.state = request.planned};
    if (request.planned.is_null()) return out;
    if (!request.planned.Find("output")->is_wholly_known())
      out.state = With(out.state, "output", *request.planned.Find("input"));
    if (!request.planned.Find("id")->is_known())
      out.state = With(out.state, "id", Value::String(RandomUuid()));
    return out;
  }

  ImportResourceStateResponse ImportResourceState(
      const ImportResourceStateRequest& request) override {
    ImportResourceStateResponse out;
    if (request.id.empty()) {
      out.diagnostics.push_back(
          {.diagnostic = {.summary = "An id is needed",
                          .detail = "terraform_data is imported by its id."}});
      return out;
    }
    Value none = Value::Null();
    out.resources.push_back({.type = kData,
                             .state = Value::Object({{"id", Value::String(request.id)},
                                                     {"input", none},
                                                     {"output", none},
                                                     {"triggers_replace", none}})});
    return out;
  }

  AttributeDiagnostics ValidateDataConfig(const ValidateConfigRequest& request) override {
    return ValidateRemoteState(request.config, reader_);
  }

  ReadDataSourceResponse ReadDataSource(const ReadDataSourceRequest& request) override {
    return ReadRemoteState(request.config, reader_);
  }

  CallFunctionResponse CallFunction(const CallFunctionRequest& request) override {
    return CallTerraformFunction(request);
  }

 private:
  const RemoteStateReader reader_;
  const GetSchemaResponse schema_ = MakeSchema();
  const Type type_ = ImpliedType(schema_.schema.resources.at(kData).block);
};

}  // namespace

std::unique_ptr<Provider> MakeTerraformProvider(RemoteStateReader reader) {
  return std::make_unique<TerraformProvider>(std::move(reader));
}

}  // namespace andon::provider
