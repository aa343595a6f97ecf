#include "sql/aggregate.h"

#include "base/assert.h"
#include "base/text.h"
#include "sql/engine.h"

namespace andon::sql {

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

Aggregate Aggregate::Quantiles(Expr a, std::vector<double> fractions) {
  Aggregate aggregate(Kind::kQuantiles, {std::move(a)});
  aggregate.fractions_ = std::move(fractions);
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

std::string Aggregate::FilterWith(const std::string& condition, Dialect dialect) const {
  std::string text = condition;
  if (filter_) text = filter_->Print(dialect) + (condition.empty() ? "" : " AND " + condition);
  return text.empty() ? "" : " FILTER (WHERE " + text + ")";
}

std::string Aggregate::Filter(Dialect dialect) const { return FilterWith("", dialect); }

namespace {

std::string PrintFractions(const std::vector<double>& fractions) {
  std::vector<std::string> texts;
  for (double fraction : fractions) texts.push_back(fmt::format("{}", fraction));
  return Join(texts, ", ");
}

}  // namespace

std::string Aggregate::Print(Dialect dialect) const {
  auto part = [&] { return parts_[0].Print(dialect); };
  bool is_postgres = dialect == Dialect::kPostgres;
  switch (kind_) {
    case Kind::kCountRows:
      return "count(*)" + Filter(dialect);
    case Kind::kCountRowsOf:
      return "(SELECT count(*) FROM " + from_ + " AS counted)";
    case Kind::kCount:
      return "count(" + part() + ")" + Filter(dialect);
    case Kind::kCountIf:
      return "count(*)" + FilterWith(part(), dialect);
    case Kind::kSum:
      return (compensated_ && !is_postgres ? "fsum(" : "sum(") + part() + ")" + Filter(dialect);
    case Kind::kMean:
      return (compensated_ && !is_postgres ? "favg(" : "avg(") + part() + ")" + Filter(dialect);
    case Kind::kMin:
      return "min(" + part() + ")" + Filter(dialect);
    case Kind::kMax:
      return "max(" + part() + ")" + Filter(dialect);
    case Kind::kQuantiles:
      if (is_postgres) {
        return "percentile_disc(ARRAY[" + PrintFractions(fractions_) +
               "]) WITHIN GROUP (ORDER BY " + part() + ")" + Filter(dialect);
      }
      return "quantile_disc(" + part() + ", [" + PrintFractions(fractions_) + "])" +
             Filter(dialect);
    case Kind::kCountDistinct:
      return "count(DISTINCT " + Row(parts_).Print(dialect) + ")" + Filter(dialect);
    case Kind::kBitmapDistinct:
      if (is_postgres) return "count(DISTINCT " + part() + ")" + Filter(dialect);
      return fmt::format("coalesce(bit_count(bitstring_agg({}, {}, {}){}), 0)", part(), lower_,
                         upper_, Filter(dialect));
  }
  return {};
}

bool Aggregate::CanWeigh() const {
  bool all_known = true;
  size_t columns = Columns(&all_known).size();
  if (!all_known || columns > 1) return false;
  // A weighted sum of decimals or of wide integers could pass the widest decimal.
  return kind_ != Kind::kSum && kind_ != Kind::kBitmapDistinct &&
         !(kind_ == Kind::kCountDistinct && parts_.size() > 1) &&
         !(kind_ == Kind::kQuantiles && is_filtered());
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
    case Kind::kMean: {
      std::string filter = FilterWith(part() + " IS NOT NULL", dialect);
      return (compensated_ ? "fsum(" : "sum(") + part() + "::DOUBLE * " + n + ")" + filter +
             " / sum(" + n + ")" + filter;
    }
    case Kind::kMin:
    case Kind::kMax:
    case Kind::kCountDistinct:
      return Print(dialect);
    case Kind::kQuantiles: {
      // As quantile_disc picks: the first value up to which the fraction of all values lies.
      std::vector<std::string> values;
      std::string upto = QuoteIdentifier(weights.upto), total = QuoteIdentifier(weights.total);
      for (double q : fractions_) {
        values.push_back(fmt::format(
            "min({}) FILTER (WHERE {} IS NOT NULL AND {} >= greatest(1, {} - floor({} - {} * {})))",
            part(), part(), upto, total, total, q, total));
      }
      return "[" + Join(values, ", ") + "]";
    }
    default:
      return {};
  }
}

}  // namespace andon::sql
