#include "infratext/module_json.h"

#include <map>
#include <memory>

namespace andon::infratext {
namespace {

struct Module {
  std::vector<const ModuleEntry*> resources;
  std::map<std::string, std::unique_ptr<Module>> modules;  // By address.
};

void Write(const Module& module, std::string_view address, JsonWriter& out) {
  out.BeginObject();
  if (!module.resources.empty()) {
    out.Key("resources").BeginArray();
    for (const ModuleEntry* entry : module.resources) entry->write();
    out.EndArray();
  }
  if (!address.empty()) out.Key("address").String(address);
  if (!module.modules.empty()) {
    out.Key("child_modules").BeginArray();
    for (const auto& [inner_address, inner] : module.modules) Write(*inner, inner_address, out);
    out.EndArray();
  }
  out.EndObject();
}

}  // namespace

std::string ModuleText(const std::vector<address::ModuleStep>& module) {
  std::string out;
  for (const address::ModuleStep& step : module) {
    if (!out.empty()) out += '.';
    out += "module." + step.name + address::ToString(step.key);
  }
  return out;
}

void WriteModules(const std::vector<ModuleEntry>& resources, JsonWriter& out) {
  Module root;
  for (const ModuleEntry& entry : resources) {
    Module* at = &root;
    std::vector<address::ModuleStep> path;
    for (const address::ModuleStep& step : entry.address->module) {
      path.push_back(step);
      auto& inner = at->modules[ModuleText(path)];
      if (inner == nullptr) inner = std::make_unique<Module>();
      at = inner.get();
    }
    at->resources.push_back(&entry);
  }
  Write(root, "", out);
}

std::string_view ProviderName(std::string_view provider_config) {
  constexpr std::string_view kBegin = "provider[\"";
  size_t begin = provider_config.find(kBegin);
  if (begin == std::string_view::npos) return provider_config;
  begin += kBegin.size();
  size_t end = provider_config.find("\"]", begin);
  return end == std::string_view::npos ? provider_config
                                       : provider_config.substr(begin, end - begin);
}

void WriteKey(const address::Key& key, JsonWriter& out) {
  if (const auto* number = std::get_if<int64_t>(&key)) {
    out.Integer(*number);
  } else if (const auto* text = std::get_if<std::string>(&key)) {
    out.String(*text);
  } else {
    out.Null();
  }
}

void WriteIndex(const address::Key& key, JsonWriter& out) {
  if (std::holds_alternative<std::monostate>(key)) return;
  out.Key("index");
  WriteKey(key, out);
}

}  // namespace andon::infratext
