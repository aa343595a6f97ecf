#include "sql/engine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "base/text.h"

namespace andon::sql {
namespace {

class EngineTest : public testing::Test {
 protected:
  std::string Text(const std::string& sql, const std::vector<Parameter>& parameters = {}) {
    auto rows = connection_.Query(sql, parameters);
    if (!rows.ok()) return "error: " + rows.error().message;
    std::string text;
    for (int64_t row = 0; row < rows->row_count(); row++) {
      for (size_t column = 0; column < rows->columns().size(); column++) {
        text += (column > 0 ? " | " : row > 0 ? "; " : "") + rows->Text(row, column);
      }
    }
    return text;
  }

  Engine engine_ = *Engine::Open({.memory_limit_bytes = 512 << 20, .threads = 2});
  Connection connection_ = *engine_.Connect();
};

TEST_F(EngineTest, EveryTypeAsAPersonReadsIt) {
  const std::pair<const char*, const char*> kCases[] = {
      {"true", "true"},
      {"(-128)::TINYINT", "-128"},
      {"18446744073709551615::UBIGINT", "18446744073709551615"},
      {"170141183460469231731687303715884105727::HUGEINT",
       "170141183460469231731687303715884105727"},
      {"(-170141183460469231731687303715884105728)::HUGEINT",
       "-170141183460469231731687303715884105728"},
      {"340282366920938463463374607431768211455::UHUGEINT",
       "340282366920938463463374607431768211455"},
      {"4.99::DECIMAL(5,2)", "4.99"},
      {"(-0.05)::DECIMAL(5,2)", "-0.05"},
      {"12345678901234567890.123::DECIMAL(38,3)", "12345678901234567890.123"},
      {"0.1::FLOAT", "0.1"},
      {"1::DOUBLE", "1.0"},
      {"'nan'::DOUBLE", "nan"},
      {"'-inf'::DOUBLE", "-inf"},
      {"1e300::DOUBLE", "1e+300"},
      {"DATE '2005-08-20'", "2005-08-20"},
      {"DATE '0044-03-15 (BC)'", "0044-03-15 (BC)"},
      {"DATE '20000-01-01'", "20000-01-01"},
      {"'infinity'::DATE", "infinity"},
      {"TIME '10:00:00.120'", "10:00:00.12"},
      {"TIMESTAMP '2005-08-20 11:03:42.5'", "2005-08-20 11:03:42.5"},
      {"TIMESTAMP '1969-12-31 23:59:59'", "1969-12-31 23:59:59"},
      {"TIMESTAMPTZ '2020-01-01 00:00:00+02'", "2019-12-31 22:00:00+00"},
      {"TIMESTAMP_NS '2020-01-01 00:00:00.000000001'", "2020-01-01 00:00:00.000000001"},
      {"TIMESTAMP_S '2020-01-01 00:00:00'", "2020-01-01 00:00:00"},
      {"INTERVAL '1 month 3 days -1 hour'", "1 month 3 days -01:00:00"},
      {"'\\x00a'::BLOB", "\\x00a"},
      {"'10101'::BIT", "10101"},
      {"'550e8400-e29b-41d4-a716-446655440000'::UUID", "550e8400-e29b-41d4-a716-446655440000"},
      {"'b'::ENUM('a', 'b')", "b"},
      {"[1, 2, NULL]", "[1, 2, NULL]"},
      {"['x', 'y']", "['x', 'y']"},
      {"[1, 2]::INT[2]", "[1, 2]"},
      {"{'a': 'x', 'b': [DATE '1999-01-02']}", "{'a': 'x', 'b': [1999-01-02]}"},
      {"MAP {'k': 1}", "{'k'=1}"},
      {"union_value(n := 3)", "3"},
      {"NULL", "NULL"},
      {"'it''s ä'", "it's ä"},
  };
  for (const auto& [sql, expected] : kCases)
    EXPECT_EQ(Text(std::string("SELECT ") + sql), expected) << sql;
}

TEST_F(EngineTest, CellsAsJsonKeepWhatADoubleCannot) {
  auto rows = connection_.Query(
      "SELECT 9007199254740993, 4.99::DECIMAL(5,2), 0.1::FLOAT, [1, 2], {'a': true}, MAP {'k': "
      "'v'}, "
      "12345678901234567890123::HUGEINT, NULL, DATE '2020-01-02'");
  ASSERT_TRUE(rows.ok());
  const char* kExpected[] = {"9007199254740993",
                             "4.99",
                             "0.1",
                             "[1,2]",
                             R"({"a":true})",
                             R"({"k":"v"})",
                             R"("12345678901234567890123")",
                             "null",
                             R"("2020-01-02")"};
  for (size_t i = 0; i < std::size(kExpected); i++)
    EXPECT_EQ(rows->ToJson(0, i).Dump(), kExpected[i]);
  EXPECT_EQ(rows->Integer(0, 6), std::numeric_limits<int64_t>::max());
  EXPECT_DOUBLE_EQ(rows->Double(0, 1), 4.99);
  EXPECT_TRUE(rows->IsNull(0, 7));
  EXPECT_EQ(rows->columns()[1].type, "DECIMAL(5,2)");
}

TEST_F(EngineTest, NamesOfTypes) {
  auto columns = connection_.Describe(
      "SELECT 1::BIGINT AS a, [{'x': 1}] AS b, MAP {'k': 1.5} AS c, '{}'::JSON AS d");
  ASSERT_TRUE(columns.ok());
  std::vector<std::string> types;
  for (const auto& column : *columns) types.push_back(column.type);
  EXPECT_EQ(types, (std::vector<std::string>{"BIGINT", "STRUCT(\"x\" INTEGER)[]",
                                             "MAP(VARCHAR, DECIMAL(2,1))", "JSON"}));
}

TEST_F(EngineTest, Parameters) {
  EXPECT_EQ(Text("SELECT $n + 1, $s || '!'",
                 {{"n", int64_t{41}}, {"s", std::string("it's")}, {"unused", true}}),
            "42 | it's!");
  EXPECT_EQ(Text("SELECT ?, ?, ?", {{"", 1.5}, {"", std::monostate()}, {"", FromMicros(0)}}),
            "1.5 | NULL | 1970-01-01 00:00:00");
}

TEST_F(EngineTest, ErrorsSayTheirPlaceAndKind) {
  const std::pair<const char*, const char*> kCases[] = {
      {"SELECT 1 FROM\n range(3) t(x)\nWHERE x = foo",
       "Binder Error: Referenced column \"foo\" not found in FROM clause! (line 3, column 11)"},
      {"selec 1", "Parser Error: syntax error at or near \"selec\" (line 1, column 1)"},
      {"SELECT 'ä' || nofn(1)",
       "Catalog Error: Scalar Function with name nofn does not exist! (line 1, column 15)"},
  };
  for (const auto& [sql, expected] : kCases)
    EXPECT_EQ(Text(sql), std::string("error: ") + expected);
  EXPECT_EQ(connection_.Query("SELECT * FROM read_csv('/no/such/file.csv')").error().kind,
            ErrorKind::kIo);
  EXPECT_EQ(connection_.Query("SELECT 1; SELECT 2").error().kind, ErrorKind::kInvalid);
  EXPECT_FALSE(connection_.Query("").ok());
  EXPECT_FALSE(connection_.Query("SELECT 'x'::INT FROM range(10)").ok());
}

TEST_F(EngineTest, ALimitOfTimeEndsAStatement) {
  auto start = std::chrono::steady_clock::now();
  auto rows = connection_.Query("SELECT count(*) FROM range(100000000000) a(x) WHERE hash(x) = 1",
                                {}, {.time_limit = std::chrono::milliseconds(50)});
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().kind, ErrorKind::kInterrupted);
  EXPECT_NE(rows.error().message.find("limit of 50 ms"), std::string::npos) << rows.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_EQ(Text("SELECT 1"), "1");  // The connection goes on.
}

TEST_F(EngineTest, AStopEndsAStatement) {
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    stop.request_stop();
  });
  auto rows = connection_.Query("SELECT count(*) FROM range(100000000000) a(x) WHERE hash(x) = 1",
                                {}, {.stop = stop.get_token()});
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().kind, ErrorKind::kInterrupted);
  EXPECT_EQ(rows.error().message, "The statement was stopped.");
  EXPECT_EQ(connection_.Query("SELECT 1", {}, {.stop = stop.get_token()}).error().kind,
            ErrorKind::kInterrupted);
}

TEST_F(EngineTest, ProgressIsReported) {
  ASSERT_TRUE(connection_.Execute("CREATE TABLE t AS SELECT range AS x FROM range(700000)").ok());
  std::atomic<int> calls{0};
  auto rows = connection_.Query("SELECT count(DISTINCT md5(x::VARCHAR)) FROM t", {},
                                {.progress = [&](const Progress&) { calls++; }});
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  EXPECT_GT(calls, 0);
}

TEST_F(EngineTest, RowsAreBoundedOnRequest) {
  auto rows = connection_.Query("SELECT * FROM range(10000)", {}, {.rows_max = 3000});
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->row_count(), 3000);
  EXPECT_TRUE(rows->truncated());
  EXPECT_EQ(rows->Integer(2999, 0), 2999);
  auto all = connection_.Query("SELECT * FROM range(3000)", {}, {.rows_max = 3000});
  EXPECT_FALSE(all->truncated());
  EXPECT_EQ(all->row_count(), 3000);
}

TEST_F(EngineTest, AStreamGivesBatchAfterBatch) {
  auto stream = connection_.Stream("SELECT range AS n FROM range(10000)");
  ASSERT_TRUE(stream.ok());
  EXPECT_EQ(stream->columns()[0].name, "n");
  int64_t rows = 0, sum = 0;
  while (true) {
    auto batch = stream->Next();
    ASSERT_TRUE(batch.ok());
    if (batch->empty()) break;
    EXPECT_LE(batch->row_count(), 2048);
    for (int64_t i = 0; i < batch->row_count(); i++) sum += batch->Integer(i, 0);
    rows += batch->row_count();
  }
  EXPECT_EQ(rows, 10000);
  EXPECT_EQ(sum, 49995000);
  EXPECT_TRUE(stream->Next()->empty());
}

TEST_F(EngineTest, AStreamReportsTheRowThatBreaksIt) {
  auto stream = connection_.Stream(
      "SELECT CASE WHEN range = 9000 THEN 'x' ELSE '1' END::INT FROM range(10000)");
  if (!stream.ok()) return;  // It may break at once.
  for (int i = 0; i < 10; i++) {
    auto batch = stream->Next();
    if (!batch.ok()) return;
    ASSERT_FALSE(batch->empty()) << "the error was lost";
  }
}

TEST_F(EngineTest, WithoutATempDirectoryMemoryIsTheLimit) {
  Engine small = *Engine::Open({.memory_limit_bytes = 20 << 20, .threads = 1});
  Connection connection = *small.Connect();
  auto rows = connection.Query(
      "SELECT max(x) FROM (SELECT md5(range::VARCHAR) || range AS x FROM range(3000000) ORDER BY x "
      "LIMIT 2900000)");
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().kind, ErrorKind::kIo);
}

TEST_F(EngineTest, ADatabaseFileIsReopened) {
  std::filesystem::path folder = testing::TempDir() + "andon-engine-" + RandomUuid();
  std::filesystem::create_directories(folder);
  EngineOptions options{.path = (folder / "a.duckdb").string(), .threads = 1};
  {
    Engine engine = *Engine::Open(options);
    Connection connection = *engine.Connect();
    ASSERT_TRUE(connection.Execute("CREATE TABLE t (a INT); INSERT INTO t VALUES (7)").ok());
  }
  options.read_only = true;
  Engine engine = *Engine::Open(options);
  Connection connection = *engine.Connect();
  EXPECT_EQ(connection.Query("SELECT a FROM t")->Integer(0, 0), 7);
  EXPECT_FALSE(connection.Execute("INSERT INTO t VALUES (8)").ok());
  EXPECT_FALSE(Engine::Open({.path = "/no/such/folder/a.duckdb"}).ok());
}

TEST_F(EngineTest, CopyReturnsItsStatistics) {
  std::string file = testing::TempDir() + "andon-copy-" + RandomUuid() + ".parquet";
  auto rows = connection_.Query("COPY (SELECT range AS id FROM range(10)) TO " +
                                QuoteLiteral(file) + " (FORMAT parquet, RETURN_STATS true)");
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  int column = rows->Find("column_statistics");
  ASSERT_GE(column, 0);
  Json statistics = rows->ToJson(0, static_cast<size_t>(column));
  EXPECT_EQ(statistics["\"id\""]["max"].AsString() + statistics["id"]["max"].AsString(), "9")
      << statistics.Dump();
  std::filesystem::remove(file);
}

TEST_F(EngineTest, ColumnsAsOursAndAsDuckDbs) {
  auto columns = connection_.Columns("(SELECT 1::HUGEINT AS n, INTERVAL 1 DAY AS i, ['x'] AS l)");
  ASSERT_TRUE(columns.ok()) << columns.error().message;
  EXPECT_EQ(columns->at(0), (TableColumn{"n", "decimal(38,0)", "HUGEINT"}));
  EXPECT_EQ(columns->at(1), (TableColumn{"i", "string", "INTERVAL"}));
  EXPECT_EQ(columns->at(2), (TableColumn{"l", "list<string>", "VARCHAR[]"}));
  EXPECT_FALSE(connection_.Columns("nowhere").ok());
  EXPECT_EQ(connection_.Name(), "DuckDB " + EngineVersion());
}

TEST_F(EngineTest, HostFunctions) {
  HostFunction starts{"andon_starts", [](std::string_view value, std::string_view argument) {
                        return value.starts_with(argument);
                      }};
  ASSERT_TRUE(connection_.Register({starts}).ok());
  ASSERT_TRUE(connection_.Register({starts}).ok());
  ASSERT_TRUE(engine_.Connect()->Register({starts}).ok());
  EXPECT_EQ(Text("SELECT andon_starts('seven', 'se'), andon_starts('x', 'se'), "
                 "andon_starts(NULL, 'se'), andon_starts('x', NULL)"),
            "true | false | NULL | NULL");
  // Over many rows with nulls among them, on several threads, as a filter and as a value.
  EXPECT_EQ(Text("SELECT count(*) FILTER (WHERE andon_starts(x, '1')), "
                 "count(andon_starts(x, '1')) FROM (SELECT CASE WHEN range % 2 = 0 THEN "
                 "range::VARCHAR END AS x FROM range(300000))"),
            "55555 | 150000");
  Connection other = *engine_.Connect();
  EXPECT_EQ(other.Query("SELECT andon_starts('ab', 'a')")->Text(0, 0), "true");
}

TEST(Quoting, NamesAndTexts) {
  EXPECT_EQ(QuoteIdentifier("a \"b\""), "\"a \"\"b\"\"\"");
  EXPECT_EQ(QuoteLiteral("it's"), "'it''s'");
}

}  // namespace
}  // namespace andon::sql
