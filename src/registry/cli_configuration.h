// The CLI configuration of Terraform and OpenTofu: where providers may come from, which tokens
// hosts ask for, and the like. It is one file of the user's, not of the project's.
// (Reference: "CLI Configuration File" of OpenTofu's documentation.)
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/terraform/provider_address.h"
#include "io/file_system.h"
#include "registry/remote.h"

namespace andon::registry {

// The environment's variables by name, so that tests need not change their own.
using Environment = std::map<std::string, std::string>;

struct InstallationMethod {
  enum class Kind { kFilesystemMirror, kNetworkMirror, kDirect };
  Kind kind = Kind::kDirect;
  std::string location;              // A folder, or the address of a network mirror with its "/".
  std::vector<std::string> include;  // "*/*", "registry.example.com/*/*"; empty: all.
  std::vector<std::string> exclude;

  bool Offers(const config::ProviderAddress& address) const;
};

struct CliConfiguration {
  // Nothing where the file has no provider_installation.
  std::optional<std::vector<InstallationMethod>> methods;
  std::map<config::ProviderAddress, std::string> dev_overrides;  // Folders with the program.
  std::string plugin_cache_dir;                                  // Empty: none.
  bool may_break_lock_file = false;
  Tokens tokens;
  // By host, then by service ("providers.v1"): instead of asking the host where they are.
  std::map<std::string, std::map<std::string, std::string>> hosts;
  RemoteOptions remote;
};

// Of the file that TF_CLI_CONFIG_FILE names, or ~/.tofurc, ~/.terraformrc, and of the environment:
// TF_PLUGIN_CACHE_DIR, TF_TOKEN_example_com, TF_REGISTRY_CLIENT_TIMEOUT and the like. Nothing set
// where there is no file. kInvalid with file, line and column.
Result<CliConfiguration> ReadCliConfiguration(const io::FileSystem& files,
                                              const Environment& environment);

// Where providers come from, in their order of preference: the methods of the file, or else the
// folders that usually hold some, and the registries for all that these have not.
std::vector<InstallationMethod> MethodsOf(const CliConfiguration& configuration,
                                          const io::FileSystem& files,
                                          const Environment& environment);

}  // namespace andon::registry
