// Where providers may be installed from without asking anybody: folders of unpacked packages,
// HOST/NAMESPACE/TYPE/VERSION/OS_ARCH, named by Terraform's CLI configuration or at the usual
// places. (Reference: "Provider Installation" of Terraform's CLI configuration.)
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/terraform/provider_address.h"
#include "config/terraform/version_constraint.h"

namespace andon::cli {

#if defined(__aarch64__)
inline constexpr char kPlatform[] = "linux_arm64";
#else
inline constexpr char kPlatform[] = "linux_amd64";
#endif

struct ProviderMirror {
  std::string path;
  std::vector<std::string> include;  // "*/*", "registry.example.com/*/*"; empty: all.
  std::vector<std::string> exclude;
};

// Those of the file that TF_CLI_CONFIG_FILE names, or of ~/.tofurc, ~/.terraformrc; without a
// provider_installation block the usual folders. kInvalid with file and line.
Result<std::vector<ProviderMirror>> ReadProviderMirrors();

struct ProviderPackage {
  config::Version version;
  std::string dir;  // Absolute; holds the program.
};

// The packages of the provider for this machine, the newest first.
std::vector<ProviderPackage> FindPackages(const std::vector<ProviderMirror>& mirrors,
                                          const config::ProviderAddress& address);

}  // namespace andon::cli
