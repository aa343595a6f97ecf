#include "quality/expectation.h"

namespace andon::quality {

namespace {

using sql::Aggregate;
using sql::TypeClass;

// One aggregate of one column within bounds; the rows differ in which.
Expectation Row(const char* name, const char* says, std::vector<Param> bounds,
                std::vector<TypeClass> classes, std::vector<Aggregate> (*aggregates)(const Args&),
                const char* example,
                Verdict (*judge)(const Args&, const std::vector<Json>&) = JudgeRange) {
  std::vector<Param> params = {kColumn};
  params.insert(params.end(), bounds.begin(), bounds.end());
  params.insert(params.end(), {kStrictMin, kStrictMax});
  return {.name = name,
          .says = says,
          .params = std::move(params),
          .aggregates = aggregates,
          .judge = judge,
          .mistake = RangeMistake,
          .column_classes = std::move(classes),
          .example = example};
}

bool IsFloating(const Args& args) { return args.Type() == "double" || args.Type() == "float"; }

Verdict JudgeMedian(const Args& args, const std::vector<Json>& values) {
  // The quantile is a list of one; of no rows it is null.
  return JudgeRange(args, {values[0].items().empty() ? Json() : values[0].items()[0]});
}

}  // namespace

// clang-format off
extern const std::vector<Expectation> kColumnStatisticsToBeBetween = {
    Row("expect_column_min_to_be_between", "The least value of {column} is {range}.", {kMinValue, kMaxValue},
        {TypeClass::kNumber, TypeClass::kDate, TypeClass::kTimestamp, TypeClass::kString},
        [](const Args& args) { return std::vector{Aggregate::Min(args.Column())}; }, R"(
            column=amount min_value=0 max_value=1
            amount: 0.99 11.99 null
            pass: 0.99

            column=day min_value="2005-08-01"
            day (date): 2005-07-31 2005-08-02
            fail: "2005-07-31"
        )"),
    Row("expect_column_max_to_be_between", "The greatest value of {column} is {range}.", {kMinValue, kMaxValue},
        {TypeClass::kNumber, TypeClass::kDate, TypeClass::kTimestamp, TypeClass::kString},
        [](const Args& args) { return std::vector{Aggregate::Max(args.Column())}; }, R"(
            column=amount min_value=11 max_value=12
            amount: 0.99 11.99 null
            pass: 11.99
        )"),
    Row("expect_column_mean_to_be_between", "The mean of {column} is {range}.", {kMinNumber, kMaxNumber},
        {TypeClass::kNumber},
        [](const Args& args) { return std::vector{Aggregate::Mean(args.Column(), IsFloating(args))}; }, R"(
            column=n min_value=2 max_value=3
            n:    1 2 4.5 null
            pass: 2.5

            column=n min_value=2
            n (long): null
            pass: null
        )"),
    Row("expect_column_sum_to_be_between", "The sum of {column} is {range}.", {kMinNumber, kMaxNumber},
        {TypeClass::kNumber},
        [](const Args& args) { return std::vector{Aggregate::Sum(args.Column(), IsFloating(args))}; }, R"(
            column=n max_value=6
            n:    1 2 4 null
            fail: 7
        )"),
    Row("expect_column_median_to_be_between", "The median of {column} (the lower of two) is {range}.", {kMinNumber, kMaxNumber},
        {TypeClass::kNumber},
        [](const Args& args) { return std::vector{Aggregate::Quantiles(args.Column(), {0.5})}; }, R"(
            column=n min_value=2 max_value=2
            n:    1 2 3 40 null
            pass: 2
        )", JudgeMedian),
};
// clang-format on

}  // namespace andon::quality
