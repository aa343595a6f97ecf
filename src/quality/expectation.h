// Expectation: one kind of check. A kind is ONE predicate over a row, or ONE set of aggregates
// with their judgement, or a key, or a look at the schema, or a statement; everything else (the
// fused scan, nulls, `mostly`, counts, samples, texts, results, the reference page, its test) is
// derived from it and nowhere written again.
//
// Each stands in a file of expectations/, families that differ in one statistic in one file;
// expectations.inc lists them all.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "quality/check.h"
#include "sql/aggregate.h"
#include "sql/expr.h"
#include "sql/types.h"

namespace andon::quality {

enum class ParamKind {
  kColumn,   // The name of a column.
  kColumns,  // Names of columns; at least one.
  kNames,    // Names that need not exist.
  kNumber,
  kCount,     // A whole number, 0 or more.
  kFraction,  // 0 to 1.
  kBool,
  kText,
  kRegex,  // RE2, which DuckDB uses.
  kType,   // A column type, Andon's or DuckDB's name.
  kTable,  // The name of another dataset, or a reference to one.
  kSql,
  kScalar,     // A value that can be compared with the column's.
  kScalars,    // A list of them.
  kQuantiles,  // {quantiles = [...], value_ranges = [[a, b], ...]}
  kAny,
};

struct Param {
  const char* name;
  ParamKind kind;
  const char* doc;
  bool is_required = false;
};

inline constexpr Param kColumn = {"column", ParamKind::kColumn, "The column.", true};
inline constexpr Param kColumnList = {"column_list", ParamKind::kColumns, "The columns.", true};
inline constexpr Param kNameList = {"column_list", ParamKind::kNames,
                                    "The names of the columns, in order.", true};
inline constexpr Param kMinValue = {"min_value", ParamKind::kScalar,
                                    "The least value, itself allowed."};
inline constexpr Param kMaxValue = {"max_value", ParamKind::kScalar,
                                    "The greatest value, itself allowed."};
inline constexpr Param kStrictMin = {"strict_min", ParamKind::kBool,
                                     "min_value itself is not allowed."};
inline constexpr Param kStrictMax = {"strict_max", ParamKind::kBool,
                                     "max_value itself is not allowed."};
inline constexpr Param kMinNumber = {"min_value", ParamKind::kNumber,
                                     "The least number, itself allowed."};
inline constexpr Param kMaxNumber = {"max_value", ParamKind::kNumber,
                                     "The greatest number, itself allowed."};
inline constexpr Param kMinCount = {"min_value", ParamKind::kCount,
                                    "The least count, itself allowed."};
inline constexpr Param kMaxCount = {"max_value", ParamKind::kCount,
                                    "The greatest count, itself allowed."};
inline constexpr Param kValueSet = {"value_set", ParamKind::kScalars, "The values.", true};
inline constexpr Param kRegex = {"regex", ParamKind::kRegex,
                                 "The regular expression (RE2); a part that matches is enough.",
                                 true};
inline constexpr Param kLength = {"value", ParamKind::kCount, "The length in characters.", true};
inline constexpr Param kTypeName = {"type_", ParamKind::kType,
                                    "The type: Andon's name (long) or DuckDB's (BIGINT).", true};
inline constexpr Param kQuantileRanges = {
    "quantile_ranges", ParamKind::kQuantiles,
    "{quantiles = [0.5], value_ranges = [[5, 8]]}; null as a bound is open.", true};
inline constexpr Param kOtherTable = {"other_table_name", ParamKind::kTable, "The other dataset.",
                                      true};
inline constexpr Param kOtherColumn = {"other_column", ParamKind::kText,
                                       "Its column; by default the one of the same name."};
inline constexpr Param kSql = {
    "sql", ParamKind::kSql, "A SELECT that returns the bad rows; datasets stand under their names.",
    true};
inline constexpr Param kQuery = {
    "unexpected_rows_query", ParamKind::kSql,
    "A SELECT that returns the bad rows; {batch} is the dataset itself.", true};
inline constexpr Param kMostly = {"mostly", ParamKind::kFraction,
                                  "The share of values that must be good; 1 by default."};

// The arguments of one check, after Validate found them good.
class Args {
 public:
  // Lifetime: keeps references to all but the name.
  Args(const Json& kwargs, const std::vector<sql::ColumnInfo>& columns, std::string table_name = {},
       const std::map<std::string, std::string>* tables = nullptr)
      : kwargs_(kwargs), columns_(columns), table_name_(std::move(table_name)), tables_(tables) {}

  bool Has(const Param& param) const { return !kwargs_[param.name].is_null(); }
  const Json& Get(const Param& param) const { return kwargs_[param.name]; }
  bool Bool(const Param& param) const { return Get(param).AsBool(); }
  std::string String(const Param& param) const { return Get(param).AsString(); }
  std::vector<std::string> Strings(const Param& param) const;
  std::optional<double> Number(const Param& param) const;

  sql::Expr Column() const { return sql::Expr::Column(String(kColumn)); }
  // Andon's name of the type of `column`; "string" where the column is unknown.
  std::string TypeOf(std::string_view column) const;
  std::string Type() const { return TypeOf(String(kColumn)); }
  // The argument as a literal of the column's type.
  sql::Expr Literal(const Param& param) const { return sql::Expr::Literal(Get(param), Type()); }
  // Nulls in the list are left out: no value equals them.
  std::vector<sql::Expr> Literals(const Param& param) const;

  // What stands behind FROM for the table that the argument names.
  std::string From(const Param& param) const;

  const std::string& table_name() const { return table_name_; }

 private:
  const Json& kwargs_;
  const std::vector<sql::ColumnInfo>& columns_;
  std::string table_name_;
  const std::map<std::string, std::string>* tables_;
};

struct Verdict {
  bool success = false;
  Json observed;
};

struct Expectation {
  const char* name;
  const char* says;  // {param} is replaced; {range} is "between a and b", "at least a", ….
  std::vector<Param> params;
  // The sides it is judged on where the check does not say (`on`).
  bool on_delivery = false;

  // One of the five:
  // True for a bad row, false for a good one, null for one that is not judged.
  sql::Expr (*unexpected)(const Args&) = nullptr;
  bool judges_nulls = false;  // A null is a bad value, not a missing one.

  std::vector<sql::Aggregate> (*aggregates)(const Args&) = nullptr;
  Verdict (*judge)(const Args&, const std::vector<Json>& values) = nullptr;

  std::vector<std::string> (*key)(const Args&) = nullptr;  // The columns that are unique together.

  Verdict (*schema)(const Args&, const std::vector<sql::ColumnInfo>&) = nullptr;

  std::string (*statement)(const Args&) = nullptr;  // Returns the bad rows.

  // What can be wrong beyond each parameter's own kind; a sentence, or empty.
  std::string (*mistake)(const Args&) = nullptr;
  // The classes of type that the column may have; empty: all.
  std::vector<sql::TypeClass> column_classes = {};

  // Cases, separated by empty lines: arguments; one line for each column (`name: values`,
  // `name (type): values`, `table.name: values`); the verdict with what was observed.
  const char* example;
};

// The expectation of that name, or null.
const Expectation* FindExpectation(std::string_view name);
// All, by name.
const std::vector<const Expectation*>& AllExpectations();

// For the families `…_to_be_between`.
// True for what lies outside of min_value and max_value; NaN lies outside of all.
sql::Expr Outside(const sql::Expr& value, const Args& args);
// The same for one observed value: a number, a date or timestamp, or text. Null is inside: there
// was nothing to observe.
bool IsInside(const Json& value, const Json& min, const Json& max, bool strict_min,
              bool strict_max);
Verdict JudgeRange(const Args& args, const std::vector<Json>& values);
// That at least one bound is given, and that they are in order.
std::string RangeMistake(const Args& args);

}  // namespace andon::quality
