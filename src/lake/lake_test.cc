// The lake whole: real files, real DuckDB, real control database.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "base/text.h"
#include "io/local_file_system.h"
#include "lake/diff.h"
#include "lake/garbage.h"
#include "lake/load.h"
#include "lake/log.h"
#include "lake/publish.h"
#include "lake/reference.h"
#include "lake/scan.h"
#include "store/database.h"

namespace andon::lake {
namespace {

using iceberg::Field;
using iceberg::ParseType;
using iceberg::Table;

// The value, or the end of the test with the error's text.
template <typename T>
T OK(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}
void OK(Result<void> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
}

std::vector<Field> Columns(std::vector<std::pair<std::string, std::string>> columns) {
  std::vector<Field> fields;
  for (auto& [name, type] : columns) {
    bool required = type.ends_with("!");
    if (required) type.pop_back();
    Field field;
    field.name = name;
    field.type = OK(ParseType(type));
    field.required = required;
    fields.push_back(std::move(field));
  }
  return fields;
}

const std::vector<std::pair<std::string, std::string>> kPayment = {{"payment_id", "long!"},
                                                                   {"staff_id", "int"},
                                                                   {"amount", "decimal(5,2)"},
                                                                   {"paid", "timestamp"}};

class LakeTest : public testing::Test {
 protected:
  LakeTest()
      : dir_(std::filesystem::temp_directory_path() / ("andon-lake-" + RandomUuid())),
        clock_(OK(ParseTimestamp("2026-11-20T08:00:00Z"))) {
    std::filesystem::create_directories(dir_);
    database_ = OK(store::OpenSqlite((dir_ / "andon.db").string(), {.create = true}));
    lake_ = {(dir_ / "lake").string(), "rental", &files_, &clock_};
    sql::EngineOptions options;
    options.memory_limit_bytes = 512 << 20;
    options.threads = 2;
    options.temp_directory = (dir_ / "tmp").string();
    engine_.emplace(OK(sql::Engine::Open(options)));
    connection_.emplace(OK(engine_->Connect()));
  }
  ~LakeTest() override { std::filesystem::remove_all(dir_); }

  Table MakePayment(std::vector<std::string> partition_by = {}) {
    TableDefinition definition;
    definition.columns = Columns(kPayment);
    for (const std::string& text : partition_by) {
      definition.partition_by.push_back(OK(iceberg::ParsePartitionBy(text)));
    }
    definition.key = {"payment_id"};
    return OK(OpenOrCreateTable(*database_, lake_, "payment", definition));
  }

  // Rows (first, …, last) with an amount each.
  static std::string Rows(int first, int last, const std::string& amount = "1.50",
                          const std::string& paid = "TIMESTAMP '2005-05-01'") {
    return fmt::format(
        "SELECT i AS payment_id, 1 + i % 2 AS staff_id, {} AS amount, {} + INTERVAL (i) HOUR AS "
        "paid FROM range({}, {}) t(i)",
        amount, paid, first, last + 1);
  }

  LoadRequest Request(LoadMode mode, const std::string& query, const std::string& branch) {
    LoadRequest request;
    request.mode = mode;
    request.query = query;
    request.branch = branch;
    if (mode == LoadMode::kMerge) request.key = {"payment_id"};
    return request;
  }

  LoadResult LoadRows(LoadMode mode, const std::string& query, const std::string& branch) {
    clock_.Advance(std::chrono::minutes(1));
    return OK(Load(*database_, *connection_, lake_, "payment", Request(mode, query, branch)));
  }

  Result<std::vector<Published>> TryPublish(const std::vector<PublishItem>& items) {
    clock_.Advance(std::chrono::minutes(1));
    Publication publication = TRY(PreparePublish(*database_, lake_, items));
    auto done = database_->Write([&](store::Transaction& tx) {
      return CommitPublish(tx, lake_, publication, {.run_id = "7", .release_id = 1});
    });
    if (done.ok()) FinishPublish(lake_, publication);
    return done;
  }
  Published PublishPayment(const std::string& branch) {
    return OK(TryPublish({{"payment", branch}}))[0];
  }
  Published LoadAndPublish(LoadMode mode, const std::string& query, const std::string& branch) {
    LoadRows(mode, query, branch);
    return PublishPayment(branch);
  }

  Table Open(const std::string& table = "payment") {
    return OK(OpenTable(*database_, lake_, table));
  }

  std::string Ask(const Reference& reference, const std::string& select,
                  const ScanOptions& options = {}) {
    Table table = Open();
    auto snapshot =
        OK(database_->Read([&](store::Transaction& tx) { return Resolve(tx, table, reference); }));
    Scan scan = OK(PlanScan(lake_, table.metadata, snapshot, options));
    sql::ResultSet rows =
        OK(connection_->Query(fmt::format(fmt::runtime(select), "(" + scan.sql + ")")));
    std::string text;
    for (int64_t row = 0; row < rows.row_count(); ++row) {
      for (size_t column = 0; column < rows.columns().size(); ++column) {
        text += (column > 0 ? " " : row > 0 ? "; " : "") + rows.Text(row, column);
      }
    }
    return text;
  }
  std::string Main(const std::string& select) { return Ask(MainReference{}, select); }
  std::string At(const std::string& reference, const std::string& select) {
    return Ask(OK(ParseReference(reference)), select);
  }

  std::filesystem::path dir_;
  io::LocalFileSystem files_;
  ManualClock clock_;
  std::unique_ptr<store::Database> database_;
  Lake lake_;
  std::optional<sql::Engine> engine_;
  std::optional<sql::Connection> connection_;
};

constexpr char kCountSum[] = "SELECT count(*), sum(amount) FROM {}";

TEST_F(LakeTest, ATableWithoutASnapshotIsTypedAndEmpty) {
  MakePayment();
  EXPECT_EQ(Main("SELECT count(*) FROM {}"), "0");
  EXPECT_EQ(Main("SELECT typeof(any_value(amount)) FROM (SELECT * FROM {} UNION ALL SELECT "
                 "1,1,1.0,TIMESTAMP '2000-01-01')"),
            "DECIMAL(5,2)");
}

TEST_F(LakeTest, ABranchIsNotSeenByMainUntilItIsPublished) {
  MakePayment();
  LoadResult first = LoadRows(LoadMode::kAppend, Rows(1, 10), "run-1");
  EXPECT_EQ(first.rows_added, 10);
  EXPECT_EQ(first.rows_total, 10);
  EXPECT_EQ(Main(kCountSum), "0 NULL");
  EXPECT_EQ(At("run-1", kCountSum), "10 15.00");
  Published published = PublishPayment("run-1");
  EXPECT_EQ(published.version, 1);
  EXPECT_EQ(Main(kCountSum), "10 15.00");
  EXPECT_FALSE(Open().metadata.refs.contains("run-1"));
  EXPECT_EQ(LoadAndPublish(LoadMode::kAppend, Rows(11, 12), "run-2").version, 2);
  EXPECT_EQ(Main(kCountSum), "12 18.00");
  EXPECT_EQ(At("@1", kCountSum), "10 15.00");
}

TEST_F(LakeTest, StatisticsComeWithTheWrite) {
  MakePayment();
  LoadResult result = LoadRows(LoadMode::kAppend, Rows(1, 10), "run-1");
  ASSERT_EQ(result.files.size(), 1u);
  const iceberg::DataFile& file = result.files[0];
  EXPECT_EQ(file.record_count, 10);
  EXPECT_EQ(file.null_value_counts.at(1), 0);
  EXPECT_EQ(std::get<int64_t>(OK(
                iceberg::Decode(iceberg::Type(iceberg::TypeId::kLong), file.lower_bounds.at(1)))),
            1);
  EXPECT_EQ(file.upper_bounds.at(3), iceberg::BigEndian(150));
  EXPECT_TRUE(files_.Exists(file.path));
}

TEST_F(LakeTest, MergeRewritesOnlyFilesWithMatchedKeys) {
  MakePayment();
  LoadAndPublish(LoadMode::kAppend, Rows(1, 10), "run-1");
  LoadAndPublish(LoadMode::kAppend, Rows(11, 20), "run-2");
  std::vector<iceberg::LiveFile> before =
      OK(iceberg::LiveFiles(Open().metadata, files_, *Open().metadata.current_snapshot()));
  LoadResult merged = LoadRows(LoadMode::kMerge, Rows(15, 24, "2.00"), "run-3");
  EXPECT_EQ(merged.rows_added, 10);
  EXPECT_EQ(merged.rows_removed, 6);
  EXPECT_EQ(merged.rows_total, 24);
  EXPECT_EQ(At("run-3", kCountSum), "24 41.00");
  std::vector<iceberg::LiveFile> after = OK(
      iceberg::LiveFiles(merged.table.metadata, files_, *merged.table.metadata.FindRef("run-3")));
  ASSERT_EQ(before.size(), 2u);
  ASSERT_EQ(after.size(), 2u);
  int shared = 0;
  for (const auto& a : after) {
    for (const auto& b : before) shared += a.file.path == b.file.path;
  }
  EXPECT_EQ(shared, 1);
  PublishPayment("run-3");
  EXPECT_EQ(Main("SELECT count(DISTINCT payment_id), count(*) FROM {}"), "24 24");
}

TEST_F(LakeTest, AMergeCountsTheRowsThatChanged) {
  MakePayment();
  LoadAndPublish(LoadMode::kAppend, Rows(1, 10), "run-1");
  // Eight rows as they were, two with another amount, three new ones.
  std::string again =
      Rows(1, 8) + " UNION ALL " + Rows(9, 10, "7.00") + " UNION ALL " + Rows(11, 13);
  LoadResult merged = LoadRows(LoadMode::kMerge, again, "run-2");
  EXPECT_EQ(merged.rows_total, 13);
  PublishPayment("run-2");
  TableLog log = OK(ReadLog(*database_, lake_, "payment"));
  ASSERT_EQ(log.entries.size(), 2u);
  EXPECT_EQ(log.entries[0].rows_added, 3);
  EXPECT_EQ(log.entries[0].rows_changed, 2);
  EXPECT_EQ(log.entries[0].rows_removed, 0);
  // The format's own counts are of files.
  EXPECT_EQ(log.entries[0].summary.at("added-records"), "13");
  EXPECT_EQ(log.entries[0].summary.at("deleted-records"), "10");
}

TEST_F(LakeTest, MergeKeepsBothRowsOfADoubledKeyOrTheLatest) {
  MakePayment();
  LoadAndPublish(LoadMode::kAppend, Rows(1, 3), "run-1");
  std::string doubled =
      Rows(3, 4, "2.00") + " UNION ALL " + Rows(3, 4, "3.00", "TIMESTAMP '2006-01-01'");
  LoadRows(LoadMode::kMerge, doubled, "run-2");
  EXPECT_EQ(At("run-2", "SELECT payment_id, amount FROM {} WHERE payment_id > 2 ORDER BY ALL"),
            "3 2.00; 3 3.00; 4 2.00; 4 3.00");
  LoadRequest latest = Request(LoadMode::kMerge, doubled, "run-3");
  latest.latest_by = "paid";
  LoadResult result = OK(Load(*database_, *connection_, lake_, "payment", latest));
  EXPECT_EQ(result.rows_added, 2);
  EXPECT_EQ(At("run-3", "SELECT payment_id, amount FROM {} WHERE payment_id > 2 ORDER BY ALL"),
            "3 3.00; 4 3.00");
}

TEST_F(LakeTest, ReplaceAndReplaceInterval) {
  MakePayment();
  LoadAndPublish(LoadMode::kAppend, Rows(0, 47), "run-1");  // Two days of hours.
  LoadRequest day = Request(LoadMode::kReplaceInterval,
                            "SELECT 100 AS payment_id, 1 AS staff_id, 9 AS amount, TIMESTAMP "
                            "'2005-05-02 01:00:00' AS paid",
                            "run-2");
  day.by = "paid";
  day.intervals = {{"2005-05-02", "2005-05-03"}};
  LoadResult result = OK(Load(*database_, *connection_, lake_, "payment", day));
  EXPECT_EQ(result.rows_removed, 24);
  EXPECT_EQ(result.rows_total, 25);
  EXPECT_EQ(At("run-2", "SELECT count(*), max(payment_id) FROM {}"), "25 100");
  day.query = Rows(0, 1);
  auto outside = Load(*database_, *connection_, lake_, "payment", day);
  ASSERT_FALSE(outside.ok());
  EXPECT_NE(outside.error().message.find("outside the interval"), std::string::npos);
  LoadAndPublish(LoadMode::kReplace, Rows(7, 8), "run-4");
  EXPECT_EQ(Main("SELECT min(payment_id), count(*) FROM {}"), "7 2");
  EXPECT_EQ(At("@1", "SELECT count(*) FROM {}"), "48");
}

TEST_F(LakeTest, SchemaMovesWithThePublishAndOldFilesReadByFieldId) {
  MakePayment();
  LoadAndPublish(LoadMode::kAppend, Rows(1, 2), "run-1");
  LoadRequest wider = Request(
      LoadMode::kAppend,
      "SELECT 3 AS payment_id, 5000000000 AS clerk_id, 1000.25 AS amount, 'EUR' AS currency",
      "run-2");
  wider.columns = Columns({{"payment_id", "long!"},
                           {"clerk_id", "long"},
                           {"amount", "decimal(9,2)"},
                           {"currency", "string"}});
  wider.renames = {{"staff_id", "clerk_id"}};
  Table before = Open();
  Delta delta = OK(WriteLoad(*connection_, lake_, before, wider));
  EXPECT_EQ(Join(delta.schema_changes, "; "),
            "renamed column staff_id to clerk_id; clerk_id: int is now long; amount: decimal(5,2) "
            "is now decimal(9,2); added column currency string; dropped column paid");
  Delta sent = OK(DeltaFromJson(OK(Json::Parse(ToJson(delta).Dump()))));
  OK(CommitLoad(*database_, lake_, "payment", wider, sent));
  EXPECT_EQ(Open().metadata.schema().fields.size(), 4u);
  EXPECT_NE(Open().metadata.schema().Find("staff_id"), nullptr);
  EXPECT_EQ(Main("SELECT count(staff_id) FROM {}"), "2");
  EXPECT_EQ(At("run-2", "SELECT payment_id, clerk_id, amount, currency FROM {} ORDER BY ALL"),
            "1 2 1.50 NULL; 2 1 1.50 NULL; 3 5000000000 1000.25 EUR");
  PublishPayment("run-2");
  EXPECT_EQ(Open().metadata.schema().Find("staff_id"), nullptr);
  EXPECT_EQ(Main("SELECT max(clerk_id) FROM {}"), "5000000000");
  EXPECT_EQ(At("@1", "SELECT count(paid), max(staff_id) FROM {}"), "2 2");
}

TEST_F(LakeTest, ATypeThatCannotWidenIsRefusedByName) {
  MakePayment();
  LoadRequest request = Request(LoadMode::kAppend, Rows(1, 2), "run-1");
  request.columns = Columns({{"payment_id", "string"}});
  auto loaded = Load(*database_, *connection_, lake_, "payment", request);
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().message.find("\"payment_id\" is long"), std::string::npos);
}

struct BadRows {
  const char* name;
  const char* query;
  const char* says;
};
TEST_F(LakeTest, RowsThatDoNotFitNameTheirColumn) {
  MakePayment();
  const BadRows kCases[] = {
      {"missing", "SELECT 1 AS payment_id, 1 AS staff_id, 1 AS amount",
       "lacks the column \"paid\""},
      {"unknown", "SELECT 1 AS payment_id, 1 AS staff_id, 1 AS ammount, now() AS paid, 1 AS amount",
       "did you mean \"amount\""},
      {"too big",
       "SELECT 1 AS payment_id, 1 AS staff_id, 123456.5 AS amount, TIMESTAMP '2000-01-01' AS paid",
       "Column \"amount\" is decimal(5,2), but 1 value does not fit it, for instance \"123456.5\""},
      {"null",
       "SELECT NULL AS payment_id, 1 AS staff_id, 1 AS amount, TIMESTAMP '2000-01-01' AS paid",
       "Column \"payment_id\" is required, but 1 of 1 row have no value"},
  };
  for (const BadRows& bad : kCases) {
    SCOPED_TRACE(bad.name);
    auto loaded = Load(*database_, *connection_, lake_, "payment",
                       Request(LoadMode::kAppend, bad.query, "run-1"));
    ASSERT_FALSE(loaded.ok());
    EXPECT_NE(loaded.error().message.find(bad.says), std::string::npos) << loaded.error().message;
  }
  auto left = io::ListRecursively(files_, lake_.TableLocation("payment") + "/data");
  EXPECT_TRUE(!left.ok() || left->empty());
}

TEST_F(LakeTest, PartitionsPruneAndAreWrittenRight) {
  MakePayment({"day(paid)", "bucket(4, payment_id)", "staff_id"});
  LoadAndPublish(LoadMode::kAppend, Rows(0, 99), "run-1");
  Table table = Open();
  std::vector<iceberg::LiveFile> live =
      OK(iceberg::LiveFiles(table.metadata, files_, *table.metadata.current_snapshot()));
  EXPECT_GT(live.size(), 10u);
  // Every row lies in the bucket and on the day that its file says.
  const iceberg::PartitionSpec& spec = table.metadata.spec();
  for (const auto& file : live) {
    std::string sql = OK(FilesSql({file.file.path}, table.metadata.schema(), false));
    sql::ResultSet rows = OK(connection_->Query("SELECT payment_id, staff_id FROM (" + sql + ")"));
    for (int64_t row = 0; row < rows.row_count(); ++row) {
      iceberg::Datum bucket =
          iceberg::Apply(spec.fields[1].transform, iceberg::Type(iceberg::TypeId::kLong),
                         iceberg::Datum(rows.Integer(row, 0)));
      EXPECT_TRUE(bucket == file.file.partition[1]);
      EXPECT_TRUE(iceberg::Datum(rows.Integer(row, 1)) == file.file.partition[2]);
    }
  }
  ScanOptions options;
  options.where = {{"payment_id", Condition::Op::kEqual, "42"}};
  Scan scan = OK(PlanScan(lake_, table.metadata, table.metadata.current_snapshot_id, options));
  EXPECT_EQ(scan.files.size(), 1u);
  EXPECT_EQ(Ask(MainReference{}, "SELECT payment_id FROM {}", options), "42");
  EXPECT_EQ(Main(kCountSum), "100 150.00");
  // Merge and interval work on partitioned tables too.
  LoadAndPublish(LoadMode::kMerge, Rows(98, 101, "2.00"), "run-2");
  EXPECT_EQ(Main(kCountSum), "102 155.00");
}

TEST_F(LakeTest, AnotherWriterBetweenIsReplayedForAppendsAndAConflictForMerges) {
  MakePayment();
  LoadAndPublish(LoadMode::kAppend, Rows(1, 2), "run-1");
  LoadRows(LoadMode::kAppend, Rows(3, 4), "run-2");
  LoadRows(LoadMode::kMerge, Rows(1, 1, "5.00"), "run-3");
  Published other = LoadAndPublish(LoadMode::kAppend, Rows(8, 9), "run-9");
  EXPECT_EQ(other.version, 2);
  auto merge = TryPublish({{"payment", "run-3"}});
  ASSERT_FALSE(merge.ok());
  EXPECT_EQ(merge.error().kind, ErrorKind::kConflict);
  EXPECT_NE(merge.error().message.find(std::to_string(other.snapshot_id)), std::string::npos)
      << merge.error().message;
  Publication publication = OK(PreparePublish(*database_, lake_, {{"payment", "run-2"}}));
  EXPECT_TRUE(publication.tables[0].replayed);
  EXPECT_EQ(PublishPayment("run-2").version, 3);
  EXPECT_EQ(Main("SELECT string_agg(payment_id::VARCHAR, ' ' ORDER BY payment_id) FROM {}"),
            "1 2 3 4 8 9");
}

TEST_F(LakeTest, SeveralTablesPublishTogetherOrNotAtAll) {
  MakePayment();
  TableDefinition definition;
  definition.columns = Columns({{"store_id", "int"}});
  OK(OpenOrCreateTable(*database_, lake_, "store", definition));
  LoadRows(LoadMode::kAppend, Rows(1, 2), "run-1");
  OK(Load(*database_, *connection_, lake_, "store",
          Request(LoadMode::kReplace, "SELECT 1 AS store_id", "run-1")));
  Publication publication =
      OK(PreparePublish(*database_, lake_, {{"payment", "run-1"}, {"store", "run-1"}}));
  // Another writer moves the second table before the transaction.
  OK(Load(*database_, *connection_, lake_, "store",
          Request(LoadMode::kReplace, "SELECT 9 AS store_id", "run-5")));
  OK(TryPublish({{"store", "run-5"}}));
  auto done = database_->Write([&](store::Transaction& tx) {
    return CommitPublish(tx, lake_, publication, {.run_id = "1"});
  });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(Main(kCountSum), "0 NULL");
  EXPECT_TRUE(OK(database_->Read([&](store::Transaction& tx) {
                return ListVersions(tx, "payment");
              })).empty());
}

TEST_F(LakeTest, RollbackKeepsNumbersAndMarksVersions) {
  MakePayment();
  LoadAndPublish(LoadMode::kAppend, Rows(1, 1), "run-1");
  LoadAndPublish(LoadMode::kAppend, Rows(2, 2), "run-2");
  LoadAndPublish(LoadMode::kAppend, Rows(3, 3), "run-3");
  auto roll = [&](const std::string& to) {
    clock_.Advance(std::chrono::minutes(1));
    Rollback rollback = OK(PrepareRollback(*database_, lake_, "payment", OK(ParseReference(to))));
    return OK(database_->Write(
        [&](store::Transaction& tx) { return CommitRollback(tx, lake_, rollback); }));
  };
  RolledBack back = roll("@1");
  EXPECT_EQ(back.from_version, 3);
  EXPECT_EQ(back.to_version, 1);
  EXPECT_EQ(Main("SELECT count(*) FROM {}"), "1");
  EXPECT_EQ(At("@3", "SELECT count(*) FROM {}"), "3");
  EXPECT_EQ(LoadAndPublish(LoadMode::kAppend, Rows(4, 4), "run-4").version, 4);
  EXPECT_EQ(Main("SELECT string_agg(payment_id::VARCHAR, ' ' ORDER BY payment_id) FROM {}"), "1 4");
  TableLog log = OK(ReadLog(*database_, lake_, "payment"));
  std::string states;
  for (const LogEntry& entry : log.entries) {
    states += fmt::format("@{} {}{}; ", entry.version.version, entry.version.state,
                          entry.is_current ? " <- main" : "");
  }
  EXPECT_EQ(states, "@4 published <- main; @3 rolled_back; @2 rolled_back; @1 published; ");
  EXPECT_EQ(log.entries[0].rows_added, 1);
  EXPECT_EQ(log.entries[0].rows_total, 2);
  EXPECT_EQ(roll("@3").to_version, 3);
  EXPECT_EQ(Main("SELECT count(*) FROM {}"), "3");
  auto same = PrepareRollback(*database_, lake_, "payment", OK(ParseReference("@3")));
  EXPECT_FALSE(same.ok());
}

TEST_F(LakeTest, CommitsOfOthersGetNumbersToo) {
  MakePayment();
  LoadAndPublish(LoadMode::kAppend, Rows(1, 1), "run-1");
  // What another tool does: a snapshot on main, without Andon's tables.
  Table table = Open();
  iceberg::CommitOptions options;
  options.now_ms = lake_.now_ms();
  iceberg::Change change = OK(iceberg::Append(table.metadata, files_, options, {}));
  iceberg::Staged staged = OK(iceberg::Stage(files_, table, std::move(change)));
  OK(database_->Execute("UPDATE iceberg_tables SET metadata_location = ? WHERE table_name = ?",
                        {staged.new_location, "payment"}));
  std::vector<ForeignVersions> foreign = OK(RecordForeignOfAll(*database_, lake_));
  ASSERT_EQ(foreign.size(), 1u);
  EXPECT_EQ(foreign[0].versions[0].version, 2);
  EXPECT_EQ(foreign[0].versions[0].state, "foreign");
  EXPECT_TRUE(OK(RecordForeignOfAll(*database_, lake_)).empty());
  EXPECT_EQ(LoadAndPublish(LoadMode::kAppend, Rows(2, 2), "run-2").version, 3);
  auto facts =
      OK(database_->Query("SELECT count(*) AS n FROM journal WHERE kind = 'foreign_commit'"));
  EXPECT_EQ(facts[0].Integer("n"), 1);
}

TEST_F(LakeTest, ReferencesResolveOrSayWhatThereIs) {
  MakePayment();
  LoadAndPublish(LoadMode::kAppend, Rows(1, 1), "run-1");
  Timestamp between = clock_.Now();
  clock_.Advance(std::chrono::hours(24));
  LoadAndPublish(LoadMode::kAppend, Rows(2, 3), "run-2");
  Table table = Open();
  OK(CommitAlone(*database_, lake_, table,
                 OK(iceberg::CreateTag(table.metadata, "audit", *table.metadata.current_snapshot_id,
                                       lake_.now_ms()))));
  LoadAndPublish(LoadMode::kAppend, Rows(4, 4), "run-3");
  int64_t audited = *table.metadata.current_snapshot_id;
  table = Open();
  const char* count = "SELECT count(*) FROM {}";
  EXPECT_EQ(At("@2", count), "3");
  EXPECT_EQ(At("audit", count), "3");
  EXPECT_EQ(At(ToRfc3339(between), count), "1");
  EXPECT_EQ(At("main", count), "4");
  EXPECT_EQ(Ask(SnapshotReference{audited}, count), "3");
  struct Case {
    const char* text;
    const char* says;
  };
  for (const Case& wrong :
       {Case{"@9", "it has @1 to @3"}, Case{"audti", "did you mean \"audit\""},
        Case{"2001-01-01", "was not published before"}, Case{"snapshot:5", "no snapshot 5"}}) {
    auto resolved = database_->Read(
        [&](store::Transaction& tx) { return Resolve(tx, table, OK(ParseReference(wrong.text))); });
    ASSERT_FALSE(resolved.ok()) << wrong.text;
    EXPECT_NE(resolved.error().message.find(wrong.says), std::string::npos)
        << resolved.error().message;
  }
  EXPECT_FALSE(ParseTableReference("@2").ok());
  EXPECT_FALSE(ParseTableReference("payment@").ok());
  ReferenceRange range = OK(ParseReferenceRange("payment@2..@3"));
  EXPECT_EQ(range.table + ToString(range.from) + ToString(range.to), "payment@2@3");
  EXPECT_EQ(ToString(OK(ParseReferenceRange("payment@2..")).to), "main");
  EXPECT_FALSE(ParseReferenceRange("payment@2..store@3").ok());
}

TEST_F(LakeTest, DiffByKeyOpensOnlyFilesThatAreNotShared) {
  MakePayment();
  LoadAndPublish(LoadMode::kAppend, Rows(1, 10), "run-1");
  LoadAndPublish(LoadMode::kAppend, Rows(11, 20), "run-2");
  LoadAndPublish(LoadMode::kMerge, Rows(19, 22, "2.00") + " UNION ALL " + Rows(18, 18), "run-3");
  Table table = Open();
  DiffOptions options;
  options.key = {"payment_id"};
  auto versions =
      OK(database_->Read([&](store::Transaction& tx) { return ListVersions(tx, "payment"); }));
  Diff diff = OK(DiffSnapshots(*connection_, lake_, table.metadata, versions[1].snapshot_id,
                               versions[0].snapshot_id, options));
  EXPECT_EQ(diff.added, 2);
  EXPECT_EQ(diff.removed, 0);
  EXPECT_EQ(diff.changed, 2);
  EXPECT_EQ(diff.files_shared, 1);
  EXPECT_EQ(diff.files_read, 2);
  ASSERT_EQ(diff.changed_rows.size(), 2u);
  EXPECT_EQ(Join(diff.changed_rows[0].columns, ","), "amount");
  EXPECT_EQ(diff.changed_rows[0].before["payment_id"].AsInteger(), 19);
  EXPECT_EQ(diff.added_rows[0]["payment_id"].AsInteger(), 21);
  Diff back = OK(DiffSnapshots(*connection_, lake_, table.metadata, versions[0].snapshot_id,
                               std::nullopt, options));
  EXPECT_EQ(back.removed, 22);
  options.key = {};
  Diff rows = OK(DiffSnapshots(*connection_, lake_, table.metadata, versions[1].snapshot_id,
                               versions[0].snapshot_id, options));
  EXPECT_EQ(rows.added, 4);
  EXPECT_EQ(rows.removed, 2);
}

TEST_F(LakeTest, GarbageGoesAndNothingElse) {
  MakePayment();
  LoadAndPublish(LoadMode::kAppend, Rows(1, 2), "run-1");
  LoadRows(LoadMode::kAppend, Rows(3, 4), "run-2");  // Its run died.
  OK(files_.Write(lake_.TableLocation("payment") + "/data/orphan.parquet", "x"));
  GarbageOptions options;
  options.is_running = [](const std::string& run_id) { return run_id != "2"; };
  // By the files' own clock, everything is new.
  clock_.Set(SystemClock().Now());
  Garbage young = OK(CollectGarbage(*database_, lake_, "payment", options));
  EXPECT_EQ(young.branches.size(), 1u);
  EXPECT_TRUE(young.files.empty());
  clock_.Advance(std::chrono::hours(48));
  Garbage old = OK(CollectGarbage(*database_, lake_, "payment", options));
  EXPECT_GE(old.files.size(), 3u);  // The orphan, the dead branch's data, manifest and list.
  EXPECT_FALSE(files_.Exists(lake_.TableLocation("payment") + "/data/orphan.parquet"));
  EXPECT_EQ(Main(kCountSum), "2 3.00");
  EXPECT_TRUE(OK(CollectGarbage(*database_, lake_, "payment", options)).files.empty());
}

TEST_F(LakeTest, AMovedLakeIsNoticedAndRelocated) {
  MakePayment({"month(paid)"});
  LoadAndPublish(LoadMode::kAppend, Rows(1, 2), "run-1");
  LoadAndPublish(LoadMode::kAppend, Rows(3, 3), "run-2");
  std::string old_root = lake_.root;
  std::string new_root = (dir_ / "elsewhere").string();
  std::filesystem::rename(old_root, new_root);
  auto opened = OpenTable(*database_, lake_, "payment");
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find("moved"), std::string::npos);
  EXPECT_EQ(OK(iceberg::RelocateTables(*database_, files_, old_root, new_root, lake_.now_ms())), 1);
  lake_.root = new_root;
  EXPECT_EQ(Main(kCountSum), "3 4.50");
  EXPECT_EQ(At("@1", kCountSum), "2 3.00");
  EXPECT_EQ(LoadAndPublish(LoadMode::kMerge, Rows(3, 4, "2.00"), "run-3").version, 3);
  EXPECT_EQ(Main(kCountSum), "4 7.00");
}

// A snapshot with a delete file, as other writers of format version 2 make them.
iceberg::Change WithDeletes(const Table& table, const io::FileSystem& files,
                            iceberg::FileContent content, const std::string& path) {
  iceberg::Change change;
  change.metadata = table.metadata;
  iceberg::TableMetadata& metadata = change.metadata;
  iceberg::Snapshot snapshot = *table.metadata.current_snapshot();
  std::vector<iceberg::ManifestFile> manifests = OK(iceberg::Manifests(files, snapshot));
  snapshot.parent_id = snapshot.id;
  snapshot.id += 1;
  snapshot.sequence_number = ++metadata.last_sequence_number;
  snapshot.manifest_list = metadata.location + "/metadata/deletes-list.avro";
  iceberg::ManifestEntry entry;
  entry.status = iceberg::EntryStatus::kAdded;
  entry.snapshot_id = snapshot.id;
  entry.file.content = content;
  entry.file.path = path;
  entry.file.record_count = 2;
  if (content == iceberg::FileContent::kEqualityDeletes) entry.file.equality_ids = {1};
  iceberg::WrittenManifest written = iceberg::WriteManifest(
      metadata.location + "/metadata/deletes.avro", metadata.schema(), metadata.spec(), {},
      iceberg::ManifestContent::kDeletes, {entry}, snapshot.id, snapshot.sequence_number);
  manifests.push_back(written.file);
  change.files = {{written.file.path, written.bytes},
                  {snapshot.manifest_list,
                   iceberg::WriteManifestList(manifests, snapshot.id, snapshot.parent_id,
                                              snapshot.sequence_number)}};
  snapshot.summary = {{"operation", "overwrite"}};
  metadata.current_snapshot_id = snapshot.id;
  metadata.refs["main"].snapshot_id = snapshot.id;
  metadata.snapshots.push_back(snapshot);
  return change;
}

TEST_F(LakeTest, PositionDeletesOfOthersAreAppliedAndMergedAway) {
  MakePayment();
  LoadAndPublish(LoadMode::kAppend, Rows(1, 5), "run-1");
  LoadAndPublish(LoadMode::kAppend, Rows(6, 10), "run-2");
  Table table = Open();
  std::string data =
      OK(iceberg::LiveFiles(table.metadata, files_, table.metadata.snapshots[0]))[0].file.path;
  std::string deletes = lake_.TableLocation("payment") + "/data/deletes.parquet";
  OK(connection_->Execute(fmt::format(
      "COPY (SELECT 'file://{}' AS file_path, unnest([0, 2])::BIGINT AS pos) TO '{}' (FORMAT "
      "parquet, FIELD_IDS {{'file_path': 2147483546, 'pos': 2147483545}})",
      data, deletes)));
  OK(CommitAlone(*database_, lake_, table,
                 WithDeletes(table, files_, iceberg::FileContent::kPositionDeletes, deletes)));
  const char* ids = "SELECT string_agg(payment_id::VARCHAR, ' ' ORDER BY payment_id) FROM {}";
  EXPECT_EQ(Main(ids), "2 4 5 6 7 8 9 10");
  ScanOptions options;
  options.with_position = true;
  EXPECT_EQ(Ask(MainReference{},
                "SELECT string_agg(_pos::VARCHAR, ' ' ORDER BY payment_id) FROM {}", options),
            "1 3 4 0 1 2 3 4");
  // A merge rewrites the file without what was deleted.
  LoadRows(LoadMode::kMerge, Rows(5, 5, "2.00") + " UNION ALL " + Rows(1, 1, "2.00"), "run-3");
  EXPECT_EQ(At("run-3", ids), "1 2 4 5 6 7 8 9 10");
  LoadRows(LoadMode::kReplace, Rows(1, 2), "run-4");
  EXPECT_EQ(At("run-4", ids), "1 2");
}

TEST_F(LakeTest, WhatCannotBeReadRightlyIsRefused) {
  MakePayment();
  LoadAndPublish(LoadMode::kAppend, Rows(1, 5), "run-1");
  Table table = Open();
  iceberg::Change change =
      WithDeletes(table, files_, iceberg::FileContent::kEqualityDeletes, "/nowhere.parquet");
  OK(CommitAlone(*database_, lake_, table, std::move(change)));
  auto scan = PlanScan(lake_, Open().metadata, Open().metadata.current_snapshot_id);
  ASSERT_FALSE(scan.ok());
  EXPECT_NE(scan.error().message.find("equality deletes"), std::string::npos);
  // Files that were registered without field ids would read as nulls.
  iceberg::TableMetadata mapped = table.metadata;
  mapped.properties["schema.name-mapping.default"] = "[]";
  EXPECT_TRUE(PlanScan(lake_, mapped, mapped.current_snapshot_id).ok());
  mapped.location = "/another/place";
  scan = PlanScan(lake_, mapped, mapped.current_snapshot_id);
  ASSERT_FALSE(scan.ok());
  EXPECT_NE(scan.error().message.find("field ids"), std::string::npos);
}

TEST_F(LakeTest, NestedAndExoticTypesSurvive) {
  TableDefinition definition;
  definition.columns = Columns({{"id", "int"},
                                {"tags", "list<string>"},
                                {"place", "struct<city: string, at: struct<x: double, y: double>>"},
                                {"counts", "map<string, long>"},
                                {"day", "date"},
                                {"hour", "time"},
                                {"seen", "timestamptz"},
                                {"who", "uuid"},
                                {"raw", "binary"},
                                {"ok", "boolean"},
                                {"big", "decimal(38,10)"}});
  OK(OpenOrCreateTable(*database_, lake_, "exotic", definition));
  LoadRequest request = Request(
      LoadMode::kAppend,
      "SELECT 1 AS id, ['a', NULL] AS tags, {'city': 'Köln', 'at': {'x': 1.5, 'y': 'nan'::DOUBLE}} "
      "AS place, MAP {'k': 7} AS counts, DATE '1969-12-31' AS day, TIME '23:59:59.5' AS hour, "
      "TIMESTAMPTZ '2020-01-01 00:00:00+00' AS seen, "
      "'f79c3e09-677c-4bbd-a479-3f349cb785e7'::UUID AS who, '\\x00\\xFF'::BLOB AS raw, true AS ok, "
      "-1234567890.0123456789::DECIMAL(38,10) AS big",
      "run-1");
  OK(Load(*database_, *connection_, lake_, "exotic", request));
  OK(TryPublish({{"exotic", "run-1"}}));
  Table table = OK(OpenTable(*database_, lake_, "exotic"));
  Scan scan = OK(PlanScan(lake_, table.metadata, table.metadata.current_snapshot_id));
  sql::ResultSet rows = OK(connection_->Query("SELECT * FROM (" + scan.sql + ")"));
  std::string text;
  for (size_t i = 0; i < rows.columns().size(); ++i) text += rows.Text(0, i) + " | ";
  EXPECT_EQ(
      text,
      "1 | ['a', NULL] | {'city': 'Köln', 'at': {'x': 1.5, 'y': nan}} | {'k'=7} | 1969-12-31 | "
      "23:59:59.5 | 2020-01-01 00:00:00+00 | f79c3e09-677c-4bbd-a479-3f349cb785e7 | "
      "\\x00\\xFF | true | -1234567890.0123456789 | ");
}

}  // namespace
}  // namespace andon::lake
