// links: andon_infratest
//
// Any bytes as a file of tests, in native and in JSON syntax: reading ends, every place that is
// told lies in the text, and the same text gives the same mistakes.
#include "driver.h"
#include "infratest/test_file.h"

namespace {

using namespace andon;

std::string Read(const std::string& input, const char* name) {
  infratest::TestFile file = infratest::ReadTestFile(name, input);
  std::string told = std::to_string(file.runs.size());
  for (const Diagnostic& d : file.diagnostics) {
    FUZZ_CHECK(!d.code.empty() && !d.summary.empty(), input);
    FUZZ_CHECK(d.subject.start.byte <= d.subject.end.byte, input);
    FUZZ_CHECK(!d.subject.exists() || size_t(d.subject.end.byte) <= input.size() + 1, input);
    told += d.summary + ToString(d.subject) + d.detail;
  }
  return told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  for (const char* name : {"a.tftest.hcl", "a.tofutest.json"})
    FUZZ_CHECK(Read(input, name) == Read(input, name), input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {
      "variables {\n  a = 1\n}\nprovider \"x\" {\n  alias = \"y\"\n}\nrun \"r\" {\n  command = "
      "plan\n  providers = { x = x.y }\n  expect_failures = [var.a, check.b, x_y.z[0]]\n  "
      "plan_options {\n    mode = refresh-only\n    target = [x_y.z, module.m]\n  }\n  assert {\n  "
      "  condition = var.a == 1\n    error_message = \"e\"\n  }\n  module {\n    source = "
      "\"./m\"\n  }\n}\n",
      "mock_provider \"x\" {\n  alias = \"y\"\n  for_each = {}\n  mock_resource \"x_y\" {\n    "
      "defaults = { a = [1, { b = null }] }\n  }\n  override_data {\n    target = "
      "module.m.data.x_y.z\n  }\n}\noverride_module {\n  target = module.m\n  outputs = { a = "
      "true }\n}\n",
      R"({"run": {"r": {"command": "plan", "assert": [{"condition": "${var.a}", "error_message": )"
      R"("e"}], "override_resource": {"target": "x_y.z", "values": {"a": "b"}}}}})",
  };
}

std::vector<std::string> FuzzWords() {
  return {"run \"a\" {",
          "}",
          "variables",
          "mock_provider",
          "override_module",
          "target =",
          "expect_failures = [",
          "command = plan",
          "plan_options {",
          "[0]",
          "data.",
          "module.",
          "values = {",
          "${",
          "null"};
}
