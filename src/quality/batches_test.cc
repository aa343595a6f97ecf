// Which batches there are, and that all of them in one pass say what each says alone.
#include "quality/batches.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "quality/batch_files.h"
#include "quality/run_batches.h"
#include "quality/test_engines.h"

namespace andon::quality {
namespace {

TEST(Batches, AreParsedAndPrinted) {
  const std::pair<const char*, const char*> cases[] = {
      {"whole", "whole"},
      {" month( paid_at ) ", "month(paid_at)"},
      {"year(a)", "year(a)"},
      {"day(a), staff", "day(a), value(staff)"},
      {"staff", "value(staff)"},
      {"value(staff, \"the method\")", "value(staff), value(\"the method\")"},
      {"\"month(a)\"", "value(\"month(a)\")"},
      {R"(file(p-(?P<year>\d{4})\.csv))", R"(file(p-(?P<year>\d{4})\.csv))"},
  };
  for (const auto& [text, printed] : cases) {
    auto definition = ParseBatches(text);
    ASSERT_TRUE(definition.ok()) << text << ": " << definition.error().message;
    EXPECT_EQ(ToString(*definition), printed);
    EXPECT_EQ(*ParseBatches(printed), *definition);
  }
  for (const char* text : {"", "month()", "month(a", "week(a)", "month(a), year(b)", "a b(c)", "a)",
                           "\"a", "file()", "value(a,)"}) {
    EXPECT_FALSE(ParseBatches(text).ok()) << text;
  }
}

TEST(BatchFiles, GroupsOfARegularExpression) {
  EXPECT_EQ(GroupsOf(R"(p-(?P<year>\d{4})-(?<month>\d\d)(\.csv|\(x\))[(](?:z)(?i)[])(]())"),
            (std::vector<std::string>{"year", "month", "", ""}));
}

// All that a result holds, but for how long it took; numbers as near as sums in another order.
void ExpectSame(const CheckResult& a, const CheckResult& b, const std::string& where) {
  auto rest = [](CheckResult result) {
    result.duration = Duration(0);
    // Two threads: which of the rows that break it is met first is chance.
    if (result.state == CheckState::kError) result.message.clear();
    if (result.observed_value.is_number()) {
      result.observed_value = "a number";
      result.message.clear();  // It says the number.
    }
    return ToJson(result).Dump();
  };
  EXPECT_EQ(rest(a), rest(b)) << where;
  if (!a.observed_value.is_number() || !b.observed_value.is_number()) return;
  double x = a.observed_value.AsDouble(), y = b.observed_value.AsDouble();
  if (!std::isnan(x) || !std::isnan(y)) {
    EXPECT_NEAR(x, y, 1e-12 * std::abs(y)) << where;
  }
}

class BatchesTest : public testing::TestWithParam<sql::Dialect> {
 protected:
  void SetUp() override {
    std::string missing;
    engine_ = OpenTestEngine(GetParam(), &missing);
    if (!engine_) GTEST_SKIP() << "needs " << missing;
  }

  static CheckSpec Check(int number, const std::string& type, const std::string& kwargs) {
    Diagnostics mistakes;
    CheckSpec check =
        ReadCheck(std::to_string(number) + type, type, *Json::Parse(kwargs), {}, &mistakes);
    for (const Diagnostic& mistake : mistakes) ADD_FAILURE() << mistake.detail;
    return check;
  }

  // Of every way in which a check is answered, one at least.
  static std::vector<CheckSpec> Checks() {
    const std::pair<const char*, const char*> all[] = {
        {"expect_column_values_to_be_unique", R"({"column":"id"})"},
        {"expect_column_values_to_be_unique", R"({"column":"amount"})"},
        {"expect_compound_columns_to_be_unique", R"({"column_list":["id","staff"]})"},
        {"expect_compound_columns_to_be_unique", R"({"column_list":["staff","method"]})"},
        {"expect_compound_columns_to_be_unique",
         R"({"column_list":["staff","method"],"row_condition":"staff > 1"})"},
        {"expect_column_values_to_not_be_null", R"({"column":"method"})"},
        {"expect_column_values_to_be_null", R"({"column":"method","mostly":0.2})"},
        {"expect_column_values_to_be_between",
         R"({"column":"amount","min_value":0,"max_value":5})"},
        {"expect_column_values_to_be_between",
         R"({"column":"amount","min_value":0,"mostly":0.5,"row_condition":"staff = 1"})"},
        {"expect_column_values_to_be_in_set", R"({"column":"method","value_set":["cash","card"]})"},
        {"expect_column_values_to_be_in_set",
         R"({"column":"method","value_set":["cash","card"],"mostly":0.01})"},
        {"expect_column_values_to_not_be_null", R"({"column":"id","mostly":0.01})"},
        {"expect_column_values_to_not_match_regex",
         R"({"column":"method","regex":"^c","mostly":0.01})"},
        {"expect_column_pair_values_to_be_equal",
         R"({"column_A":"id","column_B":"staff","mostly":0.01})"},
        {"expect_column_value_lengths_to_equal", R"({"column":"method","value":4})"},
        {"expect_column_mean_to_be_between", R"({"column":"amount","min_value":0,"max_value":3})"},
        {"expect_column_sum_to_be_between", R"({"column":"staff","min_value":3})"},
        {"expect_column_stdev_to_be_between", R"({"column":"staff","min_value":0.5})"},
        {"expect_column_median_to_be_between", R"({"column":"staff","min_value":1,"max_value":1})"},
        {"expect_column_min_to_be_between", R"({"column":"staff","min_value":2})"},
        {"expect_column_quantile_values_to_be_between",
         R"({"column":"staff","quantile_ranges":{"quantiles":[0.1,0.5,0.9],
             "value_ranges":[[0,2],[1,2],[2,9]]}})"},
        {"expect_column_unique_value_count_to_be_between", R"({"column":"staff","max_value":2})"},
        {"expect_column_proportion_of_unique_values_to_be_between",
         R"({"column":"method","min_value":0.5})"},
        {"expect_column_most_common_value_to_be_in_set",
         R"({"column":"method","value_set":["cash"],"ties_okay":true})"},
        {"expect_column_distinct_values_to_equal_set",
         R"({"column":"method","value_set":["cash","card"]})"},
        {"expect_column_value_z_scores_to_be_less_than",
         R"({"column":"staff","threshold":1.2,"double_sided":true})"},
        {"expect_column_values_to_be_increasing", R"({"column":"id","order_by":["id"]})"},
        {"expect_column_values_to_be_json_parseable", R"({"column":"method"})"},
        {"expect_table_row_count_to_be_between", R"({"min_value":3,"max_value":30})"},
        {"expect_table_row_count_to_be_between", R"({"min_value":3,"row_condition":"staff = 2"})"},
        {"expect_table_columns_to_match_set", R"({"column_set":["id","staff"]})"},
        {"expect_sql", R"({"sql":"SELECT * FROM payment WHERE staff = 3"})"},
        {"expect_column_values_to_be_between", R"({"column":"no such column","min_value":0})"},
    };
    std::vector<CheckSpec> checks;
    for (const auto& [type, kwargs] : all)
      checks.push_back(Check(static_cast<int>(checks.size()) + 1, type, kwargs));
    return checks;
  }

  // Rows at random: few dates, so that batches have several rows, with nulls in every column.
  void MakePayments(std::mt19937& random, int rows) {
    auto one_of = [&](const std::vector<std::string>& values) {
      return values[random() % values.size()];
    };
    std::vector<std::string> amounts = {"null", "-1.5", "0", "0.25", "4.75", "9.5", "3"};
    if (GetParam() != sql::Dialect::kSqlite) amounts.push_back("nan");
    const std::vector<std::string> times = {
        "null",
        "1969-12-31 23:59:59",
        "1970-01-01 00:00:00",
        "2005-05-31 23:59:59",
        "2005-06-01 00:00:00",
        "2005-06-14 08:30:00",
        "2005-12-31 12:00:00",
        "2024-02-29 01:02:03",
    };
    std::vector<TestColumn> columns = {{"id", "long", {}},           {"staff", "int", {}},
                                       {"method", "string", {}},     {"amount", "double", {}},
                                       {"paid_at", "timestamp", {}}, {"day", "date", {}}};
    for (int row = 0; row < rows; row++) {
      columns[0].cells.push_back(one_of({"null", std::to_string(row), std::to_string(row), "7"}));
      columns[1].cells.push_back(one_of({"null", "1", "2", "3", "1"}));
      columns[2].cells.push_back(one_of({"null", "cash", "card", "it's", "null?", "[1]"}));
      columns[3].cells.push_back(one_of(amounts));
      columns[4].cells.push_back(one_of(times));
      columns[5].cells.push_back(one_of(times).substr(0, 10));
    }
    engine_->Make("payment", columns);
  }

  std::unique_ptr<TestEngine> engine_;
};

TEST_P(BatchesTest, InOnePassSayWhatEachSaysAlone) {
  std::mt19937 random(7);
  const std::vector<CheckSpec> checks = Checks();
  const std::string relation = "\"payment\"";
  RunOptions options{.table_name = "payment", .sample_rows = 2, .key_columns = {"id"}};
  using Level = ResultFormat::Level;
  const std::vector<ResultFormat> formats = {
      {},
      {.level = Level::kComplete, .include_unexpected_rows = true},
      {.level = Level::kBasic, .partial_unexpected_count = 1},
      {.level = Level::kBooleanOnly},
      {.unexpected_index_column_names = {"staff"}, .return_unexpected_index_query = true}};
  const std::vector<std::vector<const char*>> definitions = {
      {"month(paid_at)", "staff"}, {"day(paid_at)", "amount", "year(day), method"}};
  size_t asked = 0;
  for (size_t round = 0; round < definitions.size(); round++) {
    const int made = 12 + static_cast<int>(round) * 18;
    MakePayments(random, made);
    sql::Session& session = engine_->session();
    for (const char* text : definitions[round]) {
      options.result_format = formats[asked++ % formats.size()];
      BatchDefinition definition = *ParseBatches(text);
      auto batches = ListBatches(session, relation, definition);
      ASSERT_TRUE(batches.ok()) << text << ": " << batches.error().message;
      auto together = RunBatches(session, relation, {}, checks, definition, options);
      ASSERT_TRUE(together.ok()) << text << ": " << together.error().message;
      ASSERT_EQ(together->size(), batches->size()) << text;
      int64_t rows = 0;
      for (size_t i = 0; i < batches->size(); i++) {
        const Batch& batch = (*batches)[i];
        EXPECT_EQ((*together)[i].batch.name, batch.name) << text;
        EXPECT_EQ((*together)[i].batch.rows, batch.rows) << text << " " << batch.name;
        rows += batch.rows;
        auto alone = RunChecks(session, BatchRelation(relation, batch), {}, checks, options);
        ASSERT_TRUE(alone.ok()) << alone.error().message;
        for (size_t c = 0; c < checks.size(); c++)
          ExpectSame((*together)[i].results[c], (*alone)[c],
                     std::string(text) + " " + batch.name + " " + checks[c].name);
      }
      EXPECT_EQ(rows, made) << text;
    }
  }
}

TEST_P(BatchesTest, AreNamedAndInOrder) {
  engine_->Make("payment", {{"id", "long", {"1", "2", "3", "4", "5"}},
                            {"staff", "int", {"10", "9", "9", "null", "10"}},
                            {"paid_at",
                             "timestamp",
                             {"2005-06-01 00:00:00", "2005-05-31 23:59:59", "2004-12-01 12:00:00",
                              "null", "2005-06-30 23:59:59"}}});
  sql::Session& session = engine_->session();
  auto list = [&](const char* text) {
    auto batches = ListBatches(session, "\"payment\"", *ParseBatches(text));
    std::string all;
    if (!batches.ok()) return batches.error().message;
    for (const Batch& batch : *batches)
      all += batch.name + " " + batch.identifiers.Dump() + " " + std::to_string(batch.rows) + "\n";
    return all;
  };
  EXPECT_EQ(list("month(paid_at)"),
            "null {\"year\":null,\"month\":null} 1\n"
            "2004-12 {\"year\":2004,\"month\":12} 1\n"
            "2005-05 {\"year\":2005,\"month\":5} 1\n"
            "2005-06 {\"year\":2005,\"month\":6} 2\n");
  EXPECT_EQ(list("staff"), "null {\"staff\":null} 1\n9 {\"staff\":9} 2\n10 {\"staff\":10} 2\n");
  EXPECT_EQ(list("value(stuff)"), "The data has no column \"stuff\". Did you mean \"staff\"?");
  EXPECT_EQ(list("month(staff)"),
            "month(staff) takes a date or a timestamp, but staff is a " +
                std::string(GetParam() == sql::Dialect::kSqlite ? "long" : "int") + ".");
  auto batches = ListBatches(session, "\"payment\"", *ParseBatches("month(paid_at)"));
  EXPECT_EQ(PickBatch(*batches, "")->name, "2005-06");
  EXPECT_EQ(PickBatch(*batches, "2005-05")->rows, 1);
  EXPECT_EQ(PickBatch(*batches, "2005-07").error().message,
            "There is no batch \"2005-07\"; there are null, 2004-12, 2005-05, 2005-06.");
}

INSTANTIATE_TEST_SUITE_P(Each, BatchesTest,
                         testing::Values(sql::Dialect::kDuckDb, sql::Dialect::kPostgres,
                                         sql::Dialect::kSqlite),
                         [](const auto& info) {
                           return info.param == sql::Dialect::kDuckDb     ? "DuckDb"
                                  : info.param == sql::Dialect::kPostgres ? "Postgres"
                                                                          : "Sqlite";
                         });

// Large relations that are read by column are planned otherwise: counts by value, bits.
TEST(LargeBatches, InOnePassSayWhatEachSaysAlone) {
  auto engine = *sql::Engine::Open({.threads = 2});
  auto connection = *engine.Connect();
  auto made = connection.Execute(
      "CREATE TABLE payment AS SELECT i AS id, (hash(i) % 3)::INTEGER AS staff, "
      "((hash(i * 7) % 400) / 100.0)::DOUBLE AS amount, CASE WHEN i % 50 = 0 THEN NULL ELSE "
      "['cash', 'card'][(1 + hash(i * 3) % 2)::BIGINT] END AS method, "
      "CASE WHEN i = 5000 THEN 4999 ELSE i END AS other, "
      "TIMESTAMP '2026-01-01' + INTERVAL 1 SECOND * (i * 50)::BIGINT AS paid_at "
      "FROM range(600000) t(i)");
  ASSERT_TRUE(made.ok()) << made.error().message;
  const std::vector<std::pair<const char*, const char*>> common = {
      {"expect_column_values_to_be_unique", R"({"column":"id"})"},
      {"expect_column_values_to_be_unique", R"({"column":"other"})"},
      {"expect_compound_columns_to_be_unique", R"({"column_list":["other","staff"]})"},
      {"expect_column_mean_to_be_between", R"({"column":"amount","max_value":1})"},
      {"expect_column_median_to_be_between", R"({"column":"amount","max_value":1})"},
      {"expect_column_stdev_to_be_between", R"({"column":"amount","max_value":1})"},
      {"expect_column_quantile_values_to_be_between",
       R"({"column":"amount","quantile_ranges":{"quantiles":[0.05,0.5],
           "value_ranges":[[0,1],[0,1]]}})"},
      {"expect_column_quantile_values_to_be_between",
       R"({"column":"id","quantile_ranges":{"quantiles":[0.5],"value_ranges":[[0,1]]}})"},
      {"expect_column_values_to_not_be_null", R"({"column":"method"})"},
      {"expect_column_values_to_not_be_null", R"({"column":"method","mostly":0.9})"},
      {"expect_column_values_to_match_regex", R"({"column":"method","regex":"^ca","mostly":0.9})"},
      {"expect_column_unique_value_count_to_be_between", R"({"column":"id","max_value":1})"},
      {"expect_column_values_to_be_in_set", R"({"column":"staff","value_set":[0,1]})"},
      {"expect_column_values_to_be_in_set",
       R"({"column":"staff","value_set":[0,1],"mostly":0.1,"row_condition":"amount > 1"})"},
      {"expect_column_values_to_be_between",
       R"({"column":"other","max_value":590000,"mostly":0.5})"},
      {"expect_column_max_to_be_between", R"({"column":"other","max_value":300000})"},
      {"expect_table_row_count_to_be_between", R"({"min_value":50000})"},
  };
  // A mean cannot be told from means of parts.
  std::vector<std::pair<const char*, const char*>> with_mean = common;
  with_mean.push_back({"expect_column_mean_to_be_between", R"({"column":"id","max_value":100})"});
  // What breaks is lost alone.
  std::vector<std::pair<const char*, const char*>> with_broken = common;
  with_broken.push_back({"expect_column_values_to_be_between",
                         R"({"column":"id","min_value":0,"row_condition":"method::INTEGER > 1"})"});
  for (const auto& all : {common, with_mean, with_broken}) {
    std::vector<CheckSpec> checks;
    Diagnostics mistakes;
    for (const auto& [type, kwargs] : all)
      checks.push_back(
          ReadCheck(std::to_string(checks.size()), type, *Json::Parse(kwargs), {}, &mistakes));
    BatchDefinition definition = *ParseBatches("month(paid_at)");
    LoggedSession session(connection);
    auto together = RunBatches(session, "payment", {}, checks, definition, {});
    ASSERT_TRUE(together.ok()) << together.error().message;
    ASSERT_EQ(together->size(), 12u);
    // The values of three columns, and what needs no values, from one reading.
    int64_t readings = 0;
    for (const std::string& sql : session.statements) readings += sql.starts_with("CREATE");
    EXPECT_EQ(readings, 1);
    for (const BatchResults& one : *together) {
      auto alone = RunChecks(connection, BatchRelation("payment", one.batch), {}, checks, {});
      ASSERT_TRUE(alone.ok());
      for (size_t i = 0; i < checks.size(); i++)
        ExpectSame(one.results[i], (*alone)[i], one.batch.name + " " + checks[i].type);
    }
  }
}

}  // namespace
}  // namespace andon::quality
