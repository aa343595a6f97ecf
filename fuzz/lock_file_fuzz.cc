// links: andon_registry
//
// Any bytes: a lock file, or a CLI configuration, is read or refused; a lock file that was read is
// written, and read again as the same.
#include "driver.h"
#include "io/memory_file_system.h"
#include "registry/cli_configuration.h"
#include "registry/lock_file.h"

using namespace andon;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  auto locks = registry::ParseProviderLocks(input);
  if (locks.ok()) {
    std::string written = registry::ProviderLockText(*locks);
    auto again = registry::ParseProviderLocks(written);
    FUZZ_CHECK(again.ok(), input);
    FUZZ_CHECK(registry::ProviderLockText(*again) == written, input);
  }
  io::MemoryFileSystem files;
  FUZZ_CHECK(files.Write("/c", input).ok(), input);
  auto configuration = registry::ReadCliConfiguration(files, {{"TF_CLI_CONFIG_FILE", "/c"}});
  FUZZ_CHECK(configuration.ok() || !configuration.error().message.empty(), input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {
      "provider \"registry.opentofu.org/hashicorp/random\" {\n  version     = \"3.9.0\"\n  "
      "constraints = \"~> 3.0\"\n  hashes = [\n    \"h1:abc=\",\n  ]\n}\n",
      "provider \"a.b/c/d\" {\n  version = \"1.0.0-beta1+x\"\n}\n",
      "plugin_cache_dir = \"$HOME/x\"\ncredentials \"h\" {\n  token = \"t\"\n}\nhost \"h\" {\n  "
      "services = {\n    \"a.v1\" = \"https://x/\"\n  }\n}\n",
      "provider_installation {\n  dev_overrides {\n    \"a/b\" = \"/x\"\n  }\n  filesystem_mirror "
      "{\n    path    = \"/m\"\n    include = [\"a/*\"]\n  }\n  network_mirror {\n    url = "
      "\"https://n/\"\n  }\n  direct {}\n}\n",
  };
}

std::vector<std::string> FuzzWords() {
  return {
      "provider", "version", "constraints", "hashes",      "\"zh:\"",     "dev_overrides",
      "{",        "}",       "direct",      "\"*/*\"",     "credentials", "host",
      "services", "/*",      "// x",        "\"a.b/c/d\"", "[",           "provider_installation",
      "=",        "\n",      "$HOME"};
}
