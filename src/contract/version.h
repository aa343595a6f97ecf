// Versions of contracts, which count as software's do: major.minor.patch.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace andon::contract {

// What a change of a promise asks of the version, from nothing to a new first number.
enum class Bump { kNone, kPatch, kMinor, kMajor };
std::string_view ToString(Bump bump);  // "none", "patch", "minor", "major"

struct Version {
  int major = 0, minor = 0, patch = 0;

  auto operator<=>(const Version&) const = default;
};
std::string ToString(const Version& version);

// "1", "1.2", "1.2.3", "v1.2.3", "1.2.3-rc.1" (what is behind the numbers is left out); empty for
// anything else.
std::optional<Version> ParseVersion(std::string_view text);

// The number that went up first; none where `after` is not later.
Bump BumpBetween(const Version& before, const Version& after);
// The next version that a bump asks for.
Version Bumped(Version version, Bump bump);

}  // namespace andon::contract
