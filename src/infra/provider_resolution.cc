#include "infra/provider_resolution.h"

#include <fmt/format.h>

#include "base/text.h"
#include "infra/graph.h"

namespace andon::infra {

ProviderPlace FindProvider(const Graph& graph, int module, const config::LocalProvider& local,
                           const config::ProviderAddress& address) {
  ProviderPlace place{.module = module, .local = local};
  while (true) {
    const ModuleEntry& entry = graph.modules[static_cast<size_t>(place.module)];
    if (entry.tree == nullptr) {
      place.module = entry.parent;
      if (entry.parent < 0) return {.module = 0, .local = local};
      continue;
    }
    const config::Terraform& terraform = entry.tree->module->terraform;
    if (terraform.providers.contains(place.local)) return place;
    if (entry.parent < 0) return place;
    const config::ModuleCall* call = entry.tree->call;
    bool is_passed = false;
    for (const config::PassedProvider& passed : call->providers) {
      if (passed.in_child != place.local) continue;
      is_passed = true;
      place.local = passed.in_parent.provider;
      if (passed.in_parent.key) {
        place.key = passed.in_parent.key;
        place.key_module = entry.parent;
      }
    }
    if (!is_passed) {
      if (!place.local.alias.empty()) return place;  // Validation reports that it is missing.
      // Inherited by type: the module around may call it by another name.
      const ModuleEntry& parent = graph.modules[static_cast<size_t>(entry.parent)];
      if (parent.tree != nullptr) {
        const config::Terraform& above = parent.tree->module->terraform;
        if (above.AddressOf(place.local.name) != address) {
          for (const auto& [name, required] : above.required_providers) {
            if (required.address == address) place.local.name = name;
          }
        }
      }
    }
    place.module = entry.parent;
  }
}

std::string ToString(const ProviderText& text) {
  std::string out;
  for (const std::string& module : text.module) out += fmt::format("module.{}.", module);
  out += fmt::format("provider[\"{}\"]", config::ToString(text.address));
  if (!text.alias.empty()) out += "." + text.alias;
  return out;
}

std::optional<ProviderText> ParseProviderText(std::string_view text) {
  ProviderText out;
  while (text.starts_with("module.")) {
    text.remove_prefix(7);
    size_t dot = text.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    out.module.emplace_back(text.substr(0, dot));
    text.remove_prefix(dot + 1);
  }
  std::string source;
  if (text.starts_with("provider[\"")) {
    text.remove_prefix(10);
    size_t end = text.find("\"]");
    if (end == std::string_view::npos) return std::nullopt;
    source = text.substr(0, end);
    text.remove_prefix(end + 2);
    auto address = config::ParseProviderSource(source);
    if (!address.ok()) return std::nullopt;
    out.address = *address;
  } else if (text.starts_with("provider.")) {
    text.remove_prefix(9);
    size_t end = std::min(text.find('.'), text.size());
    out.address = config::ImpliedProvider(text.substr(0, end));
    text.remove_prefix(end);
  } else {
    return std::nullopt;
  }
  if (text.starts_with(".")) out.alias = text.substr(1);
  return out;
}

}  // namespace andon::infra
