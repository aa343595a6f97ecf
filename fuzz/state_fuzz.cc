// links: andon_state
//
// Any bytes: a state that is read is written, and read again as the same file.
#include "driver.h"
#include "state/file.h"

using namespace andon;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  state::ReadResult read = state::ReadState(input, "f");
  FUZZ_CHECK(!(read.state && read.diagnostics.has_errors()), input);
  FUZZ_CHECK(read.state || read.diagnostics.has_errors() || input.empty(), input);
  if (!read.state) return 0;
  auto written = state::WriteState(*read.state);
  FUZZ_CHECK(written.ok(), input);
  state::ReadResult again = state::ReadState(*written, "f");
  FUZZ_CHECK(again.state, input);
  FUZZ_CHECK(state::SameContent(*read.state, *again.state), input);
  FUZZ_CHECK(*state::WriteState(*again.state) == *written, input);
  auto type = value::Type::Object({{"id", value::Type::String()}, {"n", value::Type::Dynamic()}});
  for (const auto& [address, resource] : read.state->resources) {
    for (const auto& [key, instance] : resource.instances) {
      if (instance.current) (void)state::Decode(*instance.current, type).ok();
    }
  }
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {
      R"({"version":4,"terraform_version":"1.11.4","serial":25,"lineage":"l","outputs":{"a":{"value":[1],"type":["list","number"]},"b":{"value":"x","type":"string","sensitive":true,"deprecated":"d"}},"resources":[],"check_results":null})",
      R"({"version":4,"serial":1,"lineage":"l","resources":[{"module":"module.m[\"a\"]","mode":"managed","type":"t","name":"n","provider":"provider[\"h/n/t\"].x","instances":[{"index_key":"k","status":"tainted","schema_version":1,"attributes":{"id":"i","n":1.50e+3},"sensitive_attributes":[[{"type":"get_attr","value":"n"},{"type":"index","value":{"value":1,"type":"number"}}]],"private":"cHJp","dependencies":["t.o"],"create_before_destroy":true,"identity":{"id":"i"},"identity_schema_version":0},{"index_key":"k","deposed":"0badc0de","schema_version":0,"attributes_flat":{"id":"1"}}]}]})",
      R"({"version":4,"resources":[{"mode":"data","type":"t","name":"n","instances":[{"index_key":0,"provider":"provider[\"h/n/t\"].x[\"eu\"]","schema_version":0,"attributes":{}}]}],"check_results":[{"object_kind":"check","config_addr":"check.c","status":"fail","objects":[{"object_addr":"check.c","status":"fail","failure_messages":["m"]}]}]})",
      R"({"version":3,"terraform_version":"0.11.1"})",
  };
}

std::vector<std::string> FuzzWords() {
  return WithJsonWords({"\"version\":4", "\"serial\"", "\"resources\"", "\"instances\"",
                        "\"index_key\"", "\"deposed\"", "\"provider\"", "module.a[0]",
                        "\"sensitive_attributes\"", "\"private\"", "\"dynamic\"", "\"outputs\"",
                        "\\u2028", "\xe2\x80\xa8", "null"});
}
