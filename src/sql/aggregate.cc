#include "sql/aggregate.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "base/text.h"
#include "sql/quote.h"

namespace andon::sql {

double RankOf(double fraction, int64_t count, Interpolation interpolation) {
  double at = fraction * static_cast<double>(count - 1);
  if (interpolation == Interpolation::kLower) return std::floor(at);
  if (interpolation == Interpolation::kHigher) return std::ceil(at);
  return std::nearbyint(at);
}

Aggregate Aggregate::CountRows() { return {Kind::kCountRows, {}}; }
Aggregate Aggregate::CountRowsOf(std::string from) {
  Aggregate aggregate(Kind::kCountRowsOf, {});
  aggregate.from_ = std::move(from);
  return aggregate;
}
Aggregate Aggregate::Count(Expr a) { return {Kind::kCount, {std::move(a)}}; }
Aggregate Aggregate::CountIf(Expr predicate) { return {Kind::kCountIf, {std::move(predicate)}}; }
Aggregate Aggregate::Sum(Expr a, bool compensated) {
  Aggregate aggregate(Kind::kSum, {std::move(a)});
  aggregate.compensated_ = compensated;
  return aggregate;
}
Aggregate Aggregate::Mean(Expr a, bool compensated) {
  Aggregate aggregate(Kind::kMean, {std::move(a)});
  aggregate.compensated_ = compensated;
  return aggregate;
}
Aggregate Aggregate::Min(Expr a) { return {Kind::kMin, {std::move(a)}}; }
Aggregate Aggregate::Max(Expr a) { return {Kind::kMax, {std::move(a)}}; }

Aggregate Aggregate::StdDev(Expr a) { return {Kind::kStdDev, {std::move(a)}}; }
Aggregate Aggregate::Median(Expr a) { return {Kind::kMedian, {std::move(a)}}; }

Aggregate Aggregate::Quantiles(Expr a, std::vector<double> fractions, Interpolation interpolation) {
  Aggregate aggregate(Kind::kQuantiles, {std::move(a)});
  aggregate.fractions_ = std::move(fractions);
  aggregate.interpolation_ = interpolation;
  return aggregate;
}

Aggregate Aggregate::CountDistinct(std::vector<Expr> parts) {
  return {Kind::kCountDistinct, std::move(parts)};
}

Aggregate Aggregate::BitmapDistinct(Expr a, int64_t lower, int64_t upper) {
  Aggregate aggregate(Kind::kBitmapDistinct, {std::move(a)});
  aggregate.lower_ = lower;
  aggregate.upper_ = upper;
  return aggregate;
}

Aggregate Aggregate::Written(std::string sql) {
  return {Kind::kWritten, {Expr::Written(std::move(sql))}};
}

Aggregate Aggregate::WithoutBounds() const {
  Aggregate aggregate = *this;
  if (kind_ == Kind::kBitmapDistinct) aggregate.kind_ = Kind::kCountDistinct;
  return aggregate;
}

Aggregate Aggregate::Where(Expr filter) const {
  Aggregate aggregate = *this;
  aggregate.filter_ = filter_ ? And({*filter_, std::move(filter)}) : std::move(filter);
  return aggregate;
}

std::set<std::string> Aggregate::Columns(bool* all_known) const {
  std::set<std::string> columns;
  auto add = [&](const Expr& expr) {
    columns.merge(expr.Columns());
    if (expr.has_written()) *all_known = false;
  };
  for (const Expr& part : parts_) add(part);
  if (filter_) add(*filter_);
  if (kind_ == Kind::kCountRowsOf) *all_known = false;
  return columns;
}

std::string Aggregate::PlainColumn() const {
  if (parts_.size() != 1 || parts_[0].has_written()) return {};
  std::set<std::string> columns = parts_[0].Columns();
  bool is_plain = columns.size() == 1 && parts_[0].Print() == QuoteIdentifier(*columns.begin());
  return is_plain ? *columns.begin() : std::string();
}

bool Aggregate::NeedsCount(Dialect dialect) const {
  if (kind_ != Kind::kQuantiles || values_) return false;
  switch (interpolation_) {
    case Interpolation::kNearest:
      return dialect == Dialect::kDuckDb;
    case Interpolation::kLinear:
      return dialect == Dialect::kSqlite;
    default:
      return true;
  }
}

std::string Aggregate::Key() const {
  if (kind_ != Kind::kQuantiles) return Print();
  constexpr std::string_view kNames[] = {"nearest", "lower", "higher", "linear"};
  return Print() + " " + std::string(kNames[static_cast<size_t>(interpolation_)]);
}

Aggregate Aggregate::WithCount(int64_t values) const {
  Aggregate aggregate = *this;
  aggregate.values_ = values;
  return aggregate;
}

Aggregate Aggregate::CountOfValues() const {
  Aggregate count = Count(parts_[0]);
  count.filter_ = filter_;
  return count;
}

bool Aggregate::FitsScan(Dialect dialect) const {
  return kind_ != Kind::kCountDistinct || parts_.size() == 1 || dialect == Dialect::kDuckDb;
}

std::string Aggregate::PrintAlone(std::string_view relation, Dialect dialect) const {
  ASSERT(!FitsScan(dialect));
  std::vector<std::string> columns;
  for (const Expr& part : parts_) columns.push_back(part.Print(dialect));
  std::string where = filter_ ? " WHERE " + filter_->Print(dialect) : "";
  return fmt::format("SELECT count(*) FROM (SELECT DISTINCT {} FROM {} AS checked{}) AS different",
                     Join(columns, ", "), relation, where);
}

std::string Aggregate::FilterText(const std::string& condition, Dialect dialect) const {
  if (!filter_) return condition;
  return filter_->Print(dialect) + (condition.empty() ? "" : " AND " + condition);
}

std::string Aggregate::FilterWith(const std::string& condition, Dialect dialect) const {
  std::string text = FilterText(condition, dialect);
  return text.empty() ? "" : " FILTER (WHERE " + text + ")";
}

// "sum(x) FILTER (WHERE p)"; where there is no FILTER, "sum(CASE WHEN p THEN x END)".
std::string Aggregate::Call(std::string_view function, const std::string& argument,
                            Dialect dialect) const {
  if (dialect != Dialect::kRedshift || !filter_)
    return fmt::format("{}({}){}", function, argument, FilterWith("", dialect));
  return fmt::format("{}(CASE WHEN {} THEN {} END)", function, FilterText("", dialect), argument);
}

std::string Aggregate::PrintCount(const std::string& condition, Dialect dialect) const {
  std::string text = FilterText(condition, dialect);
  if (text.empty()) return "count(*)";
  if (dialect == Dialect::kRedshift) return "count(CASE WHEN " + text + " THEN 1 END)";
  return "count(*) FILTER (WHERE " + text + ")";
}

std::string Aggregate::PrintListed(std::string_view column, Dialect dialect) const {
  ASSERT(kind_ == Kind::kCountIf);
  return fmt::format("array_agg({}){}", column, FilterWith(parts_[0].Print(dialect), dialect));
}

// DuckDB refuses the spread of what is not finite.
std::string Aggregate::PrintStdDev(Dialect dialect) const {
  std::string x = AsDouble(parts_[0]).Print(dialect);
  if (dialect == Dialect::kSqlite) return Call("andon_stddev", x, dialect);
  if (dialect != Dialect::kDuckDb) return Call("stddev_samp", x, dialect);
  std::string infinite = "NOT isfinite(" + x + ")";
  return fmt::format(
      "CASE WHEN count(*){} > 0 THEN 'nan'::DOUBLE ELSE stddev_samp(CASE WHEN isfinite({}) THEN {} "
      "END){} END",
      FilterWith(infinite, dialect), x, x, FilterWith("", dialect));
}

std::string Aggregate::PrintMedian(Dialect dialect) const {
  std::string x = AsDouble(parts_[0]).Print(dialect);
  switch (dialect) {
    case Dialect::kDuckDb:
      return Call("median", x, dialect);
    case Dialect::kRedshift:
      return Call("median", x, dialect);
    case Dialect::kSqlite:
      return Call("andon_median", x, dialect);
    case Dialect::kPostgres:
      return "percentile_cont(0.5) WITHIN GROUP (ORDER BY " + x + ")" + FilterWith("", dialect);
  }
  return {};
}

namespace {

// A fraction that every engine's percentile_disc takes for that rank of n, from 0.
double FractionOf(double rank, int64_t n) {
  auto count = static_cast<double>(std::max(int64_t{1}, n));
  return (std::clamp(rank, 0.0, count - 1) + 0.5) / count;
}

std::string PrintFractions(const std::vector<double>& fractions) {
  std::vector<std::string> texts;
  for (double fraction : fractions) texts.push_back(fmt::format("{}", fraction));
  return Join(texts, ", ");
}

}  // namespace

// SQLite, where a value between two of the data is made of both.
std::string Aggregate::PrintSqliteQuantiles() const {
  std::string x = parts_[0].Print(Dialect::kSqlite), filter = FilterWith("", Dialect::kSqlite);
  auto disc = [&](double q) { return fmt::format("andon_quantile_disc({}, {}){}", x, q, filter); };
  int64_t n = values_.value_or(0);
  std::vector<std::string> each;
  for (double q : fractions_) {
    if (interpolation_ == Interpolation::kLinear) {
      double at = q * static_cast<double>(std::max(int64_t{0}, n - 1)), low = std::floor(at);
      std::string a = disc(FractionOf(low, n)), b = disc(FractionOf(std::ceil(at), n));
      each.push_back(fmt::format("{} + ({} - {}) * {}", a, b, a, at - low));
    } else {
      each.push_back(disc(values_ ? FractionOf(RankOf(q, n, interpolation_), n) : q));
    }
  }
  return "json_array(" + Join(each, ", ") + ")";
}

// A list; on databases as JSON, which each of them can print.
std::string Aggregate::PrintQuantiles(Dialect dialect) const {
  if (dialect == Dialect::kSqlite) return PrintSqliteQuantiles();
  bool is_linear = interpolation_ == Interpolation::kLinear;
  std::vector<double> fractions = fractions_;
  if (values_ && !is_linear) {
    for (double& q : fractions) q = FractionOf(RankOf(q, *values_, interpolation_), *values_);
  }
  std::string x = is_linear ? AsDouble(parts_[0]).Print(dialect) : parts_[0].Print(dialect);
  if (dialect == Dialect::kDuckDb) {
    return fmt::format("{}({}, [{}]){}", is_linear ? "quantile_cont" : "quantile_disc", x,
                       PrintFractions(fractions), FilterWith("", dialect));
  }
  std::string_view percentile = is_linear ? "percentile_cont" : "percentile_disc";
  if (dialect == Dialect::kPostgres) {
    return fmt::format("to_json({}(ARRAY[{}]::double precision[]) WITHIN GROUP (ORDER BY {}){})",
                       percentile, PrintFractions(fractions), x, FilterWith("", dialect));
  }
  std::vector<std::string> each;
  std::string argument =
      filter_ ? "CASE WHEN " + filter_->Print(dialect) + " THEN " + x + " END" : x;
  for (double q : fractions) {
    each.push_back(fmt::format("{}{}({}) WITHIN GROUP (ORDER BY {})",
                               is_linear ? "" : "APPROXIMATE ", percentile, q, argument));
  }
  return "json_serialize(array(" + Join(each, ", ") + "))";
}

std::string Aggregate::Print(Dialect dialect) const {
  auto part = [&] { return parts_[0].Print(dialect); };
  // Only DuckDB sums doubles with a correction.
  bool compensated = compensated_ && dialect == Dialect::kDuckDb;
  switch (kind_) {
    case Kind::kCountRows:
      return PrintCount("", dialect);
    case Kind::kCountRowsOf:
      return "(SELECT count(*) FROM " + from_ + " AS counted)";
    case Kind::kCount:
      return Call("count", part(), dialect);
    case Kind::kCountIf:
      return PrintCount(part(), dialect);
    case Kind::kSum:
      return Call(compensated ? "fsum" : "sum", part(), dialect);
    case Kind::kMean:
      // A numeric of PostgreSQL would show zeros without end.
      if (dialect == Dialect::kPostgres || dialect == Dialect::kRedshift)
        return "CAST(" + Call("avg", part(), dialect) + " AS DOUBLE PRECISION)";
      return Call(compensated ? "favg" : "avg", part(), dialect);
    case Kind::kMin:
      return Call("min", part(), dialect);
    case Kind::kMax:
      return Call("max", part(), dialect);
    case Kind::kStdDev:
      return PrintStdDev(dialect);
    case Kind::kMedian:
      return PrintMedian(dialect);
    case Kind::kQuantiles:
      return PrintQuantiles(dialect);
    case Kind::kCountDistinct: {
      std::string tuple = Row(parts_).Print(dialect);
      if (dialect == Dialect::kRedshift && filter_)
        return "count(DISTINCT CASE WHEN " + FilterText("", dialect) + " THEN " + tuple + " END)";
      return "count(DISTINCT " + tuple + ")" + FilterWith("", dialect);
    }
    case Kind::kBitmapDistinct:
      if (dialect != Dialect::kDuckDb) return WithoutBounds().Print(dialect);
      return fmt::format("coalesce(bit_count(bitstring_agg({}, {}, {}){}), 0)", part(), lower_,
                         upper_, FilterWith("", dialect));
    case Kind::kWritten:
      return part();
  }
  return {};
}

bool Aggregate::CanWeigh() const {
  bool all_known = true;
  size_t columns = Columns(&all_known).size();
  if (!all_known || columns > 1) return false;
  switch (kind_) {
    case Kind::kSum:  // Of decimals or of wide integers it could pass the widest decimal.
      return compensated_;
    case Kind::kBitmapDistinct:
    case Kind::kWritten:
      return false;
    case Kind::kCountDistinct:
      return parts_.size() == 1;
    case Kind::kStdDev:
    case Kind::kQuantiles:
    case Kind::kMedian:
      return !is_filtered();
    default:
      return true;
  }
}

// As Print picks: the first value up to which so many values lie.
std::string Aggregate::PrintWeightedQuantiles(const Weights& weights) const {
  std::string upto = QuoteIdentifier(weights.upto), total = QuoteIdentifier(weights.total);
  bool is_median = kind_ == Kind::kMedian;
  bool is_linear = is_median || interpolation_ == Interpolation::kLinear;
  std::string x =
      is_linear ? AsDouble(parts_[0]).Print(Dialect::kDuckDb) : parts_[0].Print(Dialect::kDuckDb);
  auto at_rank = [&](const std::string& rank) {
    return fmt::format("min({0}) FILTER (WHERE {0} IS NOT NULL AND {1} > {2})", x, upto, rank);
  };
  std::vector<std::string> values;
  std::vector<double> fractions = is_median ? std::vector{0.5} : fractions_;
  for (double q : fractions) {
    std::string at = fmt::format("({}::DOUBLE * ({} - 1))", q, total);
    if (is_linear) {
      std::string low = at_rank("floor(" + at + ")"), high = at_rank("ceil(" + at + ")");
      values.push_back(
          fmt::format("({0} + ({1} - {0}) * any_value({2} - floor({2})))", low, high, at));
      continue;
    }
    std::string_view round = interpolation_ == Interpolation::kLower    ? "floor"
                             : interpolation_ == Interpolation::kHigher ? "ceil"
                                                                        : "";
    values.push_back(
        at_rank(round.empty() ? "round_even(" + at + ", 0)" : fmt::format("{}({})", round, at)));
  }
  return is_median ? values[0] : "[" + Join(values, ", ") + "]";
}

std::string Aggregate::PrintWeighted(const Weights& weights, Dialect dialect) const {
  ASSERT(CanWeigh());
  std::string n = QuoteIdentifier(weights.count);
  auto part = [&] { return parts_[0].Print(dialect); };
  auto counted = [&](const std::string& condition) {
    return "coalesce(sum(" + n + ")" + FilterWith(condition, dialect) + ", 0)::BIGINT";
  };
  switch (kind_) {
    case Kind::kCountRows:
      return counted("");
    case Kind::kCount:
      return counted(part() + " IS NOT NULL");
    case Kind::kCountIf:
      return counted(part());
    case Kind::kSum:
      return "fsum(" + part() + "::DOUBLE * " + n + ")" + FilterWith("", dialect);
    case Kind::kStdDev: {
      std::string total = QuoteIdentifier(weights.total);
      std::string apart = "(" + part() + "::DOUBLE - " + QuoteIdentifier(weights.mean) + ")";
      return fmt::format(
          "CASE WHEN max({0}) > 1 THEN sqrt(fsum({1} * {2} * {2}) / (max({0}) - 1)) END", total, n,
          apart);
    }
    case Kind::kMean: {
      std::string filter = FilterWith(part() + " IS NOT NULL", dialect);
      return (compensated_ ? "fsum(" : "sum(") + part() + "::DOUBLE * " + n + ")" + filter +
             " / sum(" + n + ")" + filter;
    }
    case Kind::kMin:
    case Kind::kMax:
    case Kind::kCountDistinct:
      return Print(dialect);
    case Kind::kQuantiles:
    case Kind::kMedian:
      return PrintWeightedQuantiles(weights);
    default:
      return {};
  }
}

}  // namespace andon::sql
