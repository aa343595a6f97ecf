#include "sql/target.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "io/test_server.h"
#include "sql/engine.h"
#include "sql/engines/postgres.h"

namespace andon::sql {
namespace {

namespace fs = std::filesystem;

class TargetTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  std::string Write(const std::string& name, const std::string& content) {
    std::ofstream(Path(name), std::ios::binary) << content;
    return Path(name);
  }
  void RunDuckDb(const std::string& sql, const std::string& path = "") {
    Engine engine = *Engine::Open({.path = path, .threads = 1});
    auto done = engine.Connect()->Execute(sql);
    ASSERT_TRUE(done.ok()) << done.error().message;
  }

  // "a long, b string: 1 | x; 2 | NULL", or the error without the folder.
  std::string Describe(const std::string& data, const TargetOptions& options = {}) {
    auto target = OpenTarget(data, options);
    if (!target.ok()) return Shorten("error: " + target.error().message);
    auto columns = target->session->Columns(target->relation);
    if (!columns.ok()) return Shorten("error: " + columns.error().message);
    auto rows = target->session->Query("SELECT * FROM " + target->relation);
    if (!rows.ok()) return Shorten("error: " + rows.error().message);
    std::string text = target->name + ":";
    for (const TableColumn& column : *columns)
      text += (text.ends_with(":") ? " " : ", ") + column.name + " " + column.type;
    for (int64_t row = 0; row < rows->row_count(); row++) {
      text += row == 0 ? " = " : "; ";
      for (size_t i = 0; i < columns->size(); i++)
        text += (i > 0 ? " | " : "") + rows->Text(row, i);
    }
    return text;
  }
  std::string Shorten(std::string text) const {
    std::string folder = folder_.string() + "/";
    for (size_t at; (at = text.find(folder)) != std::string::npos;) text.erase(at, folder.size());
    return text;
  }

  fs::path folder_ = testing::TempDir() + "andon-target-" + RandomUuid();
};

TEST_F(TargetTest, Csv) {
  Write("payment.csv",
        "id,paid at,amount,note\n1,2005-08-20 11:03:42,4.99,\"a, \"\"b\"\"\"\n2,,5,\n");
  EXPECT_EQ(Describe(Path("payment.csv")),
            "payment: id long, paid at timestamp, amount double, note string = "
            "1 | 2005-08-20 11:03:42 | 4.99 | a, \"b\"; 2 | NULL | 5.0 | NULL");
  EXPECT_EQ(Describe(Path("payment.csv"), {.all_text = true}),
            "payment: id string, paid at string, amount string, note string = "
            "1 | 2005-08-20 11:03:42 | 4.99 | a, \"b\"; 2 | NULL | 5 | NULL");
  EXPECT_EQ(Describe(Write("semicolon.csv", "a;b\n1;x\n")), "semicolon: a long, b string = 1 | x");
  EXPECT_EQ(Describe(Write("tab.TSV", "a\tb,c\n1\tx\n")), "tab: a long, b,c string = 1 | x");
  EXPECT_EQ(Describe(Write("one.csv", "\xef\xbb\xbfname\nx\ny\n")), "one: name string = x; y");
  EXPECT_EQ(Describe(Write("only_header.csv", "a,b\n")), "only_header: a string, b string");
  EXPECT_EQ(Describe(Write("twice.csv", "a,a\n1,2\n")).substr(0, 13), "twice: a long");
  EXPECT_EQ(Describe(Write("windows.csv", "a,b\r\n1,x\r\n")), "windows: a long, b string = 1 | x");
}

// A type is what every row fits, not what the first thousands do.
TEST_F(TargetTest, CsvTypesAreThoseOfAllRows) {
  std::string content = "n\n";
  for (int i = 0; i < 100'000; i++) content += std::to_string(i) + "\n";
  Write("late.csv", content + "oops\n");
  auto target = OpenTarget(Path("late.csv"));
  ASSERT_TRUE(target.ok()) << target.error().message;
  EXPECT_EQ(target->session->Columns(target->relation)->at(0).type, "string");
}

TEST_F(TargetTest, CsvThatIsBroken) {
  EXPECT_EQ(
      Describe(Write("empty.csv", "")),
      "error: \"empty.csv\" cannot be read: it is empty, and the first line of a CSV file names "
      "its columns.");
  EXPECT_EQ(Describe(Write("ragged.csv", "a,b\n1,2\n3\n")),
            "error: \"ragged.csv\" cannot be read: CSV Error on Line: 3: Expected Number of "
            "Columns: 2 Found: 1.");
  // Detection would rather begin at the line that fits itself.
  EXPECT_EQ(Describe(Write("wider.csv", "a,b\n1,2\n3\n4,5,6\n")),
            "error: \"wider.csv\" cannot be read: CSV Error on Line: 3: Expected Number of "
            "Columns: 2 Found: 1.");
  std::string latin = Describe(Write("latin.csv", "a,b\n1,2\n3,\xff\xfe\n"));
  EXPECT_NE(latin.find("is not utf-8 encoded"), std::string::npos) << latin;
  EXPECT_NE(latin.find("on Line: 3"), std::string::npos) << latin;
  EXPECT_EQ(Describe(Write("open.csv", "a,b\n1,2\n3,\"x\n")),
            "error: \"open.csv\" cannot be read: CSV Error on Line: 3: Value with unterminated "
            "quote found.");
}

TEST_F(TargetTest, CsvLinesThatLookLikeCommentsAreRows) {
  EXPECT_EQ(Describe(Write("notes.csv", "id,tag\n1,#a\n#2,b\n#3,c\n")),
            "notes: id string, tag string = 1 | #a; #2 | b; #3 | c");
}

TEST_F(TargetTest, JsonAndLines) {
  EXPECT_EQ(Describe(Write("a.jsonl", "{\"a\": 1, \"b\": {\"c\": [1]}}\n{\"a\": 2.5}\n")),
            "a: a double, b struct<c: list<long>> = 1.0 | {'c': [1]}; 2.5 | NULL");
  EXPECT_EQ(Describe(Write("b.json", "[{\"a\": \"x\"}, {\"a\": \"2005-08-20\"}]")),
            "b: a string = x; 2005-08-20");
  EXPECT_EQ(Describe(Write("c.ndjson", "{\"day\": \"2005-08-20\"}\n")), "c: day date = 2005-08-20");
  std::string broken = Describe(Write("d.json", "[{\"a\": 1"));
  EXPECT_NE(broken.find("d.json"), std::string::npos) << broken;
}

TEST_F(TargetTest, ParquetAndPatterns) {
  RunDuckDb("COPY (SELECT 1 AS a, 'x' AS b) TO '" + Path("p-1.parquet") + "'");
  RunDuckDb("COPY (SELECT 2 AS a, true AS c) TO '" + Path("p-2.parquet") + "'");
  RunDuckDb("COPY (SELECT 3 AS a) TO '" + Path("p[-1].parquet") + "'");
  EXPECT_EQ(Describe(Path("p-1.parquet")), "p-1: a int, b string = 1 | x");
  // Columns are joined by name.
  EXPECT_EQ(Describe(Path("p-*.parquet")),
            "p: a int, b string, c boolean = 1 | x | NULL; 2 | NULL | true");
  // A file of exactly that name goes before what it would match as a pattern.
  EXPECT_EQ(Describe(Path("p[-1].parquet")), "p: a int = 3");
  auto target = OpenTarget(Path("p-*.parquet"));
  EXPECT_EQ(target->files, Path("p-*.parquet"));
  EXPECT_EQ(target->format, "parquet");
  EXPECT_EQ(Describe(Path("p-1.parquet"), {.query = "SELECT a + 1 AS n FROM \"p-1\""}),
            "p-1: n int = 2");
  EXPECT_EQ(Describe(Write("none.parquet", "This is no Parquet.")),
            "error: \"none.parquet\" cannot be read: No magic bytes found at end of file "
            "'none.parquet'.");
}

TEST_F(TargetTest, ASmallFileIsReadByOneThread) {
  auto threads = [&](const std::string& data, const TargetOptions& options) {
    auto target = OpenTarget(data, options);
    EXPECT_TRUE(target.ok());
    auto rows = target->session->Query("SELECT current_setting('threads')");
    return rows.ok() ? rows->Integer(0, 0) : -1;
  };
  const std::string small = Write("small.csv", "a,b\n1,x\n");
  EXPECT_EQ(threads(small, {}), 1);
  EXPECT_EQ(threads(small, {.threads = 3}), 3);
  EXPECT_EQ(threads(Write("large.csv", "a,b\n" + std::string(1 << 20, '1') + ",x\n"), {}),
            threads(small, {.query = "SELECT 1 AS one"}));
}

TEST_F(TargetTest, WhatIsBeyondTheMemorySpills) {
  RunDuckDb("COPY (SELECT 1 AS n) TO '" + Path("n.parquet") + "'");
  std::string spill = Path("spill");
  auto target = OpenTarget(Path("n.parquet"),
                           {.memory_limit_bytes = 40 << 20, .threads = 1, .temp_directory = spill});
  ASSERT_TRUE(target.ok()) << target.error().message;
  auto rows = target->session->Query(
      "SELECT max(x) FROM (SELECT md5(range::VARCHAR) || range AS x FROM range(1000000) "
      "ORDER BY x LIMIT 900000)");
  EXPECT_TRUE(rows.ok()) << rows.error().message;
  target->session.reset();
  EXPECT_FALSE(fs::exists(spill));
}

TEST_F(TargetTest, FilesThatAreNotThere) {
  Write("payment.csv", "a\n1\n");
  EXPECT_EQ(Describe(Path("paymnet.csv")),
            "error: There is no file \"paymnet.csv\". Did you mean \"payment.csv\"?");
  EXPECT_EQ(Describe(Path("nothing-*.csv")), "error: No file matches \"nothing-*.csv\".");
  EXPECT_EQ(Describe(Path("folder")), "error: There is no file \"folder\".");
  fs::create_directories(folder_ / "folder");
  EXPECT_EQ(Describe(Path("folder")),
            "error: \"folder\" is a folder; name its files by a pattern: \"folder/*.parquet\".");
  EXPECT_EQ(Describe(Write("a.xlsx", "x")).substr(0, 37),
            "error: \"a.xlsx\" is of no known kind: ");
  EXPECT_EQ(Describe("mysql://root:secret@h/d"),
            "error: \"mysql://\" is not read: data is a file, postgres://…, sqlite:FILE or "
            "duckdb:FILE.");
  EXPECT_EQ(Describe(Path("payment.csv"), {.table = "t"}),
            "error: \"payment.csv\" is a file of rows: it has no tables to choose from.");
}

TEST_F(TargetTest, DatabaseFiles) {
  RunDuckDb("CREATE TABLE payment (id INT); INSERT INTO payment VALUES (7)", Path("shop.duckdb"));
  EXPECT_EQ(Describe(Path("shop.duckdb")), "payment: id int = 7");
  EXPECT_EQ(Describe("duckdb:" + Path("shop.duckdb"), {.table = "main.payment"}),
            "payment: id int = 7");
  EXPECT_EQ(Describe(Path("shop.duckdb"), {.table = "paymnt"}),
            "error: There is no table \"paymnt\" in the database. Did you mean \"payment\"?");
  EXPECT_EQ(Describe(Path("none.duckdb")), "error: There is no file \"none.duckdb\".");
  EXPECT_FALSE(fs::exists(Path("none.duckdb")));

  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(Path("shop.db").c_str(), &db), SQLITE_OK);
  sqlite3_exec(db,
               "CREATE TABLE rental (id INT); INSERT INTO rental VALUES (1);"
               "CREATE TABLE \"a.b\" (x TEXT)",
               nullptr, nullptr, nullptr);
  sqlite3_close(db);
  EXPECT_EQ(Describe(Path("shop.db")), "error: Name the table: the database has a.b, rental.");
  EXPECT_EQ(Describe(Path("shop.db"), {.table = "rental"}), "rental: id long = 1");
  EXPECT_EQ(Describe("sqlite:///" + Path("shop.db"), {.table = "a.b"}), "a.b: x string");
  EXPECT_EQ(Describe("sqlite:" + Path("shop.db"), {.table = "rental", .schema = "main"}),
            "rental: id long = 1");
  EXPECT_EQ(Describe("sqlite:" + Path("shop.db"), {.query = "SELECT id + 1 AS n FROM rental"}),
            "query: n string = 2");
}

TEST_F(TargetTest, ATableOfAServer) {
  static io::TestServer server("postgres");
  if (!server.missing().empty()) GTEST_SKIP() << "needs " << server.missing();
  std::string url = server["url"].AsString();
  PostgresOptions writer = *ReadPostgresUrl(url);
  writer.read_only = false;
  auto session = *OpenPostgres(writer);
  ASSERT_TRUE(session->Query("CREATE TABLE payment AS SELECT 1 AS id").ok());
  EXPECT_EQ(Describe(url), "payment: id int = 1");
  ASSERT_TRUE(session->Query("CREATE SCHEMA rental").ok());
  ASSERT_TRUE(session->Query("CREATE TABLE rental.film AS SELECT 2 AS id").ok());
  EXPECT_EQ(Describe(url, {.table = "rental.film"}), "film: id int = 2");
  EXPECT_EQ(Describe(url, {.table = "film", .schema = "rental"}), "film: id int = 2");
  EXPECT_EQ(Describe(url, {.table = "film"}),
            "error: There is no table \"film\" in the database. Did you mean \"rental.film\"?");
  EXPECT_EQ(Describe(url), "error: Name the table: the database has payment, rental.film.");
  EXPECT_EQ(Describe(url, {.query = "SELECT 3 AS n"}), "query: n int = 3");
  // A password apart from the URL.
  std::string without = url;
  size_t colon = without.find(':', 11);
  without.erase(colon, without.find('@') - colon);
  EXPECT_EQ(Describe(without, {.table = "payment", .password = server["password"].AsString()}),
            "payment: id int = 1");
}

}  // namespace
}  // namespace andon::sql
