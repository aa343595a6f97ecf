#include "quality/expectation.h"

namespace andon::quality {

namespace {

constexpr Param kStrictly = {"strictly", ParamKind::kBool, "Equal neighbours are bad, too."};
constexpr Param kOrderBy = {
    "order_by", ParamKind::kColumns,
    "The columns that put the rows in order; by default the order of the file. A table of a "
    "database has none of its own."};

// Bad where it stands on the wrong side of the value before; the first has none before it.
sql::Expr Wrong(const Args& args, sql::Comparison wrong, sql::Comparison wrong_strictly) {
  return Compare(args.Column(), args.Bool(kStrictly) ? wrong_strictly : wrong, args.Previous());
}

}  // namespace

extern const std::vector<Expectation> kColumnValuesInOrder = {
    {
        .name = "expect_column_values_to_be_increasing",
        .says = "Values of {column} increase from row to row.",
        .params = {kColumn, kStrictly, kOrderBy, kMostly},
        .unexpected =
            [](const Args& args) {
              return Wrong(args, sql::Comparison::kLess, sql::Comparison::kLessOrEqual);
            },
        .in_order = true,
        .example = R"(
            column=n
            n:    1 2 2 null 5 4
            fail: 1 of 5 unexpected, 4

            column=n strictly=true
            n:    1 2 2 3
            fail: 1 of 4 unexpected, 2

            column=n order_by=["day"]
            n:    3 1 2
            day:  3 1 2
            pass: 0 of 3 unexpected
        )",
    },
    {
        .name = "expect_column_values_to_be_decreasing",
        .says = "Values of {column} decrease from row to row.",
        .params = {kColumn, kStrictly, kOrderBy, kMostly},
        .unexpected =
            [](const Args& args) {
              return Wrong(args, sql::Comparison::kGreater, sql::Comparison::kGreaterOrEqual);
            },
        .in_order = true,
        .example = R"(
            column=day
            day (date): 2005-08-02 2005-08-01 2005-08-03
            fail: 1 of 3 unexpected, "2005-08-03"
        )",
    },
};

}  // namespace andon::quality
