// On a server, what is shown comes from the reading that counted it.
#include "quality/places.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "quality/test_engines.h"

namespace andon::quality {
namespace {

CheckSpec Check(std::string name, std::string type, Json kwargs) {
  return {.name = std::move(name), .type = std::move(type), .kwargs = std::move(kwargs)};
}

// A key beside the other checks: counting different values, the server works in one process.
std::vector<CheckSpec> Checks() {
  return {
      Check("key", "expect_column_values_to_be_unique", Json::Object({{"column", "id"}})),
      Check("range", "expect_column_values_to_be_between",
            Json::Object({{"column", "amount"}, {"min_value", 0}})),
      Check("filled", "expect_column_values_to_not_be_null", Json::Object({{"column", "note"}})),
      Check("often", "expect_column_values_to_be_in_set",
            Json::Object({{"column", "odd"}, {"value_set", Json::List({Json(0)})}})),
  };
}

class PlacesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string missing = TestPostgres::Missing();
    if (!missing.empty()) GTEST_SKIP() << missing;
    server_ = std::make_unique<TestPostgres>();
    reader_ = TestPostgres::Open(/*read_only=*/true);
  }

  void Run(const std::string& statement) {
    auto ran = server_->session().Query(statement);
    ASSERT_TRUE(ran.ok()) << ran.error().message;
  }

  // `rows` rows; amount is negative of those in `bad`, note is missing in the last row.
  void Fill(int64_t rows, const std::string& bad) {
    Run("DROP TABLE IF EXISTS placed CASCADE");
    Run(
        fmt::format("CREATE TABLE placed AS SELECT i AS id, CASE WHEN i IN ({}) THEN -i ELSE i END "
                    "AS amount, CASE WHEN i < {} THEN 'x' END AS note, i % 2 AS odd "
                    "FROM generate_series(1, {}) AS i",
                    bad, rows, rows));
    Run("ANALYZE placed");
  }

  std::vector<CheckResult> Judge(sql::Session& session, std::string_view relation = "\"placed\"") {
    RunOptions options;
    options.sample_rows = 3;
    options.key_columns = {"id"};
    auto results = RunChecks(session, relation, {}, Checks(), options);
    EXPECT_TRUE(results.ok()) << (results.ok() ? "" : results.error().message);
    return results.ok() ? *std::move(results) : std::vector<CheckResult>();
  }

  static std::string Ids(const CheckResult& result) {
    std::string ids;
    for (const auto& row : result.sample.rows) ids += std::to_string(row[0].AsInteger()) + " ";
    return ids;
  }

  std::unique_ptr<TestPostgres> server_;
  std::unique_ptr<sql::Session> reader_;
};

TEST_F(PlacesTest, TheFirstBadRowsAreShownWithoutASecondReading) {
  Fill(300'000, "7, 150000, 299999, 300000");
  LoggedSession logged(*reader_);
  auto results = Judge(logged);
  ASSERT_EQ(results.size(), 4u);
  EXPECT_TRUE(results[0].success());
  EXPECT_EQ(results[1].unexpected_count, 4);
  EXPECT_EQ(Ids(results[1]), "7 150000 299999 ");
  EXPECT_EQ(results[2].unexpected_count, 1);
  EXPECT_EQ(Ids(results[2]), "300000 ");
  EXPECT_EQ(results[3].unexpected_count, 150'000);
  EXPECT_EQ(Ids(results[3]), "1 3 5 ");
  int readings = 0;
  for (const std::string& statement : logged.statements) {
    bool is_of_places = statement.find("ctid = ANY") != std::string::npos;
    bool is_small = statement.find("TABLESAMPLE") != std::string::npos ||
                    statement.find("pg_class") != std::string::npos;
    // Half of the rows are bad by the last check: the first blocks show them.
    bool is_of_first = statement.find("\"odd\"") != std::string::npos &&
                       statement.find("LIMIT") != std::string::npos &&
                       statement.find("cardinality") == std::string::npos;
    if (!is_of_places && !is_small && !is_of_first) readings++;
  }
  EXPECT_EQ(readings, 1) << Join(logged.statements, "\n");
}

TEST_F(PlacesTest, AViewAndASubqueryAreAnsweredAsWell) {
  Fill(1'000, "7, 900");
  Run("CREATE VIEW placed_view AS SELECT * FROM placed");
  for (std::string_view relation : {"\"placed_view\"", "(SELECT * FROM placed WHERE id > 1)"}) {
    auto results = Judge(*reader_, relation);
    ASSERT_EQ(results.size(), 4u);
    EXPECT_EQ(results[1].unexpected_count, 2);
    EXPECT_EQ(Ids(results[1]), "7 900 ");
  }
}

// Whoever may read the columns only may not read the rows' places.
TEST_F(PlacesTest, ARightToTheColumnsAloneIsEnough) {
  Fill(1'000, "7, 900");
  auto admin = TestPostgres::Open(/*read_only=*/false, "admin_url");
  for (const char* statement :
       {"CREATE ROLE reader_of_columns", "SET ROLE andon",
        "GRANT SELECT (id, amount, note, odd) ON placed TO reader_of_columns", "RESET ROLE",
        "SET ROLE reader_of_columns"}) {
    auto ran = admin->Query(statement);
    ASSERT_TRUE(ran.ok()) << ran.error().message;
  }
  auto results = Judge(*admin);
  for (const char* statement :
       {"RESET ROLE", "DROP OWNED BY reader_of_columns", "DROP ROLE reader_of_columns"}) {
    auto ran = admin->Query(statement);
    EXPECT_TRUE(ran.ok()) << ran.error().message;
  }
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(results[1].unexpected_count, 2);
  EXPECT_EQ(Ids(results[1]), "7 900 ");
}

// Rows change from good to bad and back while they are judged: each result fits itself.
TEST_F(PlacesTest, CountsAndRowsAreOfOneMoment) {
  Fill(2'000, "7");
  std::atomic<bool> is_over = false;
  std::thread writer([&] {
    auto session = TestPostgres::Open();
    for (int i = 0; !is_over; i++) {
      // One bad row or three, never the same twice.
      auto ran = session->Query(fmt::format(
          "UPDATE placed SET amount = CASE WHEN id IN ({}) THEN -1 ELSE 1 END WHERE amount < 0 OR "
          "id IN ({})",
          i % 2 == 0 ? "1" : "2, 3, 4", i % 2 == 0 ? "1" : "2, 3, 4"));
      ASSERT_TRUE(ran.ok()) << ran.error().message;
    }
  });
  for (int i = 0; i < 60; i++) {
    auto results = Judge(*reader_);
    if (results.size() != 4) break;
    int64_t bad = results[1].unexpected_count.value_or(-1);
    EXPECT_EQ(bad, std::ssize(results[1].sample.rows));
    EXPECT_TRUE(bad == 1 || bad == 3) << bad;
  }
  is_over = true;
  writer.join();
}

}  // namespace
}  // namespace andon::quality
