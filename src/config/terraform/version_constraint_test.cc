#include "config/terraform/version_constraint.h"

#include <gtest/gtest.h>

namespace andon::config {
namespace {

TEST(VersionConstraintTest, AllowsWhatTheReferenceAllows) {
  struct Case {
    const char* constraint;
    const char* version;
    bool is_allowed;
  };
  const Case cases[] = {
      {">= 1.2", "1.2.0", true},
      {">= 1.2, < 2.0", "1.9.9", true},
      {">= 1.2, < 2.0", "2.0.0", false},
      {"~> 1.2", "1.9.0", true},
      {"~> 1.2", "2.0.0", false},
      {"~> 1.2.3", "1.2.9", true},
      {"~> 1.2.3", "1.3.0", false},
      {"~> 1.2.3", "1.2.2", false},
      {"~> 1", "2.0.0", true},
      {"1.2.3", "1.2.3", true},
      {"= 1.2.3", "v1.2.3", true},
      {"!= 1.2.3", "1.2.3", false},
      {"!=1.2.3", "1.2.4", true},
      {"> 1.0.0", "1.0.1-beta", false},
      {"> 1.0.1-alpha", "1.0.1-beta", true},
      {"1.0.0-beta", "1.0.0", false},
      {"1.0", "1.0.0+build", true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.constraint) + " and " + c.version);
    auto constraint = VersionConstraint::Parse(c.constraint);
    auto version = Version::Parse(c.version);
    ASSERT_TRUE(constraint && version);
    EXPECT_EQ(constraint->Allows(*version), c.is_allowed);
  }
}

TEST(VersionConstraintTest, RefusesWhatIsNone) {
  for (const char* text : {"", "abc", ">=", ">= 1.", "1.2,", "=> 1.0", "1.0 2.0", ">> 1", "1..0"})
    EXPECT_FALSE(VersionConstraint::Parse(text)) << text;
}

TEST(VersionTest, OrdersPrereleases) {
  const char* ascending[] = {"1.0.0-1",  "1.0.0-2", "1.0.0-11", "1.0.0-alpha", "1.0.0-alpha.1",
                             "1.0.0-rc", "1.0.0",   "1.0.1",    "1.1.0",       "1.10.0"};
  for (size_t i = 1; i < std::size(ascending); ++i) {
    EXPECT_LT(*Version::Parse(ascending[i - 1]), *Version::Parse(ascending[i]))
        << ascending[i - 1] << " " << ascending[i];
  }
}

}  // namespace
}  // namespace andon::config
