// Whether what stands below .terraform/providers is what the lock file names, asked each time a
// provider is started.
//
// Hashing a package takes a second for the large ones, so what was hashed is remembered, with the
// size and the time of each file: a package whose files look as they did is not read again. That
// guards against what was damaged or replaced, not against who may write into the folder.
#pragma once

#include <string>

#include "base/result.h"
#include "config/terraform/provider_address.h"
#include "io/file_system.h"
#include "registry/lock_file.h"

namespace andon::registry {

// Beside .terraform/providers; it may be removed at any time.
inline constexpr char kHashedPackages[] = ".terraform/andon-packages.json";

// `dir`: the unpacked package. kInvalid where none of the lock's hashes of contents ("h1:") is its;
// a lock without any says nothing of it.
Result<void> CheckLocked(io::FileSystem& files, const config::ProviderAddress& address,
                         const ProviderLock& lock, const std::string& dir,
                         const std::string& remembered = kHashedPackages);

}  // namespace andon::registry
