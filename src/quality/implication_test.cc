#include "quality/implication.h"

#include <gtest/gtest.h>

namespace andon::quality {
namespace {

// "name: expectation {kwargs}" of column v, or of the table.
CheckSpec Check(std::string name, std::string type, std::string kwargs) {
  Diagnostics mistakes;
  auto json = Json::Parse(kwargs);
  EXPECT_TRUE(json.ok()) << kwargs;
  CheckSpec check = ReadCheck(std::move(name), std::move(type), *json, {}, &mistakes);
  EXPECT_FALSE(mistakes.has_errors()) << kwargs;
  return check;
}

struct Pair {
  const char* what;
  const char* a_type;
  const char* a;
  const char* b_type;
  const char* b;
  bool holds;
};

constexpr char kBetween[] = "expect_column_values_to_be_between";
constexpr char kIn[] = "expect_column_values_to_be_in_set";
constexpr char kNotIn[] = "expect_column_values_to_not_be_in_set";
constexpr char kMean[] = "expect_column_mean_to_be_between";
constexpr char kMin[] = "expect_column_min_to_be_between";
constexpr char kMax[] = "expect_column_max_to_be_between";
constexpr char kNull[] = "expect_column_values_to_be_null";
constexpr char kNotNull[] = "expect_column_values_to_not_be_null";
constexpr char kUnique[] = "expect_column_values_to_be_unique";
constexpr char kKey[] = "expect_compound_columns_to_be_unique";
constexpr char kRows[] = "expect_table_row_count_to_be_between";
constexpr char kRowsEqual[] = "expect_table_row_count_to_equal";
constexpr char kLengths[] = "expect_column_value_lengths_to_be_between";
constexpr char kLength[] = "expect_column_value_lengths_to_equal";

TEST(Implication, SecondFollowsFromFirst) {
  const Pair kPairs[] = {
      {"a narrower range", kBetween, R"({"column":"v","min_value":1,"max_value":5})", kBetween,
       R"({"column":"v","min_value":0,"max_value":9})", true},
      {"a wider range", kBetween, R"({"column":"v","min_value":0,"max_value":9})", kBetween,
       R"({"column":"v","min_value":1,"max_value":5})", false},
      {"a range open above", kBetween, R"({"column":"v","min_value":1})", kBetween,
       R"({"column":"v","min_value":0,"max_value":9})", false},
      {"the bound itself", kBetween, R"({"column":"v","min_value":0})", kBetween,
       R"({"column":"v","min_value":0,"strict_min":true})", false},
      {"strict to not strict", kBetween, R"({"column":"v","min_value":0,"strict_min":true})",
       kBetween, R"({"column":"v","min_value":0})", true},
      {"another column", kBetween, R"({"column":"v","min_value":1})", kBetween,
       R"({"column":"w","min_value":0})", false},
      {"dates", kBetween, R"({"column":"v","min_value":"2005-02-01"})", kBetween,
       R"({"column":"v","min_value":"2005-01-01"})", true},
      {"texts, whose order is the engine's", kBetween, R"({"column":"v","min_value":"b"})",
       kBetween, R"({"column":"v","min_value":"a"})", false},
      {"a set in a range", kIn, R"({"column":"v","value_set":[1,2,null]})", kBetween,
       R"({"column":"v","min_value":0,"max_value":2})", true},
      {"a set that leaves the range", kIn, R"({"column":"v","value_set":[1,3]})", kBetween,
       R"({"column":"v","min_value":0,"max_value":2})", false},
      {"a smaller set", kIn, R"({"column":"v","value_set":["a"]})", kIn,
       R"({"column":"v","value_set":["a","b"]})", true},
      {"a set without the forbidden", kIn, R"({"column":"v","value_set":["a","b"]})", kNotIn,
       R"({"column":"v","value_set":["c"]})", true},
      {"a number and a text may be the same", kIn, R"({"column":"v","value_set":[1]})", kNotIn,
       R"({"column":"v","value_set":["1"]})", false},
      {"texts that may be one number", kIn, R"({"column":"v","value_set":["1"]})", kNotIn,
       R"({"column":"v","value_set":["01"]})", false},
      {"forbidding more", kNotIn, R"({"column":"v","value_set":[1,2]})", kNotIn,
       R"({"column":"v","value_set":[1]})", true},
      {"mostly of the first", kBetween, R"({"column":"v","min_value":1,"mostly":0.9})", kBetween,
       R"({"column":"v","min_value":0})", false},
      {"mostly of the second", kBetween, R"({"column":"v","min_value":1})", kBetween,
       R"({"column":"v","min_value":0,"mostly":0.9})", true},
      {"mostly of both", kBetween, R"({"column":"v","min_value":1,"mostly":0.9})", kBetween,
       R"({"column":"v","min_value":0,"mostly":0.8})", true},
      {"all rows to some", kBetween, R"({"column":"v","min_value":1})", kBetween,
       R"({"column":"v","min_value":0,"row_condition":"w > 1"})", true},
      {"some rows to all", kBetween, R"({"column":"v","min_value":1,"row_condition":"w > 1"})",
       kBetween, R"({"column":"v","min_value":0})", false},
      {"a share of all rows to some", kBetween, R"({"column":"v","min_value":1,"mostly":0.9})",
       kBetween, R"({"column":"v","min_value":0,"mostly":0.9,"row_condition":"w > 1"})", false},
      {"the delivery to the dataset", kBetween, R"({"column":"v","min_value":1,"on":"delivery"})",
       kBetween, R"({"column":"v","min_value":0})", false},
      {"not null, mostly", kNotNull, R"({"column":"v"})", kNotNull,
       R"({"column":"v","mostly":0.5})", true},
      {"lengths", kLength, R"({"column":"v","value":3})", kLengths,
       R"({"column":"v","min_value":1,"max_value":5})", true},
      {"a number of rows", kRowsEqual, R"({"value":7})", kRows, R"({"min_value":1})", true},
      {"a mean", kMean, R"({"column":"v","min_value":1,"max_value":2})", kMean,
       R"({"column":"v","min_value":0})", true},
      {"a mean of some rows", kMean, R"({"column":"v","min_value":1})", kMean,
       R"({"column":"v","min_value":0,"row_condition":"w > 1"})", false},
      {"values say nothing of a mean of nothing", kBetween, R"({"column":"v","min_value":1})",
       kMean, R"({"column":"v","min_value":0})", false},
      {"unique, and perhaps null", kUnique, R"({"column":"v"})", kKey,
       R"({"column_list":["v","w"]})", false},
      {"unique, where nulls are left out", kUnique, R"({"column":"v"})", kKey,
       R"({"column_list":["v","w"],"ignore_row_if":"any_value_is_missing"})", true},
      {"huge numbers", kBetween, R"({"column":"v","min_value":9007199254740993})", kBetween,
       R"({"column":"v","min_value":9007199254740992})", false},
  };
  for (const Pair& p : kPairs) {
    auto found = ImplicationsOf({Check("a", p.a_type, p.a), Check("b", p.b_type, p.b)});
    const bool follows = std::any_of(found.begin(), found.end(), [](const Implication& i) {
      return i.check == 1 && i.by == std::vector<size_t>{0};
    });
    EXPECT_EQ(follows, p.holds) << p.what;
  }
}

TEST(Implication, AKeyFollowsFromAUniqueColumnThatIsFilled) {
  auto found = ImplicationsOf({Check("key", kKey, R"({"column_list":["v","w"]})"),
                               Check("once", kUnique, R"({"column":"v"})"),
                               Check("filled", kNotNull, R"({"column":"v"})")});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].check, 0U);
  EXPECT_EQ(found[0].by, (std::vector<size_t>{1, 2}));
}

TEST(Implication, OfEqualChecksOnlyTheLaterFollows) {
  auto found = ImplicationsOf(
      {Check("a", kNotNull, R"({"column":"v"})"), Check("b", kNotNull, R"({"column":"v"})")});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].check, 1U);
}

TEST(Contradiction, NotBothCanPass) {
  const Pair kPairs[] = {
      {"ranges that do not meet", kBetween, R"({"column":"v","max_value":1})", kBetween,
       R"({"column":"v","min_value":2})", true},
      {"ranges that touch", kBetween, R"({"column":"v","max_value":2})", kBetween,
       R"({"column":"v","min_value":2})", false},
      {"ranges that touch, strictly", kBetween, R"({"column":"v","max_value":2})", kBetween,
       R"({"column":"v","min_value":2,"strict_min":true})", true},
      {"half and half", kBetween, R"({"column":"v","max_value":1,"mostly":0.5})", kBetween,
       R"({"column":"v","min_value":2,"mostly":0.5})", false},
      {"more than half and half", kBetween, R"({"column":"v","max_value":1,"mostly":0.6})",
       kBetween, R"({"column":"v","min_value":2,"mostly":0.5})", true},
      {"other rows", kBetween, R"({"column":"v","max_value":1,"row_condition":"w = 1"})", kBetween,
       R"({"column":"v","min_value":2,"row_condition":"w = 2"})", false},
      {"other rows, by where they are looked at", kBetween,
       R"({"column":"v","max_value":1,"on":"delivery"})", kBetween,
       R"({"column":"v","min_value":2})", false},
      {"all that is allowed is forbidden", kIn, R"({"column":"v","value_set":[1,2]})", kNotIn,
       R"({"column":"v","value_set":[1,2,3]})", true},
      {"something is left", kIn, R"({"column":"v","value_set":[1,2]})", kNotIn,
       R"({"column":"v","value_set":[1]})", false},
      {"a set outside of the range", kBetween, R"({"column":"v","min_value":5})", kIn,
       R"({"column":"v","value_set":[1,2]})", true},
      {"sets apart", kIn, R"({"column":"v","value_set":["a"]})", kIn,
       R"({"column":"v","value_set":["b"]})", true},
      {"a mean above all values", kBetween, R"({"column":"v","min_value":0,"max_value":10})", kMean,
       R"({"column":"v","min_value":20})", true},
      {"a mean inside", kBetween, R"({"column":"v","min_value":0,"max_value":10})", kMean,
       R"({"column":"v","min_value":5,"max_value":50})", false},
      {"a mean above most values", kBetween, R"({"column":"v","max_value":10,"mostly":0.9})", kMean,
       R"({"column":"v","min_value":20})", false},
      {"a least value above the greatest", kMin, R"({"column":"v","min_value":9})", kMax,
       R"({"column":"v","max_value":3})", true},
      {"a mean below the least", kMean, R"({"column":"v","max_value":1})", kMin,
       R"({"column":"v","min_value":2})", true},
      {"a least value below the greatest", kMin, R"({"column":"v","max_value":1})", kMax,
       R"({"column":"v","min_value":5})", false},
      {"two means", kMean, R"({"column":"v","max_value":1})", kMean,
       R"({"column":"v","min_value":2})", true},
      {"numbers of rows", kRowsEqual, R"({"value":7})", kRows, R"({"min_value":10})", true},
      {"null and not null", kNull, R"({"column":"v"})", kNotNull, R"({"column":"v"})", true},
  };
  for (const Pair& p : kPairs) {
    auto found = ContradictionsOf({Check("a", p.a_type, p.a), Check("b", p.b_type, p.b)});
    EXPECT_EQ(!found.empty(), p.holds) << p.what;
    auto swapped = ContradictionsOf({Check("b", p.b_type, p.b), Check("a", p.a_type, p.a)});
    EXPECT_EQ(!swapped.empty(), p.holds) << p.what << ", the other way round";
  }
}

}  // namespace
}  // namespace andon::quality
