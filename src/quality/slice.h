// Explains a failure: the slice of the rows in which the bad ones lie.
//
//   "37 of the 37 failing rows have staff_id = 2 and payment_date ≥ 2005-08-20;
//    they are 3 % of that slice's 1,250 rows"
//
// Both numbers are told, coverage (bad rows inside, of all bad rows) and share (bad rows, of the
// slice's rows): a slice that covers all but is mostly good is a hint, not a culprit.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "sql/engine.h"
#include "sql/types.h"

namespace andon::quality {

struct SliceCondition {
  std::string column;
  std::string op;  // "=", ">=", "<=", "<".
  Json value;      // Number, boolean or text.

  std::string ToText() const;  // "payment_date ≥ 2005-08-20"
};

struct Slice {
  std::vector<SliceCondition> conditions;
  int64_t bad_rows = 0;  // In the relation.
  int64_t bad_rows_inside = 0;
  int64_t rows = 0;  // Of the relation.
  int64_t rows_inside = 0;
  std::string sql;  // The conditions as a predicate.
  // Natural logarithm of how likely chance gives such a slice, over all that were tried.
  double log_chance = 0;

  double coverage() const { return bad_rows ? double(bad_rows_inside) / double(bad_rows) : 0; }
  double share() const { return rows_inside ? double(bad_rows_inside) / double(rows_inside) : 0; }
  // The sentence above, without a full stop.
  std::string ToText() const;
  // The same, and how little chance explains it: "…; by chance: less than 1 in 1,000,000".
  std::string ToTextWithChance() const;
  Json ToJson() const;
};

struct SliceOptions {
  int conditions_max = 2;      // Up to 3.
  double significance = 0.01;  // How likely chance may give such a slice, over all that were tried.
  double lift_min = 1.5;  // Bad rows must be denser in the slice than in the table by this factor.
  double coverage_min = 0.8;
  // Bad rows of one key are one thing that went wrong: two rows of a payment that came twice agree
  // in all else, and prove no more than one. Never a condition.
  std::vector<std::string> key;
  std::vector<std::string> ignored_columns;  // As those of the failing check.
  // Hold names of other things, as a foreign key does: only `=` says something of them.
  std::vector<std::string> name_columns;
  sql::QueryOptions query;
};

// The slice that explains the bad rows best, or none where nothing beats chance: the smallest
// one among those that cover the most. Beating chance: that so many of the bad rows fall into so
// many of all rows (the hypergeometric tail), times the number of slices tried, is less likely
// than `significance`. Low-cardinality columns give `=`, numbers and times `>=`
// or `<=`, a time's bound is a whole day where that loses nothing. Whole numbers or texts that
// differ in most rows, as a key or a row number does, are never used.
// Cost: three scans of the columns looked at (at most 40), whatever the number of bad rows.
Result<std::optional<Slice>> FindSlice(sql::Connection& connection, std::string_view relation,
                                       const std::vector<sql::ColumnInfo>& columns,
                                       std::string_view bad_rows_sql,
                                       const SliceOptions& options = {});

}  // namespace andon::quality
