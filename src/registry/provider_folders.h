// Packages of providers in folders, as filesystem mirrors and .terraform/providers have them:
//   unpacked  HOST/NAMESPACE/TYPE/VERSION/OS_ARCH/
//   packed    HOST/NAMESPACE/TYPE/terraform-provider-TYPE_VERSION_OS_ARCH.zip
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/terraform/provider_address.h"
#include "config/terraform/version_constraint.h"
#include "io/file_system.h"

namespace andon::registry {

// Of this machine: "linux_amd64".
#if defined(__aarch64__)
inline constexpr char kPlatform[] = "linux_arm64";
#else
inline constexpr char kPlatform[] = "linux_amd64";
#endif

// "linux_amd64": one word, "_", one word.
bool IsPlatform(std::string_view text);

struct LocalPackage {
  config::Version version;
  std::string platform;
  std::string path;  // The folder, or the archive.
  bool is_archive = false;
};

// What `folder` has of the provider for `platform` (empty: for any), the newest first; of the same
// version the unpacked one first. Nothing where there is no such folder.
std::vector<LocalPackage> FindPackages(const io::FileSystem& files, const std::string& folder,
                                       const config::ProviderAddress& address,
                                       std::string_view platform = kPlatform);

// Of which providers the folder has anything.
std::vector<config::ProviderAddress> ProvidersBelow(const io::FileSystem& files,
                                                    const std::string& folder);

// "HOST/NAMESPACE/TYPE/VERSION/OS_ARCH".
std::string UnpackedPath(const config::ProviderAddress& address, const config::Version& version,
                         std::string_view platform);
// "terraform-provider-TYPE_VERSION_OS_ARCH.zip".
std::string ArchiveName(const config::ProviderAddress& address, const config::Version& version,
                        std::string_view platform);

// The program in an unpacked package. kNotFound where there is none.
Result<std::string> FindProgram(const io::FileSystem& files, const std::string& dir,
                                const config::ProviderAddress& address);

}  // namespace andon::registry
