// A row condition as a tree, whichever way it was written, and its SQL.
//
//   Condition c = TRY(ReadPandasCondition("amount > 0 and status in ['paid', 'open']"));
//   std::string sql = TRY(ToSql(c, {.columns = columns, .nulls = Nulls::kPandas}));
//   // "amount" > 0 AND "status" IN ('paid', 'open')
//
// Names and values are always quoted. Rows for which the SQL is null are not looked at.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "sql/expr.h"
#include "sql/session.h"

namespace andon::quality::gx {

struct Condition {
  enum class Kind {
    // Of rows:
    kAnd,
    kOr,
    kNot,
    kCompare,  // parts: left, right; `word` is ==, !=, <, <=, >, >=.
    kIn,       // parts: what is looked for, then the values.
    kIsNull,   // parts: what is null.
    kText,     // parts: the text, the literal looked for; `word`: contains, startswith, endswith.
    kWritten,  // SQL as it was written, in `word`.
    // Of values:
    kColumn,     // `word` is its name.
    kLiteral,    // `value`.
    kCalculate,  // parts: left, right; `word` is + - * / // %.
    kLength,     // parts: the text.
    kLower,
    kUpper,
  };
  Kind kind = Kind::kLiteral;
  std::string word;
  Json value;
  std::vector<Condition> parts;
};

// How a null compares: to pandas it is unequal to everything, to SQL neither equal nor unequal.
enum class Nulls { kPandas, kSql };

struct ConditionTarget {
  sql::Dialect dialect = sql::Dialect::kDuckDb;
  Nulls nulls = Nulls::kSql;
  std::vector<sql::TableColumn> columns;  // Empty: not known.
};

// An expression of DataFrame.query(): comparisons (also chained), and or not & | ~, in, not in,
// arithmetic, `names in backticks`, .isnull() .notnull() .isna() .notna() .isin([…])
// .between(a, b) .str.contains('…') .str.startswith('…') .str.endswith('…') .str.len()
// .str.lower() .str.upper(). kInvalid says what is not understood, and at which character.
Result<Condition> ReadPandasCondition(std::string_view text);
// `col("amount") >= 5`, `col("name").notnull()`, `col("d") < date("2026-01-01")`.
Result<Condition> ReadGreatExpectationsCondition(std::string_view text);
// The typed tree: {"type": "comparison" | "nullity" | "and" | "or" | "pass_through", …}.
Result<Condition> ReadConditionTree(const Json& tree);
// A condition in SQL. kInvalid where it cannot be one expression: brackets that do not match, a
// semicolon, a comment.
Result<Condition> ReadSqlCondition(std::string_view text);

// A row condition, as text or as the typed tree. `condition_parser`: "pandas", "spark",
// "great_expectations"; empty: pandas where it can be read so, and otherwise SQL. kInvalid says
// what is not understood and where.
Result<Condition> ReadRowCondition(const Json& condition, std::string_view condition_parser);
// The same as SQL for a WHERE of every engine, without a look at columns.
Result<std::string> RowConditionSql(const Json& condition, std::string_view condition_parser);

// kInvalid for a column that the target does not have (did you mean), and for a comparison of a
// text with a number.
Result<std::string> ToSql(const Condition& condition, const ConditionTarget& target);

}  // namespace andon::quality::gx
