// links: andon_registry
//
// Any bytes: what registries and mirrors answer is read or refused, and what was read is of the
// form that its header promises. The first byte says which answer it is.
#include "driver.h"
#include "registry/answers.h"
#include "registry/module_source.h"
#include "registry/package_hash.h"
#include "registry/url.h"

using namespace andon;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string input(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 8) {
    case 0: {
      auto versions = registry::ParseProviderVersions(input);
      if (!versions.ok()) break;
      for (size_t i = 1; i < versions->versions.size(); ++i)
        FUZZ_CHECK(versions->versions[i].version < versions->versions[i - 1].version, input);
      break;
    }
    case 1: {
      auto package = registry::ParseRegistryPackage(input);
      if (!package.ok()) break;
      FUZZ_CHECK(registry::IsPackageHash("zh:" + package->sha256), input);
      FUZZ_CHECK(package->filename.find('/') == std::string::npos, input);
      break;
    }
    case 2:
      (void)registry::ParseMirrorVersions(input).ok();
      break;
    case 3:
      (void)registry::ParseMirrorArchives(input).ok();
      break;
    case 4:
      (void)registry::ParseModuleVersions(input).ok();
      (void)registry::ParseModuleLocation(input).ok();
      (void)registry::ParseServices(input).ok();
      break;
    case 5:
      for (const auto& one : registry::ParseChecksums(input))
        FUZZ_CHECK(one.sha256.size() == 64 && !one.filename.empty(), input);
      break;
    case 6: {
      auto source = registry::ParseModuleSource(input);
      if (source.ok() && source->kind == registry::ModuleSource::Kind::kGit)
        FUZZ_CHECK(!source->url.starts_with('-') && !source->ref.starts_with('-'), input);
      break;
    }
    default: {
      std::string resolved = registry::ResolveUrl("https://user@example.com:1/a/b?c#d", input);
      FUZZ_CHECK(registry::ShownUrl(resolved).find('?') == std::string::npos, input);
      (void)registry::HostOf(input);
    }
  }
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {
      R"(0{"versions":[{"version":"1.0.0","protocols":["5.0"]},{"version":"2.0.0-beta1+m"}],"warnings":["w"]})",
      R"(1{"os":"linux","arch":"amd64","filename":"x.zip","download_url":"x","shasums_url":"s","shasums_signature_url":"g","shasum":"31a811472a25d38101333c69ce905b1f78f811bd4358a292d6a64f90acea2f5b","signing_keys":{"gpg_public_keys":[{"ascii_armor":"K"}]},"packages":{"linux_amd64":{"hashes":["h1:x="],"package_size":7}}})",
      R"(2{"versions":{"1.0.0":{},"2.0.0":{}}})",
      R"(3{"archives":{"linux_amd64":{"url":"a.zip","hashes":["h1:abc="]}}})",
      R"(4{"modules":[{"versions":[{"version":"1.0.0"}]}],"location":"./x"})",
      "5" + std::string(64, 'a') + "  a.zip\n" + std::string(64, 'b') + " *b.zip\n",
      "6git::https://h/a.git//sub?ref=v1&depth=1",
      "7../../x/./y?z#w",
  };
}

std::vector<std::string> FuzzWords() {
  return WithJsonWords({"\"versions\"", "\"version\"", "\"archives\"", "\"hashes\"", "\"shasum\"",
                        "\"packages\"", "\"url\"", "zh:", "h1:", "::", "//", "..", "?ref=", "git@",
                        "https://"});
}
