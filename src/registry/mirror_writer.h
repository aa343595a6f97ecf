// A folder with the packages of providers that others may install from: a filesystem mirror, and
// with its index files, behind any web server, a network mirror.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "registry/lock_file.h"
#include "registry/package_check.h"
#include "registry/provider_installer.h"
#include "registry/provider_source.h"

namespace andon::registry {

struct MirrorOptions {
  std::string folder;
  std::vector<std::string> platforms;
  SigningPolicy policy;
  const Clock* clock = nullptr;
};

// Versions are those of `locks`, or else the newest that are allowed. Packages that stand in the
// folder already are fetched anew; others stay, and are in the indexes. `tell` gets the lines of
// the reference. An Error is of the machine.
Result<std::vector<InstallFailure>> MirrorProviders(
    ProviderSource& source, const Remote& remote, const Requirements& requirements,
    const ProviderLocks& locks, const MirrorOptions& options,
    const std::function<void(std::string_view line)>& tell);

}  // namespace andon::registry
