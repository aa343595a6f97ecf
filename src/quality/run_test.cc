#include "quality/run.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "quality/plan.h"
#include "sql/analyze.h"
#include "sql/engine.h"

namespace andon::quality {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class RunTest : public testing::Test {
 protected:
  void Make(const std::string& sql) {
    auto made = connection_.Execute(sql);
    ASSERT_TRUE(made.ok()) << made.error().message;
  }

  std::vector<sql::ColumnInfo> ColumnsOf(const std::string& relation) {
    std::vector<sql::ColumnInfo> columns;
    auto described = connection_.Describe("SELECT * FROM " + relation);
    if (!described.ok()) return columns;
    for (const auto& column : *described)
      columns.push_back({column.name, *sql::FromDuckDbType(column.type)});
    return columns;
  }

  CheckSpec Check(const std::string& name, const std::string& type, const std::string& kwargs) {
    Diagnostics mistakes;
    CheckSpec check = ReadCheck(name, type, *Json::Parse(kwargs), {}, &mistakes);
    for (const Diagnostic& mistake : mistakes) ADD_FAILURE() << mistake.detail;
    return check;
  }

  std::vector<CheckSpec> Suite(const std::string& text) {
    std::vector<CheckSpec> checks;
    Json suite = *Json::Parse(text);
    for (const Json& item : suite["expectations"].items()) {
      checks.push_back(
          Check(std::to_string(checks.size() + 1), item["type"].AsString(), item["kwargs"].Dump()));
    }
    return checks;
  }

  std::vector<CheckResult> Run(const std::string& relation, const std::vector<CheckSpec>& checks,
                               RunOptions options = {}) {
    if (options.table_name.empty()) options.table_name = "payment";
    auto results = RunChecks(connection_, relation, ColumnsOf(relation), checks, options);
    if (!results.ok()) ADD_FAILURE() << results.error().message;
    return results.ok() ? *results : std::vector<CheckResult>();
  }

  sql::Engine engine_ = *sql::Engine::Open({.threads = 2});
  sql::Connection connection_ = *engine_.Connect();
};

// The table of the benchmarks; with `defects`, one that fails in every way the suite can see.
std::string Payments(int64_t rows, bool defects) {
  std::string good = fmt::format(
      "SELECT (i+1)::BIGINT payment_id, (1+hash(i)%599)::INTEGER customer_id, "
      "(1+hash(i*7+1)%2)::INTEGER staff_id,"
      " (i+1+(hash(i*13)%3))::BIGINT rental_id,"
      " ([0.99,1.99,2.99,3.99,4.99,5.99,6.99,7.99,8.99,9.99,10.99,11.99])[(1+hash(i*31+5)%12)::"
      "BIGINT]::DOUBLE amount,"
      " (TIMESTAMP '2026-01-01' + INTERVAL 1 SECOND * ((i*31536000.0/{0})::BIGINT)) payment_date,"
      " ('PAY-' || lpad((i+1)::VARCHAR, 9, '0')) payment_ref,"
      " CASE WHEN hash(i*17)%100=0 THEN NULL ELSE "
      "(['cash','card','voucher','wire'])[(1+hash(i*3)%4)::BIGINT] END AS \"method\""
      " FROM range({0}) t(i)",
      rows);
  if (!defects) return good;
  return "SELECT CASE WHEN payment_id % 1000 = 0 THEN 7 WHEN payment_id % 999 = 0 THEN NULL ELSE "
         "payment_id END AS payment_id,"
         " CASE WHEN payment_id = 5 THEN NULL WHEN payment_id = 6 THEN 700 ELSE customer_id END AS "
         "customer_id,"
         " CASE WHEN payment_id < 50 THEN 3 ELSE staff_id END AS staff_id, rental_id,"
         " CASE WHEN payment_id % 4 = 0 THEN -amount WHEN payment_id = 11 THEN 'nan'::DOUBLE ELSE "
         "amount END AS amount, payment_date,"
         " CASE WHEN payment_id % 100 = 1 THEN 'x' ELSE payment_ref END AS payment_ref,"
         " CASE WHEN payment_id % 3 = 0 THEN NULL WHEN payment_id % 7 = 0 THEN 'gold' ELSE "
         "\"method\" END AS \"method\" FROM (" +
         good + ")";
}

TEST_F(RunTest, TheTwentyOfTheBenchmarkPass) {
  std::string file = ANDON_SHARED_DIR "/bench/quality/suite_20.json";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "there is no " << file;
  std::vector<CheckSpec> checks = Suite(ReadFile(file));
  ASSERT_EQ(checks.size(), 20u);
  Make("CREATE TABLE payment AS " + Payments(20000, false));
  for (const CheckResult& result : Run("payment", checks)) {
    EXPECT_EQ(result.state, CheckState::kPassed) << result.type << " " << result.message;
  }
}

// Counting values, bitmaps and one plain scan are three ways to the same results.
TEST_F(RunTest, EveryPlanGivesTheSameResults) {
  std::string file = ANDON_SHARED_DIR "/bench/quality/suite_20.json";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "there is no " << file;
  std::vector<CheckSpec> checks = Suite(ReadFile(file));
  checks.push_back(
      Check("21", "expect_column_median_to_be_between", R"({"column":"amount","min_value":6})"));
  checks.push_back(
      Check("22", "expect_column_sum_to_be_between", R"({"column":"staff_id","min_value":6})"));
  checks.push_back(
      Check("23", "expect_column_values_to_not_be_in_set",
            R"({"column":"method","value_set":["wire"],"row_condition":"staff_id = 2"})"));
  checks.push_back(Check("24", "expect_column_values_to_be_unique", R"({"column":"rental_id"})"));
  const int64_t rows = kLargeRows + 1000;
  for (bool defects : {false, true}) {
    std::string parquet = testing::TempDir() + "andon-run-" + RandomUuid() + ".parquet";
    Make("COPY (" + Payments(rows, defects) + ") TO " + sql::QuoteLiteral(parquet) +
         " (FORMAT parquet)");
    std::string relation = "read_parquet(" + sql::QuoteLiteral(parquet) + ")";
    std::string text = *ExplainChecks(connection_, relation, ColumnsOf(relation), checks,
                                      {.table_name = "payment"});
    EXPECT_NE(text.find("count values of amount"), std::string::npos) << text;
    EXPECT_NE(text.find("bitmap of payment_id"), std::string::npos) << text;
    // ORDER BY … LIMIT is no relation that is read by column: one plain statement.
    std::string plain =
        fmt::format("(SELECT * FROM {} ORDER BY payment_date LIMIT {})", relation, rows);
    std::string plain_text =
        *ExplainChecks(connection_, plain, ColumnsOf(relation), checks, {.table_name = "payment"});
    EXPECT_EQ(plain_text.find("count values"), std::string::npos) << plain_text;
    std::vector<CheckResult> a = Run(relation, checks, {.sample_rows = 0}),
                             b = Run(plain, checks, {.sample_rows = 0});
    ASSERT_EQ(a.size(), checks.size());
    ASSERT_EQ(b.size(), checks.size());
    for (size_t i = 0; i < a.size(); i++) {
      EXPECT_EQ(a[i].state, b[i].state)
          << a[i].type << ": " << a[i].message << " | " << b[i].message;
      EXPECT_EQ(a[i].unexpected_count, b[i].unexpected_count) << a[i].type;
      EXPECT_EQ(a[i].element_count, b[i].element_count) << a[i].type;
      EXPECT_EQ(a[i].missing_count, b[i].missing_count) << a[i].type;
      if (a[i].observed_value.is_number()) {
        EXPECT_NEAR(a[i].observed_value.AsDouble(), b[i].observed_value.AsDouble(),
                    1e-12 * std::abs(b[i].observed_value.AsDouble()));
      } else {
        EXPECT_EQ(a[i].observed_value, b[i].observed_value) << a[i].type;
      }
      EXPECT_NE(a[i].state, CheckState::kError) << a[i].message;
    }
    std::filesystem::remove(parquet);
  }
}

TEST_F(RunTest, TheDefectiveDelivery) {
  std::string folder = ANDON_SHARED_DIR "/data/dvd-rental/";
  std::string file = folder + "payment-defective/payment-2005-08-values.csv";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "there is no " << file;
  std::vector<CheckSpec> checks = {
      Check("positive", "expect_column_values_to_be_between",
            R"({"column":"amount","min_value":0})"),
      Check("unique", "expect_column_values_to_be_unique", R"({"column":"payment_id"})"),
      Check("customer", "expect_column_values_to_exist_in_table",
            R"({"column":"customer_id","other_table_name":"customer"})"),
      Check("staff", "expect_column_values_to_exist_in_table",
            R"({"column":"staff_id","other_table_name":"staff"})"),
      Check("rows", "expect_sql",
            R"({"sql":"select p.* from payment p where p.amount < -4 -- bad"})"),
  };
  RunOptions options{.key_columns = {"payment_id"},
                     .tables = {{"customer", "read_csv('" + folder + "tables/customer.csv')"},
                                {"staff", "read_csv('" + folder + "tables/staff.csv')"}}};
  std::string relation = "read_csv(" + sql::QuoteLiteral(file) + ", filename = true)";
  std::vector<CheckResult> results = Run(relation, checks, options);
  ASSERT_EQ(results.size(), 5u);
  EXPECT_EQ(results[0].unexpected_count, 37);
  EXPECT_TRUE(
      results[0].message.starts_with("37 of 5,699 values of amount are unexpected (0.65 %): -"))
      << results[0].message;
  EXPECT_EQ(results[0].partial_unexpected_list.size(), 20u);
  ASSERT_EQ(results[0].sample.rows.size(), 20u);
  EXPECT_EQ(results[0].sample.columns[0].name, "payment_id");
  EXPECT_EQ(results[0].sample.columns[1].name, "amount");
  EXPECT_EQ(results[0].sample.columns.back().name, "filename");
  EXPECT_EQ(results[1].unexpected_count, 24);
  EXPECT_TRUE(
      results[1].message.starts_with("12 values of payment_id stand more than once, in 24 rows: "))
      << results[1].message;
  EXPECT_EQ(results[2].unexpected_count, 5);
  EXPECT_NE(results[2].message.find("9001"), std::string::npos) << results[2].message;
  EXPECT_TRUE(results[3].success()) << results[3].message;
  EXPECT_EQ(results[4].state, CheckState::kFailed) << results[4].message;
  EXPECT_TRUE(results[4].message.find("rows returned") != std::string::npos) << results[4].message;
}

TEST_F(RunTest, ABrokenCheckLosesOnlyItself) {
  Make("CREATE TABLE payment AS SELECT i AS id, i::VARCHAR AS text FROM range(100) t(i)");
  std::vector<CheckSpec> checks = {
      Check("good", "expect_column_values_to_be_between", R"({"column":"id","min_value":0})"),
      Check("no column", "expect_column_values_to_be_unique", R"({"column":"idd"})"),
      Check(
          "fails on a row", "expect_column_values_to_be_between",
          R"({"column":"id","min_value":0,"row_condition":"(text || CASE WHEN id = 50 THEN 'x' ELSE '' END)::INT > 3"})"),
      Check("no table", "expect_column_values_to_exist_in_table",
            R"({"column":"id","other_table_name":"nowhere"})"),
      Check("bad sql", "expect_sql", R"({"sql":"select * from payment where idd = 1"})"),
      Check("bad regex", "expect_column_values_to_match_regex",
            R"({"column":"text","regex":"a["})"),
      Check("mistyped", "expect_column_values_to_be_dateutil_parseable", R"({"column":"id"})"),
      Check("bad", "expect_column_max_to_be_between", R"({"column":"id","max_value":5})"),
  };
  std::vector<CheckResult> results = Run("payment", checks);
  ASSERT_EQ(results.size(), checks.size());
  EXPECT_EQ(results[0].state, CheckState::kPassed) << results[0].message;
  for (size_t i = 1; i + 1 < results.size(); i++) {
    EXPECT_EQ(results[i].state, CheckState::kError) << results[i].name;
    EXPECT_FALSE(results[i].message.empty()) << results[i].name;
  }
  EXPECT_EQ(results.back().state, CheckState::kFailed);
  EXPECT_EQ(results.back().message, "The greatest value of id is at most 5. Observed: 99");
}

TEST_F(RunTest, ARelationThatCannotBeReadIsEachChecksError) {
  std::vector<CheckSpec> checks = {
      Check("a", "expect_table_row_count_to_be_between", R"({"min_value":1})")};
  auto results = RunChecks(connection_, "read_parquet('/no/such/file.parquet')", {}, checks, {});
  ASSERT_TRUE(results.ok());
  EXPECT_EQ((*results)[0].state, CheckState::kError);
}

TEST_F(RunTest, AStopStopsTheWhole) {
  Make("CREATE TABLE payment AS SELECT i AS id FROM range(1000) t(i)");
  std::stop_source stop;
  stop.request_stop();
  std::vector<CheckSpec> checks = {
      Check("a", "expect_column_values_to_be_unique", R"({"column":"id"})")};
  auto results = RunChecks(connection_, "payment", ColumnsOf("payment"), checks,
                           {.query = {.stop = stop.get_token()}});
  ASSERT_FALSE(results.ok());
  EXPECT_EQ(results.error().kind, ErrorKind::kInterrupted);
}

TEST_F(RunTest, NothingToJudgePasses) {
  for (const char* rows : {"SELECT NULL::BIGINT AS n, NULL::VARCHAR AS s",
                           "SELECT 1::BIGINT AS n, 'x' AS s LIMIT 0"}) {
    Make(std::string("CREATE OR REPLACE TABLE payment AS ") + rows);
    std::vector<CheckSpec> checks = {
        Check("1", "expect_column_values_to_be_between",
              R"({"column":"n","min_value":5,"mostly":0.9})"),
        Check("2", "expect_column_values_to_be_unique", R"({"column":"n"})"),
        Check("3", "expect_column_values_to_match_regex", R"({"column":"s","regex":"^x"})"),
        Check("4", "expect_column_values_to_be_in_set", R"({"column":"s","value_set":[]})"),
        Check("5", "expect_compound_columns_to_be_unique", R"({"column_list":["n","s"]})"),
        Check("6", "expect_column_value_z_scores_to_be_less_than",
              R"({"column":"n","threshold":1})"),
        Check("7", "expect_column_values_to_not_be_outliers", R"({"column":"n"})"),
        Check("8", "expect_column_values_to_be_increasing", R"({"column":"n"})"),
        Check("9", "expect_column_pair_values_to_be_equal", R"({"column_A":"n","column_B":"n"})"),
        Check("10", "expect_column_values_to_be_dateutil_parseable",
              R"({"column":"s","row_condition":"n is null"})"),
        Check("11", "expect_column_distinct_values_to_be_in_set",
              R"({"column":"n","value_set":[1]})"),
    };
    for (const CheckResult& result : Run("payment", checks))
      EXPECT_TRUE(result.success()) << result.name << " " << result.message;
  }
}

// A statistic of nothing lies within no bounds, as Great Expectations has it.
TEST_F(RunTest, NothingToAddUpFails) {
  for (const char* rows : {"SELECT NULL::BIGINT AS n", "SELECT 1::BIGINT AS n LIMIT 0"}) {
    Make(std::string("CREATE OR REPLACE TABLE payment AS ") + rows);
    std::vector<CheckSpec> checks = {
        Check("1", "expect_column_mean_to_be_between", R"({"column":"n","min_value":5})"),
        Check("2", "expect_column_quantile_values_to_be_between",
              R"({"column":"n","quantile_ranges":{"quantiles":[0.5],"value_ranges":[[1,2]]}})"),
        Check("3", "expect_column_median_to_be_between", R"({"column":"n","min_value":5})"),
        Check("4", "expect_column_max_to_be_between", R"({"column":"n"})"),
        Check("5", "expect_column_stdev_to_be_between", R"({"column":"n"})"),
        Check("6", "expect_column_most_common_value_to_be_in_set",
              R"({"column":"n","value_set":[1]})"),
        Check("7", "expect_column_kl_divergence_to_be_less_than",
              R"({"column":"n","threshold":1,"partition_object":{"bins":[0,1],"weights":[1]}})"),
    };
    for (const CheckResult& result : Run("payment", checks))
      EXPECT_EQ(result.state, CheckState::kFailed) << result.name << " " << result.message;
  }
}

// A check that follows from another is answered by it: on random data, where the other passes,
// fails or breaks, with nulls, NaN, conditions and `mostly`, the results are those of counting.
TEST_F(RunTest, WhatFollowsFromAnotherIsTheSameAsCounted) {
  const std::vector<CheckSpec> checks = {
      Check("narrow", "expect_column_values_to_be_between",
            R"({"column":"v","min_value":1,"max_value":5})"),
      Check("wide", "expect_column_values_to_be_between",
            R"({"column":"v","min_value":0,"max_value":9})"),
      Check("wider", "expect_column_values_to_be_between",
            R"({"column":"v","min_value":-1,"max_value":99})"),
      Check("of_some", "expect_column_values_to_be_between",
            R"({"column":"v","min_value":0,"row_condition":"w > 3"})"),
      Check("mostly", "expect_column_values_to_be_between",
            R"({"column":"v","min_value":0,"max_value":9,"mostly":0.5})"),
      Check("few", "expect_column_values_to_be_in_set", R"({"column":"w","value_set":[1,2,3]})"),
      Check("many", "expect_column_values_to_be_in_set", R"({"column":"w","value_set":[1,2,3,4]})"),
      Check("not_nine", "expect_column_values_to_not_be_in_set",
            R"({"column":"w","value_set":[9]})"),
      Check("in_range", "expect_column_values_to_be_between",
            R"({"column":"w","min_value":0,"max_value":4})"),
      Check("three", "expect_column_value_lengths_to_equal", R"({"column":"s","value":3})"),
      Check("short", "expect_column_value_lengths_to_be_between",
            R"({"column":"s","min_value":1,"max_value":4})"),
  };
  size_t seed = 7;
  auto random = [&](size_t n) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (seed >> 33) % n;
  };
  int all_passed = 0;
  for (int round = 0; round < 60; ++round) {
    const size_t rows = random(12), spread = 1 + random(12);
    Make("CREATE OR REPLACE TABLE payment (v DOUBLE, w INTEGER, s VARCHAR)");
    for (size_t i = 0; i < rows; ++i) {
      const std::string v = random(9) == 0    ? "NULL"
                            : random(40) == 0 ? "'nan'"
                                              : std::to_string(1 + random(spread));
      const std::string w = random(9) == 0 ? "NULL" : std::to_string(1 + random(spread));
      const std::string s = random(6) == 0 ? "NULL" : random(8) == 0 ? "'abcde'" : "'abc'";
      Make(fmt::format("INSERT INTO payment VALUES ({}, {}, {})", v, w, s));
    }
    std::vector<CheckResult> skipped = Run("payment", checks, {.skips_implied = true}),
                             counted = Run("payment", checks, {.skips_implied = false});
    ASSERT_EQ(skipped.size(), counted.size());
    for (size_t i = 0; i < checks.size(); ++i) {
      skipped[i].duration = counted[i].duration = Duration(0);
      EXPECT_EQ(ToJson(skipped[i]).Dump(), ToJson(counted[i]).Dump()) << "round " << round;
      EXPECT_EQ(ToGxResult(checks[i], skipped[i]).Dump(), ToGxResult(checks[i], counted[i]).Dump());
    }
    all_passed += std::all_of(counted.begin(), counted.end(),
                              [](const CheckResult& result) { return result.success(); });
  }
  EXPECT_GT(all_passed, 0);
  auto text = ExplainChecks(connection_, "payment", ColumnsOf("payment"), checks, {});
  ASSERT_TRUE(text.ok()) << text.error().message;
  for (const char* told : {"[implied by narrow]", "[implied by few]", "[implied by three]"})
    EXPECT_NE(text->find(told), text->npos) << told << "\n" << *text;
  EXPECT_EQ(text->find("follows from"), text->npos) << *text;
}

TEST_F(RunTest, AnImpliedKeyIsLookedAtWhenTheOtherFails) {
  Make("CREATE TABLE payment AS SELECT i // 2 AS id, i AS line FROM range(10) t(i)");
  std::vector<CheckSpec> checks = {
      Check("id", "expect_column_values_to_be_unique", R"({"column":"id"})"),
      Check("both", "expect_compound_columns_to_be_unique", R"({"column_list":["id","line"]})")};
  std::vector<CheckResult> results = Run("payment", checks);
  EXPECT_EQ(results[0].state, CheckState::kFailed);
  EXPECT_EQ(results[1].state, CheckState::kPassed);
  EXPECT_EQ(results[1].element_count, 10);
  // A null in the key implies nothing either.
  Make(
      "CREATE OR REPLACE TABLE payment AS SELECT * FROM (VALUES (1, 1), (NULL, 2), (NULL, 2)) "
      "t(id, line)");
  results = Run("payment", checks);
  EXPECT_EQ(results[0].state, CheckState::kPassed);
  EXPECT_EQ(results[1].state, CheckState::kFailed);
  EXPECT_EQ(results[1].unexpected_count, 2);
}

TEST_F(RunTest, WrongBoundsOfAStatisticNeverBreakAVerdict) {
  Make(fmt::format("CREATE TABLE payment AS SELECT i AS id FROM range({}) t(i)", kLargeRows + 10));
  std::vector<CheckSpec> checks = {
      Check("id", "expect_column_values_to_be_unique", R"({"column":"id"})")};
  std::vector<CheckResult> results =
      Run("payment", checks, {.statistics = {{"id", {.lower = 0, .upper = 5}}}});
  EXPECT_EQ(results[0].state, CheckState::kPassed) << results[0].message;
}

TEST_F(RunTest, ExplainNamesOneScan) {
  Make(
      "CREATE TABLE payment AS SELECT 1 AS id, 2.5 AS amount; CREATE TABLE customer AS SELECT 1 AS "
      "id");
  std::vector<CheckSpec> checks = {
      Check("id_unique", "expect_column_values_to_be_unique", R"({"column":"id"})"),
      Check("pair_unique", "expect_compound_columns_to_be_unique",
            R"({"column_list":["id","amount"]})"),
      Check("positive", "expect_column_values_to_be_between",
            R"({"column":"amount","min_value":0,"mostly":0.999})"),
      Check("customer", "expect_column_values_to_exist_in_table",
            R"({"column":"id","other_table_name":"customer"})"),
      Check("type", "expect_column_values_to_be_of_type", R"({"column":"id","type_":"int"})"),
  };
  auto text = ExplainChecks(connection_, "payment", ColumnsOf("payment"), checks,
                            {.table_name = "payment", .tables = {{"customer", "customer"}}});
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(
      *text,
      "1 scan of payment (about 1 row): 2 of 2 columns; looks into customer\n"
      "  id_unique    Values of id are unique.  [the scan]\n"
      "  pair_unique  id, amount are unique together.  [implied by id_unique]\n"
      "  positive     Values of amount are at least 0, for at least 99.9 % of them.  [the scan]\n"
      "  customer     Values of id exist in customer.  [the scan]\n"
      "  type         id is of type int.  [the schema, without a scan]\n");
}

TEST_F(RunTest, GreatExpectationsReadsTheResult) {
  Make("CREATE TABLE payment AS SELECT * FROM (VALUES (1), (-2), (NULL)) t(amount)");
  std::vector<CheckSpec> checks = {
      Check("positive", "expect_column_values_to_be_between",
            R"({"column":"amount","min_value":0,"severity":"warning"})"),
      Check("most", "expect_column_max_to_be_between", R"({"column":"amount","max_value":5})")};
  Json json = ToGxValidation("payment", checks, Run("payment", checks));
  EXPECT_EQ(json["success"], Json(false));
  EXPECT_EQ(
      json["statistics"].Dump(),
      R"({"evaluated_expectations":2,"successful_expectations":1,"unsuccessful_expectations":1,"success_percent":50.0})");
  EXPECT_EQ(
      json["results"].items()[0]["result"],
      *Json::Parse(
          R"({"element_count":3,"unexpected_count":1,"unexpected_percent":50.0,"partial_unexpected_list":[-2],"missing_count":1,)"
          R"("missing_percent":33.333333333333336,"unexpected_percent_total":33.333333333333336,"unexpected_percent_nonmissing":50.0,)"
          R"("partial_unexpected_counts":[{"value":-2,"count":1}]})"));
  EXPECT_EQ(json["results"].items()[0]["expectation_config"]["severity"].AsString(), "warning");
  EXPECT_EQ(json["results"].items()[1]["result"].Dump(), R"({"observed_value":1})");
}

}  // namespace
}  // namespace andon::quality
