// links: andon_base andon_plugin
//
// The first line of a plugin, and the lines after it: any bytes are refused with a message that
// is text, or understood as what the protocol allows.
#include "base/text.h"
#include "driver.h"
#include "plugin/handshake.h"
#include "plugin/log_line.h"
#include "plugin/plugin.h"

using namespace andon;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  auto handshake = plugin::ParseHandshake(input);
  if (handshake.ok()) {
    FUZZ_CHECK(!handshake->endpoint.address.empty(), input);
    int version = static_cast<int>(handshake->protocol);
    FUZZ_CHECK(version == 5 || version == 6, input);
  } else {
    FUZZ_CHECK(IsUtf8(handshake.error().message), input);
    FUZZ_CHECK(handshake.error().message.size() < 1000, input);
  }
  FUZZ_CHECK(plugin::ParseLogLine(input).message.size() <= input.size(), input);
  (void)plugin::ReadReattach(input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {"1|5|unix|/tmp/plugin123|grpc|",
          "1|6|tcp|127.0.0.1:10000|grpc|" + std::string(100, 'A') + "|true",
          R"({"@level":"warn","@message":"m","@module":"provider"})", "[ERROR] it broke",
          R"({"a/b/c":{"Protocol":"grpc","ProtocolVersion":6,"Pid":1,
            "Addr":{"Network":"unix","String":"/s"}}})"};
}

std::vector<std::string> FuzzWords() {
  return {"|",  "1|",   "6|",       "unix|", "tcp|", "grpc|", "99999999999999999999",
          "-1", "\xff", "\"Addr\"", "{}",    "\n"};
}
