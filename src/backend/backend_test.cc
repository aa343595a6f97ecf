#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "backend/control_store.h"
#include "backend/kinds.h"
#include "backend/record.h"
#include "backend/s3_client.h"
#include "base/text.h"
#include "io/http_client.h"
#include "io/local_file_system.h"
#include "io/test_server.h"
#include "state/session.h"

namespace andon::backend {
namespace {

using namespace std::chrono_literals;

class BackendTest : public testing::Test {
 protected:
  BackendTest() : dir_(testing::TempDir() + "andon-backend-" + RandomUuid()) {}
  void SetUp() override { ASSERT_TRUE(files_.MakeDirs(dir_).ok()); }
  void TearDown() override { (void)files_.RemoveAll(dir_); }

  World MakeWorld() {
    return {.files = files_, .clock = clock_, .dir = dir_, .actor = "ana@example.com"};
  }
  std::unique_ptr<state::Backend> OpenStore() { return *Open({.type = "andon"}, MakeWorld()); }
  state::LockInfo Info() const { return state::NewLockInfo("OperationTypeApply", "1", clock_); }

  // A state of so many objects, the first of which has this content.
  static std::string TextOf(int objects, int content, uint64_t serial) {
    state::State state;
    state.lineage = "l";
    state.serial = serial;
    for (int i = 0; i < objects; ++i) {
      auto object = std::make_shared<state::Object>();
      object->attributes =
          fmt::format(R"({{"id":"{}","text":"{}"}})", i == 0 ? content : i, std::string(100, 'x'));
      state.SetCurrent(*address::Parse(fmt::format("t.n[{}]", i)), "provider[\"h/n/t\"]", object);
    }
    return *state::WriteState(state);
  }

  SystemClock clock_;
  io::LocalFileSystem files_;
  std::string dir_;
};

TEST_F(BackendTest, AStoreGivesBackEachVersionAsItWasWritten) {
  auto backend = OpenStore();
  auto storage = *backend->Open("default");
  EXPECT_EQ(storage->Read()->text, "");
  std::vector<std::string> texts = {TextOf(3, 1, 1), TextOf(3, 2, 2), TextOf(1, 2, 3),
                                    TextOf(3, 1, 4)};
  for (const std::string& text : texts) {
    ASSERT_TRUE(storage->Write(text).ok());
    EXPECT_EQ(storage->Read()->text, text);
  }
  Settings settings{.type = "andon"};
  auto versions = *ListVersions(settings, MakeWorld(), "default");
  ASSERT_EQ(versions.size(), 4u);
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(*ReadVersion(settings, MakeWorld(), "default", static_cast<int64_t>(i) + 1),
              texts[i]);
    EXPECT_EQ(versions[i].digest, Sha256(texts[i]));
    EXPECT_EQ(versions[i].serial, i + 1);
    EXPECT_EQ(versions[i].actor, "ana@example.com");
  }
  EXPECT_EQ(versions[1].changed, 1);
  EXPECT_EQ(versions[2].changed, 2);
  EXPECT_EQ(ReadVersion(settings, MakeWorld(), "default", 9).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(ListVersions(settings, MakeWorld(), "other")->size(), 0u);
}

TEST_F(BackendTest, AVersionOfTenThousandObjectsCostsWhatItChanges) {
  auto backend = OpenStore();
  auto storage = *backend->Open("default");
  ASSERT_TRUE(storage->Write(TextOf(10'000, 1, 1)).ok());
  auto size = [&] {
    uintmax_t all = 0;
    for (const auto& entry : std::filesystem::directory_iterator(dir_ + "/.andon"))
      all += entry.file_size();
    return all;
  };
  // Once more, so that the log of the database has its size.
  ASSERT_TRUE(storage->Write(TextOf(10'000, 2, 2)).ok());
  uintmax_t before = size();
  for (int i = 3; i < 13; ++i)
    ASSERT_TRUE(storage->Write(TextOf(10'000, i, static_cast<uint64_t>(i))).ok());
  EXPECT_LT(size() - before, 1'000'000u);
  EXPECT_EQ(*ReadVersion({.type = "andon"}, MakeWorld(), "default", 5), TextOf(10'000, 5, 5));
}

TEST_F(BackendTest, WhoeverReadBeforeAnotherWroteIsRefused) {
  auto a = OpenStore(), b = OpenStore();
  auto first = *a->Open("default"), second = *b->Open("default");
  ASSERT_TRUE(first->Read().ok());
  ASSERT_TRUE(second->Read().ok());
  ASSERT_TRUE(first->Write(TextOf(1, 1, 1)).ok());
  EXPECT_EQ(second->Write(TextOf(1, 2, 1)).error().kind, ErrorKind::kConflict);
  EXPECT_EQ(second->Read()->text, TextOf(1, 1, 1));
}

TEST_F(BackendTest, TheLockOfAStoreNamesItsHolderAndEndsWithHim) {
  auto a = OpenStore(), b = OpenStore();
  auto first = *a->Open("default"), second = *b->Open("default");
  state::LockInfo info = Info();
  ASSERT_TRUE(first->Lock(info, 0s).ok());
  auto held = second->Lock(Info(), 20ms);
  ASSERT_FALSE(held.ok());
  EXPECT_EQ(held.error().kind, ErrorKind::kHeld);
  EXPECT_NE(held.error().message.find(info.id), std::string::npos);
  EXPECT_NE(held.error().message.find(info.who), std::string::npos);
  EXPECT_EQ(b->ForceUnlock("default", "x").error().kind, ErrorKind::kInvalid);
  ASSERT_TRUE(b->ForceUnlock("default", info.id).ok());
  EXPECT_EQ(b->ForceUnlock("default", info.id).error().kind, ErrorKind::kNotFound);
  // Whoever has lost it writes nothing.
  EXPECT_EQ(first->Write(TextOf(1, 1, 1)).error().kind, ErrorKind::kHeld);
  ASSERT_TRUE(second->Lock(Info(), 0s).ok());
  ASSERT_TRUE(second->Unlock().ok());
  ASSERT_TRUE(first->Lock(Info(), 0s).ok());
}

TEST_F(BackendTest, AKilledWriterLeavesAWholeVersionAndNoLock) {
  for (int round = 0; round < 5; ++round) {
    int written[2];
    ASSERT_EQ(::pipe(written), 0);
    pid_t child = ::fork();
    if (child == 0) {
      auto backend = OpenStore();
      auto storage = *backend->Open("default");
      if (!storage->Lock(Info(), 5s).ok() || !storage->Read().ok()) ::_exit(1);
      for (int i = 0;; ++i) {
        if (!storage->Write(TextOf(200, i, static_cast<uint64_t>(i))).ok()) ::_exit(2);
        if (::write(written[1], "w", 1) != 1) ::_exit(3);
      }
    }
    // In the midst of one of the next writes.
    char byte;
    for (int i = 0; i <= round; ++i) ASSERT_EQ(::read(written[0], &byte, 1), 1);
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    ::close(written[0]);
    ::close(written[1]);
    auto backend = OpenStore();
    auto storage = *backend->Open("default");
    ASSERT_TRUE(storage->Lock(Info(), 0s).ok());
    auto stored = storage->Read();
    ASSERT_TRUE(stored.ok()) << stored.error().message;
    EXPECT_TRUE(state::ReadState(stored->text, "s").state.has_value());
    auto versions = *ListVersions({.type = "andon"}, MakeWorld(), "default");
    EXPECT_EQ(versions.back().digest, Sha256(stored->text));
    EXPECT_EQ(versions.back().version, static_cast<int64_t>(versions.size()));
  }
}

TEST_F(BackendTest, ADamagedVersionIsNoticed) {
  auto backend = OpenStore();
  auto storage = *backend->Open("default");
  ASSERT_TRUE(storage->Write(TextOf(2, 1, 1)).ok());
  auto db = *store::OpenSqlite(dir_ + "/.andon/andon.db");
  ASSERT_TRUE(db->Execute("DELETE FROM state_objects WHERE address = 't.n[1]'").ok());
  auto stored = storage->Read();
  ASSERT_FALSE(stored.ok());
  EXPECT_EQ(stored.error().kind, ErrorKind::kCorrupt);
}

TEST_F(BackendTest, WorkspacesOfAStoreAreTakenAwayWhole) {
  auto backend = OpenStore();
  ASSERT_TRUE(backend->MakeWorkspace("dev", "").ok());
  ASSERT_TRUE((*backend->Open("default"))->Write(TextOf(2, 1, 1)).ok());
  ASSERT_TRUE((*backend->Open("made"))->Write(TextOf(3, 1, 1)).ok());
  EXPECT_EQ(*backend->Workspaces(), (std::vector<std::string>{"default", "dev", "made"}));
  ASSERT_TRUE(backend->RemoveWorkspace("made").ok());
  EXPECT_EQ((*backend->Open("default"))->Read()->text, TextOf(2, 1, 1));
  auto db = *store::OpenSqlite(dir_ + "/.andon/andon.db");
  EXPECT_EQ(db->Query("SELECT count(*) AS n FROM blobs")->begin()->Integer("n"), 2);
  EXPECT_EQ(*backend->Workspaces(), (std::vector<std::string>{"default", "dev"}));
  EXPECT_EQ((*backend->Open("made"))->Read()->text, "");
}

TEST_F(BackendTest, ARecordIsReadAsTerraformWritesIt) {
  ASSERT_TRUE(files_
                  .Write(dir_ + "/.terraform/terraform.tfstate",
                         R"({"version":3,"terraform_version":"1.11.4","backend":{"type":"s3",
                         "config":{"bucket":"b","key":"k","acl":null,"use_lockfile":true,
                         "endpoints":{"s3":"http://x","iam":null},"shared_config_files":null},
                         "hash":123}})")
                  .ok());
  auto record = *ReadRecord(files_, dir_);
  ASSERT_TRUE(record);
  Settings block{.type = "s3",
                 .values = {{"bucket", "b"},
                            {"key", "k"},
                            {"use_lockfile", true},
                            {"endpoints", Json::Object({{"s3", "http://x"}})}}};
  EXPECT_EQ(record->settings, block);
  EXPECT_TRUE(IsOf(*record, block));
  block.values["key"] = "other";
  EXPECT_FALSE(IsOf(*record, block));
  ASSERT_TRUE(WriteRecord(files_, dir_, {block, HashOf(block)}, "1.12.0").ok());
  EXPECT_TRUE(IsOf(**ReadRecord(files_, dir_), block));
  ASSERT_TRUE(files_.WriteAtomically(dir_ + "/.terraform/terraform.tfstate", "{").ok());
  EXPECT_EQ(ReadRecord(files_, dir_).error().kind, ErrorKind::kCorrupt);
}

class S3Test : public BackendTest {
 protected:
  void SetUp() override {
    BackendTest::SetUp();
    if (!server_.missing().empty()) GTEST_SKIP() << "needs " << server_.missing();
    bucket_ = server_.Ask("bucket")["bucket"].AsString();
  }

  std::unique_ptr<state::Backend> OpenBucket(std::map<std::string, Json> more = {}) {
    Settings settings{.type = "s3",
                      .values = {{"bucket", bucket_},
                                 {"key", "a b/ü.tfstate"},
                                 {"region", server_["region"]},
                                 {"access_key", server_["access_key"]},
                                 {"secret_key", server_["secret_key"]},
                                 {"endpoint", server_["endpoint"]},
                                 {"use_path_style", true},
                                 {"use_lockfile", true},
                                 {"max_retries", 1}}};
    for (auto& [name, value] : more) settings.values[name] = value;
    auto opened = Open(settings, MakeWorld());
    EXPECT_TRUE(opened.ok());
    return *std::move(opened);
  }

  void Tell(const std::string& word) {
    auto http = io::NewHttpClient();
    ASSERT_TRUE(http->Send({.url = fmt::format("{}/-/{}/{}", server_["endpoint"].AsString(), word,
                                               bucket_)})
                    .ok());
  }

  static inline io::TestServer server_{"s3"};
  std::string bucket_;
};

TEST_F(S3Test, AnObjectIsWrittenOnlyOverWhatWasRead) {
  auto backend = OpenBucket({{"encrypt", true}, {"state_tags", Json::Object({{"a b", "c&d"}})}});
  auto first = *backend->Open("default"), second = *backend->Open("default");
  EXPECT_EQ(first->Read()->text, "");
  EXPECT_EQ(second->Read()->text, "");
  ASSERT_TRUE(first->Write("one").ok());
  EXPECT_EQ(second->Write("two").error().kind, ErrorKind::kConflict);
  EXPECT_EQ(second->Read()->text, "one");
  ASSERT_TRUE(second->Write("two").ok());
  EXPECT_EQ(first->Write("three").error().kind, ErrorKind::kConflict);
  // One that was sent twice is no conflict.
  ASSERT_TRUE(first->Write("two").ok());
}

TEST_F(S3Test, OneHoldsTheLockAndIsNamed) {
  auto backend = OpenBucket();
  auto first = *backend->Open("dev"), second = *backend->Open("dev");
  state::LockInfo info = Info();
  ASSERT_TRUE(first->Lock(info, 0s).ok());
  auto held = second->Lock(Info(), 10ms);
  ASSERT_FALSE(held.ok());
  EXPECT_EQ(held.error().kind, ErrorKind::kHeld);
  EXPECT_NE(held.error().message.find(info.id), std::string::npos);
  EXPECT_FALSE(backend->ForceUnlock("dev", "x").ok());
  ASSERT_TRUE(backend->ForceUnlock("dev", info.id).ok());
  ASSERT_TRUE(second->Lock(Info(), 0s).ok());
  // The first one says that its lock was taken, and leaves the other's alone.
  EXPECT_EQ(first->Unlock().error().kind, ErrorKind::kConflict);
  ASSERT_TRUE(second->Unlock().ok());
  EXPECT_EQ(backend->ForceUnlock("dev", info.id).error().kind, ErrorKind::kNotFound);
}

TEST_F(S3Test, WorkspacesAreListedOverSeveralPages) {
  auto backend = OpenBucket();
  for (const char* name : {"a", "b", "c", "d"})
    ASSERT_TRUE(backend->MakeWorkspace(name, "{}").ok());
  EXPECT_EQ(*backend->Workspaces(), (std::vector<std::string>{"default", "a", "b", "c", "d"}));
  ASSERT_TRUE(backend->RemoveWorkspace("b").ok());
  EXPECT_EQ(backend->Workspaces()->size(), 4u);
  EXPECT_EQ(OpenBucket({{"workspace_key_prefix", "x/y"}})->Workspaces()->size(), 1u);
}

TEST_F(S3Test, WhatTheServerSaysIsToldAndSecretsAreNot) {
  auto said = OpenBucket({{"secret_key", "not-the-secret"}})->Workspaces();
  ASSERT_FALSE(said.ok());
  EXPECT_NE(said.error().message.find("SignatureDoesNotMatch"), std::string::npos);
  EXPECT_EQ(said.error().message.find("not-the-secret"), std::string::npos);
  EXPECT_EQ(OpenBucket({{"bucket", "none"}})->Workspaces().error().kind, ErrorKind::kNotFound);
  Tell("down");
  auto away = OpenBucket()->Workspaces();
  EXPECT_EQ(away.error().kind, ErrorKind::kUnavailable);
  Tell("up");
  Tell("busy");
  EXPECT_EQ(OpenBucket()->Workspaces().error().kind, ErrorKind::kUnavailable);
  EXPECT_TRUE(OpenBucket()->Workspaces().ok());
}

TEST(S3Answers, ElementsAreFoundAndDecoded) {
  std::string_view xml = "<R><Key>a&amp;b&lt;</Key><Other/><Key>c</Key><Key>torn";
  EXPECT_EQ(ElementsOf(xml, "Key"), (std::vector<std::string>{"a&b<", "c"}));
  EXPECT_TRUE(ElementsOf("", "Key").empty());
}

}  // namespace
}  // namespace andon::backend
