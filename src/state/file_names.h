// Addresses as state files spell them: with HCL's escapes in instance keys, and the
// instance of a provider behind the provider's own address.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "address/address.h"

namespace andon::state {

// `module.a["$${x}"].module.b[0]`; empty for the root.
std::string ModuleText(const std::vector<address::ModuleStep>& module);
std::optional<std::vector<address::ModuleStep>> ModuleFromText(std::string_view text);

// `provider["registry/namespace/type"].alias["key"]` as the part before the key, and
// the key. Also the older `provider.type.alias`. Empty where it is neither.
std::optional<std::pair<std::string, address::Key>> SplitProvider(std::string_view text);
std::string ProviderText(std::string_view provider, const address::Key& key);

}  // namespace andon::state
