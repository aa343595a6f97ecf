// .terraform.lock.hcl: which version of each provider a folder uses, and the hashes of its package.
// (Reference: "Dependency Lock File" of Terraform's language documentation.)
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/terraform/provider_address.h"
#include "config/terraform/version_constraint.h"
#include "io/file_system.h"

namespace andon::registry {

struct ProviderLock {
  std::string version;
  std::string constraints;          // As they were when it was chosen; empty: none.
  std::vector<std::string> hashes;  // "h1:…", "zh:…", sorted.

  bool Has(const std::string& hash) const;
  // Each hash once, in order.
  void Add(const std::vector<std::string>& more);
  bool operator==(const ProviderLock&) const = default;
};

using ProviderLocks = std::map<config::ProviderAddress, ProviderLock>;

inline constexpr char kLockFile[] = ".terraform.lock.hcl";

// kInvalid with file, line and column.
Result<ProviderLocks> ParseProviderLocks(std::string text, const std::string& filename = kLockFile);
// Nothing locked where there is no file.
Result<ProviderLocks> ReadProviderLocks(const io::FileSystem& files);
std::string ProviderLockText(const ProviderLocks& locks);

// Constraints of several places as lock files write them: each once, the lowest first, versions
// with three numbers: ">= 1.2.0, < 2.0.0". Empty where there are none.
std::string CanonicalConstraints(const std::vector<config::VersionConstraint>& constraints);

}  // namespace andon::registry
