// Param: one argument that an expectation takes, and what it may look like.
#pragma once

#include "base/json.h"

namespace andon::quality {

enum class ParamKind {
  kColumn,      // The name of a column.
  kColumnName,  // The name of a column that need not exist.
  kColumns,     // Names of columns; at least one.
  kNames,       // Names that need not exist.
  kNumber,
  kCount,     // A whole number, 0 or more.
  kFraction,  // 0 to 1.
  kBool,
  kText,
  kRegex,    // RE2, which DuckDB uses.
  kTexts,    // A list of texts; at least one.
  kRegexes,  // A list of regular expressions.
  kType,     // A column type, Andon's name or an engine's.
  kTypes,    // A list of them.
  kTable,    // The name of another dataset, or a reference to one.
  kSql,
  kScalar,     // A value that can be compared with the column's.
  kScalars,    // A list of them.
  kPairs,      // A list of pairs of values.
  kDuration,   // "1d", "6h".
  kQuantiles,  // {quantiles = [...], value_ranges = [[a, b], ...]}
  kPartition,  // {values, weights} or {bins, weights, tail_weights}
  kObject,
  kAny,
};

struct Param {
  const char* name;
  ParamKind kind;
  const char* doc;
  bool is_required = false;
};

inline constexpr Param kColumn = {"column", ParamKind::kColumn, "The column.", true};
inline constexpr Param kColumnA = {"column_A", ParamKind::kColumn, "The one column.", true};
inline constexpr Param kColumnB = {"column_B", ParamKind::kColumn, "The other column.", true};
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
inline constexpr Param kTypeName = {"type_", ParamKind::kType,
                                    "The type: Andon's name (long), DuckDB's (BIGINT), the "
                                    "database's own, or pandas' (int64).",
                                    true};
inline constexpr Param kOtherTable = {"other_table_name", ParamKind::kTable, "The other dataset.",
                                      true};
inline constexpr Param kMostly = {"mostly", ParamKind::kFraction,
                                  "The share of values that must be good; 1 by default."};
inline constexpr Param kIgnorePair = {
    "ignore_row_if", ParamKind::kText,
    "\"both_values_are_missing\" (by default), \"either_value_is_missing\" or \"neither\"."};
inline constexpr Param kIgnoreRow = {
    "ignore_row_if", ParamKind::kText,
    "\"all_values_are_missing\" (by default), \"any_value_is_missing\" or \"never\"."};

}  // namespace andon::quality
