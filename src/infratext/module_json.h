// Resources by the modules that they are in: the tree that plans and states in JSON share.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "address/address.h"
#include "infratext/json_writer.h"

namespace andon::infratext {

struct ModuleEntry {
  const address::Address* address = nullptr;
  std::function<void()> write;  // The resource, as one value.
};

// The root module as an object: its resources in the order given, then the modules in it by
// address, each likewise.
void WriteModules(const std::vector<ModuleEntry>& resources, JsonWriter& out);

// "registry.opentofu.org/hashicorp/aws" of `module.a.provider["registry…"].west`; all of it where
// it has no such form.
std::string_view ProviderName(std::string_view provider_config);

// "module.a.module.b[0]"; empty for the root.
std::string ModuleText(const std::vector<address::ModuleStep>& module);

// `"index":0` or `"index":"eu"`; nothing where there is no key.
void WriteIndex(const address::Key& key, JsonWriter& out);
void WriteKey(const address::Key& key, JsonWriter& out);  // The value alone; null for none.

}  // namespace andon::infratext
