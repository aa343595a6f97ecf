// What commits drop is collected to the last file, and nothing that anybody may need.

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

#include "base/text.h"
#include "io/local_file_system.h"
#include "lake/garbage.h"
#include "lake/load.h"
#include "lake/publish.h"
#include "lake/reference.h"
#include "lake/scan.h"
#include "store/database.h"

namespace andon::lake {
namespace {

using iceberg::Table;

template <typename T>
T OK(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}
void OK(Result<void> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
}

constexpr auto kTwoDays = std::chrono::hours(48);

// A table with a short history of all kinds of commits, a tag in it, and a branch that waits.
class GarbageTest : public testing::Test {
 protected:
  GarbageTest()
      : dir_(std::filesystem::temp_directory_path() / ("andon-garbage-" + RandomUuid())),
        clock_(SystemClock().Now()) {  // Files have times of that clock.
    std::filesystem::create_directories(dir_);
    database_ = OK(store::OpenSqlite((dir_ / "andon.db").string(), {.create = true}));
    lake_ = {(dir_ / "lake").string(), "shop", &files_, &clock_};
    engine_.emplace(OK(sql::Engine::Open({.threads = 2})));
    connection_.emplace(OK(engine_->Connect()));
    TableDefinition definition;
    iceberg::Field id, n;
    id.name = "id";
    id.type = OK(iceberg::ParseType("long"));
    n.name = "n";
    n.type = id.type;
    definition.columns = {id, n};
    definition.properties = {{"andon.history.snapshots-min", "4"}};
    OK(OpenOrCreateTable(*database_, lake_, "item", definition));
    for (int i = 1; i <= 45; ++i) Step(i);
    LoadRows(LoadMode::kAppend, 1000, 1009, "run-waiting");
  }
  ~GarbageTest() override { std::filesystem::remove_all(dir_); }

  void LoadRows(LoadMode mode, int first, int last, const std::string& branch) {
    clock_.Advance(std::chrono::seconds(1));
    LoadRequest request{.mode = mode,
                        .query = fmt::format("SELECT i AS id, {} AS n FROM range({}, {}) t(i)",
                                             first, first, last + 1),
                        .branch = branch};
    if (mode == LoadMode::kMerge) request.key = {"id"};
    OK(Load(*database_, *connection_, lake_, "item", request));
  }

  void Step(int i) {
    const std::string branch = fmt::format("run-{}", i);
    LoadMode mode = i % 17 == 0  ? LoadMode::kReplace
                    : i % 5 == 0 ? LoadMode::kMerge
                                 : LoadMode::kAppend;
    LoadRows(mode, i * 10, i * 10 + 14, branch);
    if (i % 7 == 0) return OK(DropBranch(*database_, lake_, "item", branch));  // It was red.
    Publication p = OK(PreparePublish(*database_, lake_, {{"item", branch}}));
    OK(database_->Write([&](store::Transaction& tx) { return CommitPublish(tx, lake_, p, {}); }));
    FinishPublish(lake_, p);
    if (i != 12) return;
    Table table = Open();
    OK(CommitAlone(*database_, lake_, table,
                   OK(iceberg::CreateTag(table.metadata, "audit",
                                         *table.metadata.current_snapshot_id, lake_.now_ms()))));
  }

  Table Open() { return OK(OpenTable(*database_, lake_, "item")); }

  // All rows of all snapshots.
  std::string Everything() {
    Table table = Open();
    std::string text;
    for (const iceberg::Snapshot& snapshot : table.metadata.snapshots) {
      Scan scan = OK(PlanScan(lake_, table.metadata, snapshot.id));
      sql::ResultSet rows = OK(connection_->Query(
          fmt::format("SELECT count(*) || ' ' || sum(id * 1000 + n) FROM ({})", scan.sql)));
      text += rows.Text(0, 0) + "\n";
    }
    return text;
  }

  Garbage Collect(GarbageOptions options = {}) {
    return OK(CollectDueGarbage(*database_, lake_, options));
  }
  // What a look at every file finds.
  std::vector<std::string> Left() {
    return OK(CollectGarbage(*database_, lake_, "item", {.dry_run = true})).files;
  }

  std::filesystem::path dir_;
  io::LocalFileSystem files_;
  ManualClock clock_;
  std::unique_ptr<store::Database> database_;
  Lake lake_;
  std::optional<sql::Engine> engine_;
  std::optional<sql::Connection> connection_;
};

TEST_F(GarbageTest, WhatWasDroppedGoesWhenItIsOldAndAllTheRestStays) {
  std::string before = Everything();
  EXPECT_TRUE(Collect().files.empty());  // A reader may still be at it.
  clock_.Advance(kTwoDays);
  Garbage garbage = Collect();
  EXPECT_GT(garbage.files.size(), 100u);
  EXPECT_EQ(Everything(), before);
  EXPECT_EQ(Left(), std::vector<std::string>());
  EXPECT_TRUE(Collect().files.empty());
}

TEST_F(GarbageTest, OldFilesOfWhatWasDroppedJustNowStay) {
  clock_.Advance(kTwoDays);
  Collect();
  for (int i = 46; i <= 56; ++i) Step(i);  // The history before goes, with files of two days ago.
  EXPECT_TRUE(Collect().files.empty());
  EXPECT_EQ(Left(), std::vector<std::string>());
  clock_.Advance(kTwoDays);
  EXPECT_GT(Left().size(), 10u);
  Collect();
  EXPECT_EQ(Left(), std::vector<std::string>());
}

TEST_F(GarbageTest, ACollectionThatIsCutShortIsFinishedLater) {
  std::string before = Everything();
  clock_.Advance(kTwoDays);
  Garbage planned = Collect({.dry_run = true});
  ASSERT_GT(planned.files.size(), 100u);
  // Killed after any of its removals.
  for (size_t at : {size_t{1}, planned.files.size() / 2, planned.files.size() - 3}) {
    for (size_t i = 0; i < at; ++i) {
      if (files_.Exists(planned.files[i])) OK(files_.Remove(planned.files[i]));
    }
    EXPECT_EQ(Everything(), before);
  }
  Collect();
  EXPECT_EQ(Left(), std::vector<std::string>());
  EXPECT_EQ(Everything(), before);
}

TEST_F(GarbageTest, ABoundedCollectionTakesSeveralTurns) {
  std::string before = Everything();
  clock_.Advance(kTwoDays);
  int turns = 0;
  while (!Collect({.files_max = 1}).files.empty()) ++turns;
  EXPECT_GT(turns, 5);
  EXPECT_EQ(Left(), std::vector<std::string>());
  EXPECT_EQ(Everything(), before);
}

TEST_F(GarbageTest, FewWaitForMoreSoThatTheHistoryIsReadOnce) {
  clock_.Advance(kTwoDays);
  Collect();
  LoadRows(LoadMode::kAppend, 1, 2, "run-90");
  OK(DropBranch(*database_, lake_, "item", "run-90"));
  clock_.Advance(std::chrono::hours(25));
  EXPECT_TRUE(Collect().files.empty());
  clock_.Advance(kDroppedWaitMax);
  EXPECT_EQ(Collect().files.size(), 3u);  // Data, manifest, list.
  EXPECT_EQ(Left(), std::vector<std::string>());
}

TEST_F(GarbageTest, ATableIsSweptOnceWhenSomebodyAskedForIt) {
  clock_.Advance(kTwoDays);
  Collect();
  const std::string orphan = lake_.TableLocation("item") + "/data/orphan.parquet";
  OK(files_.Write(orphan, "x"));
  Timestamp soon = clock_.Now() + kTwoDays;
  EXPECT_TRUE(Collect().files.empty());
  auto ask = [&](Timestamp due) {
    OK(database_->Write([&](store::Transaction& tx) -> Result<void> {
      TRY(SweepLater(tx, lake_, "item", due));
      return SweepLater(tx, lake_, "gone", due);  // A table that was never made.
    }));
  };
  ask(soon);
  EXPECT_TRUE(Collect().files.empty());
  GarbageOptions options;
  options.is_running = [](const std::string& id) { return id == "waiting"; };
  clock_.Advance(kTwoDays + std::chrono::minutes(1));
  EXPECT_EQ(Collect(options).files, std::vector<std::string>{orphan});
  EXPECT_TRUE(Open().metadata.refs.contains("run-waiting"));
  OK(files_.Write(orphan, "x"));
  EXPECT_TRUE(Collect(options).files.empty());
}

TEST_F(GarbageTest, ASweepComesBackForWhatWasTooYoung) {
  clock_.Set(SystemClock().Now());
  OK(files_.Write(lake_.TableLocation("item") + "/data/orphan.parquet", "x"));
  OK(database_->Write(
      [&](store::Transaction& tx) { return SweepLater(tx, lake_, "item", clock_.Now()); }));
  EXPECT_TRUE(Collect().files.empty());
  clock_.Advance(std::chrono::hours(25));
  auto files = Collect().files;
  EXPECT_NE(
      std::find(files.begin(), files.end(), lake_.TableLocation("item") + "/data/orphan.parquet"),
      files.end());
}

}  // namespace
}  // namespace andon::lake
