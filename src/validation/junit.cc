#include "validation/junit.h"

#include <fmt/format.h>

#include <algorithm>

namespace andon::validation {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The length of the UTF-8 character at `at` that XML 1.0 may hold; 0: it may not.
size_t CharacterAt(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (length == 0 || first > 0xF4 || at + length > text.size()) return 0;
  char32_t code = first & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
    code = (code << 6) | (byte(at + i) & 0x3F);
  }
  const bool is_overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool is_allowed =
      code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF) && code != 0xFFFE && code != 0xFFFF;
  return is_overlong || !is_allowed ? 0 : length;
}

// For texts and for attributes, where a line break would become a space.
std::string Escaped(std::string_view text, bool is_attribute) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const size_t length = CharacterAt(text, i);
    if (length == 0) {
      out += kReplacement;
      ++i;
      continue;
    }
    switch (text[i]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += is_attribute ? "&quot;" : "\"";
        break;
      case '\r':
        out += "&#13;";
        break;
      case '\n':
      case '\t':
        out += is_attribute ? fmt::format("&#{};", static_cast<int>(text[i]))
                            : std::string(1, text[i]);
        break;
      default:
        out += text.substr(i, length);
    }
    i += length;
  }
  return out;
}

std::string Attribute(std::string_view name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, Escaped(value, true));
}

std::string Seconds(Duration time) {
  return fmt::format("{:.6f}", static_cast<double>(time.count()) / 1e6);
}

struct Totals {
  size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  Duration time{0};

  void Add(const TestSuite& suite) {
    tests += suite.cases.size();
    auto count = [&](TestCase::Outcome outcome) {
      return static_cast<size_t>(
          std::count_if(suite.cases.begin(), suite.cases.end(),
                        [&](const TestCase& c) { return c.outcome == outcome; }));
    };
    failures += count(TestCase::kFailure);
    errors += count(TestCase::kError);
    skipped += count(TestCase::kSkipped);
    time += suite.time;
  }
  std::string Attributes() const {
    return fmt::format(" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"",
                       tests, failures, errors, skipped, Seconds(time));
  }
};

std::string Case(const TestCase& test) {
  std::string out = "    <testcase" + Attribute("name", test.name) +
                    Attribute("classname", test.class_name) + Attribute("time", Seconds(test.time));
  if (!test.file.empty()) out += Attribute("file", test.file);
  if (test.line > 0) out += Attribute("line", std::to_string(test.line));
  std::string body;
  if (test.outcome == TestCase::kSkipped) {
    body = fmt::format("      <skipped{}/>\n", Attribute("message", test.message));
  } else if (test.outcome != TestCase::kPassed) {
    const char* element = test.outcome == TestCase::kError ? "error" : "failure";
    body = fmt::format("      <{}{}{}>{}</{}>\n", element, Attribute("message", test.message),
                       Attribute("type", test.type), Escaped(test.text, false), element);
  }
  if (!test.output.empty()) {
    body += fmt::format("      <system-out>{}</system-out>\n", Escaped(test.output, false));
  }
  return body.empty() ? out + "/>\n" : out + ">\n" + body + "    </testcase>\n";
}

std::string Suite(const TestSuite& suite) {
  Totals totals;
  totals.Add(suite);
  // Readers expect local time without a zone or a fraction.
  std::string started = ToRfc3339(std::chrono::floor<std::chrono::seconds>(suite.started));
  if (started.ends_with('Z')) started.pop_back();
  std::string out = "  <testsuite" + Attribute("name", suite.name) + totals.Attributes() +
                    Attribute("timestamp", started) + ">\n";
  if (!suite.properties.empty()) {
    out += "    <properties>\n";
    for (const auto& [name, value] : suite.properties) {
      out += "      <property" + Attribute("name", name) + Attribute("value", value) + "/>\n";
    }
    out += "    </properties>\n";
  }
  for (const TestCase& test : suite.cases) out += Case(test);
  return out + "  </testsuite>\n";
}

}  // namespace

std::string JUnitDocument(std::string_view name, const std::vector<TestSuite>& suites) {
  Totals totals;
  std::string body;
  for (const TestSuite& suite : suites) {
    totals.Add(suite);
    body += Suite(suite);
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + Attribute("name", name) +
         totals.Attributes() + ">\n" + body + "</testsuites>\n";
}

}  // namespace andon::validation
