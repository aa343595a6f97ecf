#include "sql/engines/sqlite.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/text.h"

namespace andon::sql {
namespace {

class SqliteTest : public testing::Test {
 protected:
  SqliteTest() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    Write(R"(
      CREATE TABLE payment (payment_id INTEGER PRIMARY KEY, staff INT, amount DECIMAL(5,2),
        paid_at DATETIME, "a note" TEXT, raw BLOB, ok BOOLEAN, any);
      INSERT INTO payment VALUES
        (1, 1, 4.99, '2005-08-20 11:03:42', 'it''s ä', x'00610a', 1, 7),
        (2, 2, -1, '1969-12-31', NULL, NULL, 0, 'seven');
      CREATE VIEW paid AS SELECT payment_id, amount FROM payment;)");
    session_ = *OpenSqlite({.path = path_});
  }
  ~SqliteTest() override {
    session_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Write(const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_close(db);
  }

  std::string Text(const std::string& sql, const std::vector<Parameter>& parameters = {}) {
    auto rows = session_->Query(sql, parameters);
    if (!rows.ok()) return "error: " + rows.error().message;
    std::string text;
    for (int64_t row = 0; row < rows->row_count(); row++) {
      for (size_t column = 0; column < rows->columns().size(); column++) {
        text += (column > 0 ? " | " : row > 0 ? "; " : "") + rows->Text(row, column);
      }
    }
    return text;
  }

  std::filesystem::path folder_ = testing::TempDir() + "andon-sqlite-" + RandomUuid();
  std::string path_ = (folder_ / "shop.db").string();
  std::unique_ptr<Session> session_;
};

TEST_F(SqliteTest, RowsAsTheyAre) {
  EXPECT_EQ(Text("SELECT * FROM payment ORDER BY payment_id"),
            "1 | 1 | 4.99 | 2005-08-20 11:03:42 | it's ä | \\x00a\\x0A | true | 7; "
            "2 | 2 | -1 | 1969-12-31 | NULL | NULL | false | seven");
  auto rows = session_->Query("SELECT amount, raw, ok, NULL AS gap, 1 + 1.5 AS added FROM payment");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->ToJson(0, 0).Dump(), "4.99");
  EXPECT_EQ(rows->ToJson(0, 2).Dump(), "true");
  EXPECT_EQ(rows->Bytes(0, 1), std::string("\0a\n", 3));
  EXPECT_TRUE(rows->IsNull(0, 3));
  EXPECT_EQ(rows->Double(0, 4), 2.5);
  EXPECT_EQ(rows->columns()[0].type, "DECIMAL(5,2)");
  EXPECT_EQ(rows->columns()[4].type, "REAL");
  EXPECT_EQ(session_->Name().substr(0, 9), "SQLite 3.");
}

TEST_F(SqliteTest, ColumnsOfTablesAndViews) {
  std::vector<TableColumn> columns = *session_->Columns("payment");
  EXPECT_EQ(columns[0], (TableColumn{"payment_id", "long", "INTEGER"}));
  EXPECT_EQ(columns[2], (TableColumn{"amount", "decimal(5,2)", "DECIMAL(5,2)"}));
  EXPECT_EQ(columns[3], (TableColumn{"paid_at", "timestamp", "DATETIME"}));
  EXPECT_EQ(columns[4], (TableColumn{"a note", "string", "TEXT"}));
  EXPECT_EQ(columns[5].type, "binary");
  EXPECT_EQ(columns[6].type, "boolean");
  EXPECT_EQ(columns[7], (TableColumn{"any", "string", ""}));
  EXPECT_EQ(session_->Columns("paid")->size(), 2u);
  EXPECT_EQ(session_->Columns("\"no such\"").error().message, "SQLite: no such table: no such.");
}

TEST_F(SqliteTest, FunctionsThatChecksNeed) {
  const std::pair<const char*, const char*> kCases[] = {
      {"andon_regexp('AB-12', '^[A-Z]{2}-')", "1"},
      {"andon_regexp('ab-12', '^[A-Z]{2}-')", "0"},
      {"andon_regexp('ä', '^.$')", "1"},
      {"andon_regexp(NULL, 'a')", "NULL"},
      {"andon_regexp(12, '^1')", "1"},
      {"'abc' REGEXP 'b'", "1"},
      {"andon_regexp('a', '(')", "error: SQLite: the regular expression is wrong: missing ): (."},
      {"(SELECT andon_stddev(x) FROM (VALUES (1),(2),(3),(NULL)) AS t(x))", "1.0"},
      {"(SELECT andon_stddev(x) FROM (VALUES (1)) AS t(x))", "NULL"},
  };
  for (const auto& [sql, expected] : kCases) {
    std::string query = std::string("SELECT ") + sql;
    size_t names = query.find(" AS t(x)");
    if (names != std::string::npos) {  // SQLite calls the columns of VALUES column1….
      query.replace(names, 8, "");
      query.replace(query.find("(x)"), 3, "(column1)");
    }
    EXPECT_EQ(Text(query), expected) << sql;
  }
  EXPECT_EQ(Text("SELECT andon_median(column1), andon_quantile_disc(column1, 0.5), "
                 "andon_quantile_disc(column1, 0), andon_quantile_disc(column1, 1), "
                 "andon_median(column1) FILTER (WHERE column1 > 1) "
                 "FROM (VALUES (4), (1), (2.5), (NULL), (3))"),
            "2.75 | 2.5 | 1 | 4 | 3.0");
  EXPECT_EQ(Text("SELECT andon_quantile_disc(column1, 0.9), andon_quantile_disc(column1, 0.2), "
                 "andon_median(NULL) FROM (VALUES ('b'), (9007199254740993), ('a'), (x'00'))"),
            "\\x00 | 9007199254740993 | NULL");
  EXPECT_EQ(Text("SELECT andon_median(1) FROM payment WHERE false"), "NULL");
}

// A pattern on which backtracking would need 2^40 steps.
TEST_F(SqliteTest, HostilePatternsAreLinear) {
  EXPECT_EQ(Text("SELECT andon_regexp($1, '^(a+)+$')", {{"", std::string(50'000, 'a') + "!"}}),
            "0");
}

TEST_F(SqliteTest, HostFunctions) {
  HostFunction starts{"andon_starts", [](std::string_view value, std::string_view argument) {
                        return value.starts_with(argument);
                      }};
  ASSERT_TRUE(session_->Register({starts}).ok());
  ASSERT_TRUE(session_->Register({starts}).ok());
  EXPECT_EQ(Text("SELECT andon_starts('seven', 'se'), andon_starts('x', 'se'), "
                 "andon_starts(NULL, 'se'), andon_starts(123, '12')"),
            "1 | 0 | NULL | 1");
}

TEST_F(SqliteTest, Parameters) {
  EXPECT_EQ(Text("SELECT $n + 1, $s || '!'", {{"n", int64_t{41}}, {"s", "it's"}, {"unused", true}}),
            "42 | it's!");
  EXPECT_EQ(Text("SELECT $1, $2", {{"", 1.5}, {"", std::monostate()}}), "1.5 | NULL");
  EXPECT_EQ(Text("SELECT ?, ?", {{"", true}, {"", FromMicros(0)}}), "1 | 1970-01-01 00:00:00");
  EXPECT_EQ(Text("SELECT 1", {{"", true}}), "error: SQLite: parameter 1 cannot be bound.");
}

TEST_F(SqliteTest, RowsAreBoundedOnRequest) {
  std::string ten =
      "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 10) "
      "SELECT n FROM t";
  auto rows = session_->Query(ten, {}, {.rows_max = 3});
  EXPECT_EQ(rows->row_count(), 3);
  EXPECT_TRUE(rows->truncated());
  EXPECT_FALSE(session_->Query(ten, {}, {.rows_max = 10})->truncated());
}

constexpr const char* kEndless =
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t";

TEST_F(SqliteTest, ALimitOfTimeEndsAStatement) {
  auto rows = session_->Query(kEndless, {}, {.time_limit = std::chrono::milliseconds(50)});
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().kind, ErrorKind::kInterrupted);
  EXPECT_EQ(rows.error().message, "The statement ran longer than its limit of 50 ms.");
  EXPECT_EQ(Text("SELECT 1"), "1");
}

TEST_F(SqliteTest, AStopEndsAStatement) {
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    stop.request_stop();
  });
  auto rows = session_->Query(kEndless, {}, {.stop = stop.get_token()});
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().message, "The statement was stopped.");
}

TEST_F(SqliteTest, NothingIsWrittenAndNothingMade) {
  EXPECT_EQ(session_->Query("DELETE FROM payment").error().kind, ErrorKind::kIo);
  std::string beside = (folder_ / "beside.db").string();
  EXPECT_FALSE(session_->Query("ATTACH '" + beside + "' AS beside").ok());
  EXPECT_FALSE(session_->Query("VACUUM INTO '" + beside + "'").ok());
  EXPECT_FALSE(std::filesystem::exists(beside));
  std::string missing = (folder_ / "missing.db").string();
  auto opened = OpenSqlite({.path = missing});
  EXPECT_EQ(opened.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(opened.error().message, "There is no file \"" + missing + "\".");
  EXPECT_FALSE(std::filesystem::exists(missing));
}

TEST_F(SqliteTest, MistakesAreNamed) {
  const std::pair<const char*, const char*> kCases[] = {
      {"SELECT 1,\n  foo FROM payment", "SQLite: no such column: foo (line 2, column 3)."},
      {"selec 1", "SQLite: near \"selec\": syntax error (line 1, column 1)."},
      {"SELECT 1; SELECT 2", "SQLite: one statement is expected, and here is another behind it."},
      {"", "SQLite: there is no statement."},
  };
  for (const auto& [sql, expected] : kCases)
    EXPECT_EQ(Text(sql), std::string("error: ") + expected) << sql;
  EXPECT_EQ(Text("SELECT 1; -- the end"), "1");
}

TEST_F(SqliteTest, FilesThatAreNone) {
  std::string csv = (folder_ / "payment.csv").string();
  std::ofstream(csv) << std::string(4096, 'x');
  EXPECT_EQ(OpenSqlite({.path = csv}).error().message,
            "\"" + csv + "\" is no SQLite database (or an encrypted one).");
  EXPECT_EQ(OpenSqlite({.path = folder_.string()}).error().message,
            "\"" + folder_.string() + "\" is a folder, not an SQLite database.");
}

TEST_F(SqliteTest, ALockIsNamed) {
  sqlite3* writer = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &writer), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(writer, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
  auto opened = OpenSqlite({.path = path_, .lock_wait = std::chrono::milliseconds(1)});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(opened.error().message.find("is locked"), std::string::npos);
  sqlite3_close(writer);
}

}  // namespace
}  // namespace andon::sql
