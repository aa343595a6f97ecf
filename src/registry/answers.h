// What registries and mirrors answer, read: pure functions from their JSON to plain data. Anything
// may stand in an answer: what is of another form than its protocol says is kInvalid, with what is
// wrong, and never more than what the protocol names is believed.
//
// (References: "Provider Registry Protocol", "Module Registry Protocol", "Provider Network Mirror
// Protocol" and "Remote Service Discovery" of OpenTofu's documentation.)
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/terraform/version_constraint.h"

namespace andon::registry {

// .well-known/terraform.json: addresses by service, "providers.v1", as they were written.
Result<std::map<std::string, std::string>> ParseServices(std::string_view text);

struct ProviderVersions {
  struct One {
    config::Version version;
    std::vector<std::string> protocols;  // "5.0"; none: not told.
  };
  std::vector<One> versions;          // The newest first, each once.
  std::vector<std::string> warnings;  // Of the registry, for people.
};
// Versions that are none are left out, as they cannot be asked for.
Result<ProviderVersions> ParseProviderVersions(std::string_view text);

// One package of a provider's version, as a registry offers it.
struct RegistryPackage {
  std::vector<std::string> protocols;
  std::string os, arch;
  std::string filename;
  std::string download_url;
  std::string sha256;  // 64 hex digits, in lower case.
  std::string checksums_url;
  std::string signature_url;
  std::vector<std::string> signing_keys;  // Armored.
  // By platform ("linux_amd64"), where the registry knows: hashes of all packages of the version.
  struct Known {
    std::vector<std::string> hashes;
    int64_t size = 0;
  };
  std::map<std::string, Known> packages;
};
Result<RegistryPackage> ParseRegistryPackage(std::string_view text);

// index.json of a network mirror: the newest first.
Result<std::vector<config::Version>> ParseMirrorVersions(std::string_view text);

struct MirrorArchive {
  std::string url;
  std::vector<std::string> hashes;
};
// VERSION.json of a network mirror, by platform.
Result<std::map<std::string, MirrorArchive>> ParseMirrorArchives(std::string_view text);

// The versions of a module, the newest first.
Result<std::vector<config::Version>> ParseModuleVersions(std::string_view text);
// Where a module's package is; empty where only the header X-Terraform-Get says it.
Result<std::string> ParseModuleLocation(std::string_view text);

}  // namespace andon::registry
