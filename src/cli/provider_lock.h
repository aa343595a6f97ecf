// .terraform.lock.hcl: which version of each provider a folder uses, and the hashes of its package.
// (Reference: "Dependency Lock File" of Terraform's language documentation.)
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "config/terraform/provider_address.h"
#include "io/file_system.h"

namespace andon::cli {

struct ProviderLock {
  std::string version;
  std::string constraints;          // As they were when it was chosen; empty: none.
  std::vector<std::string> hashes;  // "h1:…", "zh:…", sorted.

  bool operator==(const ProviderLock&) const = default;
};

using ProviderLocks = std::map<config::ProviderAddress, ProviderLock>;

inline constexpr char kLockFile[] = ".terraform.lock.hcl";

// Nothing locked where there is no file. kInvalid with file and line where it cannot be read.
Result<ProviderLocks> ReadProviderLocks(const io::FileSystem& files);
std::string ProviderLockText(const ProviderLocks& locks);

// "h1:" of an unpacked package: the hash of its files' hashes and names, whatever their order on
// the disk. kIo.
Result<std::string> PackageHash(const std::string& dir);

}  // namespace andon::cli
