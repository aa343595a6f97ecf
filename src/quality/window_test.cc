// DuckDB 1.5.5 computes a window without partitions with one state, which the parts of a UNION
// would share between their threads: such a statement runs on one.
#include <gtest/gtest.h>

#include "quality/run.h"
#include "sql/engine.h"

namespace andon::quality {
namespace {

constexpr int kThreads = 4;

// A session that looks at the plan of each statement before it runs.
class WatchedSession final : public sql::Session {
 public:
  explicit WatchedSession(sql::Connection& connection) : connection_(connection) {}

  sql::Dialect dialect() const override { return connection_.dialect(); }
  std::string Name() const override { return connection_.Name(); }
  Result<sql::ResultSet> Query(std::string_view sql, const std::vector<sql::Parameter>& parameters,
                               const sql::QueryOptions& options) override {
    if (sql.starts_with("SELECT") || sql.starts_with("WITH")) Look(sql);
    return connection_.Query(sql, parameters, options);
  }
  Result<std::vector<sql::TableColumn>> Columns(std::string_view relation) override {
    return connection_.Columns(relation);
  }
  Result<void> Register(const std::vector<sql::HostFunction>& functions) override {
    return connection_.Register(functions);
  }

  int64_t Threads() {
    return connection_.Query("SELECT current_setting('threads')")->Integer(0, 0);
  }

  int windows = 0, windows_on_one_thread = 0;

 private:
  void Look(std::string_view sql) {
    auto plan = connection_.Query("EXPLAIN " + std::string(sql));
    ASSERT_TRUE(plan.ok()) << sql << "\n" << plan.error().message;
    const std::string text = plan->Text(0, 1);
    const bool has_window = text.find("WINDOW") != std::string::npos;
    const bool is_one = Threads() == 1;
    windows += has_window ? 1 : 0;
    windows_on_one_thread += has_window && is_one ? 1 : 0;
    const bool is_union = text.find("UNION") != std::string::npos;
    EXPECT_TRUE(!has_window || !is_union || is_one) << sql << "\n" << text;
    EXPECT_TRUE(has_window || !is_one) << "on one thread without need: " << sql;
  }

  sql::Connection& connection_;
};

// Checks whose samples need places and running counts, rows in order, and the most common value.
std::vector<CheckSpec> Checks() {
  std::vector<CheckSpec> checks;
  Diagnostics mistakes;
  auto add = [&](const char* type, const char* kwargs) {
    checks.push_back(
        ReadCheck(std::to_string(checks.size() + 1), type, *Json::Parse(kwargs), {}, &mistakes));
  };
  add("expect_column_values_to_be_between", R"({"column":"amount","max_value":5})");
  add("expect_column_values_to_be_in_set", R"({"column":"staff","value_set":[1]})");
  add("expect_column_values_to_be_unique", R"({"column":"amount"})");
  add("expect_column_values_to_be_increasing", R"({"column":"amount"})");
  add("expect_column_most_common_value_to_be_in_set", R"({"column":"staff","value_set":[0]})");
  EXPECT_FALSE(mistakes.has_errors());
  return checks;
}

class WindowTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* table : {"old", "new"}) {
      auto made = connection_.Execute(std::string("CREATE TABLE ") + table +
                                      " AS SELECT range % 1000 AS amount, range % 3 AS staff "
                                      "FROM range(5000)");
      ASSERT_TRUE(made.ok()) << made.error().message;
    }
  }

  std::vector<CheckResult> Run(const std::string& relation,
                               ResultFormat::Level level = ResultFormat::Level::kSummary) {
    RunOptions options;
    options.result_format.level = level;
    auto results = RunChecks(session_, relation, {}, Checks(), options);
    EXPECT_TRUE(results.ok()) << results.error().message;
    return results.ok() ? *results : std::vector<CheckResult>();
  }

  sql::Engine engine_ = *sql::Engine::Open({.threads = kThreads});
  sql::Connection connection_ = *engine_.Connect();
  WatchedSession session_{connection_};
};

constexpr const char* kUnion = "(SELECT * FROM old UNION ALL SELECT * FROM new)";

TEST_F(WindowTest, AboveAUnionAWindowRunsOnOneThread) {
  for (const CheckResult& result : Run(kUnion))
    EXPECT_NE(result.state, CheckState::kError) << result.type << ": " << result.message;
  Run(kUnion, ResultFormat::Level::kComplete);
  EXPECT_GT(session_.windows, 0);
  EXPECT_EQ(session_.windows_on_one_thread, session_.windows);
  EXPECT_EQ(session_.Threads(), kThreads);
}

TEST_F(WindowTest, AboveOneTableItKeepsItsThreads) {
  Run("old");
  EXPECT_GT(session_.windows, 0);
  EXPECT_EQ(session_.windows_on_one_thread, 0);
}

// Of a UNION, too, a row's place is that among all rows.
TEST_F(WindowTest, PlacesCountOnFromOnePartOfAUnionToTheNext) {
  const std::vector<CheckResult> results = Run(kUnion, ResultFormat::Level::kComplete);
  ASSERT_EQ(results.size(), 5u);
  const auto& places = results[0].unexpected_index_list;
  ASSERT_EQ(results[0].unexpected_count, 2 * (5000 - 5 * 6));
  ASSERT_EQ(std::ssize(places), *results[0].unexpected_count);
  EXPECT_EQ(places.front().AsInteger(), 6);
  EXPECT_EQ(places.back().AsInteger(), 9999);
  for (size_t i = 1; i < places.size(); i++)
    ASSERT_GT(places[i].AsInteger(), places[i - 1].AsInteger());
}

}  // namespace
}  // namespace andon::quality
