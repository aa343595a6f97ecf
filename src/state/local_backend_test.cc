#include "state/local_backend.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text.h"
#include "io/local_file_system.h"
#include "io/memory_file_system.h"

namespace andon::state {
namespace {

constexpr const char* kProvider = "provider[\"h/n/t\"]";

class LocalBackendTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = testing::TempDir() + "andon-state-" + RandomUuid();
    ASSERT_TRUE(files_.MakeDirs(dir_).ok());
    paths_ = PathsOf(dir_, "default");
  }
  void TearDown() override { (void)files_.RemoveAll(dir_); }

  Result<Session> Open(Session::Options options = {}) {
    options.terraform_version = "1.12.6";
    return Session::Open(files_, LocalStorage(files_, paths_),
                         NewLockInfo("OperationTypeApply", "1.12.6", SystemClock()), options);
  }
  State With(State state, const std::string& address, int n) {
    auto object = std::make_shared<Object>();
    object->attributes = fmt::format("{{\"id\":{}}}", n);
    state.SetCurrent(*address::Parse(address), kProvider, object);
    return state;
  }
  std::string Read(const std::string& name) {
    return files_.Read(dir_ + "/" + name).value_or("(none)");
  }
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    auto entries = *files_.List(dir_);
    for (const auto& entry : entries) names.push_back(entry.name);
    return names;
  }

  io::LocalFileSystem files_;
  std::string dir_;
  LocalPaths paths_;
};

using Strings = std::vector<std::string>;

TEST_F(LocalBackendTest, AFirstWriteHasSerialOneAndALineage) {
  Session session = *Open();
  EXPECT_EQ(Names(), (Strings{".terraform.tfstate.lock.info", "terraform.tfstate"}));
  ASSERT_TRUE(*session.Write(With({}, "t.n", 1)));
  ASSERT_TRUE(session.Close().ok());
  EXPECT_EQ(Names(), Strings{"terraform.tfstate"});
  Loaded loaded = Load(files_, *LocalStorage(files_, paths_));
  EXPECT_EQ(loaded.state->serial, 1u);
  EXPECT_EQ(loaded.state->lineage.size(), 36u);
  EXPECT_EQ(loaded.state->terraform_version, "1.12.6");
}

TEST_F(LocalBackendTest, SerialRisesOnlyWithAChangeAndTheBackupIsWhatStoodThere) {
  {
    ASSERT_TRUE(Open()->Write(With({}, "t.n", 1)).ok());
  }
  std::string first = Read("terraform.tfstate");
  {
    Session session = *Open();
    EXPECT_FALSE(*session.Write(session.state()));
  }
  EXPECT_EQ(Read("terraform.tfstate"), first);
  EXPECT_EQ(Read("terraform.tfstate.backup"), "(none)");
  {
    Session session = *Open();
    EXPECT_TRUE(*session.Write(With(session.state(), "t.n", 2)));
    EXPECT_EQ(session.state().serial, 2u);
    EXPECT_TRUE(*session.Write(With(session.state(), "t.n", 3)));
    EXPECT_EQ(session.state().serial, 3u);
  }
  EXPECT_EQ(Read("terraform.tfstate.backup"), first);
  EXPECT_EQ(Load(files_, *LocalStorage(files_, paths_)).state->serial, 3u);
}

TEST_F(LocalBackendTest, AnUnwrittenStateLeavesNoFile) {
  {
    Session session = *Open();
  }
  EXPECT_TRUE(Names().empty());
}

TEST_F(LocalBackendTest, ADamagedStateIsNeverWrittenOver) {
  ASSERT_TRUE(files_.Write(paths_.state, "{\"version\":4,").ok());
  Session session = *Open();
  EXPECT_TRUE(session.diagnostics().has_errors());
  EXPECT_EQ(session.Write(With({}, "t.n", 1)).error().kind, ErrorKind::kCorrupt);
  ASSERT_TRUE(session.Close().ok());
  EXPECT_EQ(Read("terraform.tfstate"), "{\"version\":4,");
}

TEST_F(LocalBackendTest, ALockNamesItsHolder) {
  Session session = *Open();
  auto second = Open();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::kHeld);
  const std::string& message = second.error().message;
  for (const char* part : {"resource temporarily unavailable",
                           "Lock Info:", "ID:        ", "Operation: OperationTypeApply",
                           "Who:       ", "Version:   1.12.6", "terraform.tfstate"}) {
    EXPECT_NE(message.find(part), std::string::npos) << part << " in " << message;
  }
  EXPECT_TRUE(Open({.lock = false}).ok());
  EXPECT_EQ(Open({.lock_timeout = std::chrono::milliseconds(50)}).error().kind, ErrorKind::kHeld);
  LockInfo info = *LockInfoFromText(Read(".terraform.tfstate.lock.info"));
  EXPECT_EQ(ForceUnlock(paths_.state, "wrong").error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(ForceUnlock(paths_.state, info.id).error().kind, ErrorKind::kHeld);
  ASSERT_TRUE(session.Close().ok());
  EXPECT_TRUE(Open().ok());
  EXPECT_EQ(ForceUnlock(paths_.state, info.id).error().kind, ErrorKind::kNotFound);
}

TEST_F(LocalBackendTest, TheLockIsAPosixLockAlsoOnTheFileThatReplacedTheFirst) {
  auto is_free = [&] {
    int fd = ::open(paths_.state.c_str(), O_RDWR | O_CLOEXEC);
    struct flock all = {};
    all.l_type = F_WRLCK;
    all.l_whence = SEEK_SET;
    EXPECT_EQ(::fcntl(fd, F_GETLK, &all), 0);
    ::close(fd);
    return all.l_type == F_UNLCK;
  };
  Session session = *Open();
  EXPECT_FALSE(is_free());
  ASSERT_TRUE(session.Write(With({}, "t.n", 1)).ok());
  EXPECT_FALSE(is_free());
  ASSERT_TRUE(session.Write(With({}, "t.n", 2)).ok());
  EXPECT_FALSE(is_free());
  ASSERT_TRUE(session.Close().ok());
  EXPECT_TRUE(is_free());
}

TEST_F(LocalBackendTest, WhoWaitsWithTheFileOpenFindsTheNewestStateInIt) {
  {
    ASSERT_TRUE(Open()->Write(With({}, "t.n", 1)).ok());
  }
  int waiting = ::open(paths_.state.c_str(), O_RDWR | O_CLOEXEC);
  {
    Session session = *Open();
    ASSERT_TRUE(session.Write(With(session.state(), "t.n", 2)).ok());
    ASSERT_TRUE(session.Write(With(session.state(), "t.n", 3)).ok());
  }
  std::string text(100000, '\0');
  text.resize(static_cast<size_t>(::pread(waiting, text.data(), text.size(), 0)));
  EXPECT_EQ(text, Read("terraform.tfstate"));
  // What it writes is the state, not a file that has no name any more.
  ASSERT_EQ(::pwrite(waiting, " ", 1, 0), 1);
  ::close(waiting);
  EXPECT_EQ(Read("terraform.tfstate")[0], ' ');
  EXPECT_EQ(Names(), (Strings{"terraform.tfstate", "terraform.tfstate.backup"}));
}

TEST_F(LocalBackendTest, TheNextCommandFoldsTheJournalOfOneThatWasKilled) {
  {
    ASSERT_TRUE(Open()->Write(With({}, "t.n", 1)).ok());
  }
  std::string before = Read("terraform.tfstate");
  pid_t child = ::fork();
  if (child == 0) {
    Session session = *Open();
    State state = With(session.state(), "t.made", 2);
    (void)(*session.journal())
        ->Append(ChangeOf(state, *address::Parse("t.made")), Journal::kDurable);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(Read("terraform.tfstate"), before);

  Loaded loaded = Load(files_, *LocalStorage(files_, paths_));
  EXPECT_EQ(loaded.recovered, 1);
  EXPECT_NE(loaded.state->FindInstance(*address::Parse("t.made")), nullptr);

  Session session = *Open();
  EXPECT_EQ(session.recovered(), 1);
  EXPECT_TRUE(*session.Write(session.state()));
  EXPECT_EQ(session.state().serial, 2u);
  ASSERT_TRUE(session.Close().ok());
  EXPECT_EQ(Names(), (Strings{"terraform.tfstate", "terraform.tfstate.backup"}));
  EXPECT_EQ(Load(files_, *LocalStorage(files_, paths_)).recovered, 0);
}

TEST_F(LocalBackendTest, ANewJournalFirstSavesWhatAnOldOneHolds) {
  {
    Session session = *Open();
    State state = With(session.state(), "t.made", 2);
    ASSERT_TRUE((*session.journal())
                    ->Append(ChangeOf(state, *address::Parse("t.made")), Journal::kDurable)
                    .ok());
  }
  {
    Session session = *Open();
    ASSERT_TRUE(session.journal().ok());
  }
  Loaded loaded = Load(files_, *LocalStorage(files_, paths_));
  EXPECT_EQ(loaded.recovered, 0);
  EXPECT_NE(loaded.state->FindInstance(*address::Parse("t.made")), nullptr);
}

TEST_F(LocalBackendTest, AJournalOfAnotherFileIsToldAndKept) {
  {
    Session session = *Open();
    State state = With(session.state(), "t.made", 2);
    ASSERT_TRUE((*session.journal())
                    ->Append(ChangeOf(state, *address::Parse("t.made")), Journal::kDurable)
                    .ok());
  }
  std::string other = *WriteState(With({}, "t.other", 1));
  ASSERT_TRUE(files_.WriteAtomically(paths_.state, other).ok());
  Session session = *Open();
  ASSERT_TRUE(session.diagnostics().has_errors());
  EXPECT_NE(session.diagnostics().list()[0].detail.find("another program"), std::string::npos);
  EXPECT_TRUE(files_.Exists(JournalPath(paths_.state)));
}

TEST_F(LocalBackendTest, AFailedReplaceLeavesTheOldFileAndNoOther) {
  {
    ASSERT_TRUE(Open()->Write(With({}, "t.n", 1)).ok());
  }
  std::string before = Read("terraform.tfstate");
  LockedFile file = LockedFile::WithoutLock(paths_.state);
  auto replaced = file.Replace([](const Sink& sink) -> Result<void> {
    TRY(sink("half of it"));
    return Error::Io("the disk is full");
  });
  EXPECT_EQ(replaced.error().message, "the disk is full");
  EXPECT_EQ(Read("terraform.tfstate"), before);
  EXPECT_EQ(Names(), Strings{"terraform.tfstate"});
}

TEST_F(LocalBackendTest, ReadsHereAndWritesThere) {
  {
    ASSERT_TRUE(Open()->Write(With({}, "t.n", 1)).ok());
  }
  paths_.state_out = dir_ + "/out.tfstate";
  {
    Session session = *Open();
    EXPECT_TRUE(*session.Write(session.state()));
  }
  EXPECT_EQ(Read("out.tfstate"), Read("terraform.tfstate"));
}

TEST(CheckImportTest, FollowsLineageAndSerial) {
  State existing;
  existing.lineage = "a";
  existing.serial = 5;
  existing.outputs["o"] = {value::Value::Number(1), false, ""};
  auto message = [&](std::string lineage, uint64_t serial, int output) {
    State incoming = existing;
    incoming.lineage = std::move(lineage);
    incoming.serial = serial;
    incoming.outputs["o"].value = value::Value::Number(output);
    auto result = CheckImport(incoming, &existing);
    return result.ok() ? std::string("fine") : result.error().message;
  };
  EXPECT_EQ(message("a", 6, 2), "fine");
  EXPECT_EQ(message("a", 5, 1), "fine");
  EXPECT_EQ(message("", 1, 2), "fine");
  EXPECT_NE(message("a", 5, 2).find("different state that has the same serial"), std::string::npos);
  EXPECT_NE(message("a", 4, 1).find("over newer state with serial 5"), std::string::npos);
  EXPECT_NE(message("b", 9, 1).find("unrelated state with lineage \"a\""), std::string::npos);
  EXPECT_TRUE(CheckImport(existing, nullptr).ok());
  EXPECT_TRUE(CheckImport(existing, std::make_unique<State>().get()).ok());
}

TEST(WorkspaceTest, AreFoldersAndTheSelectedOneIsInAFile) {
  io::MemoryFileSystem files;
  auto backend = LocalBackend(files, {.dir = "/w"});
  auto list = [&] { return *backend->Workspaces(); };
  EXPECT_EQ(list(), Strings{"default"});
  EXPECT_EQ(SelectedWorkspace(files, "/w"), "default");
  ASSERT_TRUE(CreateWorkspace(*backend, {}, "dev").ok());
  ASSERT_TRUE(CreateWorkspace(*backend, {}, "a.b").ok());
  EXPECT_EQ(CreateWorkspace(*backend, {}, "dev").error().message,
            "Workspace \"dev\" already exists");
  for (const char* bad : {"", "a/b", "..", ".", "a b", "ü", "a%2f"}) {
    EXPECT_FALSE(CreateWorkspace(*backend, {}, bad).ok()) << bad;
  }
  EXPECT_EQ(list(), (Strings{"default", "a.b", "dev"}));
  EXPECT_EQ(SelectWorkspace(files, "/w", *backend, "none").error().kind, ErrorKind::kNotFound);
  ASSERT_TRUE(SelectWorkspace(files, "/w", *backend, "dev").ok());
  EXPECT_EQ(*files.Read("/w/.terraform/environment"), "dev");
  EXPECT_EQ(SelectedWorkspace(files, "/w"), "dev");
  EXPECT_EQ(PathsOf("/w", "dev").state, "/w/terraform.tfstate.d/dev/terraform.tfstate");
  EXPECT_EQ(PathsOf("/w", "dev").backup, "/w/terraform.tfstate.d/dev/terraform.tfstate.backup");

  EXPECT_FALSE(DeleteWorkspace(files, "/w", *backend, {}, "default", true).ok());
  EXPECT_FALSE(DeleteWorkspace(files, "/w", *backend, {}, "dev", true).ok());
  State state;
  state.SetCurrent(*address::Parse("t.n"), kProvider, std::make_shared<const Object>());
  ASSERT_TRUE(files.Write(PathsOf("/w", "a.b").state, *WriteState(state)).ok());
  EXPECT_NE(DeleteWorkspace(files, "/w", *backend, {}, "a.b", false)
                .error()
                .message.find("tracking objects"),
            std::string::npos);
  EXPECT_TRUE(DeleteWorkspace(files, "/w", *backend, {}, "a.b", true).ok());
  EXPECT_EQ(list(), (Strings{"default", "dev"}));
}

TEST_F(LocalBackendTest, AnErroredStateIsTheNextOneAndCanBePushed) {
  ASSERT_TRUE(Open()->Write(With({}, "t.n", 1)).ok());
  Session session = *Open();
  EXPECT_EQ(*session.WriteErrored(dir_, With(session.state(), "t.n", 2)),
            dir_ + "/errored.tfstate");
  State errored = *ReadState(Read("errored.tfstate"), "e").state;
  EXPECT_EQ(errored.serial, 2u);
  EXPECT_TRUE(CheckImport(errored, &session.state()).ok());
}

TEST(LockInfoTest, IsTheTextThatTerraformWrites) {
  LockInfo info{"i", "OperationTypeApply", "", "me@host", "1.11.4", FromMillis(0), "t.tfstate"};
  std::string text = LockInfoText(info);
  EXPECT_EQ(text, R"({"ID":"i","Operation":"OperationTypeApply","Info":"","Who":"me@host",)"
                  R"("Version":"1.11.4","Created":"1970-01-01T00:00:00Z","Path":"t.tfstate"})");
  EXPECT_EQ(LockInfoText(*LockInfoFromText(text)), text);
  EXPECT_EQ(LockInfoPath("/a/terraform.tfstate"), "/a/.terraform.tfstate.lock.info");
  EXPECT_TRUE(LockInfoFromText(R"({"Created":"2026-11-20T21:00:00.123456789+01:00"})").ok());
}

}  // namespace
}  // namespace andon::state
