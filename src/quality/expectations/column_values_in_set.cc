#include "quality/expectation.h"

namespace andon::quality {

// What is in the set, and what is not, differ in one Not.
extern const std::vector<Expectation> kColumnValuesInSet = {
    {
        .name = "expect_column_values_to_be_in_set",
        .says = "Values of {column} are one of {value_set}.",
        .params = {kColumn, kValueSet, kMostly},
        .unexpected =
            [](const Args& args) { return Not(In(args.Column(), args.Literals(kValueSet))); },
        .example = R"(
            column=method value_set=["cash","card"]
            method: cash card null cheque
            fail: 1 of 3 unexpected, "cheque"

            column=staff value_set=[1,2,null]
            staff: 1 2 null 1
            pass: 0 of 3 unexpected
        )",
    },
    {
        .name = "expect_column_values_to_not_be_in_set",
        .says = "Values of {column} are none of {value_set}.",
        .params = {kColumn, kValueSet, kMostly},
        .unexpected = [](const Args& args) { return In(args.Column(), args.Literals(kValueSet)); },
        .example = R"(
            column=amount value_set=[0] mostly=0.5
            amount: 0 1.99 2.99
            pass: 1 of 3 unexpected, 0.0
        )",
    },
};

}  // namespace andon::quality
