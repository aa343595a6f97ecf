#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "quality/range.h"

namespace andon::quality {

namespace {

using sql::Aggregate;
using sql::Comparison;
using sql::Expr;
using Weights = std::vector<double>;

constexpr Param kPartition = {
    "partition_object", ParamKind::kPartition,
    "What is expected: {values = [...], weights = [...]} of values, or {bins = [...], weights = "
    "[...], tail_weights = [a, b]} of ranges; the weights add up to 1. null compares the column "
    "with itself, for a first look."};
constexpr Param kThreshold = {"threshold", ParamKind::kNumber,
                              "The greatest divergence; null passes any."};
constexpr Param kInternalHoldout = {"internal_weight_holdout", ParamKind::kFraction,
                                    "Weight for ranges of weight 0."};
constexpr Param kTailHoldout = {
    "tail_weight_holdout", ParamKind::kFraction,
    "Weight for values, or for what lies below and above all ranges, that was not expected."};
constexpr Param kBucketizeData = {"bucketize_data", ParamKind::kBool,
                                  "Without partition_object: ranges (by default), not values."};

// A partition by value has at most so many values on either side.
constexpr size_t kValuesMax = 100'000;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool IsDiscrete(const Args& args) {
  const Json& partition = args.Get(kPartition);
  if (partition.is_null()) return args.Has(kBucketizeData) && !args.Bool(kBucketizeData);
  return partition.Has("values");
}

Weights NumbersOf(const Json& list) {
  Weights numbers;
  for (const Json& item : list.items()) numbers.push_back(NumberOf(item).value_or(std::nan("")));
  return numbers;
}

double Sum(const Weights& weights) { return std::accumulate(weights.begin(), weights.end(), 0.0); }

// A bound of null is open, as one of ±Infinity.
Weights BinsOf(const Json& partition) {
  Weights bins = NumbersOf(partition["bins"]);
  if (!bins.empty() && std::isnan(bins.front())) bins.front() = -kInfinity;
  if (!bins.empty() && std::isnan(bins.back())) bins.back() = kInfinity;
  return bins;
}

// Of two distributions, each scaled to 1; infinite where something was seen that has no weight.
double Divergence(const Weights& observed, const Weights& expected) {
  double p_sum = Sum(observed), q_sum = Sum(expected), divergence = 0;
  if (!(p_sum > 0) || !(q_sum > 0)) return std::nan("");
  for (size_t i = 0; i < observed.size(); i++) {
    double p = observed[i] / p_sum, q = expected[i] / q_sum;
    if (p == 0) continue;
    if (q == 0) return kInfinity;
    divergence += p * std::log(p / q);
  }
  return divergence;
}

Json ListOf(const Weights& weights) {
  Json list = Json::List();
  for (double weight : weights) list.Push(weight);
  return list;
}

Verdict Judged(const Args& args, double divergence, Json observed, Json expected) {
  std::optional<double> threshold = args.Number(kThreshold);
  Verdict verdict{.success = !threshold || divergence <= *threshold};
  if (std::isfinite(divergence)) verdict.observed = divergence;
  verdict.details = Json::Object(
      {{"observed_partition", std::move(observed)}, {"expected_partition", std::move(expected)}});
  return verdict;
}

// ---- By value ----

std::string CountsSql(const Args& args, const Place& place) {
  std::string column = args.Column().Print(place.dialect);
  return fmt::format(
      "SELECT {0}, count(*) FROM {1} WHERE {2} AND {0} IS NOT NULL GROUP BY {0} ORDER BY {0} "
      "LIMIT {3}",
      column, place.from, place.where, kValuesMax + 1);
}

struct Values {
  std::vector<Json> values;
  Weights observed, expected;  // NaN: not expected.
};

Values Align(const Args& args, const Rows& rows) {
  Values all;
  const Json& partition = args.Get(kPartition);
  double total = 0;
  for (const std::vector<Json>& row : rows) total += row[1].AsDouble();
  std::map<std::string, size_t> places;  // By a text that is the same for 1 and 1.0.
  auto key = [](const Json& value) {
    return value.is_number() ? fmt::format("{}", value.AsDouble()) : "t" + value.Dump();
  };
  const auto& weights = partition["weights"].items();
  for (size_t i = 0; i < weights.size(); i++) {
    all.values.push_back(partition["values"].items()[i]);
    all.observed.push_back(0);
    all.expected.push_back(weights[i].AsDouble());
    places.emplace(key(all.values.back()), i);
  }
  for (const std::vector<Json>& row : rows) {
    double share = row[1].AsDouble() / total;
    auto [place, is_new] = places.try_emplace(key(row[0]), all.values.size());
    if (!is_new) {
      all.observed[place->second] += share;
      continue;
    }
    all.values.push_back(row[0]);
    all.observed.push_back(share);
    all.expected.push_back(partition.is_null() ? share : std::nan(""));
  }
  return all;
}

Result<Verdict> JudgeValues(const Args& args, const Rows& rows) {
  if (rows.size() > kValuesMax)
    return Error::Invalid("{} has more than {} different values; give a partition_object of bins.",
                          args.String(kColumn), kValuesMax);
  Values all = Align(args, rows);
  double holdout = args.Number(kTailHoldout).value_or(0);
  auto strange = std::count_if(all.expected.begin(), all.expected.end(),
                               [](double weight) { return std::isnan(weight); });
  if (strange > 0) {
    for (double& weight : all.expected) {
      bool is_strange = std::isnan(weight);
      weight = is_strange ? holdout / static_cast<double>(strange) : weight * (1 - holdout);
    }
  }
  auto partition = [&](const Weights& weights) {
    return Json::Object({{"values", Json(all.values)}, {"weights", ListOf(weights)}});
  };
  return Judged(args, Divergence(all.observed, all.expected), partition(all.observed),
                partition(all.expected));
}

// ---- By range ----

// The ranges that numpy's "auto" makes: by quartiles or by the number of values, the finer.
Weights AutoBins(const std::vector<Json>& statistics) {
  double n = NumberOf(statistics[0]).value_or(0);
  double low = NumberOf(statistics[1]).value_or(0), high = NumberOf(statistics[2]).value_or(0);
  Json quartiles = quality::ListOf(statistics[3]);
  double spread = high - low, between = 0;
  if (quartiles.size() == 2)
    between =
        NumberOf(quartiles.items()[1]).value_or(0) - NumberOf(quartiles.items()[0]).value_or(0);
  if (!(n > 0) || !std::isfinite(spread) || spread == 0) return {low - 0.5, low + 0.5};
  constexpr double kBinsMax = 1'000;
  double width = spread / (std::log2(n) + 1), by_quartiles = 2 * between / std::cbrt(n);
  if (by_quartiles > 0) width = std::min(width, by_quartiles);
  auto count = static_cast<size_t>(std::clamp(std::ceil(spread / width), 1.0, kBinsMax));
  Weights bins;
  for (size_t i = 0; i < count; i++)
    bins.push_back(low + spread * static_cast<double>(i) / static_cast<double>(count));
  bins.push_back(high);
  return bins;
}

Weights Bins(const Args& args) {
  const Json& partition = args.Get(kPartition);
  return partition.is_null() ? AutoBins(args.statistics()) : BinsOf(partition);
}

std::vector<Aggregate> RangeStatistics(const Args& args) {
  Expr x = args.Column();
  return {Aggregate::Count(x), Aggregate::Min(x), Aggregate::Max(x),
          Aggregate::Quantiles(x, {0.25, 0.75}, sql::Interpolation::kLinear)};
}

// How many values there are, below and above all ranges, and in each; the last range holds its
// upper bound, too.
std::vector<Aggregate> RangeCounts(const Args& args) {
  Weights bins = Bins(args);
  Expr x = args.Column();
  auto is = [&](Comparison comparison, double bound) {
    return Compare(x, comparison, Expr::Double(bound));
  };
  std::vector<Aggregate> counts = {Aggregate::Count(x),
                                   Aggregate::CountIf(is(Comparison::kLess, bins.front())),
                                   Aggregate::CountIf(is(Comparison::kGreater, bins.back()))};
  for (size_t i = 0; i + 1 < bins.size(); i++) {
    bool is_last = i + 2 == bins.size();
    counts.push_back(Aggregate::CountIf(
        sql::And({is(Comparison::kGreaterOrEqual, bins[i]),
                  is(is_last ? Comparison::kLessOrEqual : Comparison::kLess, bins[i + 1])})));
  }
  return counts;
}

struct Ranges {
  Weights bins;
  Weights observed, expected;              // Of the bounded ranges.
  Weights observed_tails, expected_tails;  // Below and above.
};

void MoveFirst(Weights* from, Weights* to) {
  to->insert(to->begin(), from->front());
  from->erase(from->begin());
}
void MoveLast(Weights* from, Weights* to) {
  to->push_back(from->back());
  from->pop_back();
}

Ranges ReadRanges(const Args& args, const std::vector<Json>& values) {
  Ranges ranges{.bins = Bins(args)};
  const Json& partition = args.Get(kPartition);
  double n = values[0].AsDouble(), tail = args.Number(kTailHoldout).value_or(0),
         internal = args.Number(kInternalHoldout).value_or(0);
  for (size_t i = 3; i < values.size(); i++) ranges.observed.push_back(values[i].AsDouble() / n);
  ranges.observed_tails = {values[1].AsDouble() / n, values[2].AsDouble() / n};
  ranges.expected = partition.is_null() ? ranges.observed : NumbersOf(partition["weights"]);
  auto empty = std::count(ranges.expected.begin(), ranges.expected.end(), 0.0);
  for (double& weight : ranges.expected) {
    bool held_out = weight == 0 && internal > 0;
    weight = held_out ? internal / static_cast<double>(empty) : weight * (1 - tail - internal);
  }
  bool open_below = std::isinf(ranges.bins.front()), open_above = std::isinf(ranges.bins.back());
  double each = open_below != open_above ? tail : tail / 2;
  ranges.expected_tails = {each, each};
  if (partition["tail_weights"].size() == 2)
    ranges.expected_tails = NumbersOf(partition["tail_weights"]);
  if (partition.is_null()) ranges.expected_tails = ranges.observed_tails;
  // An open range is its side's tail.
  if (open_below) {
    ranges.bins.erase(ranges.bins.begin());
    ranges.observed_tails.erase(ranges.observed_tails.begin());
    ranges.expected_tails.erase(ranges.expected_tails.begin());
    MoveFirst(&ranges.observed, &ranges.observed_tails);
    MoveFirst(&ranges.expected, &ranges.expected_tails);
  }
  if (open_above) {
    ranges.bins.pop_back();
    ranges.observed_tails.pop_back();
    ranges.expected_tails.pop_back();
    MoveLast(&ranges.observed, &ranges.observed_tails);
    MoveLast(&ranges.expected, &ranges.expected_tails);
  }
  return ranges;
}

Verdict JudgeRanges(const Args& args, const std::vector<Json>& values) {
  Ranges ranges = ReadRanges(args, values);
  auto all = [](const Weights& weights, const Weights& tails) {
    Weights both = weights;
    both.insert(both.end(), tails.begin(), tails.end());
    return both;
  };
  auto partition = [&](const Weights& weights, const Weights& tails) {
    return Json::Object({{"bins", ListOf(ranges.bins)},
                         {"weights", ListOf(weights)},
                         {"tail_weights", ListOf(tails)}});
  };
  double divergence = Divergence(all(ranges.observed, ranges.observed_tails),
                                 all(ranges.expected, ranges.expected_tails));
  return Judged(args, divergence, partition(ranges.observed, ranges.observed_tails),
                partition(ranges.expected, ranges.expected_tails));
}

// ---- What fits together ----

std::string WeightsMistake(const Json& partition) {
  Weights all = NumbersOf(partition["weights"]);
  for (double tail : NumbersOf(partition["tail_weights"])) all.push_back(tail);
  if (!(std::abs(Sum(all) - 1) <= 1e-5))
    return "The weights of partition_object do not add up to 1.";
  return {};
}

std::string DiscreteMistake(const Args& args) {
  const Json& partition = args.Get(kPartition);
  if (partition["values"].size() != partition["weights"].size())
    return "partition_object needs as many weights as values.";
  if (partition["values"].size() > kValuesMax)
    return fmt::format("partition_object has more than {} values.", kValuesMax);
  if (args.Number(kInternalHoldout).value_or(0) > 0)
    return "\"internal_weight_holdout\" is for partitions of bins, not of values.";
  return WeightsMistake(partition);
}

std::string ContinuousMistake(const Args& args) {
  const Json& partition = args.Get(kPartition);
  Weights bins = BinsOf(partition);
  if (bins.size() < 2 || bins.size() != partition["weights"].size() + 1)
    return "partition_object needs bins, and one weight less than bins.";
  for (size_t i = 1; i < bins.size(); i++) {
    if (!(bins[i - 1] < bins[i])) return "The bins of partition_object must increase.";
  }
  bool has_tails = partition.Has("tail_weights"),
       has_holdout = args.Number(kTailHoldout).value_or(0) > 0;
  if (has_tails && partition["tail_weights"].size() != 2)
    return "partition_object needs two tail_weights.";
  if (has_tails && has_holdout) return "Give tail_weights or \"tail_weight_holdout\", not both.";
  bool below = std::isinf(bins.front()), above = std::isinf(bins.back());
  if (below && above && has_holdout)
    return "\"tail_weight_holdout\" needs a bin that ends; both ends are infinite.";
  if ((below || above) && has_tails) return "There are no tail_weights beside infinite bins.";
  if (args.Has(kBucketizeData) && !args.Bool(kBucketizeData))
    return "\"bucketize_data\" must be true for a partition of bins.";
  return WeightsMistake(partition);
}

std::string Mistake(const Args& args) {
  if (args.Number(kThreshold).value_or(0) < 0) return "\"threshold\" must not be below 0.";
  if (args.Get(kPartition).is_null()) return {};
  return IsDiscrete(args) ? DiscreteMistake(args) : ContinuousMistake(args);
}

}  // namespace

// The Kullback-Leibler divergence of what is from what was expected: 0 where they are alike.
extern const Expectation kColumnKlDivergenceToBeLessThan = {
    .name = "expect_column_kl_divergence_to_be_less_than",
    .says = "The distribution of {column} diverges from the expected one by at most {threshold}.",
    .params = {kColumn, kPartition, kThreshold, kInternalHoldout, kTailHoldout, kBucketizeData},
    .statistics =
        [](const Args& args) {
          bool is_auto = args.Get(kPartition).is_null() && !IsDiscrete(args);
          return is_auto ? RangeStatistics(args) : std::vector<Aggregate>{};
        },
    .aggregates = RangeCounts,
    .judge = JudgeRanges,
    .rows = CountsSql,
    .judge_rows = JudgeValues,
    .takes_rows = IsDiscrete,
    .mistake = Mistake,
    .example = R"(
        column=v partition_object={"values":["a","b"],"weights":[0.5,0.5]} threshold=0.1
        v:    a b b a null
        pass: 0.0

        column=v partition_object={"values":["a","b"],"weights":[0.5,0.5]} threshold=0.1
        v:    a c
        fail: null

        column=n partition_object={"bins":[0,2,4],"weights":[0.5,0.5]} threshold=0.1
        n:    0 1 2 4
        pass: 0.0

        column=n partition_object={"bins":[0,2],"weights":[1]} tail_weight_holdout=0.5 threshold=0.1
        n:    0 1 5 9
        fail: 0.34657359027997264
    )",
};

}  // namespace andon::quality
