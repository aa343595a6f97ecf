#include "quality/expectation.h"

namespace andon::quality {

extern const Expectation kColumnUniqueValueCountToBeBetween = {
    .name = "expect_column_unique_value_count_to_be_between",
    .says = "The number of different values of {column} is {range}.",
    .params = {kColumn, kMinCount, kMaxCount, kStrictMin, kStrictMax},
    .aggregates =
        [](const Args& args) {
          return std::vector{sql::Aggregate::CountDistinct({args.Column()})};
        },
    .judge = JudgeRange,
    .mistake = RangeMistake,
    .example = R"(
        column=city min_value=2 max_value=3
        city: Rome Rome Oslo null
        pass: 2
    )",
};

}  // namespace andon::quality
