// A JUnit document as GitLab, GitHub's reporters, Jenkins and Buildkite read it: suites of cases.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace andon::validation {

struct TestCase {
  enum Outcome { kPassed, kFailure, kError, kSkipped };
  std::string name;
  std::string class_name;
  std::string file;  // Where it is declared; empty: not known.
  int line = 0;
  Duration time{0};
  Outcome outcome = kPassed;
  std::string type;     // Of a failure: "expect_column_values_to_be_between".
  std::string message;  // Of a failure, one line.
  std::string text;     // Of a failure, all that is known.
  std::string output;   // What a case that passed says.
};

struct TestSuite {
  std::string name;
  Timestamp started{};
  Duration time{0};
  std::vector<std::pair<std::string, std::string>> properties;
  std::vector<TestCase> cases;
};

// Well-formed XML 1.0 whatever the texts hold: what XML cannot say becomes U+FFFD.
std::string JUnitDocument(std::string_view name, const std::vector<TestSuite>& suites);

}  // namespace andon::validation
