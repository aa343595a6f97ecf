#include "infra/provider_functions.h"

#include <fmt/format.h>

#include "infra/graph.h"
#include "provider/schema_values.h"

namespace andon::infra {

using value::Value;

namespace {

constexpr std::string_view kPrefix = "provider::";

// "aws" of "provider::aws::arn_parse", "aws::eu" of "provider::aws::eu::arn_parse".
std::string ProviderPart(std::string_view name) {
  name.remove_prefix(kPrefix.size());
  size_t end = name.rfind("::");
  return std::string(end == std::string_view::npos ? name : name.substr(0, end));
}

hcl::Parameter ParameterOf(const provider::FunctionParameter& parameter) {
  return {.name = parameter.name,
          .type = parameter.type,
          .allow_null = parameter.allow_null,
          .allow_unknown = parameter.allow_unknown};
}

hcl::CallResult CallProvider(provider::Provider& provider, const std::string& name,
                             const value::Type& returns, std::span<const Value> arguments) {
  auto response = provider.CallFunction({name, {arguments.begin(), arguments.end()}});
  if (response.error) {
    auto argument = response.error->argument;
    return hcl::CallError{argument ? static_cast<int>(*argument) : -1, response.error->text};
  }
  if (auto wrong = provider::CheckConformance(response.result, returns))
    return hcl::CallError{-1, fmt::format("The provider's result has not the type that its own "
                                          "schema says: {}.",
                                          *wrong)};
  return response.result;
}

hcl::Function FunctionOf(std::string full_name, const std::string& name,
                         const provider::FunctionSchema& schema, provider::Provider& provider) {
  hcl::Function out{.name = std::move(full_name), .description = schema.summary};
  for (const provider::FunctionParameter& parameter : schema.parameters)
    out.parameters.push_back(ParameterOf(parameter));
  if (schema.variadic_parameter) out.variadic = ParameterOf(*schema.variadic_parameter);
  out.returns = hcl::Fixed(schema.return_type);
  out.body = [&provider, name, type = schema.return_type](std::span<const Value> arguments,
                                                          const hcl::CallSite&) {
    return CallProvider(provider, name, type, arguments);
  };
  return out;
}

// Stands where the provider cannot be asked, so that the call says why.
hcl::Function Broken(std::string full_name, std::string why) {
  hcl::Parameter any{.name = "argument",
                     .type = value::Type::Dynamic(),
                     .allow_null = true,
                     .allow_unknown = true,
                     .allow_marked = true};
  return {.name = std::move(full_name),
          .variadic = any,
          .returns = hcl::Fixed(value::Type::Dynamic()),
          .body = [why = std::move(why)](std::span<const Value>, const hcl::CallSite&)
              -> hcl::CallResult { return hcl::CallError{-1, why}; }};
}

}  // namespace

const hcl::FunctionTable* ProviderFunctions::TableFor(
    int module, const std::set<std::string, std::less<>>& called) {
  std::set<std::string> providers;
  for (const std::string& name : called) providers.insert(ProviderPart(name));
  std::lock_guard lock(mutex_);
  auto [entry, is_new] = tables_.try_emplace({module, providers});
  if (!is_new) return entry->second.get();
  auto table = std::make_unique<hcl::FunctionTable>(base_);
  const config::ModuleNode* tree = graph_.modules[static_cast<size_t>(module)].tree;
  for (const std::string& local : providers) {
    const std::string name = local.substr(0, local.find("::"));
    auto provider = pool_.Unconfigured(tree->module->terraform.AddressOf(name));
    if (!provider.ok()) {
      for (const std::string& full : called) {
        if (ProviderPart(full) == local) table->Add(Broken(full, provider.error().message));
      }
      continue;
    }
    for (const auto& [function, schema] : (*provider)->GetSchema().schema.functions)
      table->Add(FunctionOf(fmt::format("{}{}::{}", kPrefix, local, function), function, schema,
                            **provider));
  }
  entry->second = std::move(table);
  return entry->second.get();
}

}  // namespace andon::infra
