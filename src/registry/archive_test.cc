// Archives and packages on the disk. Python makes the archives, since no honest program makes some
// of them.
#include <gtest/gtest.h>

#include "base/text.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "io/process.h"
#include "registry/archive.h"
#include "registry/package_hash.h"

namespace andon::registry {
namespace {

class ArchiveTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = io::Join(testing::TempDir(), "archive-" + RandomUuid());
    ASSERT_TRUE(files_.MakeDirs(folder_).ok());
  }
  void TearDown() override { EXPECT_TRUE(files_.RemoveAll(folder_).ok()); }

  std::string At(const std::string& name) const { return io::Join(folder_, name); }

  // A tar (or zip) whose entries the script adds to `a`.
  std::string Make(const std::string& name, const std::string& script) {
    std::string head =
        name.ends_with(".zip")
            ? "import zipfile,sys\na=zipfile.ZipFile(sys.argv[1],'w',zipfile.ZIP_DEFLATED)\n"
              "def add(name,data=b'x'): a.writestr(name,data)\n"
            : "import tarfile,io,sys\na=tarfile.open(sys.argv[1],'w:gz')\n"
              "def add(name,data=b'x',type=tarfile.REGTYPE,link='',mode=0o644):\n"
              "  i=tarfile.TarInfo(name); i.size=len(data); i.type=type; i.linkname=link; "
              "i.mode=mode\n  a.addfile(i,io.BytesIO(data))\n";
    auto done = io::Run({.argv = {"python3", "-c", head + script + "\na.close()\n", At(name)}});
    EXPECT_TRUE(done.ok() && done->status.ok()) << (done.ok() ? done->err : done.error().message);
    return At(name);
  }

  // What Unpack says; nothing is left then.
  std::string Refusal(const std::string& archive, const UnpackLimits& limits = {}) {
    auto done = Unpack(archive, At("out"), limits);
    EXPECT_FALSE(done.ok());
    EXPECT_FALSE(files_.Exists(At("out")));
    return done.ok() ? "" : done.error().message;
  }

  io::LocalFileSystem files_;
  std::string folder_;
};

TEST_F(ArchiveTest, IsUnpackedWithItsModes) {
  std::string tar = Make("a.tar.gz",
                         "add('d/program',b'#!',mode=0o755); add('./d/e/text',b'hello'); "
                         "add('d/f',b'',type=tarfile.DIRTYPE)");
  ASSERT_TRUE(Unpack(tar, At("out")).ok());
  EXPECT_EQ(*files_.Read(At("out/d/e/text")), "hello");
  EXPECT_TRUE(files_.Stat(At("out/d/f"))->is_dir);
  auto test = io::Run({.argv = {"test", "-x", At("out/d/program")}});
  EXPECT_TRUE(test->status.ok());
  EXPECT_EQ(Unpack(tar, At("out")).error().kind, ErrorKind::kConflict);
  ASSERT_TRUE(Unpack(Make("b.zip", "add('x/y',b'zipped')"), At("zip")).ok());
  EXPECT_EQ(*files_.Read(At("zip/x/y")), "zipped");
}

TEST_F(ArchiveTest, IsRefusedWhereItIsHostile) {
  struct Case {
    const char *script, *wanted;
  } cases[] = {
      {"add('../x')", "outside"},
      {"add('a/../../x')", "outside"},
      {"add('/etc/x')", "outside"},
      {"add('a\\\\..\\\\..\\\\x')", "outside"},
      {"add('l',b'',type=tarfile.SYMTYPE,link='/etc')", "is a link"},
      {"add('a'); add('l',b'',type=tarfile.LNKTYPE,link='a')", "is a link"},
      {"add('p',b'',type=tarfile.FIFOTYPE)", "neither a file nor a folder"},
      {"add('d',b'',type=tarfile.CHRTYPE)", "neither a file nor a folder"},
      {"add('a'); add('a')", "twice"},
      {"add('a'); add('a/b')", ""},
      {"add('a/b'); add('a')", "twice"},
      {"add('a\\nb')", "no text"},
      {"pass", "empty"},
  };
  for (const Case& c : cases) {
    std::string said = Refusal(Make("a.tar.gz", c.script));
    EXPECT_NE(said.find(c.wanted), std::string::npos) << c.script << ": " << said;
  }
  EXPECT_FALSE(files_.Exists(At("x")));
}

TEST_F(ArchiveTest, IsBounded) {
  std::string zip = Make("a.zip", "add('zeros',bytes(3<<20)); add('b')");
  EXPECT_NE(Refusal(zip, {.bytes_max = 1 << 20}).find("much larger"), std::string::npos);
  EXPECT_NE(Refusal(zip, {.ratio_max = 2}).find("much larger"), std::string::npos);
  EXPECT_NE(Refusal(zip, {.entries_max = 1}).find("too many"), std::string::npos);
  EXPECT_TRUE(Unpack(zip, At("out")).ok());
}

TEST_F(ArchiveTest, IsRefusedWhereItIsDamaged) {
  std::string whole = *files_.Read(Make("a.tar.gz", "add('a',bytes(range(256))*4000)"));
  for (size_t size : {whole.size() - 20, whole.size() / 2, size_t{30}, size_t{0}}) {
    ASSERT_TRUE(files_.WriteAtomically(At("cut"), whole.substr(0, size)).ok());
    EXPECT_NE(Refusal(At("cut")), "") << size;
  }
  ASSERT_TRUE(files_.WriteAtomically(At("text"), "<html>no archive</html>").ok());
  EXPECT_NE(Refusal(At("text")), "");
}

// The hash of two files, computed by hand: sha256 of "<sha256>  <name>\n" lines in order.
TEST_F(ArchiveTest, HasAHashOfItsFiles) {
  ASSERT_TRUE(files_.Write(At("p/b"), "2").ok());
  ASSERT_TRUE(files_.Write(At("p/a/x"), "1").ok());
  std::string lines = Sha256("1") + "  a/x\n" + Sha256("2") + "  b\n";
  auto hash = PackageHash(At("p"));
  ASSERT_TRUE(hash.ok());
  std::string bytes;
  ASSERT_TRUE(Base64Decode(hash->substr(3), &bytes));
  EXPECT_TRUE(hash->starts_with("h1:"));
  EXPECT_EQ(HexEncode(bytes), Sha256(lines));
  EXPECT_EQ(*ArchiveHash(At("p/b")), "zh:" + Sha256("2"));
  EXPECT_FALSE(PackageHash(At("nothing")).ok());
  EXPECT_TRUE(IsPackageHash(*hash));
  EXPECT_FALSE(IsPackageHash("zh:12"));
}

}  // namespace
}  // namespace andon::registry
