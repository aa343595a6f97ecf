#include "quality/expectation.h"

namespace andon::quality {

// How many rows there are, against numbers or against another table.
extern const std::vector<Expectation> kTableRowCounts = {
    {
        .name = "expect_table_row_count_to_be_between",
        .says = "The number of rows is {range}.",
        .params = {kMinCount, kMaxCount, kStrictMin, kStrictMax},
        .on_delivery = true,
        .aggregates = [](const Args&) { return std::vector{sql::Aggregate::CountRows()}; },
        .judge = JudgeRange,
        .mistake = RangeMistake,
        .example = R"(
            min_value=1 max_value=2
            a: 1 2 3
            fail: 3
        )",
    },
    {
        .name = "expect_table_row_count_to_equal_other_table",
        .says = "There are as many rows as in {other_table_name}.",
        .params = {kOtherTable},
        .aggregates =
            [](const Args& args) {
              return std::vector{sql::Aggregate::CountRows(),
                                 sql::Aggregate::CountRowsOf(args.From(kOtherTable))};
            },
        .judge =
            [](const Args&, const std::vector<Json>& values) {
              return Verdict{values[0] == values[1],
                             Json::Object({{"self", values[0]}, {"other", values[1]}})};
            },
        .example = R"(
            other_table_name=rental
            id: 1 2
            rental.id: 1 2
            pass: {"self":2,"other":2}

            other_table_name=rental
            id: 1 2
            rental.id: 1 2 3
            fail: {"self":2,"other":3}
        )",
    },
};

}  // namespace andon::quality
