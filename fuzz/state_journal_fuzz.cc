// links: andon_state
//
// Any bytes: as a journal, and as the lines of one whose digests fit. What is folded is a state
// that can be written and read again; what is refused leaves the state as it was.
#include <algorithm>

#include "driver.h"
#include "state/file.h"
#include "state/journal.h"

using namespace andon;

namespace {

constexpr const char* kHead =
    R"({"format":"andon state journal","version":1,"lineage":"l","serial":1,)"
    R"("base":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"})";

// The digest of the format's description.
std::string Line(std::string_view json) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char c : json) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:016x} {}\n", hash, json);
}

void Fold(const std::string& journal, const std::string& input) {
  state::State folded;
  auto result = state::FoldJournal(journal, "j", "", folded);
  if (!result.ok()) {
    FUZZ_CHECK(folded.empty() && folded.lineage.empty(), input);
    return;
  }
  auto written = state::WriteState(folded);
  FUZZ_CHECK(written.ok(), input);
  auto again = state::ReadState(*written, "f");
  FUZZ_CHECK(again.state && state::SameContent(folded, *again.state), input);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  Fold(input, input);
  std::string journal = Line(kHead);
  std::string_view rest = input;
  while (!rest.empty()) {
    size_t end = std::min(rest.find('\n'), rest.size());
    journal += Line(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  Fold(journal, input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {
      Line(kHead) + Line(R"({"instance":"t.n"})"),
      R"({"instance":"module.m[\"a\"].t.n[0]","provider":"provider[\"h/n/t\"].x[\"eu\"]","current":{"schema_version":0,"attributes":{"id":"1"},"sensitive_attributes":[]}})"
      "\n"
      R"({"instance":"t.n","provider":"provider[\"h/n/t\"]","deposed":{"0badc0de":{"schema_version":1,"attributes":{}}}})",
      R"({"output":"o","type":["list","number"],"value":[1],"sensitive":true})"
      "\n"
      R"({"output":"o"})",
      R"({"finished":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"})",
  };
}

std::vector<std::string> FuzzWords() {
  return WithJsonWords({"\n", "\"instance\":", "\"t.n\"",
                        "\"provider\":", "\"current\":", "\"deposed\":", "\"output\":", "\"type\":",
                        "\"value\":", "\"finished\":", "\"dynamic\""});
}
