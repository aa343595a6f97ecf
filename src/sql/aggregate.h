// Aggregate: one number (or value) over the rows of a relation, as a value.
//
// Printed plainly, over the rows; or weighted, over a table of values with their counts, which
// gives the same from far fewer rows:
//
//   Aggregate mean = Aggregate::Mean(Expr::Column("amount"));
//   mean.Print();                   // avg("amount")
//   mean.PrintWeighted(weights);    // sum("amount" * "n") / sum("n") …
//
// Two aggregates with the same Key() are the same number: checks share it, and a state kept per
// file under that key can be merged or reused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/expr.h"

namespace andon::sql {

// The columns that a table of value counts has besides the value.
struct Weights {
  std::string count;  // Rows with that value.
  std::string upto;   // Rows with that value or a smaller one, in order; nulls last.
  std::string total;  // Rows whose value is not null, in each row.
  std::string mean;   // The mean of all values, in each row; only for kStdDev.
};

// Which value stands for a fraction q of n values in order, counted from 0. kNearest is what Great
// Expectations takes: on files the nearest rank (of two, the even one), as pandas; on databases
// their percentile_disc. kLinear lies between two values.
enum class Interpolation { kNearest, kLower, kHigher, kLinear };

// The place, counted from 0, of the value that stands for `fraction` of `count` values in order.
// Requires: not kLinear.
double RankOf(double fraction, int64_t count, Interpolation interpolation);

class Aggregate {
 public:
  enum class Kind {
    kCountRows,    // count(*)
    kCountRowsOf,  // Of another table.
    kCount,        // Not null.
    kCountIf,      // The predicate is true.
    kSum,
    kMean,
    kMin,
    kMax,
    kStdDev,          // Of the sample; of fewer than two values null. NaN where one is not finite.
    kMedian,          // As a double; the mean of two.
    kQuantiles,       // A list.
    kCountDistinct,   // Of one expression or of several together; null as SQL has it.
    kBitmapDistinct,  // The same for integers within known bounds, by one bit each.
    kWritten,         // The user's.
  };

  static Aggregate CountRows();
  // `from`: SQL that stands behind FROM.
  static Aggregate CountRowsOf(std::string from);
  static Aggregate Count(Expr a);
  static Aggregate CountIf(Expr predicate);
  // `compensated`: of doubles, with Kahan's correction, so that neither the order of the rows nor
  // the number of threads moves the result beyond its last digits.
  static Aggregate Sum(Expr a, bool compensated = false);
  static Aggregate Mean(Expr a, bool compensated = false);
  static Aggregate Min(Expr a);
  static Aggregate Max(Expr a);
  static Aggregate StdDev(Expr a);
  static Aggregate Median(Expr a);
  static Aggregate Quantiles(Expr a, std::vector<double> fractions,
                             Interpolation interpolation = Interpolation::kNearest);
  static Aggregate CountDistinct(std::vector<Expr> parts);
  // Requires: every value is within [lower, upper]; otherwise the statement fails.
  static Aggregate BitmapDistinct(Expr a, int64_t lower, int64_t upper);
  // An aggregate that the user wrote: "sum(amount) / count(*)".
  static Aggregate Written(std::string sql);

  // The same number without the promise of bounds: a BitmapDistinct as a CountDistinct.
  Aggregate WithoutBounds() const;
  // The same over the rows for which `filter` is true.
  Aggregate Where(Expr filter) const;

  Kind kind() const { return kind_; }
  const std::vector<Expr>& parts() const { return parts_; }
  bool is_filtered() const { return filter_.has_value(); }
  const std::optional<Expr>& filter() const { return filter_; }
  bool is_compensated() const { return compensated_; }
  const std::vector<double>& fractions() const { return fractions_; }
  Interpolation interpolation() const { return interpolation_; }
  // The name of the one column that it reads as it is: "amount" of min("amount"). Empty: another
  // expression.
  std::string PlainColumn() const;
  // True for quantiles by rank: Print needs to know how many values there are, see WithCount.
  // (Weighted, the counts say so themselves.)
  bool NeedsCount(Dialect dialect) const;
  Aggregate WithCount(int64_t values) const;
  // How many values NeedsCount asks for.
  Aggregate CountOfValues() const;
  // Requires: kCountIf. A list of `column` of the rows that it counts, null where there is none.
  std::string PrintListed(std::string_view column, Dialect dialect) const;
  // False where it cannot stand beside others in one SELECT: different tuples, where the dialect
  // cannot count them.
  bool FitsScan(Dialect dialect) const;
  // Requires: !FitsScan(). A whole statement.
  std::string PrintAlone(std::string_view relation, Dialect dialect) const;
  // The columns it reads. `*all_known` becomes false where some are hidden in written SQL.
  std::set<std::string> Columns(bool* all_known) const;

  std::string Print(Dialect dialect = Dialect::kDuckDb) const;
  // Requires: CanWeigh().
  std::string PrintWeighted(const Weights& weights, Dialect dialect = Dialect::kDuckDb) const;
  // False where counts of one column's values do not give the same: it reads other columns, or
  // the sum would round differently.
  bool CanWeigh() const;
  std::string Key() const;

 private:
  Aggregate(Kind kind, std::vector<Expr> parts) : kind_(kind), parts_(std::move(parts)) {}

  std::string Call(std::string_view function, const std::string& argument, Dialect dialect) const;
  std::string FilterText(const std::string& condition, Dialect dialect) const;
  std::string FilterWith(const std::string& condition, Dialect dialect) const;
  std::string PrintCount(const std::string& condition, Dialect dialect) const;
  std::string PrintStdDev(Dialect dialect) const;
  std::string PrintMedian(Dialect dialect) const;
  std::string PrintSqliteQuantiles() const;
  std::string PrintQuantiles(Dialect dialect) const;
  std::string PrintWeightedQuantiles(const Weights& weights) const;

  Kind kind_;
  std::vector<Expr> parts_;
  std::string from_;
  std::vector<double> fractions_;
  Interpolation interpolation_ = Interpolation::kNearest;
  std::optional<int64_t> values_;  // How many there are.
  bool compensated_ = false;
  int64_t lower_ = 0;
  int64_t upper_ = 0;
  std::optional<Expr> filter_;
};

}  // namespace andon::sql
