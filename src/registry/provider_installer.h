// Providers brought to where they are started from: chosen by constraints and lock file, fetched
// several at a time, checked, and put into their places whole.
//
// Two installations of one folder, or into one cache, wait for one another. One that is killed
// leaves nothing that the next would take for a package.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/terraform/version_constraint.h"
#include "registry/lock_file.h"
#include "registry/package_check.h"
#include "registry/provider_folders.h"
#include "registry/provider_source.h"

namespace andon::registry {

// What a configuration asks for, of each provider. None of the program's own is among them.
using Requirements = std::map<config::ProviderAddress, std::vector<config::VersionConstraint>>;

struct InstallOptions {
  std::string folder = ".terraform/providers";
  std::string platform = kPlatform;
  bool upgrade = false;              // Chooses anew, whatever is locked.
  bool is_anew = false;              // Fetches also what stands there already.
  std::string cache_dir;             // Shared by folders, which link to it; empty: none.
  bool may_break_lock_file = false;  // Takes from the cache also what no lock vouches for.
  SigningPolicy policy;
  const Clock* clock = nullptr;
  std::string command;  // Who waits for whom: "andon init".
};

// What happens, in the order in which it is told: providers by their addresses.
struct InstallEvent {
  enum class Kind {
    kReusingLocked,   // The version is that of the lock file.
    kFinding,         // By constraints, or the newest one.
    kUsingInstalled,  // It stands there already.
    kUsingCache,
    kInstalling,
    kInstalled,
    kWaitingForCache,
    kWarning,  // Of a registry, for people; or an expired key.
  };
  Kind kind = Kind::kInstalled;
  config::ProviderAddress address;
  std::string version;
  std::string text;  // Constraints, the cache, a warning.
  bool to_cache = false;
  Verdict verdict;  // Of kInstalled.
};

struct InstallFailure {
  config::ProviderAddress address;
  std::string summary;  // "Failed to install provider"
  std::string detail;
};

struct InstallOutcome {
  ProviderLocks locks;  // With what is installed now, and without what nobody asks for.
  std::vector<InstallFailure> failures;
  bool has_signed = false;
  // Locked with hashes of this platform only, since nobody told others.
  std::vector<config::ProviderAddress> incomplete;
};

// A failure of one does not keep the others from being installed. An Error is of the machine:
// kIo, kHeld, kInterrupted.
Result<InstallOutcome> InstallProviders(ProviderSource& source, const Remote& remote,
                                        const Requirements& requirements,
                                        const ProviderLocks& locks, const InstallOptions& options,
                                        const std::function<void(const InstallEvent&)>& tell);

}  // namespace andon::registry
