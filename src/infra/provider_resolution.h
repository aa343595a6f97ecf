// Which provider configuration a resource uses: its module's own, one that was handed to the
// module, or, for a default configuration, that of the nearest module around it.
// (Reference: "Providers Within Modules" of Terraform's language documentation.)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/terraform/configuration.h"
#include "config/terraform/provider_address.h"

namespace andon::infra {

struct Graph;

// A module, by its index in the graph, and the name of the configuration there.
struct ProviderPlace {
  int module = 0;
  config::LocalProvider local;
  // The key of an instance, where the configuration has for_each and was handed to a module
  // with one: an expression of the module `key_module`.
  hcl::Expression key;
  int key_module = -1;
};

// Where no module declares one, the place is the root module: an empty configuration is implied.
ProviderPlace FindProvider(const Graph& graph, int module, const config::LocalProvider& local,
                           const config::ProviderAddress& address);

// How a state file names a configuration: `module.a.provider["host/space/type"].alias`.
struct ProviderText {
  std::vector<std::string> module;
  config::ProviderAddress address;
  std::string alias;
};
std::string ToString(const ProviderText& text);
// Nothing where the text is none. The older form `provider.aws` is read as well.
std::optional<ProviderText> ParseProviderText(std::string_view text);

}  // namespace andon::infra
