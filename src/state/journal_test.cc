#include "state/journal.h"

#include <gtest/gtest.h>

#include <thread>

#include "io/faulty_file_system.h"
#include "io/memory_file_system.h"
#include "state/file.h"

namespace andon::state {
namespace {

constexpr const char* kProvider = "provider[\"h/n/t\"]";
constexpr const char* kState = "/w/terraform.tfstate";

ObjectPtr MakeObject(int n) {
  auto object = std::make_shared<Object>();
  object->attributes = fmt::format("{{\"id\":{}}}", n);
  return object;
}

address::Address At(const std::string& text) { return *address::Parse(text); }

std::string Text(const io::FileSystem& files) { return *files.Read(JournalPath(kState)); }

TEST(JournalTest, StandsBesideTheStateFile) {
  EXPECT_EQ(JournalPath("terraform.tfstate"), ".terraform.tfstate.journal");
  EXPECT_EQ(JournalPath("/a/.hidden"), "/a/.hidden.journal");
}

TEST(JournalTest, FoldsWhatWasAppended) {
  io::MemoryFileSystem files;
  State state;
  state.lineage = "l";
  state.SetCurrent(At("t.gone"), kProvider, MakeObject(0));
  std::string base = *WriteState(state);
  State changed = state;
  {
    Journal journal = *Journal::Begin(files, kState, base, state);
    auto put = [&](const std::string& address) {
      EXPECT_TRUE(journal.Append(ChangeOf(changed, At(address)), Journal::kWritten).ok());
    };
    changed.SetCurrent(At("module.m[\"a\"].t.n[\"x\\\"y\"]"), kProvider, MakeObject(1),
                       address::Key("eu"));
    put("module.m[\"a\"].t.n[\"x\\\"y\"]");
    changed.SetCurrent(At("t.n[3]"), kProvider, MakeObject(2));
    changed.Depose(At("t.n[3]"));
    changed.SetCurrent(At("t.n[3]"), kProvider, MakeObject(3));
    put("t.n[3]");
    changed.RemoveInstance(At("t.gone"));
    put("t.gone");
    Output output{value::Value::Number(1), true, "old"};
    changed.outputs["o"] = output;
    EXPECT_TRUE(journal.Append({"o", output}, Journal::kDurable).ok());
    EXPECT_TRUE(journal.Append({"never", std::nullopt}, Journal::kWritten).ok());
  }
  auto folded = FoldJournal(Text(files), "j", base, state);
  ASSERT_TRUE(folded.ok()) << folded.error().message;
  EXPECT_EQ(folded->changes, 5);
  EXPECT_TRUE(SameContent(state, changed));
}

TEST(JournalTest, ATornTailIsAsIfItWereNotThere) {
  io::MemoryFileSystem files;
  State state;
  Journal journal = *Journal::Begin(files, kState, "", state);
  std::vector<size_t> ends = {Text(files).size()};
  for (int i = 0; i < 3; ++i) {
    InstanceChange change{At(fmt::format("t.n[{}]", i)), kProvider, {MakeObject(i), {}, {}}};
    ASSERT_TRUE(journal.Append(change, Journal::kDurable).ok());
    ends.push_back(Text(files).size());
  }
  std::string whole = Text(files);
  for (size_t size = ends[0]; size <= whole.size(); ++size) {
    State folded_state;
    auto folded = FoldJournal(std::string_view(whole).substr(0, size), "j", "", folded_state);
    ASSERT_TRUE(folded.ok()) << size;
    int expected = -1;
    for (size_t end : ends) expected += size >= end ? 1 : 0;
    EXPECT_EQ(folded->changes, expected) << size;
  }
  for (size_t at = ends[1]; at < whole.size(); at += 5) {
    std::string damaged = whole;
    damaged[at] ^= 1;
    State folded_state;
    auto folded = FoldJournal(damaged, "j", "", folded_state);
    ASSERT_TRUE(folded.ok());
    EXPECT_GE(folded->changes, 1);
    EXPECT_LE(folded->changes, 2);
  }
}

TEST(JournalTest, RefusesAStateThatAnotherProgramWrote) {
  io::MemoryFileSystem files;
  State state;
  Journal journal = *Journal::Begin(files, kState, "base", state);
  InstanceChange change{At("t.n"), kProvider, {MakeObject(1), {}, {}}};
  ASSERT_TRUE(journal.Append(change, Journal::kDurable).ok());
  auto folded = FoldJournal(Text(files), "j", "another", state);
  ASSERT_FALSE(folded.ok());
  EXPECT_EQ(folded.error().kind, ErrorKind::kConflict);
  EXPECT_NE(folded.error().message.find("j holds 1 change of an apply"), std::string::npos);
  EXPECT_TRUE(state.resources.empty());

  // Unless it is the file that the journal ended in.
  ASSERT_TRUE(journal.Finish("another").ok());
  folded = FoldJournal(Text(files), "j", "another", state);
  ASSERT_TRUE(folded.ok());
  EXPECT_TRUE(folded->is_done);
  EXPECT_EQ(folded->changes, 0);
  EXPECT_TRUE(state.resources.empty());
  // Or the one that it began with: the rename did not happen.
  folded = FoldJournal(Text(files), "j", "base", state);
  EXPECT_EQ(folded->changes, 1);
}

TEST(JournalTest, FinishesWhatAnotherProcessLeft) {
  io::MemoryFileSystem files;
  State state;
  {
    Journal journal = *Journal::Begin(files, kState, "base", state);
    InstanceChange change{At("t.n"), kProvider, {MakeObject(1), {}, {}}};
    ASSERT_TRUE(journal.Append(change, Journal::kDurable).ok());
  }
  ASSERT_TRUE(files.Append(JournalPath(kState), "0123 torn").ok());
  ASSERT_TRUE(FinishJournal(files, kState, "next").ok());
  EXPECT_TRUE(FoldJournal(Text(files), "j", "next", state)->is_done);
}

TEST(JournalTest, WhatIsNoJournalIsRefused) {
  State state;
  for (const char* text : {"", "x", "{}\n", "0000000000000000 {}\n", "\xff\xff\n"}) {
    auto folded = FoldJournal(text, "j", "", state);
    ASSERT_FALSE(folded.ok()) << text;
    EXPECT_EQ(folded.error().kind, ErrorKind::kCorrupt);
  }
}

TEST(JournalTest, ThreadsShareSyncsAndLoseNothing) {
  io::MemoryFileSystem disk;
  io::FaultyFileSystem files(disk);
  State state;
  constexpr int kThreads = 8, kEach = 50;
  {
    Journal journal = *Journal::Begin(files, kState, "", state);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&journal, t] {
        for (int i = 0; i < kEach; ++i) {
          InstanceChange change{
              At(fmt::format("t.n[{}]", t * kEach + i)), kProvider, {MakeObject(i), {}, {}}};
          EXPECT_TRUE(journal.Append(change, Journal::kDurable).ok());
        }
      });
    }
    for (auto& thread : threads) thread.join();
  }
  EXPECT_EQ(FoldJournal(Text(disk), "j", "", state)->changes, kThreads * kEach);
}

TEST(JournalTest, WhatWasAcknowledgedSurvivesAnyCrash) {
  for (int n = 1;; ++n) {
    io::MemoryFileSystem disk;
    io::FaultyFileSystem files(disk);
    files.CrashAt(n);
    State state;
    int acknowledged = 0;
    auto journal = Journal::Begin(files, kState, "", state);
    for (int i = 0; journal.ok() && i < 3; ++i) {
      InstanceChange change{At(fmt::format("t.n[{}]", i)), kProvider, {MakeObject(i), {}, {}}};
      if (!journal->Append(change, Journal::kDurable).ok()) break;
      ++acknowledged;
    }
    if (!files.crashed()) break;
    auto text = disk.Read(JournalPath(kState));
    if (!text.ok()) {
      EXPECT_EQ(acknowledged, 0);
      continue;
    }
    EXPECT_GE(FoldJournal(*text, "j", "", state)->changes, acknowledged) << n;
  }
}

TEST(JournalTest, AFailureIsToldToEverybodyAfterIt) {
  io::MemoryFileSystem disk;
  io::FaultyFileSystem files(disk);
  State state;
  Journal journal = *Journal::Begin(files, kState, "", state);
  files.FailAt(1);
  InstanceChange change{At("t.n"), kProvider, {MakeObject(1), {}, {}}};
  EXPECT_FALSE(journal.Append(change, Journal::kDurable).ok());
  EXPECT_FALSE(journal.Append(change, Journal::kWritten).ok());
}

}  // namespace
}  // namespace andon::state
