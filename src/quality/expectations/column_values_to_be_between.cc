#include "quality/range.h"

namespace andon::quality {

extern const Expectation kColumnValuesToBeBetween = {
    .name = "expect_column_values_to_be_between",
    .says = "Values of {column} are {range}.",
    .params = {kColumn, kMinValue, kMaxValue, kStrictMin, kStrictMax, kMostly},
    .unexpected = [](const Args& args) { return Outside(args.Column(), args, args.Type()); },
    .mistake = RangeMistake,
    .column_classes = {sql::TypeClass::kNumber, sql::TypeClass::kDate, sql::TypeClass::kTimestamp,
                       sql::TypeClass::kTime, sql::TypeClass::kString},
    .example = R"(
        column=amount min_value=0 max_value=20
        amount: 0 19.99 20 null
        pass: 0 of 3 unexpected

        column=amount min_value=0 strict_min=true mostly=0.9
        amount: 0 5.5 -4.99 nan
        fail: 3 of 4 unexpected, 0.0 -4.99 "nan"

        column=day max_value="2005-08-31"
        day (date): 2005-08-31 2005-09-01
        fail: 1 of 2 unexpected, "2005-09-01"
    )",
};

}  // namespace andon::quality
