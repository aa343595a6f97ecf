#include "quality/range.h"

namespace andon::quality {

namespace {

using sql::Comparison;
using sql::Expr;

constexpr Param kSumTotal = {"sum_total", ParamKind::kNumber, "What they add up to.", true};

std::optional<Expr> Judged(const Args& args) {
  return JudgedRows(args, args.Strings(kColumnList), kIgnoreRow);
}

std::string Mistake(const Args& args) {
  if (args.Strings(kColumnList).size() < 2) return "\"column_list\" must name two columns or more.";
  return IgnoreRowMistake(args, kIgnoreRow);
}

Expr Sum(const Args& args) {
  std::vector<Expr> columns = args.Columns(kColumnList);
  Expr sum = columns[0];
  for (size_t i = 1; i < columns.size(); i++) sum = Compute(sum, sql::Arithmetic::kAdd, columns[i]);
  return sum;
}

Expr AnyTwoEqual(const Args& args) {
  std::vector<Expr> columns = args.Columns(kColumnList), pairs;
  for (size_t i = 0; i < columns.size(); i++) {
    for (size_t j = i + 1; j < columns.size(); j++)
      pairs.push_back(NotDistinct(columns[i], columns[j]));
  }
  return sql::Or(std::move(pairs));
}

Expr AnyDiffers(const Args& args) {
  std::vector<Expr> columns = args.Columns(kColumnList), parts;
  for (size_t i = 1; i < columns.size(); i++)
    parts.push_back(Not(NotDistinct(columns[0], columns[i])));
  return sql::Or(std::move(parts));
}

}  // namespace

// One row's values against one another.
extern const std::vector<Expectation> kMulticolumnValues = {
    {
        .name = "expect_multicolumn_sum_to_equal",
        .says = "{column_list} add up to {sum_total}.",
        .params = {kColumnList, kSumTotal, kIgnoreRow, kMostly},
        .unexpected =
            [](const Args& args) {
              return NotTrue(
                  Compare(Sum(args), Comparison::kEqual, Expr::Literal(args.Get(kSumTotal))));
            },
        .judged = Judged,
        .mistake = Mistake,
        .column_classes = {sql::TypeClass::kNumber},
        .example = R"(
            column_list=["a","b"] sum_total=3
            a:    1 2 3 null
            b:    2 1 1 null
            fail: 1 of 3 unexpected, {"a":3,"b":1}
        )",
    },
    {
        .name = "expect_select_column_values_to_be_unique_within_record",
        .says = "{column_list} differ from one another in each row.",
        .params = {kColumnList, kIgnoreRow, kMostly},
        .unexpected = AnyTwoEqual,
        .judged = Judged,
        .mistake = Mistake,
        .example = R"(
            column_list=["home","away"]
            home: a b c
            away: b b d
            fail: 1 of 3 unexpected, {"home":"b","away":"b"}
        )",
    },
    {
        .name = "expect_multicolumn_values_to_be_equal",
        .says = "{column_list} are equal in each row.",
        .params = {kColumnList, kIgnoreRow, kMostly},
        .unexpected = AnyDiffers,
        .judged = Judged,
        .mistake = Mistake,
        .example = R"(
            column_list=["a","b","c"] ignore_row_if=never
            a:    1 1 null null
            b:    1 1 null 2
            c:    1 2 null null
            fail: 2 of 4 unexpected, {"a":1,"b":1,"c":2} {"a":null,"b":2,"c":null}
        )",
    },
};

}  // namespace andon::quality
