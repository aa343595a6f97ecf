#include "quality/range.h"

namespace andon::quality {

namespace {

constexpr Param kLength = {"value", ParamKind::kCount, "The length in characters.", true};

sql::Expr LengthOf(const Args& args) { return Length(args.Text()); }

}  // namespace

// Of what is no text, the length of its text.
extern const std::vector<Expectation> kColumnValueLengths = {
    {
        .name = "expect_column_value_lengths_to_equal",
        .says = "Values of {column} have {value} characters.",
        .params = {kColumn, kLength, kMostly},
        .unexpected =
            [](const Args& args) {
              return Compare(LengthOf(args), sql::Comparison::kNotEqual,
                             sql::Expr::Literal(args.Get(kLength)));
            },
        .example = R"(
            column=code value=3
            code: abc äöü ab null
            fail: 1 of 3 unexpected, "ab"
        )",
    },
    {
        .name = "expect_column_value_lengths_to_be_between",
        .says = "The number of characters in values of {column} is {range}.",
        .params = {kColumn, kMinCount, kMaxCount, kStrictMin, kStrictMax, kMostly},
        .unexpected = [](const Args& args) { return Outside(LengthOf(args), args, "long"); },
        .mistake = RangeMistake,
        .example = R"(
            column=code min_value=2 max_value=3
            code: a ab äöü abcd null
            fail: 2 of 4 unexpected, "a" "abcd"

            column=code min_value=1 strict_max=true max_value=3
            code: a ab null
            pass: 0 of 2 unexpected
        )",
    },
};

}  // namespace andon::quality
