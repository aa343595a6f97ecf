#include "provider/terraform_remote_state.h"

namespace andon::provider {
namespace {

using value::Type;
using value::Value;

AttributeDiagnostic Problem(const char* summary, std::string detail, const char* attribute) {
  return {.diagnostic = {.summary = summary, .detail = std::move(detail)},
          .attribute = value::Path().Attribute(attribute)};
}

bool IsObject(const Value& value) {
  const Type& type = value.type();
  return value.is_null() || type.is_dynamic() || type.is_object() || type.is_map();
}

RemoteStateRequest RequestOf(const Value& config) {
  const Value& workspace = *config.Find("workspace");
  return {.backend = config.Find("backend")->string(),
          .config = *config.Find("config"),
          .workspace = workspace.is_null() ? "default" : workspace.string()};
}

}  // namespace

Schema RemoteStateSchema() {
  auto attribute = [](std::string name, Type type, std::string says) {
    AttributeSchema out;
    out.name = std::move(name);
    out.type = std::move(type);
    out.optional = true;
    out.description.text = std::move(says);
    return out;
  };
  Schema schema;
  schema.block.attributes = {
      attribute("backend", Type::String(), "The backend that keeps the state."),
      attribute("config", Type::Dynamic(), "The arguments of the backend."),
      attribute("defaults", Type::Dynamic(), "Values of outputs that the state does not have."),
      attribute("outputs", Type::Dynamic(), "Every output of the state's root module."),
      attribute("workspace", Type::String(), "The workspace; \"default\" where it is not set."),
  };
  schema.block.attributes[0].optional = false;
  schema.block.attributes[0].required = true;
  schema.block.attributes[3].optional = false;
  schema.block.attributes[3].computed = true;
  return schema;
}

AttributeDiagnostics ValidateRemoteState(const Value& config, const RemoteStateReader& reader) {
  AttributeDiagnostics out;
  if (!IsObject(*config.Find("config")))
    out.push_back(Problem("Invalid backend configuration",
                          "The configuration must be an object value.", "config"));
  if (!IsObject(*config.Find("defaults")))
    out.push_back(Problem("Invalid default values", "Defaults must be given in an object value.",
                          "defaults"));
  bool is_known = config.Find("config")->is_wholly_known() &&
                  config.Find("backend")->is_known_not_null() &&
                  config.Find("workspace")->is_known();
  if (!out.empty() || !is_known || !reader) return out;
  auto checked = reader(RequestOf(config), true);
  if (!checked.ok())
    out.push_back(Problem("Invalid backend configuration", checked.error().message, "config"));
  return out;
}

ReadDataSourceResponse ReadRemoteState(const Value& config, const RemoteStateReader& reader) {
  ReadDataSourceResponse out{.state = Value::Null()};
  if (!reader) {
    out.diagnostics.push_back(
        Problem("Error loading state error", "States cannot be read here.", "backend"));
    return out;
  }
  RemoteStateRequest request = RequestOf(config);
  auto outputs = reader(request, false);
  if (!outputs.ok()) {
    out.diagnostics.push_back(Problem("Error loading state error",
                                      "error loading the remote state: " + outputs.error().message,
                                      "backend"));
    return out;
  }
  if (!*outputs) {
    out.diagnostics.push_back(Problem(
        "Unable to find remote state",
        "No stored state was found for the given workspace in the given backend.", "workspace"));
    return out;
  }
  std::map<std::string, Value> values;
  const Value& defaults = *config.Find("defaults");
  if (!defaults.is_null()) {
    for (const auto& [name, value] : defaults.members()) values[name] = value;
  }
  for (const auto& [name, output] : **outputs)
    values[name] =
        output.sensitive ? output.value.WithMarks(value::Mark::kSensitive) : output.value;
  Value::Members members(values.begin(), values.end());
  out.state = Value::Object({{"backend", *config.Find("backend")},
                             {"config", *config.Find("config")},
                             {"defaults", defaults},
                             {"outputs", Value::Object(std::move(members))},
                             {"workspace", *config.Find("workspace")}});
  return out;
}

}  // namespace andon::provider
