#include "quality/expectation.h"

namespace andon::quality {

namespace {

std::vector<double> Fractions(const Args& args) {
  std::vector<double> fractions;
  for (const Json& fraction : args.Get(kQuantileRanges)["quantiles"].items())
    fractions.push_back(fraction.AsDouble());
  return fractions;
}

Verdict Judge(const Args& args, const std::vector<Json>& values) {
  const auto& ranges = args.Get(kQuantileRanges)["value_ranges"].items();
  Verdict verdict{true, Json::Object({{"quantiles", args.Get(kQuantileRanges)["quantiles"]},
                                      {"values", values[0]}})};
  const auto& observed = values[0].items();  // Empty where there is no row.
  for (size_t i = 0; i < observed.size() && i < ranges.size(); i++) {
    const auto& range = ranges[i].items();
    if (!IsInside(observed[i], range[0], range[1], false, false)) verdict.success = false;
  }
  return verdict;
}

}  // namespace

// The quantiles are discrete (a value of the data), as SQL's percentile_disc has them.
extern const Expectation kColumnQuantileValuesToBeBetween = {
    .name = "expect_column_quantile_values_to_be_between",
    .says = "Quantiles of {column} are within {quantile_ranges}.",
    .params = {kColumn, kQuantileRanges},
    .aggregates =
        [](const Args& args) {
          return std::vector{sql::Aggregate::Quantiles(args.Column(), Fractions(args))};
        },
    .judge = Judge,
    .column_classes = {sql::TypeClass::kNumber, sql::TypeClass::kDate, sql::TypeClass::kTimestamp},
    .example = R"(
        column=n quantile_ranges={"quantiles":[0.25,0.5,1],"value_ranges":[[1,2],[3,null],[null,9]]}
        n:    1 2 3 4 5 6 null
        pass: {"quantiles":[0.25,0.5,1],"values":[2,3,6]}

        column=n quantile_ranges={"quantiles":[0.5],"value_ranges":[[4,5]]}
        n:    1 2 3 4 5 6
        fail: {"quantiles":[0.5],"values":[3]}
    )",
};

}  // namespace andon::quality
