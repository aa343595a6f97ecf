// Provider configurations: which there are, which modules are handed, and whether those
// that resources name exist.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "config/terraform/validator.h"

namespace andon::config {
namespace {

bool IsEmpty(const Provider& provider) {
  return provider.body.attributes.empty() && provider.body.blocks.empty() &&
         provider.version.empty();
}

bool IsRequiredAlias(const Terraform& terraform, const LocalProvider& local) {
  auto required = terraform.required_providers.find(local.name);
  if (required == terraform.required_providers.end()) return false;
  const auto& aliases = required->second.configuration_aliases;
  return std::find(aliases.begin(), aliases.end(), local) != aliases.end();
}

const PassedProvider* FindPassed(const ModuleState& state, const LocalProvider& local) {
  if (state.parent == nullptr) return nullptr;
  for (const PassedProvider& passed : state.node->call->providers) {
    if (passed.in_child == local) return &passed;
  }
  return nullptr;
}

std::string NameOf(const ModuleState& state) {
  return state.parent == nullptr ? "the root module" : state.node->address();
}

}  // namespace

// True where a configuration of this name may be used in the module.
bool Validator::IsConfigured(const LocalProvider& local, const ModuleState& state) const {
  return local.alias.empty() || state.terraform().providers.contains(local) ||
         IsRequiredAlias(state.terraform(), local);
}

void Validator::CheckProviders(const ModuleState& state, const SourceRange* no_configuration_at) {
  const Terraform& terraform = state.terraform();
  for (const auto& [name, child] : state.children) {
    const ModuleCall& call = *child->node->call;
    SourceRange range;
    const SourceRange* at = no_configuration_at;
    for (hcl::Expression expression : {call.count, call.for_each, call.enabled}) {
      if (!expression) continue;
      range = expression.range();
      at = &range;
    }
    if (at != &range && !call.depends_on.empty()) {
      range = call.depends_on[0].range();
      at = &range;
    }
    CheckProviders(*child, at);
  }
  CheckResourceProviders(state);
  for (const auto& [name, call] : terraform.module_calls) {
    for (const PassedProvider& passed : call.providers) {
      CheckInstanceKey(passed.in_parent, state, "module");
      if (!IsConfigured(passed.in_parent.provider, state)) {
        Wrong(kTerraformProvider, "Provider configuration not present",
              fmt::format("{} has no provider configuration {}.", NameOf(state),
                          ToString(passed.in_parent.provider)),
              passed.in_parent.range);
      }
    }
  }
  if (state.parent == nullptr) return;
  for (const auto& [local, provider] : terraform.providers) {
    if (IsEmpty(provider)) {
      diagnostics_.Add(Doubt(
          kTerraformDeprecated, "Redundant empty provider block",
          fmt::format("A module says what it needs in required_providers; an empty provider block "
                      "for {} is no longer needed.",
                      ToString(local)),
          provider.range));
      continue;
    }
    if (no_configuration_at != nullptr) {
      Wrong(kTerraformProvider,
            "Module is incompatible with count, for_each, enabled and depends_on",
            fmt::format("{} configures a provider itself, so its call may have none of them. Let "
                        "the caller hand the configuration over.",
                        state.node->address()),
            *no_configuration_at);
    }
    if (const PassedProvider* passed = FindPassed(state, local)) {
      Wrong(kTerraformProvider, "Cannot override provider configuration",
            fmt::format("{} configures {} itself.", state.node->address(), ToString(local)),
            passed->range);
    }
  }
  CheckPassed(state, *state.node->call);
}

// What a call hands over is what the module asks for.
void Validator::CheckPassed(const ModuleState& state, const ModuleCall& call) {
  const Terraform& terraform = state.terraform();
  for (const auto& [name, required] : terraform.required_providers) {
    for (const LocalProvider& alias : required.configuration_aliases) {
      auto own = terraform.providers.find(alias);
      bool is_own = own != terraform.providers.end() && !IsEmpty(own->second);
      if (is_own || FindPassed(state, alias) != nullptr) continue;
      Wrong(kTerraformProvider, "Missing required provider configuration",
            fmt::format("The module needs a configuration {0}: providers = {{ {0} = … }}",
                        ToString(alias)),
            call.range);
    }
  }
  for (const PassedProvider& passed : call.providers) {
    const LocalProvider& local = passed.in_child;
    bool is_known = (local.alias.empty() && terraform.required_providers.contains(local.name)) ||
                    IsRequiredAlias(terraform, local) || terraform.providers.contains(local);
    ProviderAddress wanted = terraform.AddressOf(local.name);
    if (!is_known) {
      bool is_default = local.alias.empty() && wanted.host == kDefaultProviderHost &&
                        wanted.space == kDefaultProviderNamespace;
      Diagnostic d =
          Mistake(kTerraformProvider, "Reference to undefined provider",
                  fmt::format("{} asks for no provider {}. If the module is yours, add it to its "
                              "required_providers.",
                              state.node->address(), ToString(local)),
                  passed.range);
      bool is_implied =
          wanted.host == kDefaultProviderHost && wanted.space == kDefaultProviderNamespace;
      if (is_default || is_implied) d.severity = Severity::kWarning;
      diagnostics_.Add(std::move(d));
    }
    ProviderAddress given = state.parent->terraform().AddressOf(passed.in_parent.provider.name);
    if (given == wanted) continue;
    Wrong(kTerraformProvider, "Provider type mismatch",
          fmt::format("{} is {} here, and {} of the module is {}.",
                      ToString(passed.in_parent.provider), ToString(given), ToString(local),
                      ToString(wanted)),
          passed.in_parent.range);
  }
}

void Validator::CheckResourceProviders(const ModuleState& state) {
  const Terraform& terraform = state.terraform();
  for (const auto& [address, resource] : terraform.resources) {
    if (!resource.provider) {
      std::string why = CheckLocalProviderName(resource.provider_local.name);
      if (!why.empty()) {
        Wrong(kTerraformProvider, "Invalid provider local name",
              fmt::format("The type of {} implies a provider \"{}\", which cannot be: {}.", address,
                          resource.provider_local.name, why),
              resource.range);
      }
      continue;
    }
    CheckInstanceKey(*resource.provider, state, "resource");
    if (IsConfigured(resource.provider_local, state)) continue;
    std::vector<std::string> known;
    for (const auto& [local, unused] : terraform.providers) known.push_back(ToString(local));
    Wrong(kTerraformProvider, "Provider configuration not present",
          fmt::format("{} has no provider configuration {}.", NameOf(state),
                      ToString(resource.provider_local)),
          resource.provider->range, DidYouMean(ToString(resource.provider_local), known));
  }
}

void Validator::CheckInstanceKey(const ProviderReference& reference, const ModuleState& state,
                                 std::string_view what) {
  auto found = state.terraform().providers.find(reference.provider);
  bool is_repeated = found != state.terraform().providers.end() && found->second.for_each;
  if (bool(reference.key) == is_repeated) return;
  Wrong(kTerraformProvider, fmt::format("Invalid {} provider configuration", what),
        is_repeated ? fmt::format("{0} has for_each, so one of its instances is named: {0}[KEY].",
                                  ToString(reference.provider))
                    : fmt::format("{} has no for_each, so there is no instance to name.",
                                  ToString(reference.provider)),
        reference.range);
}

}  // namespace andon::config
