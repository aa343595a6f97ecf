// Installation from folders, which needs no network: what is chosen, what stays, and what two do
// that meet.
#include "registry/provider_installer.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/text.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "io/process.h"

namespace andon::registry {
namespace {

class NoNetwork : public io::HttpClient {
 public:
  Result<io::HttpResponse> Send(const io::HttpRequest&) override {
    return Error::Unavailable("there is no network");
  }
};

class InstallerTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = io::Join(testing::TempDir(), "installer-" + RandomUuid());
    ASSERT_TRUE(files_.MakeDirs(At("mirror")).ok());
  }
  void TearDown() override { EXPECT_TRUE(files_.RemoveAll(folder_).ok()); }

  std::string At(const std::string& name) const { return io::Join(folder_, name); }
  static config::ProviderAddress Address(const std::string& type) {
    return {"h.example", "a", type};
  }

  void AddFolder(const std::string& type, const std::string& version) {
    std::string dir = At("mirror/h.example/a/" + type + "/" + version + "/" + kPlatform);
    ASSERT_TRUE(files_.Write(io::Join(dir, "terraform-provider-" + type), version).ok());
  }
  void AddArchive(const std::string& type, const std::string& version) {
    std::string dir = At("mirror/h.example/a/" + type);
    ASSERT_TRUE(files_.MakeDirs(dir).ok());
    std::string path =
        io::Join(dir, ArchiveName(Address(type), *config::Version::Parse(version), kPlatform));
    auto done = io::Run({.argv = {"python3", "-c",
                                  "import zipfile,sys\na=zipfile.ZipFile(sys.argv[1],'w')\n"
                                  "a.writestr('terraform-provider-'+sys.argv[2],sys.argv[3]*9999)",
                                  path, type, version}});
    ASSERT_TRUE(done.ok() && done->status.ok());
  }

  InstallOutcome Install(const Requirements& requirements, const ProviderLocks& locks = {},
                         InstallOptions options = {}) {
    SystemClock clock;
    options.folder = At("work/providers");
    options.clock = &clock;
    auto source = FilesystemMirror(files_, At("mirror"));
    NoNetwork http;
    Remote remote(http, {});
    auto outcome =
        InstallProviders(*source, remote, requirements, locks, options, [](const InstallEvent&) {});
    EXPECT_TRUE(outcome.ok()) << outcome.error().message;
    return outcome.ok() ? *outcome : InstallOutcome();
  }

  static Requirements Asking(const std::string& type, const std::string& constraint) {
    return {{Address(type), {*config::VersionConstraint::Parse(constraint)}}};
  }

  io::LocalFileSystem files_;
  std::string folder_;
};

TEST_F(InstallerTest, ChoosesByConstraintsLockAndUpgrade) {
  AddFolder("one", "1.0.0");
  AddArchive("one", "1.5.0");
  AddFolder("one", "2.0.0");
  auto outcome = Install(Asking("one", "~> 1.0"));
  ASSERT_TRUE(outcome.failures.empty()) << outcome.failures[0].detail;
  EXPECT_EQ(outcome.locks[Address("one")].version, "1.5.0");
  EXPECT_EQ(outcome.locks[Address("one")].hashes.size(), 1u);
  // Locked, it stays, and needs no source.
  ASSERT_TRUE(files_.RemoveAll(At("mirror")).ok());
  EXPECT_EQ(Install(Asking("one", ">= 1.0"), outcome.locks).locks[Address("one")].version, "1.5.0");
  AddFolder("one", "2.0.0");
  auto upgraded = Install(Asking("one", ">= 1.0"), outcome.locks, {.upgrade = true});
  EXPECT_EQ(upgraded.locks[Address("one")].version, "2.0.0");
  EXPECT_EQ(FindPackages(files_, At("work/providers"), Address("one")).size(), 1u);
}

TEST_F(InstallerTest, RefusesAnotherPackageThanTheLockedOne) {
  AddFolder("one", "1.0.0");
  ProviderLocks locks{{Address("one"), {.version = "1.0.0", .hashes = {"h1:other="}}}};
  auto outcome = Install(Asking("one", ">= 1"), locks);
  ASSERT_EQ(outcome.failures.size(), 1u);
  EXPECT_NE(outcome.failures[0].detail.find("none of those"), std::string::npos);
  EXPECT_TRUE(FindPackages(files_, At("work/providers"), Address("one")).empty());
}

TEST_F(InstallerTest, FailsOneByOne) {
  AddFolder("good", "1.0.0");
  ASSERT_TRUE(
      files_.Write(At("mirror/h.example/a/empty/1.0.0/") + kPlatform + "/README", "x").ok());
  ASSERT_TRUE(files_
                  .Write(At("mirror/h.example/a/broken/terraform-provider-broken_1.0.0_") +
                             kPlatform + ".zip",
                         "no zip")
                  .ok());
  Requirements all;
  for (const char* type : {"good", "empty", "broken", "missing"}) all[Address(type)] = {};
  auto outcome = Install(all);
  EXPECT_EQ(outcome.failures.size(), 3u);
  EXPECT_EQ(outcome.locks.size(), 1u);
  EXPECT_FALSE(files_.Exists(At("work/installing")));
}

TEST_F(InstallerTest, WaitsForAnother) {
  Requirements all;
  for (const char* type : {"a", "b", "c", "d", "e"}) {
    AddArchive(type, "1.0.0");
    all[Address(type)] = {};
  }
  ASSERT_TRUE(files_.MakeDirs(At("cache")).ok());
  auto install = [&] {
    auto outcome = Install(all, {}, {.cache_dir = At("cache")});
    EXPECT_TRUE(outcome.failures.empty()) << outcome.failures[0].detail;
    EXPECT_EQ(outcome.locks.size(), 5u);
  };
  std::thread other(install);
  install();
  other.join();
  for (const auto& [address, constraints] : all) {
    auto packages = FindPackages(files_, At("work/providers"), address);
    ASSERT_EQ(packages.size(), 1u);
    EXPECT_TRUE(FindProgram(files_, packages[0].path, address).ok());
  }
}

}  // namespace
}  // namespace andon::registry
