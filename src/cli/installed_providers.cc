// Where a folder's providers are: in the program, attached by a debugger, or installed below
// .terraform/providers.
#include <fmt/format.h>

#include <cstdlib>

#include "base/text.h"
#include "cli/infrastructure.h"
#include "cli/installation.h"
#include "cli/remote_state.h"
#include "config/terraform/version_constraint.h"
#include "io/path.h"
#include "plugin/plugin.h"
#include "provider/terraform_provider.h"
#include "registry/lock_file.h"
#include "registry/locked_package.h"
#include "registry/provider_folders.h"

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
  // One that somebody is developing, where the CLI configuration names its folder. Else what
  // initialisation left below .terraform/providers: the version of the lock file, or the newest.
  Result<std::string> ProgramOf(const config::ProviderAddress& address) const {
    io::LocalFileSystem files;
    auto configuration = TRY(registry::ReadCliConfiguration(files, ProcessEnvironment()));
    if (auto folder = configuration.dev_overrides.find(address);
        folder != configuration.dev_overrides.end())
      return registry::FindProgram(files, folder->second, address);
    registry::ProviderLocks locks = TRY(registry::ReadProviderLocks(files));
    // Terraform's own default host, for folders that it initialised.
    for (std::string host : {address.host, std::string("registry.terraform.io")}) {
      if (host != address.host && address.host != config::kDefaultProviderHost) continue;
      config::ProviderAddress here{host, address.space, address.type};
      std::string folder = io::Join(dir_, ".terraform/providers");
      auto packages = registry::FindPackages(files, folder, here);
      std::erase_if(packages, [](const auto& package) { return package.is_archive; });
      if (packages.empty()) continue;
      auto lock = locks.find(here);
      auto chosen = packages.begin();
      for (auto it = packages.begin(); lock != locks.end() && it != packages.end(); ++it) {
        if (config::ToString(it->version) == lock->second.version) chosen = it;
      }
      if (lock != locks.end() && config::ToString(chosen->version) == lock->second.version)
        TRY(registry::CheckLocked(files, here, lock->second, chosen->path));
      return registry::FindProgram(files, chosen->path, here);
    }
    return Error::NotFound(
        "The provider {} is not installed. Initialise the folder: andon init; what \"tofu init\" "
        "or \"terraform init\" install is used as well.",
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
