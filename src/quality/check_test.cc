#include "quality/check.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "quality/expectation.h"
#include "sql/analyze.h"

namespace andon::quality {
namespace {

const std::vector<sql::ColumnInfo> kColumns = {{"payment_id", "long"},
                                               {"amount", "decimal(5,2)"},
                                               {"method", "string"},
                                               {"payment_date", "timestamp"},
                                               {"tags", "list<string>"}};

class CheckTest : public testing::Test {
 protected:
  std::string Mistakes(const std::string& type, const std::string& kwargs) {
    Diagnostics diagnostics;
    CheckSpec check =
        ReadCheck("", type, *Json::Parse(kwargs), {"a.hcl", {1, 1, 0}, {1, 5, 4}}, &diagnostics);
    if (diagnostics.empty())
      diagnostics.Append(Validate(check, kColumns, {"customer", "rental"}, &analyzer_));
    std::vector<std::string> texts;
    for (const Diagnostic& d : diagnostics) {
      EXPECT_EQ(d.subject.filename, "a.hcl");
      texts.push_back(d.code + " " + d.detail +
                      (d.at_caret.empty() ? "" : " (" + d.at_caret + ")"));
    }
    return Join(texts, "\n");
  }

  sql::Analyzer analyzer_ = *sql::Analyzer::Open();
};

TEST_F(CheckTest, SoundOnes) {
  const std::pair<const char*, const char*> kCases[] = {
      {"expect_column_values_to_be_between",
       R"({"column":"amount","min_value":0,"max_value":11.99,"mostly":0.999,"severity":"error","on":"both"})"},
      {"expect_column_values_to_be_between",
       R"({"column":"payment_date","min_value":"2005-08-01","row_condition":"amount > 0"})"},
      {"expect_column_values_to_be_in_set",
       R"({"column":"method","value_set":["cash",null],"meta":{"a":1}})"},
      {"expect_column_values_to_exist_in_table",
       R"({"column":"payment_id","other_table_name":"rental"})"},
      {"expect_sql", R"({"sql":"select 1"})"},
  };
  for (const auto& [type, kwargs] : kCases) EXPECT_EQ(Mistakes(type, kwargs), "") << type << kwargs;
}

TEST_F(CheckTest, BrokenOnesSayWhatToDo) {
  const std::tuple<const char*, const char*, const char*> kCases[] = {
      {"expect_column_values_to_be_betwen", "{}", "AN1601 There is no expectation"},
      {"expect_column_values_to_be_unique", R"({"column":"payment_idd"})",
       "AN1042 The dataset has no column \"payment_idd\". (did you mean \"payment_id\"?)"},
      {"expect_column_values_to_be_unique", R"({})",
       "AN1603 expect_column_values_to_be_unique needs \"column\": The column."},
      {"expect_column_values_to_be_unique", R"({"column":3})",
       "AN1604 \"column\" must be the name of a column."},
      {"expect_column_values_to_be_unique", R"({"column":"amount","mosty":0.9})",
       "AN1602 expect_column_values_to_be_unique has no parameter \"mosty\". (did you mean "
       "\"mostly\"?)"},
      {"expect_column_values_to_be_unique", R"({"column":"amount","mostly":1.5})",
       "AN1604 \"mostly\" must be a number from 0 to 1."},
      {"expect_column_values_to_be_between", R"({"column":"amount"})",
       "AN1604 Give min_value or max_value, or both."},
      {"expect_column_values_to_be_between", R"({"column":"amount","min_value":5,"max_value":1})",
       "AN1604 min_value is greater than max_value"},
      {"expect_column_values_to_be_between", R"({"column":"amount","min_value":"a"})",
       "AN1604 \"min_value\" is \"a\", which cannot be compared with amount, a decimal(5,2)."},
      {"expect_column_values_to_be_between", R"({"column":"payment_date","min_value":"soon"})",
       "AN1604 \"min_value\" is \"soon\""},
      {"expect_column_values_to_be_between", R"({"column":"tags","min_value":1})", "AN1604"},
      {"expect_column_values_to_be_dateutil_parseable", R"({"column":"amount"})",
       "AN1608 expect_column_values_to_be_dateutil_parseable does not apply to amount, a "
       "decimal(5,2)."},
      {"expect_column_values_to_be_in_set", R"({"column":"amount","value_set":[1,"2"]})",
       "AN1607 \"value_set\" holds \"2\", which equals no value of amount, a decimal(5,2)."},
      {"expect_column_values_to_match_regex_list", R"({"column":"method","regex_list":["a","b["]})",
       "AN1605 \"b[\": missing ]"},
      {"expect_column_values_to_match_regex_list",
       R"({"column":"method","regex_list":["a"],"match_on":"some"})",
       "AN1604 \"match_on\" must be \"any\" or \"all\"."},
      {"expect_column_pair_values_to_be_equal",
       R"({"column_A":"amount","column_B":"method","ignore_row_if":"never"})",
       "AN1604 \"ignore_row_if\" must be \"both_values_are_missing\""},
      {"expect_column_pair_values_to_be_in_set",
       R"({"column_A":"amount","column_B":"method","value_pairs_set":[[1]]})",
       "AN1604 \"value_pairs_set\" must be a list of pairs of values."},
      {"expect_column_values_to_match_strftime_format",
       R"({"column":"method","strftime_format":"%Y-%Q"})", "AN1604 There is no directive %Q."},
      {"expect_column_values_to_match_json_schema",
       R"({"column":"method","json_schema":{"type":"thing"}})", "AN1604 \"json_schema\": "},
      {"expect_column_kl_divergence_to_be_less_than",
       R"({"column":"amount","threshold":1,"partition_object":{"bins":[0,2,1],"weights":[0.5,0.5]}})",
       "AN1604 The bins of partition_object must increase."},
      {"expect_column_kl_divergence_to_be_less_than",
       R"({"column":"amount","threshold":1,"partition_object":{"bins":[0,1,2],"weights":[0.5,0.6]}})",
       "AN1604 The weights of partition_object do not add up to 1."},
      {"expect_column_newest_value_to_be_younger_than",
       R"({"column":"payment_date","max_age":"soon"})",
       "AN1604 \"max_age\" must be a duration like \"6h\" or \"1d\"."},
      {"expect_column_values_to_match_regex", R"({"column":"method","regex":"a["})",
       "AN1605 \"a[\": missing ]"},
      {"expect_column_values_to_be_of_type", R"({"column":"amount","type_":"lon"})",
       "AN1604 There is no column type \"lon\". Did you mean \"long\"?"},
      {"expect_column_values_to_exist_in_table",
       R"({"column":"payment_id","other_table_name":"renta"})",
       "AN1606 There is no dataset \"renta\". (did you mean \"rental\"?)"},
      {"expect_compound_columns_to_be_unique", R"({"column_list":["amount","nope"]})",
       "AN1042 The dataset has no column \"nope\"."},
      {"expect_compound_columns_to_be_unique", R"({"column_list":[]})",
       "AN1604 \"column_list\" must be a list of columns' names."},
      {"expect_table_row_count_to_be_between", R"({"min_value":1.5})",
       "AN1604 \"min_value\" must be a whole number"},
      {"expect_column_quantile_values_to_be_between",
       R"({"column":"amount","quantile_ranges":{"quantiles":[0.5],"value_ranges":[]}})",
       "AN1604 \"quantile_ranges\""},
      {"expect_column_values_to_be_unique", R"({"column":"amount","row_condition":"ammount > 0"})",
       "AN1510 In \"ammount > 0\", at line 1, column 1:"},
      {"expect_column_values_to_be_unique", R"({"column":"amount","severity":"bad"})",
       "AN1604 Check \"\": \"severity\" must be"},
      {"expect_column_values_to_be_unique", R"({"column":"amount","on":"branch"})",
       "AN1604 Check \"\": \"on\" must be"},
  };
  for (const auto& [type, kwargs, expected] : kCases) {
    EXPECT_TRUE(Mistakes(type, kwargs).starts_with(expected))
        << Mistakes(type, kwargs) << "\nfor " << type << kwargs;
  }
}

// Whoever comes from Great Expectations 1.24 finds every name.
TEST_F(CheckTest, AllCoreExpectationsAreThere) {
  const char* kNames[] = {
      "expect_column_distinct_values_to_be_in_set",
      "expect_column_distinct_values_to_contain_set",
      "expect_column_distinct_values_to_equal_set",
      "expect_column_kl_divergence_to_be_less_than",
      "expect_column_max_to_be_between",
      "expect_column_mean_to_be_between",
      "expect_column_median_to_be_between",
      "expect_column_min_to_be_between",
      "expect_column_most_common_value_to_be_in_set",
      "expect_column_pair_values_a_to_be_greater_than_b",
      "expect_column_pair_values_to_be_equal",
      "expect_column_pair_values_to_be_in_set",
      "expect_column_proportion_of_non_null_values_to_be_between",
      "expect_column_proportion_of_unique_values_to_be_between",
      "expect_column_quantile_values_to_be_between",
      "expect_column_stdev_to_be_between",
      "expect_column_sum_to_be_between",
      "expect_column_to_exist",
      "expect_column_type_to_be",
      "expect_column_unique_value_count_to_be_between",
      "expect_column_value_lengths_to_be_between",
      "expect_column_value_lengths_to_equal",
      "expect_column_value_z_scores_to_be_less_than",
      "expect_column_values_to_be_between",
      "expect_column_values_to_be_dateutil_parseable",
      "expect_column_values_to_be_decreasing",
      "expect_column_values_to_be_in_set",
      "expect_column_values_to_be_in_type_list",
      "expect_column_values_to_be_increasing",
      "expect_column_values_to_be_json_parseable",
      "expect_column_values_to_be_null",
      "expect_column_values_to_be_of_type",
      "expect_column_values_to_be_unique",
      "expect_column_values_to_match_json_schema",
      "expect_column_values_to_match_like_pattern",
      "expect_column_values_to_match_like_pattern_list",
      "expect_column_values_to_match_regex",
      "expect_column_values_to_match_regex_list",
      "expect_column_values_to_match_strftime_format",
      "expect_column_values_to_not_be_in_set",
      "expect_column_values_to_not_be_null",
      "expect_column_values_to_not_be_outliers",
      "expect_column_values_to_not_match_like_pattern",
      "expect_column_values_to_not_match_like_pattern_list",
      "expect_column_values_to_not_match_regex",
      "expect_column_values_to_not_match_regex_list",
      "expect_compound_columns_to_be_unique",
      "expect_multicolumn_sum_to_equal",
      "expect_multicolumn_values_to_be_equal",
      "expect_query_results_to_match_comparison",
      "expect_select_column_values_to_be_unique_within_record",
      "expect_table_column_count_to_be_between",
      "expect_table_column_count_to_equal",
      "expect_table_columns_to_match_ordered_list",
      "expect_table_columns_to_match_set",
      "expect_table_row_count_to_be_between",
      "expect_table_row_count_to_equal",
      "expect_table_row_count_to_equal_other_table",
      "unexpected_rows_expectation",
  };
  static_assert(std::size(kNames) == 59);
  for (const char* name : kNames) EXPECT_NE(FindExpectation(name), nullptr) << name;
}

TEST_F(CheckTest, SaidInWords) {
  const std::tuple<const char*, const char*, const char*> kCases[] = {
      {"expect_column_values_to_be_between",
       R"({"column":"amount","min_value":0,"max_value":11.99,"mostly":0.999})",
       "Values of amount are between 0 and 11.99, for at least 99.9 % of them."},
      {"expect_column_values_to_be_between",
       R"({"column":"amount","min_value":0,"strict_min":true})", "Values of amount are above 0."},
      {"expect_column_values_to_be_in_set",
       R"({"column":"method","value_set":["a","b"],"row_condition":"amount > 1"})",
       "Values of method are one of a, b, where amount > 1."},
      {"expect_table_row_count_to_be_between", R"({"min_value":5,"max_value":5})",
       "The number of rows is 5."},
      {"expect_column_values_to_be_unique", R"({"column":"a","description":"Own words."})",
       "Own words."},
  };
  for (const auto& [type, kwargs, expected] : kCases) {
    EXPECT_EQ(Describe({.type = type, .kwargs = *Json::Parse(kwargs)}), expected);
  }
}

TEST_F(CheckTest, WhereAndWithWhat) {
  Diagnostics none;
  auto read = [&](const char* type, const char* kwargs) {
    return ReadCheck("x", type, *Json::Parse(kwargs), {}, &none);
  };
  CheckSpec unique = read("expect_column_values_to_be_unique", R"({"column":"a"})");
  CheckSpec between = read("expect_column_values_to_be_between", R"({"column":"a","min_value":1})");
  CheckSpec delivery =
      read("expect_column_values_to_be_between", R"({"column":"a","min_value":1,"on":"delivery"})");
  EXPECT_TRUE(RunsOn(unique, Scope::kDelivery) && RunsOn(unique, Scope::kDataset));
  EXPECT_TRUE(!RunsOn(between, Scope::kDelivery) && RunsOn(between, Scope::kDataset));
  EXPECT_TRUE(RunsOn(delivery, Scope::kDelivery) && !RunsOn(delivery, Scope::kDataset));
  EXPECT_FALSE(delivery.kwargs.Has("on"));
  EXPECT_EQ(TablesOf(read("expect_column_values_to_exist_in_table",
                          R"({"column":"a","other_table_name":"b"})")),
            std::vector<std::string>{"b"});
  EXPECT_EQ(SqlOf(read("expect_sql", R"({"sql":"select 1"})")), "select 1");
  EXPECT_EQ(SqlOf(unique), "");
}

}  // namespace
}  // namespace andon::quality
