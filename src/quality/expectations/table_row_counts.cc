#include "quality/range.h"

namespace andon::quality {

namespace {

constexpr Param kRowCount = {"value", ParamKind::kCount, "The number of rows.", true};

constexpr Param kOther = {"other_table_name", ParamKind::kTable,
                          "The other dataset, or the table of the other source.", true};
constexpr Param kSource = {"comparison_data_source_name", ParamKind::kText,
                           "The source of the other table; by default the same."};

std::vector<sql::Aggregate> CountRows(const Args&) { return {sql::Aggregate::CountRows()}; }

Verdict AreEqual(const Args&, const std::vector<Json>& values) {
  return {values[0] == values[1], Json::Object({{"self", values[0]}, {"other", values[1]}})};
}

// With a table of another source, one count on each side.
Result<Verdict> Compare(const Args& args, const Place& place, Sides& sides) {
  std::vector<std::string> columns;
  std::string source = args.String(kSource);
  Rows here = TRY(sides.Query(
      "", fmt::format("SELECT count(*) FROM {} WHERE {}", place.from, place.where), &columns));
  Rows there = TRY(sides.Query(
      source, fmt::format("SELECT count(*) FROM {} AS other", OtherTable(args, kOther, source)),
      &columns));
  return AreEqual(args, {here[0][0], there[0][0]});
}

}  // namespace

// How many rows there are, against numbers or against another table.
extern const std::vector<Expectation> kTableRowCounts = {
    {
        .name = "expect_table_row_count_to_be_between",
        .says = "The number of rows is {range}.",
        .params = {kMinCount, kMaxCount, kStrictMin, kStrictMax},
        .on_delivery = true,
        .aggregates = CountRows,
        .judge = JudgeRange,
        .mistake = OrderMistake,
        .example = R"(
            min_value=1 max_value=2
            a: 1 2 3
            fail: 3
        )",
    },
    {
        .name = "expect_table_row_count_to_equal",
        .says = "The number of rows is {value}.",
        .params = {kRowCount},
        .on_delivery = true,
        .aggregates = CountRows,
        .judge =
            [](const Args& args, const std::vector<Json>& values) {
              return Verdict{values[0] == args.Get(kRowCount), values[0]};
            },
        .example = R"(
            value=3
            a: 1 2 null
            pass: 3
        )",
    },
    {
        .name = "expect_table_row_count_to_equal_other_table",
        .says = "There are as many rows as in {other_table_name}.",
        .params = {kOther, kSource},
        .aggregates =
            [](const Args& args) {
              return std::vector{sql::Aggregate::CountRows(),
                                 sql::Aggregate::CountRowsOf(args.From(kOther))};
            },
        .judge = AreEqual,
        .compare = Compare,
        .takes_compare = [](const Args& args) { return !args.String(kSource).empty(); },
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
