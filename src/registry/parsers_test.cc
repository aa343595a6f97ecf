// What is read of others' texts: addresses, answers, checksums, lock files.
#include <gtest/gtest.h>

#include "registry/answers.h"
#include "registry/lock_file.h"
#include "registry/module_source.h"
#include "registry/package_hash.h"
#include "registry/provider_folders.h"
#include "registry/url.h"

namespace andon::registry {
namespace {

TEST(Url, IsResolvedAgainstItsBase) {
  struct Case {
    const char *base, *reference, *wanted;
  } cases[] = {
      {"https://h:1/a/b/c?q=1", "d", "https://h:1/a/b/d"},
      {"https://h:1/a/b/c", "/d?x", "https://h:1/d?x"},
      {"https://h/a/b/c", "../d/./e", "https://h/a/d/e"},
      {"https://h/a", "../../../d", "https://h/d"},
      {"https://h/a/b", "?x=1", "https://h/a/b?x=1"},
      {"https://h/a/b?x=1", "", "https://h/a/b?x=1"},
      {"https://h/a", "//other:2/b", "https://other:2/b"},
      {"https://h/a", "http://other/b#part", "http://other/b"},
      {"https://h", "b", "https://h/b"},
      {"https://h/a/", "file:///etc/passwd", "file:///etc/passwd"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(ResolveUrl(c.base, c.reference), c.wanted) << c.base << " " << c.reference;
}

TEST(Url, ShowsNoSecret) {
  EXPECT_EQ(ShownUrl("https://user:password@h:1/a/b?token=x#y"), "https://h:1/a/b");
  EXPECT_EQ(HostOf("https://user:password@H.example:1/a"), "h.example:1");
  EXPECT_EQ(PathOf("https://h/a/b.zip?c=/d.tar"), "/a/b.zip");
  EXPECT_TRUE(IsHttpUrl("HTTPS://h"));
  EXPECT_FALSE(IsHttpUrl("file:///x"));
}

TEST(ModuleSource, IsReadAndWritten) {
  struct Case {
    const char *text, *wanted;
    ModuleSource::Kind kind;
  } cases[] = {
      {"a/b/c", "registry.opentofu.org/a/b/c", ModuleSource::Kind::kRegistry},
      {"Example.com:8443/a/b/c//x/y", "example.com:8443/a/b/c//x/y", ModuleSource::Kind::kRegistry},
      {"https://h/x.zip//sub?archive=zip&a=1", "https://h/x.zip?a=1//sub",
       ModuleSource::Kind::kArchive},
      {"https://h/x.tar.gz//*", "https://h/x.tar.gz//*", ModuleSource::Kind::kArchive},
      {"github.com/a/b//sub?ref=v1", "git::https://github.com/a/b//sub?ref=v1",
       ModuleSource::Kind::kGit},
      {"git::ssh://git@h/a.git?ref=v1&depth=1", "git::ssh://git@h/a.git?ref=v1",
       ModuleSource::Kind::kGit},
      {"git@h:a/b.git", "git::git@h:a/b.git", ModuleSource::Kind::kGit},
      {"https://h/a.git", "git::https://h/a.git", ModuleSource::Kind::kGit},
  };
  for (const Case& c : cases) {
    auto read = ParseModuleSource(c.text);
    ASSERT_TRUE(read.ok()) << c.text << ": " << read.error().message;
    EXPECT_EQ(ToString(*read), c.wanted);
    EXPECT_EQ(read->kind, c.kind) << c.text;
  }
  for (const char* wrong :
       {"", "a", "a/b", "a/b/c/d/e", "a/../c", "s3::https://h/x.zip", "git::--upload-pack=x",
        "git::https://h/a?ref=--output=x", "https://h/x.zip//../y", "hg::https://h/x"})
    EXPECT_FALSE(ParseModuleSource(wrong).ok()) << wrong;
}

TEST(Answers, OfRegistriesAreReadOrRefused) {
  auto versions = ParseProviderVersions(
      R"({"versions":[{"version":"1.0.0"},{"version":"1.10.0","protocols":["5.0"]},
          {"version":"1.2.0"},{"version":"junk"},{"version":7},null]})");
  ASSERT_TRUE(versions.ok());
  ASSERT_EQ(versions->versions.size(), 3u);
  EXPECT_EQ(config::ToString(versions->versions[0].version), "1.10.0");
  EXPECT_EQ(versions->versions[0].protocols, std::vector<std::string>{"5.0"});
  for (const char* wrong : {"", "[]", "{\"versions\":7}", "{\"versions\":[{\"version\":", "null"})
    EXPECT_FALSE(ParseProviderVersions(wrong).ok()) << wrong;

  std::string sum(64, 'A');
  std::string good = R"({"os":"linux","arch":"amd64","filename":"x.zip","download_url":"x.zip",
      "shasums_url":"s","shasums_signature_url":"g","shasum":")" +
                     sum + R"(","signing_keys":{"gpg_public_keys":[{"ascii_armor":"K"}]}})";
  auto package = ParseRegistryPackage(good);
  ASSERT_TRUE(package.ok()) << package.error().message;
  EXPECT_EQ(package->sha256, std::string(64, 'a'));
  EXPECT_EQ(package->signing_keys, std::vector<std::string>{"K"});
  auto without = [&](std::string text, std::string_view what, std::string_view with) {
    text.replace(text.find(what), what.size(), with);
    return ParseRegistryPackage(text).ok();
  };
  EXPECT_FALSE(without(good, sum, "abc"));
  EXPECT_FALSE(without(good, "\"x.zip\"", "\"../x.zip\""));
  EXPECT_FALSE(without(good, "\"download_url\":\"x.zip\"", "\"download_url\":\"\""));
  EXPECT_FALSE(without(good, "\"shasums_url\"", "\"no\""));
}

TEST(Answers, OfMirrorsAreReadOrRefused) {
  auto archives =
      ParseMirrorArchives(R"({"archives":{"linux_amd64":{"url":"a.zip","hashes":["h1:abc="]}}})");
  ASSERT_TRUE(archives.ok());
  EXPECT_EQ((*archives)["linux_amd64"].url, "a.zip");
  for (const char* wrong : {R"({})", R"({"archives":[]})", R"({"archives":{"x":{}}})",
                            R"({"archives":{"x":{"url":"a","hashes":["junk"]}}})",
                            R"({"archives":{"x":{"url":"a","hashes":["zh:12"]}}})"})
    EXPECT_FALSE(ParseMirrorArchives(wrong).ok()) << wrong;
  EXPECT_FALSE(ParseMirrorVersions(R"({"versions":[]})").ok());
  EXPECT_FALSE(ParseModuleVersions(R"({"modules":{"a":1}})").ok());
  EXPECT_EQ(ParseModuleVersions(R"({"modules":[{"versions":[{"version":"1.0.0"}]}]})")->size(), 1u);
}

TEST(Checksums, AreBelievedWholeOrNotAtAll) {
  std::string sum(64, 'b');
  EXPECT_EQ(ParseChecksums(sum + "  a.zip\n" + sum + " *b.zip\n\n").size(), 2u);
  EXPECT_EQ(ParseChecksums(sum + " *b.zip")[0].filename, "b.zip");
  EXPECT_TRUE(ParseChecksums(sum + "  a.zip\njunk\n").empty());
  EXPECT_TRUE(ParseChecksums(sum + "\n").empty());
  EXPECT_TRUE(ParseChecksums("").empty());
}

TEST(LockFile, IsWrittenAsItIsRead) {
  std::string text =
      "# This file is maintained automatically by \"andon init\".\n"
      "# Manual edits may be lost in future updates.\n\n"
      "provider \"registry.opentofu.org/hashicorp/random\" {\n"
      "  version     = \"3.9.0\"\n  constraints = \"~> 3.0\"\n  hashes = [\n"
      "    \"h1:abc=\",\n    \"zh:" +
      std::string(64, '0') +
      "\",\n  ]\n}\n\n"
      "provider \"registry.opentofu.org/hashicorp/time\" {\n  version = \"1.0.0\"\n}\n";
  auto locks = ParseProviderLocks(text);
  ASSERT_TRUE(locks.ok()) << locks.error().message;
  EXPECT_EQ(ProviderLockText(*locks), text);
}

TEST(LockFile, SaysWhereItIsWrong) {
  struct Case {
    const char *text, *wanted;
  } cases[] = {
      {"provider \"a/b/c\" {\n}\n", ":1:1: A provider of the lock file needs its version"},
      {"provider \"hashicorp/random\" {\n  version = \"1.0.0\"\n}\n", ":1:10: "},
      {"provider \"a.b/c/d\" {\n  version = \"1\"\n}\n", ":1:1: "},
      {"provider \"a.b/c/d\" {\n  version = \"1.0.0\"\n  hashes = [\"x\"]\n}\n",
       ":3:3: \"x\" is no hash"},
      {"provider \"a.b/c/d\" {\n  version = \"1.0.0\"\n  constraints = \"?\"\n}\n", ":3:3: "},
      {"provider \"a.b/c/d\" {\n  version = \"1.0.0\"\n}\nprovider \"a.b/c/d\" {\n  version = "
       "\"1.0.0\"\n}\n",
       ":4:1: The lock file has this provider twice."},
      {"provider {", ".terraform.lock.hcl:1:"},
  };
  for (const Case& c : cases) {
    auto locks = ParseProviderLocks(c.text);
    ASSERT_FALSE(locks.ok()) << c.text;
    EXPECT_NE(locks.error().message.find(c.wanted), std::string::npos) << locks.error().message;
  }
}

TEST(LockFile, HasConstraintsInOneForm) {
  auto canonical = [](std::vector<std::string> texts) {
    std::vector<config::VersionConstraint> constraints;
    for (const std::string& text : texts)
      constraints.push_back(*config::VersionConstraint::Parse(text));
    return CanonicalConstraints(constraints);
  };
  EXPECT_EQ(canonical({}), "");
  EXPECT_EQ(canonical({"< 2,>=1.2"}), ">= 1.2.0, < 2.0.0");
  EXPECT_EQ(canonical({">= 2.0", ">= 2.0.0"}), ">= 2.0.0");
  EXPECT_EQ(canonical({"~> 3.0", "3.1"}), "~> 3.0, 3.1.0");
  EXPECT_EQ(canonical({"~> 2", "~> 2.1.0", "!= 2.1"}), "~> 2.0, ~> 2.1.0, != 2.1.0");
}

TEST(ProviderFolders, KnowPlatforms) {
  for (const char* good : {"linux_amd64", "darwin_arm64", "windows_386"})
    EXPECT_TRUE(IsPlatform(good)) << good;
  for (const char* wrong : {"", "linux", "_amd64", "linux_", "linux_amd64_v3", "../x_y", "L_a"})
    EXPECT_FALSE(IsPlatform(wrong)) << wrong;
}

}  // namespace
}  // namespace andon::registry
