#include "quality/expectation.h"

namespace andon::quality {

extern const std::vector<Expectation> kColumnValuesNull = {
    {
        .name = "expect_column_values_to_not_be_null",
        .says = "{column} is never null.",
        .params = {kColumn, kMostly},
        .on_delivery = true,
        .unexpected = [](const Args& args) { return IsNull(args.Column()); },
        .judges_nulls = true,
        .example = R"(
            column=name
            name: Ana Ben null
            fail: 1 of 3 unexpected

            column=name mostly=0.6
            name: Ana Ben null
            pass: 1 of 3 unexpected
        )",
    },
    {
        .name = "expect_column_values_to_be_null",
        .says = "{column} is always null.",
        .params = {kColumn, kMostly},
        .unexpected = [](const Args& args) { return IsNotNull(args.Column()); },
        .judges_nulls = true,
        .example = R"(
            column=deleted_at
            deleted_at: null x null
            fail: 1 of 3 unexpected, "x"
        )",
    },
};

}  // namespace andon::quality
