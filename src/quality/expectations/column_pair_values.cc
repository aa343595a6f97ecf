#include "quality/expectation.h"

namespace andon::quality {

namespace {

using sql::Comparison;
using sql::Expr;

constexpr Param kOrEqual = {"or_equal", ParamKind::kBool, "Equal values are good, too."};
constexpr Param kPairs = {"value_pairs_set", ParamKind::kPairs,
                          "The pairs: [[1, \"a\"], [2, \"b\"]].", true};

std::optional<Expr> Judged(const Args& args) {
  return JudgedRows(args, {args.String(kColumnA), args.String(kColumnB)}, kIgnorePair);
}

std::string Mistake(const Args& args) { return IgnoreRowMistake(args, kIgnorePair); }

// Files take a missing value of a pair for a value of its own, databases compare it with nothing.
Expr Holds(const Args& args, const Param& column, const Json& value) {
  Expr literal = Expr::Literal(value, args.TypeOf(args.String(column)));
  if (args.dialect() == sql::Dialect::kDuckDb) return NotDistinct(args.Column(column), literal);
  return Compare(args.Column(column), Comparison::kEqual, literal);
}

Expr InPairs(const Args& args) {
  std::vector<Expr> pairs;
  for (const Json& pair : args.Get(kPairs).items()) {
    pairs.push_back(
        sql::And({Holds(args, kColumnA, pair.items()[0]), Holds(args, kColumnB, pair.items()[1])}));
  }
  return pairs.empty() ? Expr::Literal(Json(false)) : sql::Or(std::move(pairs));
}

}  // namespace

extern const std::vector<Expectation> kColumnPairValues = {
    {
        .name = "expect_column_pair_values_to_be_equal",
        .says = "{column_A} equals {column_B}.",
        .params = {kColumnA, kColumnB, kIgnorePair, kMostly},
        .unexpected =
            [](const Args& args) {
              Expr a = args.Column(kColumnA), b = args.Column(kColumnB);
              return sql::Or({IsNull(a), IsNull(b), Compare(a, Comparison::kNotEqual, b)});
            },
        .judged = Judged,
        .mistake = Mistake,
        .example = R"(
            column_A=a column_B=b
            a:    1 2 null null
            b:    1 3 4    null
            fail: 2 of 3 unexpected, [2,3] [null,4]

            column_A=a column_B=b ignore_row_if=either_value_is_missing mostly=0.5
            a:    1 2 null
            b:    1 3 4
            pass: 1 of 2 unexpected, [2,3]
        )",
    },
    {
        .name = "expect_column_pair_values_a_to_be_greater_than_b",
        .says = "{column_A} is greater than {column_B}.",
        .params = {kColumnA, kColumnB, kOrEqual, kIgnorePair, kMostly},
        .unexpected =
            [](const Args& args) {
              Comparison wanted =
                  args.Bool(kOrEqual) ? Comparison::kGreaterOrEqual : Comparison::kGreater;
              return NotTrue(Compare(args.Column(kColumnA), wanted, args.Column(kColumnB)));
            },
        .judged = Judged,
        .mistake = Mistake,
        .example = R"(
            column_A=paid column_B=due
            paid: 5 4 4 null
            due:  4 4 5 null
            fail: 2 of 3 unexpected, [4,4] [4,5]

            column_A=paid column_B=due or_equal=true
            paid: 5 4
            due:  4 4
            pass: 0 of 2 unexpected
        )",
    },
    {
        .name = "expect_column_pair_values_to_be_in_set",
        .says = "The pair of {column_A} and {column_B} is one of {value_pairs_set}.",
        .params = {kColumnA, kColumnB, kPairs, kIgnorePair, kMostly},
        .unexpected = [](const Args& args) { return NotTrue(InPairs(args)); },
        .judged = Judged,
        .mistake = Mistake,
        .example = R"(
            column_A=country column_B=currency value_pairs_set=[["DE","EUR"],["GB","GBP"]]
            country:  DE  GB  GB
            currency: EUR GBP EUR
            fail: 1 of 3 unexpected, ["GB","EUR"]
        )",
    },
};

}  // namespace andon::quality
