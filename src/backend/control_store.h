// The backend "andon": states in the project's control store, each write a version that can be
// looked at, compared and restored. The format is in docs/formats/control-store.md.
//
// What a version costs is what it changed: objects are kept by address with the versions that
// they are in, and their contents by hash, so that versions share them. An encrypted state is
// opaque, and kept whole in each version.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backend/kinds.h"
#include "base/clock.h"
#include "store/database.h"

namespace andon::backend {

Result<std::unique_ptr<state::Backend>> OpenControlStore(const Settings& settings,
                                                         const World& world);

struct StateVersion {
  int64_t version = 0;  // From 1, without gaps.
  Timestamp time;
  std::string actor;
  uint64_t serial = 0;
  std::string lineage;
  std::string digest;   // SHA-256 of the state's text.
  int64_t changed = 0;  // Objects that differ from the version before.
  int64_t objects = 0;
};

// The versions of one workspace of an "andon" backend. kInvalid for a backend of another kind.
// Empty where nothing was written yet.
Result<std::vector<StateVersion>> ListVersions(const Settings& settings, const World& world,
                                               const std::string& workspace);
// The state's text as it was written. kNotFound where there is no such version.
Result<std::string> ReadVersion(const Settings& settings, const World& world,
                                const std::string& workspace, int64_t version);

}  // namespace andon::backend
