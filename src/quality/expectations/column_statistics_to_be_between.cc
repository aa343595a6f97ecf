#include "quality/range.h"

namespace andon::quality {

namespace {

using sql::Aggregate;
using sql::TypeClass;

using Aggregates = std::vector<Aggregate> (*)(const Args&);
using Judge = Verdict (*)(const Args&, const std::vector<Json>&);

// One aggregate of one column within bounds; the rows differ in which.
Expectation Row(const char* name, const char* says, std::vector<Param> bounds,
                std::vector<TypeClass> classes, Aggregates aggregates, const char* example,
                Judge judge = JudgeRange) {
  std::vector<Param> params = {kColumn};
  params.insert(params.end(), bounds.begin(), bounds.end());
  params.insert(params.end(), {kStrictMin, kStrictMax});
  return {.name = name,
          .says = says,
          .params = std::move(params),
          .aggregates = aggregates,
          .judge = judge,
          .mistake = OrderMistake,
          .column_classes = std::move(classes),
          .example = example};
}

// The sum of nothing is 0 on files, as pandas has it, and nothing on databases.
Verdict JudgeSum(const Args& args, const std::vector<Json>& values) {
  bool is_file = args.dialect() == sql::Dialect::kDuckDb;
  Json sum = values[0].is_null() && is_file ? Json(0) : Numeric(values[0]);
  return {IsInside(sum, args), sum};
}

// The share of values[1] in values[0].
Verdict JudgeShare(const Args& args, const std::vector<Json>& values) {
  double whole = NumberOf(values[0]).value_or(0), part = NumberOf(values[1]).value_or(0);
  Json share = whole > 0 ? Json(part / whole) : Json(0.0);
  return {IsInside(share, args), share};
}

}  // namespace

// clang-format off
extern const std::vector<Expectation> kColumnStatisticsToBeBetween = {
    Row("expect_column_min_to_be_between", "The least value of {column} is {range}.", {kMinValue, kMaxValue},
        {TypeClass::kNumber, TypeClass::kDate, TypeClass::kTimestamp, TypeClass::kTime, TypeClass::kString},
        [](const Args& args) { return std::vector{Aggregate::Min(args.Column())}; }, R"(
            column=amount min_value=0 max_value=1
            amount: 0.99 11.99 null
            pass: 0.99

            column=day min_value="2005-08-01"
            day (date): 2005-07-31 2005-08-02
            fail: "2005-07-31"
        )"),
    Row("expect_column_max_to_be_between", "The greatest value of {column} is {range}.", {kMinValue, kMaxValue},
        {TypeClass::kNumber, TypeClass::kDate, TypeClass::kTimestamp, TypeClass::kTime, TypeClass::kString},
        [](const Args& args) { return std::vector{Aggregate::Max(args.Column())}; }, R"(
            column=amount min_value=11 max_value=12
            amount: 0.99 11.99 null
            pass: 11.99
        )"),
    Row("expect_column_mean_to_be_between", "The mean of {column} is {range}.", {kMinNumber, kMaxNumber},
        {TypeClass::kNumber},
        [](const Args& args) { return std::vector{Aggregate::Mean(args.Column(), args.IsFloating())}; }, R"(
            column=n min_value=2 max_value=3
            n:    1 2 4.5 null
            pass: 2.5

            column=n min_value=2
            n (long): null
            fail: null
        )"),
    Row("expect_column_sum_to_be_between", "The sum of {column} is {range}.", {kMinNumber, kMaxNumber},
        {TypeClass::kNumber},
        [](const Args& args) { return std::vector{Aggregate::Sum(args.Column(), args.IsFloating())}; }, R"(
            column=n max_value=6
            n:    1 2 4 null
            fail: 7
        )", JudgeSum),
    Row("expect_column_median_to_be_between", "The median of {column} is {range}.", {kMinNumber, kMaxNumber},
        {TypeClass::kNumber},
        [](const Args& args) { return std::vector{Aggregate::Median(args.Column())}; }, R"(
            column=n min_value=2 max_value=3
            n:    1 2 3 40 null
            pass: 2.5
        )"),
    Row("expect_column_stdev_to_be_between", "The standard deviation of {column} is {range}.", {kMinNumber, kMaxNumber},
        {TypeClass::kNumber},
        [](const Args& args) { return std::vector{Aggregate::StdDev(args.Column())}; }, R"(
            column=n min_value=0.5 max_value=1
            n:    1 2 3 null
            pass: 1.0

            column=n min_value=0
            n:    1
            fail: null
        )"),
    Row("expect_column_unique_value_count_to_be_between", "The number of different values of {column} is {range}.", {kMinCount, kMaxCount}, {},
        [](const Args& args) { return std::vector{Aggregate::CountDistinct({args.Column()})}; }, R"(
            column=city min_value=2 max_value=3
            city: Rome Rome Oslo null
            pass: 2
        )"),
    Row("expect_column_proportion_of_unique_values_to_be_between", "The share of different values in those of {column} is {range}.", {kMinNumber, kMaxNumber}, {},
        [](const Args& args) { return std::vector{Aggregate::Count(args.Column()), Aggregate::CountDistinct({args.Column()})}; }, R"(
            column=city min_value=0.8
            city: Rome Rome Oslo Bonn null
            fail: 0.75
        )", JudgeShare),
    Row("expect_column_proportion_of_non_null_values_to_be_between", "The share of rows with a value in {column} is {range}.", {kMinNumber, kMaxNumber}, {},
        [](const Args& args) { return std::vector{Aggregate::CountRows(), Aggregate::Count(args.Column())}; }, R"(
            column=city min_value=0.5 max_value=0.8
            city: Rome Rome Oslo null
            pass: 0.75
        )", JudgeShare),
};
// clang-format on

}  // namespace andon::quality
