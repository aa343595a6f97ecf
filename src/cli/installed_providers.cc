// Where a folder's providers are: in the program, attached by a debugger, or installed below
// .terraform/providers.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "base/text.h"
#include "cli/infrastructure.h"
#include "cli/provider_mirrors.h"
#include "cli/remote_state.h"
#include "config/terraform/version_constraint.h"
#include "plugin/plugin.h"
#include "provider/terraform_provider.h"

namespace andon::cli {
namespace {

class Installed : public infra::ProviderSource {
 public:
  explicit Installed(const Context& context)
      : dir_(context.project_dir), remote_states_(RemoteStates(context)) {}

  Result<std::unique_ptr<provider::Provider>> Start(
      const config::ProviderAddress& address) override {
    if (address.is_builtin()) {
      if (address.type == "terraform")
        return std::unique_ptr<provider::Provider>(provider::MakeTerraformProvider(remote_states_));
      return Error::NotFound("There is no built-in provider \"{}\".", address.type);
    }
    plugin::Options options{.name = config::ToString(address)};
    std::map<std::string, plugin::Reattach> attached;
    if (const char* json = std::getenv("TF_REATTACH_PROVIDERS"); json != nullptr && *json != '\0')
      attached = TRY(plugin::ReadReattach(json));
    auto found = attached.find(options.name);
    if (found != attached.end()) {
      options.reattach = found->second;
    } else {
      options.command = {TRY(ProgramOf(address))};
    }
    const char* no_tls = std::getenv("TF_DISABLE_PLUGIN_TLS");
    options.encrypted = no_tls == nullptr || *no_tls == '\0';
    auto started = TRY(plugin::Start(std::move(options)));
    return std::unique_ptr<provider::Provider>(std::move(started));
  }

 private:
  // The newest version below .terraform/providers/HOST/NAMESPACE/TYPE. Initialisation leaves
  // one, that of the lock file.
  Result<std::string> ProgramOf(const config::ProviderAddress& address) const {
    namespace fs = std::filesystem;
    std::error_code failed;
    // Terraform's own default host, for folders that it initialised.
    for (std::string host : {address.host, std::string("registry.terraform.io")}) {
      if (host != address.host && address.host != config::kDefaultProviderHost) continue;
      fs::path base = fs::path(dir_) / ".terraform/providers" / host / address.space / address.type;
      std::optional<config::Version> best;
      fs::path folder;
      for (fs::directory_iterator it(base, failed), end; !failed && it != end;
           it.increment(failed)) {
        auto version = config::Version::Parse(it->path().filename().string());
        if (!version || (best && *version < *best)) continue;
        best = version;
        folder = it->path() / kPlatform;
      }
      if (!best) continue;
      std::string prefix = "terraform-provider-" + address.type;
      for (fs::directory_iterator it(folder, failed), end; !failed && it != end;
           it.increment(failed)) {
        if (it->path().filename().string().starts_with(prefix)) return it->path().string();
      }
    }
    return Error::NotFound(
        "The provider {} is not installed. Initialise the folder: andon init, or \"tofu init\" or "
        "\"terraform init\" where it comes from a registry; what they install is used.",
        config::ToString(address));
  }

  std::string dir_;
  provider::RemoteStateReader remote_states_;
};

}  // namespace

std::unique_ptr<infra::ProviderSource> InstalledProviders(const Context& context) {
  return std::make_unique<Installed>(context);
}

}  // namespace andon::cli
