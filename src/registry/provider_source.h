// Where packages of providers come from: a registry, a mirror, a folder. One interface, so that
// installation does not care; and what has to be checked of a package goes with it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/terraform/provider_address.h"
#include "config/terraform/version_constraint.h"
#include "io/file_system.h"
#include "registry/answers.h"
#include "registry/cli_configuration.h"
#include "registry/remote.h"
#include "registry/services.h"

namespace andon::registry {

// One package of a version for one platform, and what vouches for it.
struct Offer {
  enum class Place { kFolder, kArchive, kRemote };
  Place place = Place::kRemote;
  std::string location;  // A folder, an archive, or an address.
  std::string token;     // For the address.

  // Of a registry: the archive has this hash, which stands under its name in a document that one
  // of the keys signed.
  bool is_of_registry = false;
  std::string filename;
  std::string sha256;
  std::string checksums;
  std::string signature;
  std::vector<std::string> signing_keys;
  // Hashes that a registry or a mirror has of it (one of them must fit), and those that a registry
  // has of the packages for other platforms.
  std::vector<std::string> hashes;
  std::vector<std::string> other_hashes;
  int64_t size = 0;  // 0: not told.
};

// Thread: all functions may be called from any thread.
class ProviderSource {
 public:
  virtual ~ProviderSource() = default;
  // The newest first. kNotFound where it has nothing of the provider; messages are those of the
  // reference, without a full stop.
  virtual Result<ProviderVersions> Versions(const config::ProviderAddress& address) = 0;
  // kNotFound where the version has no package for the platform.
  virtual Result<Offer> Find(const config::ProviderAddress& address, const config::Version& version,
                             const std::string& platform) = 0;
  // "provider registry registry.opentofu.org".
  virtual std::string Shown(const config::ProviderAddress& address) const = 0;
};

// All of these must outlive the sources.
struct Connection {
  const Remote& remote;
  Services& services;
};

std::unique_ptr<ProviderSource> RegistrySource(Connection connection);
// `url` is https: and ends with "/".
std::unique_ptr<ProviderSource> NetworkMirror(Connection connection, std::string url);
std::unique_ptr<ProviderSource> FilesystemMirror(const io::FileSystem& files, std::string folder);
// Each method with what it offers; the first that has a version gives its package.
std::unique_ptr<ProviderSource> JoinedSource(Connection connection, const io::FileSystem& files,
                                             const std::vector<InstallationMethod>& methods);

// Without the default host, as the reference prints it: "hashicorp/random".
std::string ForDisplay(const config::ProviderAddress& address);

}  // namespace andon::registry
