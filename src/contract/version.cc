#include "contract/version.h"

#include <fmt/format.h>

#include <charconv>

namespace andon::contract {

std::string_view ToString(Bump bump) {
  switch (bump) {
    case Bump::kNone:
      return "none";
    case Bump::kPatch:
      return "patch";
    case Bump::kMinor:
      return "minor";
    case Bump::kMajor:
      return "major";
  }
  return "";
}

std::string ToString(const Version& version) {
  return fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
}

std::optional<Version> ParseVersion(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  if (size_t behind = text.find_first_of("-+"); behind != std::string_view::npos) {
    if (behind + 1 == text.size()) return std::nullopt;
    text = text.substr(0, behind);
  }
  Version version;
  int* const numbers[] = {&version.major, &version.minor, &version.patch};
  for (int i = 0; i < 3; ++i) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *numbers[i]);
    if (error != std::errc() || *numbers[i] < 0 || text.starts_with('-')) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (text.empty()) return version;
    if (text[0] != '.' || i == 2) return std::nullopt;
    text.remove_prefix(1);
  }
  return std::nullopt;
}

Bump BumpBetween(const Version& before, const Version& after) {
  if (after.major != before.major) return after.major > before.major ? Bump::kMajor : Bump::kNone;
  if (after.minor != before.minor) return after.minor > before.minor ? Bump::kMinor : Bump::kNone;
  return after.patch > before.patch ? Bump::kPatch : Bump::kNone;
}

Version Bumped(Version version, Bump bump) {
  switch (bump) {
    case Bump::kMajor:
      return {version.major + 1, 0, 0};
    case Bump::kMinor:
      return {version.major, version.minor + 1, 0};
    case Bump::kPatch:
      return {version.major, version.minor, version.patch + 1};
    case Bump::kNone:
      break;
  }
  return version;
}

}  // namespace andon::contract
