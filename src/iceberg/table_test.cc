// Commits on files in memory: snapshots, refs, publishing, history, the catalog.

#include "iceberg/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "base/text.h"
#include "iceberg/catalog.h"
#include "io/memory_file_system.h"
#include "store/database.h"

namespace andon::iceberg {
namespace {

template <typename T>
T OK(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}
void OK(Result<void> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
}

DataFile File(const std::string& name, int64_t rows = 10) {
  DataFile file;
  file.path = "/lake/t/data/" + name;
  file.record_count = rows;
  file.size_bytes = rows * 10;
  return file;
}

class TableTest : public testing::Test {
 protected:
  TableTest() {
    TableMetadata metadata =
        OK(NewTableMetadata("/lake/t", {{0, "id", Type(TypeId::kLong), false, ""}}, {},
                            {{"write.metadata.delete-after-commit.enabled", "true"},
                             {"write.metadata.previous-versions-max", "5"}},
                            1000));
    table_ = {{"rental", "t"}, "", std::move(metadata)};
    Commit({table_.metadata, {}, {}, 0});
  }

  void Commit(Change change) {
    for (const std::string& path : change.durable_paths) {
      if (!files_.Exists(path)) OK(files_.Write(path, "parquet"));
    }
    Staged staged = OK(Stage(files_, table_, std::move(change)));
    for (const std::string& path : staged.obsolete) OK(files_.Remove(path));
    table_.metadata_location = staged.new_location;
    // As the next reader finds it.
    table_.metadata = OK(ParseTableMetadata(OK(files_.Read(staged.new_location))));
  }

  CommitOptions On(const std::string& branch) {
    CommitOptions options;
    options.branch = branch;
    options.now_ms = now_ += 1000;
    return options;
  }
  void AppendTo(const std::string& branch, std::vector<DataFile> added) {
    Commit(OK(Append(table_.metadata, files_, On(branch), added)));
  }

  std::string Live(const std::string& ref) {
    const Snapshot* snapshot = table_.metadata.FindRef(ref);
    if (snapshot == nullptr) return "-";
    std::vector<std::string> names;
    for (const LiveFile& live : OK(LiveFiles(table_.metadata, files_, *snapshot))) {
      names.push_back(live.file.path.substr(13));
    }
    std::sort(names.begin(), names.end());
    return Join(names, " ");
  }

  io::MemoryFileSystem files_;
  Table table_;
  int64_t now_ = 1000;
};

TEST_F(TableTest, SummariesCountAsOthersDo) {
  AppendTo("main", {File("a", 10), File("b", 5)});
  Commit(OK(Overwrite(table_.metadata, files_, On("main"), {"/lake/t/data/a"}, {File("c", 1)})));
  const Summary& summary = table_.metadata.current_snapshot()->summary;
  EXPECT_EQ(summary.at("operation"), "overwrite");
  EXPECT_EQ(summary.at("added-data-files"), "1");
  EXPECT_EQ(summary.at("deleted-records"), "10");
  EXPECT_EQ(summary.at("total-records"), "6");
  EXPECT_EQ(summary.at("total-data-files"), "2");
  EXPECT_EQ(summary.at("total-files-size"), "60");
  EXPECT_EQ(Live("main"), "b c");
  Commit(OK(Overwrite(table_.metadata, files_, On("main"), {"/lake/t/data/b"}, {})));
  EXPECT_EQ(table_.metadata.current_snapshot()->operation(), "delete");
  Commit(OK(ReplaceAll(table_.metadata, files_, On("main"), {File("d")})));
  EXPECT_EQ(Live("main"), "d");
  EXPECT_EQ(table_.metadata.current_snapshot()->summary.at("total-records"), "10");
  auto gone = Overwrite(table_.metadata, files_, On("main"), {"/lake/t/data/a"}, {});
  ASSERT_FALSE(gone.ok());
  EXPECT_EQ(gone.error().kind, ErrorKind::kConflict);
}

TEST_F(TableTest, EntriesKeepTheirSequenceNumbersThroughMerges) {
  for (int i = 0; i < 25; ++i) AppendTo("main", {File(fmt::format("f{}", i))});
  for (const LiveFile& live :
       OK(LiveFiles(table_.metadata, files_, *table_.metadata.current_snapshot()))) {
    int index = std::stoi(live.file.path.substr(14));
    EXPECT_EQ(live.sequence_number, index + 1) << live.file.path;
  }
}

// The cost of the thousandth commit is that of the tenth, in files, manifests and bytes.
TEST_F(TableTest, AThousandCommitsStayFlat) {
  size_t manifests_most = 0;
  int64_t metadata_bytes_100 = 0;
  for (int i = 1; i <= 1000; ++i) {
    Change change = OK(Append(table_.metadata, files_, On("main"), {File(fmt::format("f{}", i))}));
    EXPECT_LE(change.files.size(), 5u) << "commit " << i;
    Commit(std::move(change));
    size_t manifests = OK(Manifests(files_, *table_.metadata.current_snapshot())).size();
    manifests_most = std::max(manifests_most, manifests);
    if (i == 150) metadata_bytes_100 = OK(files_.Stat(table_.metadata_location)).size;
  }
  EXPECT_EQ(OK(LiveFiles(table_.metadata, files_, *table_.metadata.current_snapshot())).size(),
            1000u);
  EXPECT_EQ(table_.metadata.current_snapshot()->summary.at("total-records"), "10000");
  EXPECT_LE(manifests_most, 31u);
  EXPECT_EQ(table_.metadata.snapshots.size(), 100u);
  EXPECT_LE(table_.metadata.metadata_log.size(), 5u);
  EXPECT_LE(table_.metadata.snapshot_log.size(), 100u);
  int64_t metadata_bytes_1000 = OK(files_.Stat(table_.metadata_location)).size;
  EXPECT_LE(metadata_bytes_1000, metadata_bytes_100 * 11 / 10);
  int64_t metadata_files = 0;
  for (const io::FileInfo& info : OK(files_.List("/lake/t/metadata"))) {
    metadata_files += info.name.ends_with(".metadata.json");
  }
  EXPECT_EQ(metadata_files, 6);
}

TEST_F(TableTest, BranchesBeginAtMainAndFastForward) {
  AppendTo("main", {File("a")});
  AppendTo("run-1", {File("b")});
  AppendTo("run-1", {File("c")});
  EXPECT_EQ(Live("main"), "a");
  EXPECT_EQ(Live("run-1"), "a b c");
  Commit(OK(FastForward(table_.metadata, "run-1", now_ += 1000)));
  EXPECT_EQ(Live("main"), "a b c");
  EXPECT_FALSE(table_.metadata.refs.contains("run-1"));
  EXPECT_EQ(table_.metadata.snapshot_log.size(), 2u);
  EXPECT_FALSE(FastForward(table_.metadata, "run-1", now_).ok());
}

TEST_F(TableTest, ReplayAddsWhatTheBranchAddedAndRefusesTheRest) {
  AppendTo("main", {File("a")});
  AppendTo("run-1", {File("b")});
  AppendTo("run-1", {File("c")});
  Commit(OK(Overwrite(table_.metadata, files_, On("run-2"), {"/lake/t/data/a"}, {File("a2")})));
  AppendTo("main", {File("x")});
  int64_t foreign = *table_.metadata.current_snapshot_id;
  auto forward = FastForward(table_.metadata, "run-1", now_);
  ASSERT_FALSE(forward.ok());
  EXPECT_EQ(forward.error().kind, ErrorKind::kConflict);
  Commit(OK(Replay(table_.metadata, files_, "run-1", now_ += 1000)));
  EXPECT_EQ(Live("main"), "a b c x");
  EXPECT_TRUE(table_.metadata.current_snapshot()->summary.contains("source-snapshot-id"));
  auto refused = Replay(table_.metadata, files_, "run-2", now_);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_NE(refused.error().message.find("snapshot"), std::string::npos);
  EXPECT_NE(foreign, *table_.metadata.current_snapshot_id);
}

TEST_F(TableTest, TheCurrentSchemaMovesOnlyWithThePublish) {
  AppendTo("main", {File("a")});
  auto add_column = [&](const std::string& name) {
    std::vector<Field> wanted = table_.metadata.schema().fields;
    wanted.push_back({0, name, Type(TypeId::kString), false, ""});
    Evolution evolution =
        OK(Evolve(table_.metadata.schema(), table_.metadata.last_column_id, wanted, {}, {},
                  ProposedSchemas(table_.metadata, table_.metadata.current_schema_id)));
    return AddSchema(table_.metadata, evolution);
  };
  AddedSchema added = add_column("note");
  CommitOptions options = On("run-1");
  options.schema_id = added.schema_id;
  Commit(OK(Append(added.metadata, files_, options, {File("b")})));
  EXPECT_EQ(table_.metadata.current_schema_id, 0);
  EXPECT_EQ(table_.metadata.SchemaOf(*table_.metadata.FindRef("run-1")).fields.size(), 2u);
  // The same columns again are the same schema.
  EXPECT_EQ(add_column("note").schema_id, added.schema_id);
  TableMetadata drifted = table_.metadata;
  Commit(OK(FastForward(table_.metadata, "run-1", now_ += 1000)));
  EXPECT_EQ(table_.metadata.current_schema_id, added.schema_id);
  // Another writer changed the schema too: neither may win unseen.
  drifted.schemas.push_back(drifted.schemas[0]);
  drifted.schemas.back().id = 9;
  drifted.schemas.back().fields[0].name = "other";
  drifted.current_schema_id = 9;
  auto forward = FastForward(drifted, "run-1", now_);
  ASSERT_FALSE(forward.ok());
  EXPECT_EQ(forward.error().kind, ErrorKind::kConflict);
}

TEST_F(TableTest, TagsAndRollback) {
  AppendTo("main", {File("a")});
  int64_t first = *table_.metadata.current_snapshot_id;
  Commit(OK(CreateTag(table_.metadata, "audit", first, now_)));
  AppendTo("main", {File("b")});
  EXPECT_FALSE(
      CreateTag(table_.metadata, "audit", *table_.metadata.current_snapshot_id, now_).ok());
  EXPECT_FALSE(CreateBranch(table_.metadata, "audit", first, now_).ok());
  auto to_tag = Append(table_.metadata, files_, On("audit"), {});
  EXPECT_FALSE(to_tag.ok());
  Commit(OK(SetMain(table_.metadata, first, now_ += 1000)));
  EXPECT_EQ(Live("main"), "a");
  EXPECT_EQ(table_.metadata.snapshot_log.size(), 3u);
  Commit(OK(DropRef(table_.metadata, "audit", now_)));
  EXPECT_FALSE(DropRef(table_.metadata, "audit", now_).ok());
  EXPECT_FALSE(DropRef(table_.metadata, "main", now_).ok());
}

TEST_F(TableTest, MainMayBeWithoutASnapshotAgain) {
  AppendTo("main", {File("a")});
  const int64_t first = *table_.metadata.current_snapshot_id;
  Commit(ClearMain(table_.metadata, now_ += 1000));
  EXPECT_FALSE(table_.metadata.current_snapshot_id.has_value());
  EXPECT_EQ(table_.metadata.FindRef("main"), nullptr);
  EXPECT_NE(Expire(table_.metadata, {.snapshots_min = 1}).FindSnapshot(first), nullptr);
  auto again = ParseTableMetadata(ToJsonText(table_.metadata));
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_FALSE(again->current_snapshot_id.has_value());
  AppendTo("main", {File("b")});
  EXPECT_EQ(Live("main"), "b");
  EXPECT_FALSE(table_.metadata.current_snapshot()->parent_id.has_value());
}

TEST_F(TableTest, ExpiryKeepsWhatRefsNeed) {
  AppendTo("main", {File("a")});
  int64_t tagged = *table_.metadata.current_snapshot_id;
  Commit(OK(CreateTag(table_.metadata, "audit", tagged, now_)));
  AppendTo("main", {File("b")});
  int64_t middle = *table_.metadata.current_snapshot_id;
  AppendTo("run-1", {File("c")});
  AppendTo("main", {File("d")});
  AppendTo("main", {File("e")});
  TableMetadata expired = Expire(table_.metadata, {.snapshots_min = 1});
  EXPECT_NE(expired.FindSnapshot(tagged), nullptr);
  EXPECT_EQ(expired.FindSnapshot(middle), nullptr);
  EXPECT_NE(expired.FindRef("run-1"), nullptr);
  EXPECT_NE(expired.current_snapshot(), nullptr);
  EXPECT_EQ(expired.snapshot_log.size(), 1u);
  EXPECT_NE(Expire(table_.metadata, {.snapshots_min = 1, .keep = {middle}}).FindSnapshot(middle),
            nullptr);
  // A branch that was dropped leaves its snapshots behind.
  Commit(OK(DropRef(table_.metadata, "run-1", now_)));
  EXPECT_EQ(table_.metadata.snapshots.size(), 4u);
}

TEST_F(TableTest, DamagedFilesAreToldByName) {
  AppendTo("main", {File("a")});
  const std::string list = table_.metadata.current_snapshot()->manifest_list;
  OK(files_.WriteAtomically(list, "damaged"));
  auto live = LiveFiles(table_.metadata, files_, *table_.metadata.current_snapshot());
  ASSERT_FALSE(live.ok());
  EXPECT_EQ(live.error().kind, ErrorKind::kCorrupt);
  EXPECT_NE(live.error().message.find(list), std::string::npos);
}

class CatalogTest : public TableTest {
 protected:
  CatalogTest()
      : path_(std::filesystem::temp_directory_path() / ("andon-catalog-" + RandomUuid() + ".db")),
        database_(OK(store::OpenSqlite(path_.string(), {.create = true}))) {}
  ~CatalogTest() override {
    database_.reset();
    for (const char* suffix : {"", "-wal", "-shm"})
      std::filesystem::remove(path_.string() + suffix);
  }

  Result<void> Write(const std::vector<Staged>& staged) {
    return database_->Write([&](store::Transaction& tx) -> Result<void> {
      for (const Staged& one : staged) TRY(iceberg::Commit(tx, one));
      return {};
    });
  }

  std::filesystem::path path_;
  std::unique_ptr<store::Database> database_;
};

TEST_F(CatalogTest, CommitIsCompareAndSwapForAllTablesOrNone) {
  auto make = [&](const std::string& name) {
    Table table{{"rental", name},
                "",
                OK(NewTableMetadata("/lake/" + name, {{0, "id", Type(TypeId::kLong), false, ""}},
                                    {}, {}, 1))};
    Staged staged = OK(Stage(files_, table, {table.metadata, {}, {}, 0}));
    OK(Write({staged}));
    EXPECT_FALSE(Write({staged}).ok());
  };
  make("one");
  make("two");
  Table one = OK(LoadTable(*database_, files_, {"rental", "one"}));
  Table two = OK(LoadTable(*database_, files_, {"rental", "two"}));
  auto next = [&](const Table& table) {
    return OK(Stage(files_, table, {table.metadata, {}, {}, 0}));
  };
  Staged stale = next(two);
  OK(Write({next(two)}));
  auto both = Write({next(one), stale});
  ASSERT_FALSE(both.ok());
  EXPECT_EQ(both.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(OK(LoadTable(*database_, files_, {"rental", "one"})).metadata_location,
            one.metadata_location);
  auto tables = OK(database_->Read([](store::Transaction& tx) { return ListTables(tx); }));
  EXPECT_EQ(tables.size(), 2u);
  // None of it looks foreign.
  EXPECT_EQ(OK(database_->Query("SELECT * FROM journal")).size(), 0u);
  OK(database_->Write([](store::Transaction& tx) { return DropTable(tx, {"rental", "one"}); }));
  auto gone = LoadTable(*database_, files_, {"rental", "one"});
  ASSERT_FALSE(gone.ok());
  EXPECT_EQ(gone.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(OK(database_->Query("SELECT * FROM journal")).size(), 0u);
  OK(files_.RemoveAll("/lake/two"));
  auto moved = LoadTable(*database_, files_, {"rental", "two"});
  ASSERT_FALSE(moved.ok());
  EXPECT_EQ(moved.error().kind, ErrorKind::kCorrupt);
  EXPECT_NE(moved.error().message.find("moved"), std::string::npos);
}

}  // namespace
}  // namespace andon::iceberg
