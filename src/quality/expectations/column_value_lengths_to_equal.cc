#include "quality/expectation.h"

namespace andon::quality {

extern const Expectation kColumnValueLengthsToEqual = {
    .name = "expect_column_value_lengths_to_equal",
    .says = "Values of {column} have {value} characters.",
    .params = {kColumn, kLength, kMostly},
    .unexpected =
        [](const Args& args) {
          return Compare(Length(args.Column()), sql::Comparison::kNotEqual,
                         sql::Expr::Literal(args.Get(kLength)));
        },
    .column_classes = {sql::TypeClass::kString},
    .example = R"(
        column=code value=3
        code: abc äöü ab null
        fail: 1 of 3 unexpected, "ab"
    )",
};

}  // namespace andon::quality
