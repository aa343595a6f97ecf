// The lake under other people's tools: real PyIceberg reads all of it and writes
// beside us (tests/interop/pyiceberg_reads.py).

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "base/text.h"
#include "io/local_file_system.h"
#include "lake/load.h"
#include "lake/publish.h"
#include "lake/scan.h"
#include "store/database.h"

namespace andon::lake {
namespace {

template <typename T>
T OK(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

class InteropTest : public testing::Test {
 protected:
  InteropTest() : dir_(std::filesystem::temp_directory_path() / ("andon-interop-" + RandomUuid())) {
    std::filesystem::create_directories(dir_);
    database_ = OK(store::OpenSqlite(Database(), {.create = true}));
    lake_ = {(dir_ / "lake").string(), "rental", &files_, &clock_};
    engine_.emplace(OK(sql::Engine::Open({})));
    connection_.emplace(OK(engine_->Connect()));
  }
  ~InteropTest() override { std::filesystem::remove_all(dir_); }

  std::string Database() const { return (dir_ / "andon.db").string(); }

  static std::string Python() {
    const char* given = std::getenv("ANDON_INTEROP_PYTHON");
    return given != nullptr ? given : std::string(ANDON_SOURCE_DIR) + "/build/deps/venv/bin/python";
  }

  // The script's report; its messages are shown where it fails.
  Json Run(const std::string& arguments) {
    std::string out = (dir_ / "out.json").string();
    std::string err = (dir_ / "err.txt").string();
    std::string command = fmt::format("{} {}/tests/interop/pyiceberg_reads.py {} {} > {} 2> {}",
                                      Python(), ANDON_SOURCE_DIR, Database(), arguments, out, err);
    int status = std::system(command.c_str());
    EXPECT_EQ(status, 0) << files_.Read(err).value_or("") << files_.Read(out).value_or("");
    auto report = Json::Parse(files_.Read(out).value_or("null"));
    return report.ok() ? *report : Json();
  }

  void Make(const std::string& table, const std::string& query, const std::string& partition_by) {
    TableDefinition definition;
    for (const sql::ResultColumn& column : OK(connection_->Describe(query))) {
      iceberg::Field field;
      field.name = column.name;
      field.type = OK(IcebergType(column.type));
      definition.columns.push_back(std::move(field));
    }
    definition.columns[0].required = true;
    definition.key = {definition.columns[0].name};
    if (!partition_by.empty()) {
      definition.partition_by = {OK(iceberg::ParsePartitionBy(partition_by))};
    }
    OK(OpenOrCreateTable(*database_, lake_, table, definition));
  }

  LoadRequest Request(LoadMode mode, const std::string& query, const std::string& branch) {
    LoadRequest request;
    request.mode = mode;
    request.query = query;
    request.branch = branch;
    return request;
  }

  int64_t Publish(const std::string& table, const std::string& branch) {
    Publication publication = OK(PreparePublish(*database_, lake_, {{table, branch}}));
    return OK(database_->Write(
        [&](store::Transaction& tx) { return CommitPublish(tx, lake_, publication, {}); }))[0]
        .version;
  }

  int64_t CountMain(const std::string& table) {
    iceberg::Table opened = OK(OpenTable(*database_, lake_, table));
    Scan scan = OK(PlanScan(lake_, opened.metadata, opened.metadata.current_snapshot_id));
    return OK(connection_->Query("SELECT count(*) FROM (" + scan.sql + ")")).Integer(0, 0);
  }

  std::filesystem::path dir_;
  io::LocalFileSystem files_;
  SystemClock clock_;
  std::unique_ptr<store::Database> database_;
  Lake lake_;
  std::optional<sql::Engine> engine_;
  std::optional<sql::Connection> connection_;
};

constexpr char kRows[] =
    "SELECT i::BIGINT AS id, (i % 7)::INTEGER AS staff_id, (i / 4)::DECIMAL(9,2) AS amount, "
    "'a rather long text of customer ' || i AS name, TIMESTAMP '2005-05-01' + INTERVAL (i) HOUR AS "
    "paid, DATE '2005-05-01' + i::INTEGER AS day, i % 2 = 0 AS ok, i / 3.0::DOUBLE AS share, "
    "[i, NULL] AS list, {{'x': i, 'y': 'b'}} AS point FROM range({}, {}) t(i)";

TEST_F(InteropTest, PyIcebergReadsEverythingAndItsCommitsAreNoticed) {
  if (!files_.Exists(Python())) {
    GTEST_SKIP() << "PyIceberg is not installed at " << Python();
  }
  std::string first = fmt::format(kRows, 0, 200);
  struct Case {
    const char* table;
    const char* partition_by;
  };
  const Case kCases[] = {{"plain", ""},
                         {"by_month", "month(paid)"},
                         {"by_day", "day(day)"},
                         {"by_bucket", "bucket(4, id)"},
                         {"by_staff", "staff_id"},
                         {"by_name_bucket", "bucket(8, name)"},
                         {"by_name", "truncate(3, name)"}};
  for (const Case& one : kCases) {
    Make(one.table, first, one.partition_by);
    OK(Load(*database_, *connection_, lake_, one.table,
            Request(LoadMode::kAppend, first, "run-1")));
    EXPECT_EQ(Publish(one.table, "run-1"), 1);
    LoadRequest merge = Request(LoadMode::kMerge, fmt::format(kRows, 190, 210), "run-2");
    merge.key = {"id"};
    OK(Load(*database_, *connection_, lake_, one.table, merge));
    EXPECT_EQ(Publish(one.table, "run-2"), 2);
    OK(Load(*database_, *connection_, lake_, one.table,
            Request(LoadMode::kAppend, fmt::format(kRows, 300, 305), "run-3")));
  }
  iceberg::Table plain = OK(OpenTable(*database_, lake_, "plain"));
  OK(CommitAlone(*database_, lake_, plain,
                 OK(iceberg::CreateTag(plain.metadata, "audit", plain.metadata.snapshots[0].id,
                                       lake_.now_ms()))));
  Make("empty", first, "");

  Json report = Run("--append by_staff");
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.table);
    EXPECT_EQ(report[one.table]["refs"]["main"].AsInteger(), 210);
    EXPECT_EQ(report[one.table]["refs"]["run-3"].AsInteger(), 215);
    EXPECT_EQ(report[one.table]["snapshots"].size(), 3u);
  }
  EXPECT_EQ(report["plain"]["refs"]["audit"].AsInteger(), 200);
  EXPECT_EQ(report["empty"]["refs"].size(), 0u);

  // What PyIceberg added is a foreign commit with a number, and is read by us.
  auto foreign = OK(RecordForeignOfAll(*database_, lake_));
  ASSERT_EQ(foreign.size(), 1u);
  EXPECT_EQ(foreign[0].table, "by_staff");
  EXPECT_EQ(foreign[0].versions.at(0).version, 3);
  EXPECT_EQ(CountMain("by_staff"), 211);
  auto facts = OK(database_->Query("SELECT address FROM journal WHERE kind = 'foreign_commit'"));
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].Text("address"), "dataset.by_staff");
  // Our branch of before is put on top of it.
  EXPECT_EQ(Publish("by_staff", "run-3"), 4);
  EXPECT_EQ(CountMain("by_staff"), 216);

  // Its deletes and its renames read right too.
  Json again = Run("--delete plain 'id < 50' --rename plain name title");
  EXPECT_EQ(again["by_staff"]["refs"]["main"].AsInteger(), 216);
  EXPECT_EQ(CountMain("plain"), 160);
  iceberg::Table renamed = OK(OpenTable(*database_, lake_, "plain"));
  EXPECT_NE(renamed.metadata.schema().Find("title"), nullptr);
  Scan scan = OK(PlanScan(lake_, renamed.metadata, renamed.metadata.current_snapshot_id));
  EXPECT_EQ(OK(connection_->Query("SELECT count(title) FROM (" + scan.sql + ")")).Integer(0, 0),
            160);
}

}  // namespace
}  // namespace andon::lake
