// What a result holds in each format, which statements it costs, and that both sides of a
// comparison may be different engines.
#include <gtest/gtest.h>

#include "quality/run.h"
#include "quality/test_engines.h"

namespace andon::quality {
namespace {

using Level = ResultFormat::Level;

CheckSpec Check(const std::string& type, const std::string& kwargs) {
  Diagnostics mistakes;
  CheckSpec check = ReadCheck(type, type, *Json::Parse(kwargs), {}, &mistakes);
  for (const Diagnostic& mistake : mistakes) ADD_FAILURE() << mistake.detail;
  return check;
}

class ResultFormatTest : public testing::TestWithParam<sql::Dialect> {
 protected:
  void SetUp() override {
    std::string missing;
    engine_ = OpenTestEngine(GetParam(), &missing);
    if (!engine_) GTEST_SKIP() << "needs " << missing;
    engine_->Make("payment", {{"id", "long", {"1", "2", "3", "4", "5", "6"}},
                              {"amount", "long", {"5", "-1", "-2", "-1", "null", "7"}},
                              {"note", "string", {"[1]", "{", "{", "x", "null", "2"}}});
  }
  CheckResult Run(const CheckSpec& check, ResultFormat format) {
    LoggedSession session(engine_->session());
    auto results = RunChecks(session, "\"payment\"", {}, {check}, {.result_format = format});
    statements_ = std::move(session.statements);
    if (!results.ok()) {
      ADD_FAILURE() << results.error().message;
      return {};
    }
    EXPECT_NE((*results)[0].state, CheckState::kError) << (*results)[0].message;
    return (*results)[0];
  }
  static std::string Dump(const std::vector<Json>& values) { return Json(values).Dump(); }

  std::unique_ptr<TestEngine> engine_;
  std::vector<std::string> statements_;
};

TEST_P(ResultFormatTest, APassingCheckCostsNoSample) {
  Run(Check("expect_column_values_to_be_between", R"({"column":"amount","min_value":-2})"), {});
  EXPECT_EQ(statements_.size(), 1u) << Join(statements_, "\n");
  Run(Check("expect_column_values_to_be_unique", R"({"column":"id"})"),
      {.level = Level::kComplete});
  EXPECT_EQ(statements_.size(), 1u) << Join(statements_, "\n");
  Run(Check("expect_column_values_to_be_between", R"({"column":"amount","min_value":0})"),
      {.level = Level::kBooleanOnly});
  EXPECT_EQ(statements_.size(), 1u) << Join(statements_, "\n");
}

TEST_P(ResultFormatTest, EachFormatHoldsMore) {
  bool is_file = GetParam() == sql::Dialect::kDuckDb;
  CheckSpec check = Check("expect_column_values_to_be_between",
                          R"({"column":"amount","min_value":0,"row_condition":"id < 6"})");
  CheckResult basic = Run(check, {.level = Level::kBasic});
  EXPECT_EQ(Dump(basic.partial_unexpected_list), "[-1,-2,-1]");
  EXPECT_TRUE(basic.partial_unexpected_counts.empty() && basic.unexpected_list.empty());
  CheckResult summary = Run(check, {.partial_unexpected_count = 2});
  EXPECT_EQ(Dump(summary.partial_unexpected_list), "[-1,-2]");
  EXPECT_EQ(Dump(summary.partial_unexpected_counts),
            R"([{"value":-2,"count":1},{"value":-1,"count":1}])");
  EXPECT_EQ(Dump(summary.partial_unexpected_index_list), is_file ? "[1,2]" : "[]");
  CheckResult complete = Run(check, {.level = Level::kComplete,
                                     .unexpected_index_column_names = {"id"},
                                     .include_unexpected_rows = true});
  EXPECT_EQ(Dump(complete.unexpected_list), "[-1,-2,-1]");
  EXPECT_EQ(Dump(complete.partial_unexpected_counts),
            R"([{"value":-1,"count":2},{"value":-2,"count":1}])");
  EXPECT_EQ(Dump(complete.unexpected_index_list),
            R"([{"amount":-1,"id":2},{"amount":-2,"id":3},{"amount":-1,"id":4}])");
  ASSERT_EQ(complete.unexpected_rows.size(), 3u);
  EXPECT_EQ(complete.unexpected_rows[0].Dump(), R"({"id":2,"amount":-1,"note":"{"})");
  auto found = engine_->session().Query(complete.unexpected_index_query);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->row_count(), 3);
  CheckResult numbered = Run(check, {.level = Level::kComplete});
  EXPECT_EQ(Dump(numbered.unexpected_index_list), is_file ? "[1,2,3]" : "[]");
  CheckResult hidden = Run(check, {.exclude_unexpected_values = true});
  EXPECT_TRUE(hidden.partial_unexpected_list.empty());
  EXPECT_EQ(hidden.unexpected_count, 3);
}

TEST_P(ResultFormatTest, DuplicatesAreAllTheirRows) {
  CheckResult result = Run(Check("expect_column_values_to_be_unique", R"({"column":"amount"})"),
                           {.level = Level::kComplete, .unexpected_index_column_names = {"id"}});
  EXPECT_EQ(result.unexpected_count, 2);
  EXPECT_EQ(Dump(result.unexpected_list), "[-1,-1]");
  CheckResult pairs =
      Run(Check("expect_compound_columns_to_be_unique", R"({"column_list":["amount","note"]})"),
          {.level = Level::kComplete});
  EXPECT_EQ(pairs.unexpected_count, 0);
  EXPECT_EQ(pairs.missing_count, 1);
}

TEST_P(ResultFormatTest, WhatNoSqlCanSay) {
  CheckResult result = Run(Check("expect_column_values_to_be_json_parseable",
                                 R"({"column":"note","row_condition":"id > 1"})"),
                           {.level = Level::kComplete});
  EXPECT_EQ(result.element_count, 5);
  EXPECT_EQ(result.missing_count, 1);
  EXPECT_EQ(result.unexpected_count, 3);
  EXPECT_EQ(Dump(result.unexpected_list), R"(["{","{","x"])");
}

TEST_P(ResultFormatTest, AnIndexColumnThatIsNotThereIsAnErrorOfTheCheck) {
  LoggedSession session(engine_->session());
  auto results = RunChecks(
      session, "\"payment\"", {},
      {Check("expect_column_values_to_be_between", R"({"column":"amount","min_value":0})"),
       Check("expect_column_values_to_be_unique", R"({"column":"id"})")},
      {.result_format = {.unexpected_index_column_names = {"key"}}});
  ASSERT_TRUE(results.ok());
  EXPECT_EQ((*results)[0].state, CheckState::kError);
  EXPECT_EQ((*results)[0].message,
            "The data has no column \"key\" (unexpected_index_column_names).");
  EXPECT_EQ((*results)[1].state, CheckState::kPassed);
}

TEST_P(ResultFormatTest, TheOtherSideMayBeAnotherEngine) {
  TestDuckDb other;
  other.Make("copy", {{"id", "long", {"1", "2", "3", "4", "5", "7"}},
                      {"amount", "double", {"5", "-1", "-2", "-1.5", "null", "7"}}});
  RunOptions options{.sources = {{"lake", &other.session()}}};
  std::vector<CheckSpec> checks = {
      Check(
          "expect_table_to_match_other_table",
          R"({"other_table_name":"copy","comparison_data_source_name":"lake","key_columns":["id"]})"),
      Check("expect_table_row_count_to_equal_other_table",
            R"({"other_table_name":"copy","comparison_data_source_name":"lake"})"),
      Check(
          "expect_aggregate_to_equal_other_table",
          R"x({"expression":"sum(amount)","other_table_name":"copy","comparison_data_source_name":"lake"})x"),
      Check("expect_query_results_to_match_comparison",
            R"({"base_query":"select id from {batch}","comparison_query":"select id from copy",)"
            R"("comparison_data_source_name":"lake","mostly":0.8})"),
      Check(
          "expect_query_results_to_match_comparison",
          R"({"base_query":"select 1","comparison_query":"select 1","comparison_data_source_name":"lak"})"),
  };
  auto results = RunChecks(engine_->session(), "\"payment\"", {}, checks, options);
  ASSERT_TRUE(results.ok()) << results.error().message;
  const CheckResult& match = (*results)[0];
  EXPECT_EQ(match.state, CheckState::kFailed) << match.message;
  EXPECT_EQ(match.unexpected_count, 2);
  EXPECT_EQ(match.missing_count, 1);
  EXPECT_EQ(match.details["different_rows"].Dump(), R"([{"id":4,"amount":[-1,-1.5]}])");
  EXPECT_EQ((*results)[1].state, CheckState::kPassed) << (*results)[1].message;
  EXPECT_EQ((*results)[2].observed_value["other"], Json(7.5));
  EXPECT_EQ((*results)[3].state, CheckState::kPassed) << (*results)[3].message;
  EXPECT_EQ((*results)[4].message, "There is no source \"lak\". Did you mean \"lake\"?");
}

INSTANTIATE_TEST_SUITE_P(Each, ResultFormatTest,
                         testing::Values(sql::Dialect::kDuckDb, sql::Dialect::kSqlite,
                                         sql::Dialect::kPostgres),
                         [](const auto& info) {
                           return info.param == sql::Dialect::kDuckDb   ? "DuckDb"
                                  : info.param == sql::Dialect::kSqlite ? "Sqlite"
                                                                        : "Postgres";
                         });

// Ten thousand columns, each with a check of its own.
TEST(WideTable, AnswersItsChecks) {
  TestDuckDb engine;
  constexpr int kColumns = 10'000;
  std::vector<TestColumn> columns;
  std::vector<sql::ColumnInfo> infos;
  std::vector<CheckSpec> checks;
  for (int i = 0; i < kColumns; i++) {
    std::string name = "c" + std::to_string(i);
    columns.push_back({name, "int", {"1", i == 77 ? "-1" : "2"}});
    infos.push_back({name, "int"});
    checks.push_back(Check("expect_column_values_to_be_between",
                           R"({"column":")" + name + R"(","min_value":0})"));
  }
  engine.Make("wide", columns);
  auto results = RunChecks(engine.session(), "\"wide\"", infos, checks, {});
  ASSERT_TRUE(results.ok()) << results.error().message;
  for (int i = 0; i < kColumns; i++) {
    CheckState expected = i == 77 ? CheckState::kFailed : CheckState::kPassed;
    ASSERT_EQ((*results)[static_cast<size_t>(i)].state, expected) << i;
  }
}

}  // namespace
}  // namespace andon::quality
