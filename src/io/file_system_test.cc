#include "io/file_system.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <thread>

#include "base/text.h"
#include "io/faulty_file_system.h"
#include "io/local_file_system.h"
#include "io/memory_file_system.h"
#include "io/path.h"

namespace andon::io {
namespace {

// A folder of its own for each test, removed afterwards.
class TemporaryDir {
 public:
  TemporaryDir() : path_(::testing::TempDir() + "andon-io-" + RandomUuid()) {
    EXPECT_TRUE(LocalFileSystem().MakeDirs(path_).ok());
  }
  ~TemporaryDir() { (void)LocalFileSystem().RemoveAll(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

ErrorKind KindOf(const Result<void>& result) {
  EXPECT_FALSE(result.ok());
  return result.error().kind;
}

// Every file system keeps the same promises.
class AnyFileSystem : public ::testing::TestWithParam<std::string> {
 protected:
  AnyFileSystem() : faulty_(memory_) {
    if (GetParam() == "local") {
      files_ = &local_;
      root_ = dir_.path();
    } else {
      files_ = GetParam() == "memory" ? static_cast<FileSystem*>(&memory_) : &faulty_;
      root_ = "/root";
      EXPECT_TRUE(files_->MakeDirs(root_).ok());
    }
  }
  std::string At(const std::string& name) const { return Join(root_, name); }

  TemporaryDir dir_;
  LocalFileSystem local_;
  MemoryFileSystem memory_;
  FaultyFileSystem faulty_;
  FileSystem* files_;
  std::string root_;
};

TEST_P(AnyFileSystem, WritesReadsAndReplacesNothing) {
  ASSERT_TRUE(files_->Write(At("a/b/c"), "text").ok());
  EXPECT_EQ(*files_->Read(At("a/b/c")), "text");
  auto again = files_->Write(At("a/b/c"), "other");
  EXPECT_EQ(KindOf(again), ErrorKind::kConflict);
  EXPECT_NE(again.error().message.find(At("a/b/c")), std::string::npos);
  EXPECT_EQ(*files_->Read(At("a/b/c")), "text");
  EXPECT_TRUE(files_->Sync({At("a/b/c")}).ok());
  EXPECT_EQ(KindOf(files_->Sync({At("a/none")})), ErrorKind::kNotFound);
}

TEST_P(AnyFileSystem, WritesAtomically) {
  ASSERT_TRUE(files_->WriteAtomically(At("d/f"), "one").ok());
  ASSERT_TRUE(files_->WriteAtomically(At("d/f"), "two").ok());
  EXPECT_EQ(*files_->Read(At("d/f")), "two");
  EXPECT_EQ(files_->List(At("d"))->size(), 1u) << "no temporary file is left";
}

TEST_P(AnyFileSystem, ReadsRanges) {
  ASSERT_TRUE(files_->Write(At("f"), "0123456789").ok());
  EXPECT_EQ(*files_->ReadRange(At("f"), 2, 3), "234");
  EXPECT_EQ(*files_->ReadRange(At("f"), 8, 100), "89");
  EXPECT_EQ(*files_->ReadRange(At("f"), 10, 1), "");
  EXPECT_EQ(*files_->ReadRange(At("f"), 100, 1), "");
  EXPECT_FALSE(files_->ReadRange(At("f"), -1, 1).ok());
}

TEST_P(AnyFileSystem, Appends) {
  ASSERT_TRUE(files_->Append(At("d/log"), "a\n").ok());
  ASSERT_TRUE(files_->Append(At("d/log"), "b\n").ok());
  EXPECT_EQ(*files_->Read(At("d/log")), "a\nb\n");
}

TEST_P(AnyFileSystem, ListsInOrder) {
  ASSERT_TRUE(files_->Write(At("b"), "1").ok());
  ASSERT_TRUE(files_->Write(At("a"), "22").ok());
  ASSERT_TRUE(files_->Write(At("c/x"), "").ok());
  auto entries = files_->List(root_);
  ASSERT_TRUE(entries.ok());
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ((*entries)[0].name, "a");
  EXPECT_EQ((*entries)[0].size, 2);
  EXPECT_FALSE((*entries)[0].is_dir);
  EXPECT_EQ((*entries)[2].name, "c");
  EXPECT_TRUE((*entries)[2].is_dir);
  EXPECT_EQ(*ListRecursively(*files_, root_), (std::vector<std::string>{"a", "b", "c/x"}));
  EXPECT_EQ(files_->List(At("none")).error().kind, ErrorKind::kNotFound);
}

TEST_P(AnyFileSystem, StatsAndRemoves) {
  ASSERT_TRUE(files_->Write(At("d/f"), "abc").ok());
  EXPECT_EQ(files_->Stat(At("d/f"))->size, 3);
  EXPECT_TRUE(files_->Stat(At("d"))->is_dir);
  EXPECT_EQ(files_->Stat(At("x")).error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(files_->Remove(At("d/f")).ok());
  EXPECT_EQ(KindOf(files_->Remove(At("d/f"))), ErrorKind::kNotFound);
  ASSERT_TRUE(files_->Write(At("d/e/f"), "abc").ok());
  EXPECT_TRUE(files_->RemoveAll(At("d")).ok());
  EXPECT_FALSE(files_->Exists(At("d")));
  EXPECT_TRUE(files_->RemoveAll(At("d")).ok());
}

TEST_P(AnyFileSystem, Renames) {
  ASSERT_TRUE(files_->Write(At("d/f"), "new").ok());
  ASSERT_TRUE(files_->Write(At("e/g"), "old").ok());
  EXPECT_TRUE(files_->Rename(At("d/f"), At("e/g")).ok());
  EXPECT_EQ(*files_->Read(At("e/g")), "new");
  EXPECT_FALSE(files_->Exists(At("d/f")));
  EXPECT_TRUE(files_->Rename(At("e"), At("h")).ok());
  EXPECT_EQ(*files_->Read(At("h/g")), "new");
  EXPECT_EQ(KindOf(files_->Rename(At("none"), At("x"))), ErrorKind::kNotFound);
}

TEST_P(AnyFileSystem, RefusesFoldersInPlaceOfFiles) {
  ASSERT_TRUE(files_->MakeDirs(At("d")).ok());
  EXPECT_TRUE(files_->MakeDirs(At("d")).ok());
  ASSERT_TRUE(files_->Write(At("f"), "").ok());
  EXPECT_FALSE(files_->Read(At("d")).ok());
  EXPECT_FALSE(files_->Write(At("d"), "").ok());
  EXPECT_FALSE(files_->WriteAtomically(At("d"), "").ok());
  EXPECT_FALSE(files_->Write(At("f/x"), "").ok());
  EXPECT_FALSE(files_->MakeDirs(At("f")).ok());
  EXPECT_FALSE(files_->Remove(At("d")).ok());
}

INSTANTIATE_TEST_SUITE_P(All, AnyFileSystem, ::testing::Values("local", "memory", "faulty"),
                         [](const auto& info) { return info.param; });

TEST(LocalFileSystem, SyncsManyFilesAndReadsFilesWithoutASize) {
  TemporaryDir dir;
  LocalFileSystem files;
  std::vector<std::string> paths;
  for (int i = 0; i < 30; ++i) {
    paths.push_back(Join(dir.path(), fmt::format("{}/{}", i % 3, i)));
    ASSERT_TRUE(files.Write(paths.back(), "x").ok());
  }
  EXPECT_TRUE(files.Sync(paths).ok());
  EXPECT_TRUE(files.Sync({}).ok());
  EXPECT_FALSE(files.Read("/proc/self/stat")->empty());
}

TEST(LocalFileSystem, AtomicReplacementIsNeverSeenHalf) {
  TemporaryDir dir;
  LocalFileSystem files;
  std::string path = Join(dir.path(), "f");
  std::string a(100000, 'a'), b(100000, 'b');
  ASSERT_TRUE(files.WriteAtomically(path, a).ok());
  std::jthread writer([&](std::stop_token stop) {
    for (int i = 0; !stop.stop_requested(); ++i) {
      EXPECT_TRUE(files.WriteAtomically(path, i % 2 ? a : b).ok());
    }
  });
  for (int i = 0; i < 300; ++i) {
    auto text = files.Read(path);
    ASSERT_TRUE(text.ok());
    EXPECT_TRUE(*text == a || *text == b);
  }
}

TEST(LocalFileSystem, SaysThatTheDiskIsFull) {
  LocalFileSystem files;
  auto written = files.Append("/dev/full", "x");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().kind, ErrorKind::kIo);
  EXPECT_EQ(written.error().message,
            "cannot append to /dev/full: no space left on device; free space and run again; "
            "nothing was changed");
}

TEST(LocalFileSystem, SaysWhenAFolderCannotBeRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "the superuser may read every folder";
  TemporaryDir dir;
  ::chmod(dir.path().c_str(), 0);
  EXPECT_EQ(LocalFileSystem().List(dir.path()).error().kind, ErrorKind::kIo);
  ::chmod(dir.path().c_str(), 0700);
}

TEST(LocalFileSystem, RemoveAllDoesNotFollowLinks) {
  TemporaryDir dir;
  LocalFileSystem files;
  ASSERT_TRUE(files.Write(Join(dir.path(), "keep/f"), "x").ok());
  ASSERT_TRUE(files.MakeDirs(Join(dir.path(), "gone")).ok());
  ASSERT_EQ(::symlink("../keep", Join(dir.path(), "gone/link").c_str()), 0);
  EXPECT_TRUE(files.RemoveAll(Join(dir.path(), "gone")).ok());
  EXPECT_TRUE(files.Exists(Join(dir.path(), "keep/f")));
}

TEST(LocalFileSystem, ACircleOfLinksEnds) {
  TemporaryDir dir;
  ASSERT_EQ(::symlink(".", Join(dir.path(), "loop").c_str()), 0);
  EXPECT_FALSE(ListRecursively(LocalFileSystem(), dir.path()).ok());
}

TEST(LocalFileSystem, KnowsLocalDisks) {
  TemporaryDir dir;
  EXPECT_FALSE(IsNetworkFileSystem(Join(dir.path(), "not/there/yet")));
  EXPECT_TRUE(RefuseNetworkFileSystem(dir.path()).ok());
}

// The commit of a table in small: two files made durable, then a pointer swapped.
Result<void> Commit(FileSystem& files, const std::string& n) {
  TRY(files.Write("/t/data-" + n, "data " + n));
  TRY(files.Write("/t/manifest-" + n, "data-" + n));
  TRY(files.Sync({"/t/data-" + n, "/t/manifest-" + n}));
  TRY(files.WriteAtomically("/t/current", "manifest-" + n));
  return {};
}

std::string ReadTable(const FileSystem& files) {
  auto current = files.Read("/t/current");
  if (!current.ok()) return "nothing";
  auto manifest = files.Read("/t/" + *current);
  auto data = manifest.ok() ? files.Read("/t/" + *manifest) : manifest;
  return data.ok() ? *data : "broken: " + data.error().message;
}

TEST(FaultyFileSystem, ACommitIsOldOrNewAtEachCrash) {
  int crashes = 0;
  for (int n = 1;; ++n) {
    MemoryFileSystem disk;
    ASSERT_TRUE(Commit(disk, "1").ok());
    FaultyFileSystem files(disk);
    files.CrashAt(n);
    bool done = Commit(files, "2").ok();
    EXPECT_EQ(files.crashed(), !done);
    EXPECT_EQ(ReadTable(disk), done ? "data 2" : "data 1") << n;
    if (done) break;
    ++crashes;
  }
  EXPECT_EQ(crashes, 4);
}

TEST(FaultyFileSystem, FindsAForgottenSync) {
  MemoryFileSystem disk;
  FaultyFileSystem files(disk);
  ASSERT_TRUE(files.Write("/t/manifest", "data").ok());
  ASSERT_TRUE(files.WriteAtomically("/t/current", "manifest").ok());
  files.CrashAt(1);
  EXPECT_FALSE(files.MakeDirs("/x").ok());
  EXPECT_FALSE(files.Read("/t/current").ok()) << "nothing works after a crash";
  EXPECT_TRUE(disk.Exists("/t/current"));
  EXPECT_FALSE(disk.Exists("/t/manifest"));
}

TEST(FaultyFileSystem, FailsOnceAndGoesOn) {
  MemoryFileSystem disk;
  FaultyFileSystem files(disk);
  files.FailAt(2);
  EXPECT_TRUE(files.Write("/a", "1").ok());
  auto failed = files.Write("/b", "2");
  EXPECT_EQ(KindOf(failed), ErrorKind::kIo);
  EXPECT_FALSE(disk.Exists("/b"));
  EXPECT_TRUE(files.Write("/b", "2").ok());
  EXPECT_EQ(files.changes(), 3);
}

}  // namespace
}  // namespace andon::io
