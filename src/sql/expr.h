// Expr: an SQL expression as a value, printed for a dialect.
//
// Immutable and cheap to copy. Names and values are always quoted by the printer, never pasted:
//
//   Expr bad = Not(Between(Expr::Column("amount"), Expr::Number("0"), Expr::Number("11.99")));
//   bad.Print(Dialect::kDuckDb);  // NOT ("amount" >= 0 AND "amount" <= 11.99)
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace andon::sql {

// The engines that expressions are printed for. kRedshift is PostgreSQL's family: text only, no
// server of it is needed.
enum class Dialect { kDuckDb, kPostgres, kRedshift, kSqlite };

// How "1.5" is added to "0.5"; the value is SQL's sign.
enum class Arithmetic : char { kAdd = '+', kSubtract = '-', kMultiply = '*', kDivide = '/' };

enum class Comparison { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

class Expr {
 public:
  static Expr Column(std::string name);
  static Expr Null();
  // A JSON scalar: number, text, true. Requires: no array, no object.
  static Expr Literal(const Json& value);
  // The same as a value of a column's type (Andon's name): text for a date becomes a DATE.
  static Expr Literal(const Json& value, std::string_view type);
  static Expr Double(double value);  // Also what is not finite.
  // An expression that the user wrote; it stands in parentheses. The caller has seen to it
  // that it is one expression (Analyzer::CheckExpression).
  static Expr Written(std::string sql);
  // The same where it is known that it reads these columns of its row and nothing else; see
  // condition.h.
  static Expr Written(std::string sql, std::vector<std::string> columns);

  std::string Print(Dialect dialect = Dialect::kDuckDb) const;
  // The columns that stand in it; not those of what was Written without them, see has_written().
  std::set<std::string> Columns() const;
  // True when some part's columns are unknown: it was written, or reads another table.
  bool has_written() const;

  // The tree; only for what is in expr.cc.
  struct Node;
  explicit Expr(std::shared_ptr<const Node> node) : node_(std::move(node)) {}
  const Node& node() const { return *node_; }

 private:
  std::shared_ptr<const Node> node_;
};

Expr Not(Expr a);
// True where `predicate` is not true. Where it is null, files follow Great Expectations on pandas
// (true: a comparison with a missing value does not hold), and databases follow it on databases
// (null: neither good nor bad).
Expr NotTrue(Expr predicate);
Expr And(std::vector<Expr> parts);  // Requires: at least one.
Expr Or(std::vector<Expr> parts);   // Requires: at least one.
Expr Compare(Expr a, Comparison comparison, Expr b);
// Equal, where two nulls are equal and a null equals nothing else.
Expr NotDistinct(Expr a, Expr b);
Expr Compute(Expr a, Arithmetic arithmetic, Expr b);
Expr IsNull(Expr a);
Expr IsNotNull(Expr a);
// Null where `a` is null; an empty list holds nothing.
Expr In(Expr a, std::vector<Expr> values);
// True where the tuple of `columns` equals one of `from` (SQL that stands behind FROM), by the
// columns `keys` there.
Expr InTable(std::vector<Expr> columns, std::string from, std::vector<std::string> keys);
// A part of the text matches the regular expression, in the engine's own syntax: RE2 with Unicode's
// classes (DuckDB, and SQLite by andon_regexp; see sql/regex.h), POSIX with PostgreSQL's additions.
Expr Matches(Expr a, std::string regex);
// The engine's own LIKE: SQLite's takes a and A for the same. `escape` is empty or one character.
Expr Like(Expr a, std::string pattern, std::string escape = {});
// A host function's word on a text (sql/host_function.h). Requires: RunsHostFunctions(dialect).
Expr Test(std::string function, Expr a, std::string argument);
bool RunsHostFunctions(Dialect dialect);
Expr Length(Expr a);  // In code points.
Expr Abs(Expr a);
Expr AsText(Expr a);
Expr AsDouble(Expr a);
Expr Row(std::vector<Expr> parts);

}  // namespace andon::sql
