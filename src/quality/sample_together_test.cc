// Bad rows of many checks are asked for together, and are those that each check finds alone.
#include <gtest/gtest.h>

#include <random>

#include "quality/run.h"
#include "quality/test_engines.h"

namespace andon::quality {
namespace {

using Level = ResultFormat::Level;

std::vector<CheckSpec> Checks(const std::vector<std::pair<const char*, const char*>>& all) {
  std::vector<CheckSpec> checks;
  Diagnostics mistakes;
  for (const auto& [type, kwargs] : all)
    checks.push_back(
        ReadCheck(std::to_string(checks.size() + 1), type, *Json::Parse(kwargs), {}, &mistakes));
  for (const Diagnostic& mistake : mistakes) ADD_FAILURE() << mistake.detail;
  return checks;
}

std::string WithoutTime(CheckResult result) {
  result.duration = Duration(0);
  return ToJson(result).Dump();
}

void ExpectAsAlone(sql::Session& session, const std::vector<CheckSpec>& checks,
                   const RunOptions& options) {
  auto together = RunChecks(session, "payment", {}, checks, options);
  ASSERT_TRUE(together.ok()) << together.error().message;
  for (size_t i = 0; i < checks.size(); i++) {
    auto alone = RunChecks(session, "payment", {}, {checks[i]}, options);
    ASSERT_TRUE(alone.ok()) << alone.error().message;
    EXPECT_EQ(WithoutTime((*together)[i]), WithoutTime((*alone)[0])) << checks[i].type;
  }
}

class TogetherTest : public testing::TestWithParam<sql::Dialect> {
 protected:
  void SetUp() override {
    std::string missing;
    engine_ = OpenTestEngine(GetParam(), &missing);
    if (!engine_) GTEST_SKIP() << "needs " << missing;
    std::mt19937 random(11);
    auto one_of = [&](const std::vector<std::string>& values) {
      return values[random() % values.size()];
    };
    std::vector<TestColumn> columns = {{"id", "long", {}},
                                       {"staff", "int", {}},
                                       {"method", "string", {}},
                                       {"amount", "double", {}}};
    for (int row = 0; row < 60; row++) {
      columns[0].cells.push_back(one_of({"null", std::to_string(row), std::to_string(row), "7"}));
      columns[1].cells.push_back(one_of({"null", "1", "2", "3", "1"}));
      columns[2].cells.push_back(one_of({"null", "cash", "card", "it's", "null?", "[1]"}));
      columns[3].cells.push_back(one_of({"null", "-1.5", "0", "0.25", "4.75", "9.5", "3"}));
    }
    engine_->Make("payment", columns);
  }

  // Of many kinds, most with bad rows, some of them passing.
  static std::vector<CheckSpec> Many() {
    return Checks({
        {"expect_column_values_to_not_be_null", R"({"column":"method"})"},
        {"expect_column_values_to_not_be_null", R"({"column":"staff","mostly":0.1})"},
        {"expect_column_values_to_be_null", R"({"column":"id"})"},
        {"expect_column_values_to_be_between", R"({"column":"amount","min_value":0})"},
        {"expect_column_values_to_be_between",
         R"({"column":"amount","max_value":4,"mostly":0.2,"row_condition":"staff = 1"})"},
        {"expect_column_values_to_be_in_set", R"({"column":"method","value_set":["cash"]})"},
        {"expect_column_values_to_be_in_set", R"({"column":"staff","value_set":[4]})"},
        {"expect_column_values_to_match_regex", R"({"column":"method","regex":"^c"})"},
        {"expect_column_value_lengths_to_equal", R"({"column":"method","value":4})"},
        {"expect_column_values_to_be_unique", R"({"column":"id"})"},
        {"expect_compound_columns_to_be_unique", R"({"column_list":["staff","method"]})"},
        {"expect_column_pair_values_to_be_equal", R"({"column_A":"id","column_B":"staff"})"},
        {"expect_multicolumn_sum_to_equal", R"({"column_list":["id","staff"],"sum_total":8})"},
        {"expect_column_value_z_scores_to_be_less_than",
         R"({"column":"amount","threshold":1,"double_sided":true})"},
        {"expect_column_values_to_be_json_parseable", R"({"column":"method"})"},
        {"expect_column_values_to_be_increasing", R"({"column":"id","order_by":["id"]})"},
    });
  }

  std::unique_ptr<TestEngine> engine_;
};

TEST_P(TogetherTest, EachCheckHasWhatItHasAlone) {
  const std::vector<ResultFormat> formats = {
      {.level = Level::kBooleanOnly},
      {.level = Level::kBasic, .partial_unexpected_count = 3},
      {},
      {.partial_unexpected_count = 2, .include_unexpected_rows = true},
      {.unexpected_index_column_names = {"id"}, .exclude_unexpected_values = true},
      {.level = Level::kComplete},
      {.level = Level::kComplete,
       .unexpected_index_column_names = {"staff", "id"},
       .include_unexpected_rows = true},
      {.unexpected_index_column_names = {"no such column"}},
  };
  sql::Session& session = engine_->session();
  for (const ResultFormat& format : formats) {
    for (int sample_rows : {0, 1, 20}) {
      RunOptions options{
          .result_format = format, .sample_rows = sample_rows, .key_columns = {"id"}};
      ExpectAsAlone(session, Many(), options);
    }
  }
}

TEST_P(TogetherTest, ManyFailingChecksCostOneStatementMore) {
  std::vector<std::pair<const char*, const char*>> all;
  for (int i = 0; i < 30; i++) {
    all.push_back({"expect_column_values_to_not_be_null", R"({"column":"method"})"});
    all.push_back({"expect_column_values_to_be_in_set", R"({"column":"staff","value_set":[4]})"});
    all.push_back({"expect_column_values_to_not_be_null", R"({"column":"id","mostly":0.01})"});
  }
  LoggedSession session(engine_->session());
  auto results = RunChecks(session, "payment", {}, Checks(all), {});
  ASSERT_TRUE(results.ok()) << results.error().message;
  for (const CheckResult& result : *results) {
    EXPECT_FALSE(result.partial_unexpected_list.empty()) << result.message;
    // Whole rows are for those who mend them.
    EXPECT_EQ(result.sample.rows.empty(), result.success()) << result.message;
  }
  EXPECT_EQ(session.statements.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Each, TogetherTest,
                         testing::Values(sql::Dialect::kDuckDb, sql::Dialect::kPostgres,
                                         sql::Dialect::kSqlite),
                         [](const auto& info) {
                           return info.param == sql::Dialect::kDuckDb     ? "DuckDb"
                                  : info.param == sql::Dialect::kPostgres ? "Postgres"
                                                                          : "Sqlite";
                         });

// Where bad rows are many the first ones are found soon; where they are few all has to be read,
// which several checks do together.
TEST(LargeTogether, FewBadRowsAreLookedForTogether) {
  auto engine = *sql::Engine::Open({.threads = 2});
  auto connection = *engine.Connect();
  auto made = connection.Execute(
      "CREATE TABLE payment AS SELECT i AS id, (hash(i) % 3)::INTEGER AS staff, "
      "((hash(i * 7) % 400) / 100.0)::DOUBLE AS amount, CASE WHEN i % 50 = 0 THEN NULL ELSE "
      "['cash', 'card'][(1 + hash(i * 3) % 2)::BIGINT] END AS method FROM range(600000) t(i)");
  ASSERT_TRUE(made.ok()) << made.error().message;
  const std::vector<CheckSpec> often = Checks({
      {"expect_column_values_to_be_in_set", R"({"column":"staff","value_set":[1]})"},
      {"expect_column_values_to_not_be_null", R"({"column":"method"})"},
  });
  const std::vector<CheckSpec> seldom = Checks({
      {"expect_column_values_to_be_between", R"({"column":"id","max_value":599990})"},
      {"expect_column_values_to_not_be_in_set", R"({"column":"id","value_set":[5,300000]})"},
  });
  for (const auto& [checks, statements] : {std::pair(&often, 2), std::pair(&seldom, 1)}) {
    ExpectAsAlone(connection, *checks, {});
    LoggedSession session(connection);
    ASSERT_TRUE(RunChecks(session, "payment", {}, *checks, {}).ok());
    int samples = 0;
    for (const std::string& sql : session.statements)
      samples += sql.find("row position") != std::string::npos;
    EXPECT_EQ(samples, statements) << Join(session.statements, "\n");
  }
}

}  // namespace
}  // namespace andon::quality
