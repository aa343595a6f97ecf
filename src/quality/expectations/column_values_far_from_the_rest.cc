#include <cmath>

#include "quality/range.h"

namespace andon::quality {

namespace {

using sql::Aggregate;
using sql::Comparison;
using sql::Expr;

constexpr Param kThreshold = {"threshold", ParamKind::kNumber, "The z-score that is too high.",
                              true};
constexpr Param kDoubleSided = {"double_sided", ParamKind::kBool,
                                "Values far below the mean are bad, too; true by default."};
constexpr Param kMethod = {
    "method", ParamKind::kText,
    "\"iqr\" (by default): beyond the quartiles by more than multiplier times their distance; or "
    "\"std\": from the mean by multiplier standard deviations."};
constexpr Param kMultiplier = {"multiplier", ParamKind::kNumber, "1.5 by default."};

Expr Nothing() { return Expr::Literal(Json(false)); }

std::optional<double> Finite(const Json& value) {
  std::optional<double> number = NumberOf(value);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::vector<Aggregate> MeanAndSpread(const Args& args) {
  return {Aggregate::Mean(AsDouble(args.Column()), true), Aggregate::StdDev(args.Column())};
}

Expr Distance(const Args& args, double center) {
  return Compute(AsDouble(args.Column()), sql::Arithmetic::kSubtract, Expr::Double(center));
}

// Without a spread (one value, or all the same) no score is defined, and nothing is far.
Expr FarByScore(const Args& args) {
  std::optional<double> mean = Finite(args.statistics()[0]), spread = Finite(args.statistics()[1]);
  if (!mean || !spread || *spread == 0) return Nothing();
  Expr score = Compute(Distance(args, *mean), sql::Arithmetic::kDivide, Expr::Double(*spread));
  double threshold = args.Number(kThreshold).value_or(0);
  if (args.Has(kDoubleSided) && !args.Bool(kDoubleSided))
    return Compare(score, Comparison::kGreaterOrEqual, Expr::Double(threshold));
  return Compare(Abs(score), Comparison::kGreaterOrEqual, Expr::Double(std::abs(threshold)));
}

bool IsByDeviation(const Args& args) { return args.String(kMethod) == "std"; }

std::vector<Aggregate> OutlierStatistics(const Args& args) {
  if (IsByDeviation(args)) return MeanAndSpread(args);
  return {Aggregate::Quantiles(args.Column(), {0.25, 0.75}, sql::Interpolation::kLinear)};
}

Expr FarByDeviation(const Args& args, double multiplier) {
  std::optional<double> mean = Finite(args.statistics()[0]), spread = Finite(args.statistics()[1]);
  if (!mean || !spread) return Nothing();
  double limit = multiplier * *spread;
  if (limit <= 0) return Compare(args.Column(), Comparison::kNotEqual, Expr::Double(*mean));
  return Compare(Abs(Distance(args, *mean)), Comparison::kGreaterOrEqual, Expr::Double(limit));
}

Expr FarByQuartiles(const Args& args, double multiplier) {
  Json quartiles = ListOf(args.statistics()[0]);
  if (quartiles.size() != 2) return Nothing();
  std::optional<double> low = Finite(quartiles.items()[0]), high = Finite(quartiles.items()[1]);
  if (!low || !high) return Nothing();
  double reach = multiplier * (*high - *low);
  return sql::Or({Compare(args.Column(), Comparison::kLess, Expr::Double(*low - reach)),
                  Compare(args.Column(), Comparison::kGreater, Expr::Double(*high + reach))});
}

}  // namespace

// Values that are bad by what all the others are.
extern const std::vector<Expectation> kColumnValuesFarFromTheRest = {
    {
        .name = "expect_column_value_z_scores_to_be_less_than",
        .says = "Values of {column} are less than {threshold} standard deviations from the mean.",
        .params = {kColumn, kThreshold, kDoubleSided, kMostly},
        .unexpected = FarByScore,
        .statistics = MeanAndSpread,
        .column_classes = {sql::TypeClass::kNumber},
        .example = R"(
            column=n threshold=1.5
            n:    1 0 0 0 0 null
            fail: 1 of 5 unexpected, 1

            column=n threshold=1.5 double_sided=false
            n:    -1 0 0 0 0
            pass: 0 of 5 unexpected
        )",
    },
    {
        .name = "expect_column_values_to_not_be_outliers",
        .says = "Values of {column} are no outliers.",
        .params = {kColumn, kMethod, kMultiplier, kMostly},
        .unexpected =
            [](const Args& args) {
              double multiplier = args.Number(kMultiplier).value_or(1.5);
              return IsByDeviation(args) ? FarByDeviation(args, multiplier)
                                         : FarByQuartiles(args, multiplier);
            },
        .statistics = OutlierStatistics,
        .mistake = [](const Args& args) -> std::string {
          std::string method = args.String(kMethod);
          if (!method.empty() && method != "iqr" && method != "std")
            return "\"method\" must be \"iqr\" or \"std\".";
          if (args.Number(kMultiplier).value_or(0) < 0)
            return "\"multiplier\" must not be below 0.";
          return {};
        },
        .column_classes = {sql::TypeClass::kNumber},
        .example = R"(
            column=n
            n:    1 2 3 4 100 null
            fail: 1 of 5 unexpected, 100

            column=n method=std multiplier=3
            n:    1 2 3 4 100
            pass: 0 of 5 unexpected
        )",
    },
};

}  // namespace andon::quality
