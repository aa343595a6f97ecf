// Versions and constraints on them, as required_version, required_providers and
// modules have them: ">= 1.2, < 2.0", "~> 1.0", "1.2.3", "!= 1.5.0".
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/source.h"

namespace andon::config {

struct Version {
  std::vector<int64_t> segments;  // At least three.
  std::string prerelease;         // "beta1"
  std::string metadata;           // "build7"; does not count in comparisons.

  // Nothing where the text is no version. A leading "v" is skipped.
  static std::optional<Version> Parse(std::string_view text);
  std::strong_ordering operator<=>(const Version& other) const;
  bool operator==(const Version& other) const { return (*this <=> other) == 0; }
};

std::string ToString(const Version& version);

struct VersionConstraint {
  enum class Operator {
    kEqual,
    kNotEqual,
    kGreater,
    kGreaterEqual,
    kLess,
    kLessEqual,
    kPessimistic
  };
  struct Term {
    Operator op = Operator::kEqual;
    Version version;
    int segments_given = 3;  // "~> 1.2" keeps 1, "~> 1.2.0" keeps 1.2.
    std::string text;        // As written: "~> 1.2".
  };
  std::vector<Term> terms;  // All must hold; none: every version will do.
  SourceRange range;

  // Nothing where the text is no list of constraints.
  static std::optional<VersionConstraint> Parse(std::string_view text);
  bool empty() const { return terms.empty(); }
  // A prerelease is allowed only by a term that names a prerelease of the same version.
  bool Allows(const Version& version) const;
};

// ">= 1.2, < 2.0".
std::string ToString(const VersionConstraint& constraint);

}  // namespace andon::config
