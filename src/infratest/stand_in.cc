#include "infratest/stand_in.h"

#include "infratest/mock_values.h"

namespace andon::infratest {
namespace {

using provider::Provider;
using value::Value;

class StandIn : public Provider {
 public:
  StandIn(Provider& real, Values given) : real_(real), given_(std::move(given)) {}

  const provider::GetSchemaResponse& GetSchema() override { return real_.GetSchema(); }
  provider::AttributeDiagnostics ValidateResourceConfig(
      const provider::ValidateConfigRequest& request) override {
    return real_.ValidateResourceConfig(request);
  }
  provider::AttributeDiagnostics ValidateDataConfig(
      const provider::ValidateConfigRequest& request) override {
    return real_.ValidateDataConfig(request);
  }
  provider::AttributeDiagnostics ValidateEphemeralConfig(
      const provider::ValidateConfigRequest& request) override {
    return real_.ValidateEphemeralConfig(request);
  }
  provider::UpgradeResourceStateResponse UpgradeResourceState(
      const provider::UpgradeResourceStateRequest& request) override {
    return real_.UpgradeResourceState(request);
  }
  provider::UpgradeResourceIdentityResponse UpgradeResourceIdentity(
      const provider::UpgradeResourceIdentityRequest& request) override {
    return real_.UpgradeResourceIdentity(request);
  }
  provider::CallFunctionResponse CallFunction(
      const provider::CallFunctionRequest& request) override {
    return real_.CallFunction(request);
  }

  provider::ReadResourceResponse ReadResource(
      const provider::ReadResourceRequest& request) override {
    provider::ReadResourceResponse out;
    out.state = request.prior;
    out.identity = request.identity;
    out.private_data = request.private_data;
    return out;
  }
  provider::PlanResourceChangeResponse PlanResourceChange(
      const provider::PlanResourceChangeRequest& request) override {
    provider::PlanResourceChangeResponse out;
    out.private_data = request.private_data;
    out.identity = request.prior_identity;
    out.planned = request.proposed;
    if (request.proposed.is_null()) return out;
    MockedObject made = Make(GetSchema().schema.resources, request.type, request.config);
    out.planned = std::move(made.value);
    out.diagnostics = std::move(made.diagnostics);
    return out;
  }
  provider::ApplyResourceChangeResponse ApplyResourceChange(
      const provider::ApplyResourceChangeRequest& request) override {
    provider::ApplyResourceChangeResponse out;
    out.state = request.planned;
    out.identity = request.planned_identity;
    out.private_data = request.private_data;
    return out;
  }
  provider::ReadDataSourceResponse ReadDataSource(
      const provider::ReadDataSourceRequest& request) override {
    provider::ReadDataSourceResponse out;
    MockedObject made = Make(GetSchema().schema.data_sources, request.type, request.config);
    out.state = std::move(made.value);
    out.diagnostics = std::move(made.diagnostics);
    return out;
  }
  provider::OpenEphemeralResourceResponse OpenEphemeralResource(
      const provider::OpenEphemeralResourceRequest& request) override {
    provider::OpenEphemeralResourceResponse out;
    MockedObject made = Make(GetSchema().schema.ephemeral_resources, request.type, request.config);
    out.result = std::move(made.value);
    out.diagnostics = std::move(made.diagnostics);
    return out;
  }
  provider::AttributeDiagnostics CloseEphemeralResource(
      const provider::OpenedEphemeralResource&) override {
    return {};
  }

 private:
  MockedObject Make(const provider::ByName<provider::Schema>& schemas, const std::string& type,
                    const Value& config) {
    auto schema = schemas.find(type);
    if (schema != schemas.end()) return MockObject(schema->second.block, config, given_, type);
    MockedObject out;
    out.diagnostics.push_back(provider::Refusal("Unknown type", "The provider has no " + type));
    return out;
  }

  Provider& real_;
  const Values given_;
};

}  // namespace

std::unique_ptr<Provider> MakeStandIn(Provider& real, Values given) {
  return std::make_unique<StandIn>(real, std::move(given));
}

Provider* RunStandIns::For(const std::string& resource, const config::LocalProvider* mock,
                           Provider* real) {
  const Values* given = nullptr;
  static const Values kNothing;
  if (mock != nullptr) {
    given = &kNothing;
    const MockProvider& mocked = *mocks.at(*mock);
    auto address = address::Parse(resource);
    for (const MockDefaults& defaults : mocked.defaults) {
      if (address.ok() && defaults.type == address->kind && defaults.is_data == address->is_data)
        given = &defaults.values;
    }
    for (const ResourceOverride& one : mocked.overrides) {
      if (ToString(one.target) == resource) given = &one.values;
    }
  }
  if (auto found = overrides.find(resource); found != overrides.end())
    given = &found->second->values;
  if (given == nullptr) return real;
  std::lock_guard lock(mutex_);
  std::unique_ptr<Provider>& made = made_[{resource, real}];
  if (made == nullptr) made = MakeStandIn(*real, *given);
  return made.get();
}

}  // namespace andon::infratest
