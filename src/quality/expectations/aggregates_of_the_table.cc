#include <cmath>

#include "base/clock.h"
#include "quality/over_time.h"
#include "quality/range.h"

namespace andon::quality {

namespace {

using sql::Aggregate;

constexpr Param kExpression = {
    "expression", ParamKind::kText,
    "An aggregate in SQL, or several combined: \"sum(amount) / count(*)\".", true};
constexpr Param kOther = {"other_table_name", ParamKind::kTable,
                          "The other dataset, or the table of the other source.", true};
constexpr Param kOtherExpression = {"other_expression", ParamKind::kText,
                                    "The aggregate there; by default the same."};
constexpr Param kSource = {"comparison_data_source_name", ParamKind::kText,
                           "The source of the other table; by default the same."};
constexpr Param kTolerance = {"tolerance", ParamKind::kNumber,
                              "By how much they may differ; 0 by default."};
constexpr Param kComparedTo = {
    "compared_to", ParamKind::kText,
    "\"previous\" (by default), \"yesterday\", \"last_week\" (the day a week ago) or "
    "\"same_weekday\" (the mean of the last four)."};
constexpr Param kLeastChange = {"min_value", ParamKind::kNumber,
                                "The least change, as a share: -0.2 is a fall by 20 %."};
constexpr Param kMostChange = {"max_value", ParamKind::kNumber,
                               "The greatest change, as a share: 0.5 is a rise by 50 %."};

bool IsFiltered(const Args& args) {
  return !args.Get({"row_condition", ParamKind::kText, ""}).is_null();
}

std::vector<Aggregate> Written(const Args& args) {
  return {Aggregate::Written(args.String(kExpression))};
}

std::string Select(const Args& args, const Place& place) {
  return fmt::format("SELECT {} FROM {} WHERE {}",
                     sql::Expr::Written(args.String(kExpression)).Print(place.dialect), place.from,
                     place.where);
}

Json OnlyValue(const Rows& rows) { return rows.empty() ? Json() : rows[0][0]; }

Verdict JudgeBetween(const Args& args, const std::vector<Json>& values) {
  Json value = Numeric(values[0]);
  return {IsInside(value, args), value};
}

Verdict JudgeChange(const Args& args, const std::vector<Json>& values) {
  Json value = Numeric(values[0]);
  std::optional<Earlier> earlier = EarlierValue(args.around(), args.String(kComparedTo));
  Verdict verdict{.success = !value.is_null(), .observed = value, .details = Json::Object()};
  // The first of its kind has nothing to be compared with.
  verdict.details.Set("compared_with", earlier ? Json(earlier->value) : Json());
  if (!earlier || value.is_null()) return verdict;
  double now = NumberOf(value).value_or(std::nan(""));
  double change = earlier->value == now ? 0 : now / earlier->value - 1;
  verdict.details.Set("compared_with_time", ToRfc3339(earlier->at));
  verdict.details.Set("change", change);
  verdict.success = IsInside(Json(change), args);
  return verdict;
}

std::string ComparedToMistake(const Args& args) {
  std::string word = args.String(kComparedTo);
  if (word.empty() || IsEarlierWord(word)) return RangeMistake(args);
  return "\"compared_to\" must be " + std::string(kComparedTo.doc);
}

Result<Verdict> Reconcile(const Args& args, const Place& place, Sides& sides) {
  std::vector<std::string> columns;
  Rows here = TRY(sides.Query("", Select(args, place), &columns));
  std::string source = args.String(kSource);
  std::string expression =
      args.Has(kOtherExpression) ? args.String(kOtherExpression) : args.String(kExpression);
  Rows there = TRY(sides.Query(
      source,
      fmt::format("SELECT ({}\n) FROM {} AS other", expression, OtherTable(args, kOther, source)),
      &columns));
  Json a = Numeric(OnlyValue(here)), b = Numeric(OnlyValue(there));
  std::optional<double> x = NumberOf(a), y = NumberOf(b);
  double tolerance = args.Number(kTolerance).value_or(0);
  bool success = x && y ? std::abs(*x - *y) <= tolerance : IsSameValue(a, b);
  return Verdict{success, Json::Object({{"self", a}, {"other", b}})};
}

}  // namespace

// What the user counts or adds up, against bounds, against another place, and against earlier.
extern const std::vector<Expectation> kAggregatesOfTheTable = {
    {
        .name = "expect_aggregate_to_be_between",
        .says = "{expression} is {range}.",
        .params = {kExpression, kMinValue, kMaxValue, kStrictMin, kStrictMax},
        .aggregates = Written,
        .judge = JudgeBetween,
        .rows = Select,
        .judge_rows = [](const Args& args, const Rows& rows) -> Result<Verdict> {
          return JudgeBetween(args, {OnlyValue(rows)});
        },
        .takes_rows = IsFiltered,
        .mistake = RangeMistake,
        .example = R"x(
            expression="sum(paid) / count(*)" min_value=2 max_value=3
            paid: 1 2 6
            pass: 3.0

            expression="count(*)" min_value=2 row_condition="paid > 1"
            paid: 1 2
            fail: 1
        )x",
    },
    {
        .name = "expect_aggregate_to_equal_other_table",
        .says = "{expression} is the same as in {other_table_name}.",
        .params = {kExpression, kOther, kOtherExpression, kSource, kTolerance},
        .compare = Reconcile,
        .example = R"x(
            expression="sum(paid)" other_table_name=ledger other_expression="sum(amount)" tolerance=1
            paid: 1 2 6
            ledger.amount: 4 4
            pass: {"self":9,"other":8}
        )x",
    },
    {
        .name = "expect_aggregate_change_to_be_between",
        .says = "{expression} changes by a share {range}, compared to {compared_to}.",
        .params = {kExpression, kComparedTo, kLeastChange, kMostChange, kStrictMin, kStrictMax},
        .aggregates = Written,
        .judge = JudgeChange,
        .rows = Select,
        .judge_rows = [](const Args& args, const Rows& rows) -> Result<Verdict> {
          return JudgeChange(args, {OnlyValue(rows)});
        },
        .takes_rows = IsFiltered,
        .needs_now = true,
        .mistake = ComparedToMistake,
        .example = R"x(
            expression="count(*)" min_value=-0.5 max_value=0.5
            id: 1 2 3
            pass: 3
        )x",
    },
};

}  // namespace andon::quality
