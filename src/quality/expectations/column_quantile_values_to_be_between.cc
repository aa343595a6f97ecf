#include <cmath>

#include "quality/range.h"

namespace andon::quality {

namespace {

using sql::Aggregate;
using sql::Interpolation;

constexpr Param kQuantileRanges = {
    "quantile_ranges", ParamKind::kQuantiles,
    "{quantiles = [0.5], value_ranges = [[5, 8]]}; null as a bound is open.", true};
constexpr Param kAllowRelativeError = {
    "allow_relative_error", ParamKind::kAny,
    "Which value stands for a quantile between two: \"nearest\" (by default), \"lower\", "
    "\"higher\", \"midpoint\" or \"linear\". true and false are accepted and change nothing."};

std::vector<double> Fractions(const Args& args) {
  std::vector<double> fractions;
  for (const Json& fraction : args.Get(kQuantileRanges)["quantiles"].items())
    fractions.push_back(fraction.AsDouble());
  return fractions;
}

std::vector<Aggregate> Aggregates(const Args& args) {
  std::string word = args.String(kAllowRelativeError);
  auto as = [&](Interpolation interpolation) {
    return Aggregate::Quantiles(args.Column(), Fractions(args), interpolation);
  };
  if (word == "linear") return {as(Interpolation::kLinear)};
  if (word == "lower") return {as(Interpolation::kLower)};
  if (word == "higher") return {as(Interpolation::kHigher)};
  if (word == "midpoint") return {as(Interpolation::kLower), as(Interpolation::kHigher)};
  return {as(Interpolation::kNearest)};
}

Json Midpoint(const Json& low, const Json& high) {
  std::optional<double> a = NumberOf(low), b = NumberOf(high);
  return a && b ? Json((*a + *b) / 2) : low;
}

// One for each fraction; null where there is no value.
Json Observed(const Args& args, const std::vector<Json>& values) {
  std::vector<Json> low = ListOf(values[0]).items();
  low.resize(Fractions(args).size());
  if (values.size() > 1) {
    Json high = ListOf(values[1]);
    for (size_t i = 0; i < low.size() && i < high.size(); i++)
      low[i] = Midpoint(low[i], high.items()[i]);
  }
  return Json(std::move(low));
}

// A bound holds nearly, too: to 1 in 10,000.
bool IsNearly(const Json& value, const Json& bound) {
  std::optional<double> a = NumberOf(value), b = NumberOf(bound);
  return a && b && std::abs(*a - *b) <= 1e-8 + 1e-4 * std::abs(*b);
}

Verdict Judge(const Args& args, const std::vector<Json>& values) {
  Json observed = Observed(args, values), details = Json::List();
  const auto& ranges = args.Get(kQuantileRanges)["value_ranges"].items();
  bool success = true;
  for (size_t i = 0; i < ranges.size(); i++) {
    const Json& value = observed.items()[i];
    const auto& range = ranges[i].items();
    bool holds = IsNearly(value, range[0]) || IsNearly(value, range[1]) ||
                 IsInside(value, range[0], range[1], false, false);
    success = success && holds;
    details.Push(holds);
  }
  return {success,
          Json::Object({{"quantiles", args.Get(kQuantileRanges)["quantiles"]},
                        {"values", std::move(observed)}}),
          Json::Object({{"success_details", std::move(details)}})};
}

std::string Mistake(const Args& args) {
  const Json& word = args.Get(kAllowRelativeError);
  if (word.is_null() || word.is_bool()) return {};
  for (const char* known : {"nearest", "lower", "higher", "midpoint", "linear"}) {
    if (word == Json(known)) return {};
  }
  return "\"allow_relative_error\" must be \"nearest\", \"lower\", \"higher\", \"midpoint\", "
         "\"linear\", true or false.";
}

}  // namespace

extern const Expectation kColumnQuantileValuesToBeBetween = {
    .name = "expect_column_quantile_values_to_be_between",
    .says = "Quantiles of {column} are within {quantile_ranges}.",
    .params = {kColumn, kQuantileRanges, kAllowRelativeError},
    .aggregates = Aggregates,
    .judge = Judge,
    .mistake = Mistake,
    .column_classes = {sql::TypeClass::kNumber, sql::TypeClass::kDate, sql::TypeClass::kTimestamp},
    .example = R"(
        column=n quantile_ranges={"quantiles":[0,0.5,1],"value_ranges":[[1,2],[3,null],[null,9]]}
        n:    1 2 3 4 5 null
        pass: {"quantiles":[0,0.5,1],"values":[1,3,5]}

        column=n quantile_ranges={"quantiles":[0.5],"value_ranges":[[4,5]]}
        n:    1 2 3 4 5
        fail: {"quantiles":[0.5],"values":[3]}

        column=n allow_relative_error=midpoint quantile_ranges={"quantiles":[0.5],"value_ranges":[[3,4]]}
        n:    1 2 4 5
        pass: {"quantiles":[0.5],"values":[3.0]}
    )",
};

}  // namespace andon::quality
