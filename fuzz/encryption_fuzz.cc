// links: andon_encryption
//
// Any bytes: an envelope is opened or refused, and what the codec itself sealed is opened to the
// same text.
#include "driver.h"
#include "encryption/codec.h"

using namespace andon;

namespace {

const encryption::Codec& TheCodec() {
  static const encryption::Codec kCodec = [] {
    encryption::KeyProvider provider{.address = "key_provider.pbkdf2.a",
                                     .metadata_key = "key_provider.pbkdf2.a",
                                     .passphrase = "a passphrase of some length",
                                     .iterations = 1};
    encryption::Configuration configuration;
    configuration.key_providers[provider.address] = provider;
    configuration.state = {{.address = "method.aes_gcm.a", .keys = provider.address}};
    return encryption::Codec(configuration, configuration.state, "state");
  }();
  return kCodec;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  // Many iterations are no mistake, and only cost time.
  if (input.find("iterations") == std::string::npos) (void)TheCodec().Open(input).ok();
  auto sealed = TheCodec().Seal(input);
  FUZZ_CHECK(sealed.ok() && encryption::IsSealed(*sealed), input);
  auto opened = TheCodec().Open(*sealed);
  FUZZ_CHECK(opened.ok() && *opened == input, input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {
      R"({"serial":1,"lineage":"l","meta":{"key_provider.pbkdf2.a":"eyJzYWx0IjoiQUFBQSIsImtleV9sZW5ndGgiOjMyfQ=="},"encrypted_data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","encryption_version":"v0"})",
      R"({"encryption_version":"v1"})",
      R"({"version":4})",
  };
}

std::vector<std::string> FuzzWords() {
  return WithJsonWords({"\"meta\"", "\"encrypted_data\"", "\"encryption_version\":\"v0\"",
                        "\"key_provider.pbkdf2.a\"", "AAAA", "\"serial\"", "\"lineage\""});
}
