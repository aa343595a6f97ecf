// The engines that a test runs on, each with tables that the test makes. Only for tests.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "io/test_server.h"
#include "quality/run.h"
#include "sql/engine.h"
#include "sql/engines/postgres.h"
#include "sql/engines/sqlite.h"

namespace andon::quality {

struct TestColumn {
  std::string name;
  std::string type;                // Andon's name.
  std::vector<std::string> cells;  // "null", or the cell's text.
};

class TestEngine {
 public:
  virtual ~TestEngine() = default;
  virtual const char* name() const = 0;
  // Makes (or makes anew) a table; its name stands quoted behind FROM.
  virtual void Make(const std::string& table, const std::vector<TestColumn>& columns) = 0;
  // Requires: all tables are made.
  virtual sql::Session& session() = 0;

 protected:
  // "CREATE TABLE …; INSERT …" with the engine's names of types.
  static std::vector<std::string> Statements(const std::string& table,
                                             const std::vector<TestColumn>& columns,
                                             std::string (*type_for)(const std::string&)) {
    std::vector<std::string> declared, statements;
    for (const TestColumn& column : columns)
      declared.push_back(sql::QuoteIdentifier(column.name) + " " + type_for(column.type));
    std::string quoted = sql::QuoteIdentifier(table);
    statements.push_back("DROP TABLE IF EXISTS " + quoted);
    statements.push_back("CREATE TABLE " + quoted + " (" + Join(declared, ", ") + ")");
    for (size_t row = 0; row < columns[0].cells.size(); row++) {
      std::vector<std::string> cells;
      for (const TestColumn& column : columns) {
        const std::string& cell = column.cells[row];
        cells.push_back(cell == "null" ? "NULL" : sql::QuoteLiteral(cell));
      }
      statements.push_back("INSERT INTO " + quoted + " VALUES (" + Join(cells, ", ") + ")");
    }
    return statements;
  }
};

class TestDuckDb final : public TestEngine {
 public:
  const char* name() const override { return "DuckDb"; }
  void Make(const std::string& table, const std::vector<TestColumn>& columns) override {
    auto type_for = [](const std::string& type) { return *sql::ToDuckDbType(type); };
    for (const std::string& statement : Statements(table, columns, type_for)) {
      auto done = connection_.Execute(statement);
      ASSERT_TRUE(done.ok()) << done.error().message;
    }
  }
  sql::Session& session() override { return connection_; }

 private:
  sql::Engine engine_ = *sql::Engine::Open({.threads = 1});
  sql::Connection connection_ = *engine_.Connect();
};

class TestSqlite final : public TestEngine {
 public:
  TestSqlite() {
    std::filesystem::remove(path_);
    sqlite3_open(path_.c_str(), &db_);
  }
  ~TestSqlite() override {
    session_.reset();
    sqlite3_close(db_);
    std::filesystem::remove(path_);
  }
  const char* name() const override { return "Sqlite"; }
  void Make(const std::string& table, const std::vector<TestColumn>& columns) override {
    auto type_for = [](const std::string& type) -> std::string {
      if (type == "long" || type == "int") return "INTEGER";
      if (type == "string") return "VARCHAR";
      if (type == "timestamp") return "DATETIME";
      return type;
    };
    for (const std::string& statement : Statements(table, columns, type_for)) {
      char* message = nullptr;
      ASSERT_EQ(sqlite3_exec(db_, statement.c_str(), nullptr, nullptr, &message), SQLITE_OK)
          << message;
    }
  }
  sql::Session& session() override {
    session_ = *sql::OpenSqlite({.path = path_});
    return *session_;
  }

 private:
  std::string path_ = testing::TempDir() + "andon_quality_" + std::to_string(getpid()) + ".sqlite";
  sqlite3* db_ = nullptr;
  std::unique_ptr<sql::Session> session_;
};

// One server for all tests of the program; tables are made anew.
class TestPostgres final : public TestEngine {
 public:
  // The program that is missing on this machine, or empty.
  static std::string Missing() { return Server().missing(); }
  // For a connection of one's own; of the database's owner, or of a superuser ("admin_url").
  static std::unique_ptr<sql::Session> Open(bool read_only = false,
                                            const std::string& whose = "url") {
    sql::PostgresOptions options = *sql::ReadPostgresUrl(Server()[whose].AsString());
    options.read_only = read_only;
    return *sql::OpenPostgres(options);
  }

  const char* name() const override { return "Postgres"; }
  void Make(const std::string& table, const std::vector<TestColumn>& columns) override {
    auto type_for = [](const std::string& type) -> std::string {
      if (type == "long") return "BIGINT";
      if (type == "double") return "DOUBLE PRECISION";
      if (type == "string") return "TEXT";
      return type;
    };
    for (const std::string& statement : Statements(table, columns, type_for)) {
      auto done = session_->Query(statement);
      ASSERT_TRUE(done.ok()) << done.error().message;
    }
  }
  sql::Session& session() override { return *session_; }

 private:
  static io::TestServer& Server() {
    static io::TestServer server("postgres");
    return server;
  }
  std::unique_ptr<sql::Session> session_ = Open();
};

// Null, with why, for an engine that is not on this machine.
inline std::unique_ptr<TestEngine> OpenTestEngine(sql::Dialect dialect, std::string* missing) {
  if (dialect == sql::Dialect::kDuckDb) return std::make_unique<TestDuckDb>();
  if (dialect == sql::Dialect::kSqlite) return std::make_unique<TestSqlite>();
  *missing = TestPostgres::Missing();
  if (!missing->empty()) return nullptr;
  return std::make_unique<TestPostgres>();
}

// Another session, whose statements are written down.
class LoggedSession final : public sql::Session {
 public:
  explicit LoggedSession(sql::Session& session) : session_(session) {}
  sql::Dialect dialect() const override { return session_.dialect(); }
  std::string Name() const override { return session_.Name(); }
  Result<sql::ResultSet> Query(std::string_view sql, const std::vector<sql::Parameter>& parameters,
                               const sql::QueryOptions& options) override {
    if (!sql.starts_with("EXPLAIN")) statements.emplace_back(sql);
    return session_.Query(sql, parameters, options);
  }
  Result<std::vector<sql::TableColumn>> Columns(std::string_view relation) override {
    return session_.Columns(relation);
  }
  Result<void> Register(const std::vector<sql::HostFunction>& functions) override {
    return session_.Register(functions);
  }
  void BeginView() override { session_.BeginView(); }
  void EndView() override { session_.EndView(); }

  std::vector<std::string> statements;

 private:
  sql::Session& session_;
};

}  // namespace andon::quality
