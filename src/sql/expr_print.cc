// Expr as text, for each dialect.
#include <utility>

#include "base/clock.h"
#include "base/text.h"
#include "sql/expr.h"
#include "sql/expr_internal.h"
#include "sql/quote.h"
#include "sql/regex.h"
#include "sql/types.h"

namespace andon::sql {
namespace {

std::string_view Sign(Comparison comparison) {
  switch (comparison) {
    case Comparison::kEqual:
      return "=";
    case Comparison::kNotEqual:
      return "<>";
    case Comparison::kLess:
      return "<";
    case Comparison::kLessOrEqual:
      return "<=";
    case Comparison::kGreater:
      return ">";
    case Comparison::kGreaterOrEqual:
      return ">=";
  }
  return "=";
}

bool IsPostgres(Dialect dialect) {
  return dialect == Dialect::kPostgres || dialect == Dialect::kRedshift;
}

// PostgreSQL reads a backslash as itself in '…', as DuckDB does.
std::string PrintScalar(const Json& value) {
  if (value.is_null()) return "NULL";
  if (value.is_bool()) return value.AsBool() ? "TRUE" : "FALSE";
  if (value.is_number()) return value.Dump();
  return QuoteLiteral(value.AsString());
}

std::string TypeFor(std::string_view type, Dialect dialect) {
  if (IsPostgres(dialect)) {
    if (type == "double") return "DOUBLE PRECISION";
    if (type == "float") return "REAL";
    if (type == "string") return dialect == Dialect::kRedshift ? "VARCHAR(65535)" : "TEXT";
    if (type == "binary") return dialect == Dialect::kRedshift ? "VARBYTE" : "BYTEA";
  }
  Result<std::string> duckdb = ToDuckDbType(type);
  return duckdb.ok() ? *duckdb : "VARCHAR";
}

// How SQLite's times are compared: as text, whichever of its forms a row has.
constexpr std::string_view kSqliteTime = "%Y-%m-%d %H:%M:%f";

std::string PrintSqliteTime(const std::string& text) {
  Result<Timestamp> time = ParseTimestamp(text);
  if (!time.ok()) return QuoteLiteral(text);
  std::string printed = ToRfc3339(*time);  // 2005-08-20T08:42:52.5Z
  std::string fraction = "000";
  if (size_t dot = printed.find('.'); dot != std::string::npos) {
    fraction = printed.substr(dot + 1, printed.size() - dot - 2) + "000";
  }
  return QuoteLiteral(printed.substr(0, 10) + " " + printed.substr(11, 8) + "." +
                      fraction.substr(0, 3));
}

// SQLite has no types to cast to: a date is text, a double is a number.
std::string PrintSqliteLiteral(const Expr::Node& node) {
  const std::string& text = node.value.AsString();
  switch (ClassOf(node.type)) {
    case TypeClass::kNumber:
      if (text == "infinity") return "9e999";
      if (text == "-infinity") return "-9e999";
      if (text == "nan") return "NULL";
      return "CAST(" + QuoteLiteral(text) + " AS NUMERIC)";
    case TypeClass::kTimestamp:
      return PrintSqliteTime(text);
    default:
      return PrintScalar(node.value);
  }
}

std::string PrintLiteral(const Expr::Node& node, Dialect dialect) {
  std::string text = PrintScalar(node.value);
  if (node.type.empty() || node.value.is_null()) return text;
  bool is_number = ClassOf(node.type) == TypeClass::kNumber;
  if (is_number && node.value.is_number())
    return text;  // A cast to the column's type would round 0.5 away.
  if (node.type == "string" && node.value.is_string()) return text;
  if (dialect == Dialect::kSqlite) return PrintSqliteLiteral(node);
  return "CAST(" + text + " AS " + TypeFor(node.type, dialect) + ")";
}

std::string PrintList(const std::vector<Expr>& parts, std::string_view separator, Dialect dialect) {
  std::vector<std::string> texts;
  for (const Expr& part : parts) texts.push_back(part.Print(dialect));
  return Join(texts, separator);
}

std::string PrintTuple(const std::vector<Expr>& parts, Dialect dialect) {
  if (parts.size() == 1) return parts[0].Print(dialect);
  return "(" + PrintList(parts, ", ", dialect) + ")";
}

bool IsTime(const Expr& expr) {
  const Expr::Node& node = expr.node();
  return node.kind == ExprKind::kLiteral && !node.type.empty() && node.value.is_string() &&
         ClassOf(node.type) == TypeClass::kTimestamp;
}

// One side of a comparison, whose other side is `other`.
std::string PrintSide(const Expr& side, const Expr& other, Dialect dialect) {
  std::string text = side.Print(dialect);
  if (dialect != Dialect::kSqlite || !IsTime(other) || IsTime(side)) return text;
  return "CASE WHEN typeof(" + text + ") = 'text' THEN coalesce(strftime('" +
         std::string(kSqliteTime) + "', " + text + "), " + text + ") ELSE " + text + " END";
}

std::string PrintNotDistinct(const Expr::Node& node, Dialect dialect) {
  std::string a = node.parts[0].Print(dialect), b = node.parts[1].Print(dialect);
  if (dialect == Dialect::kSqlite) return a + " IS " + b;
  if (dialect == Dialect::kRedshift)
    return "(" + a + " IS NULL AND " + b + " IS NULL OR " + a + " IS NOT NULL AND " + b +
           " IS NOT NULL AND " + a + " = " + b + ")";
  return a + " IS NOT DISTINCT FROM " + b;
}

std::string PrintIn(const Expr::Node& node, Dialect dialect) {
  std::vector<Expr> values(node.parts.begin() + 1, node.parts.end());
  std::string subject =
      PrintSide(node.parts[0], values.empty() ? node.parts[0] : values[0], dialect);
  if (values.empty()) return "(" + subject + " IS NULL AND NULL)";  // Null for null, else false.
  return subject + " IN (" + PrintList(values, ", ", dialect) + ")";
}

std::string PrintInTable(const Expr::Node& node, Dialect dialect) {
  std::vector<std::string> keys, filled;
  for (const std::string& name : node.names) {
    keys.push_back(QuoteIdentifier(name));
    filled.push_back(QuoteIdentifier(name) + " IS NOT NULL");
  }
  // Without the nulls: x IN (…, NULL) is null where it should be false.
  return PrintTuple(node.parts, dialect) + " IN (SELECT " + Join(keys, ", ") + " FROM " +
         node.text + " AS referenced WHERE " + Join(filled, " AND ") + ")";
}

std::string PrintMatches(const Expr::Node& node, Dialect dialect) {
  std::string subject = node.parts[0].Print(dialect);
  if (IsPostgres(dialect)) return subject + " ~ " + QuoteLiteral(node.text);
  std::string_view function = dialect == Dialect::kSqlite ? "andon_regexp" : "regexp_matches";
  return std::string(function) + "(" + subject + ", " +
         QuoteLiteral(WithUnicodeClasses(node.text)) + ")";
}

std::string PrintLike(const Expr::Node& node, Dialect dialect) {
  std::string text = node.parts[0].Print(dialect) + " LIKE " + QuoteLiteral(node.text);
  return node.type.empty() ? text : text + " ESCAPE " + QuoteLiteral(node.type);
}

// "CAST(x AS TEXT)", and for sums and spreads "CAST(x AS DOUBLE PRECISION)".
std::string PrintCast(const Expr& a, std::string_view type, Dialect dialect) {
  std::string name = TypeFor(type, dialect);
  if (dialect == Dialect::kSqlite) name = type == "string" ? "TEXT" : "REAL";
  return "CAST(" + a.Print(dialect) + " AS " + name + ")";
}

std::string PrintNot(const Expr::Node& node, Dialect dialect) {
  std::string predicate = "(" + node.parts[0].Print(dialect) + ")";
  if (node.kind == ExprKind::kNotTrue && dialect == Dialect::kDuckDb)
    return predicate + " IS NOT TRUE";
  return "NOT " + predicate;
}

}  // namespace

std::string Expr::Print(Dialect dialect) const {
  const Node& node = *node_;
  auto part = [&](size_t i) { return node.parts[i].Print(dialect); };
  switch (node.kind) {
    case ExprKind::kColumn:
      return QuoteIdentifier(node.text);
    case ExprKind::kLiteral:
      return PrintLiteral(node, dialect);
    case ExprKind::kWritten:
      return "(" + node.text + "\n)";  // The newline ends a comment of the user's.
    case ExprKind::kNot:
    case ExprKind::kNotTrue:
      return PrintNot(node, dialect);
    case ExprKind::kAnd:
      return "(" + PrintList(node.parts, " AND ", dialect) + ")";
    case ExprKind::kOr:
      return "(" + PrintList(node.parts, " OR ", dialect) + ")";
    case ExprKind::kCompare:
      return PrintSide(node.parts[0], node.parts[1], dialect) + " " +
             std::string(Sign(node.comparison)) + " " +
             PrintSide(node.parts[1], node.parts[0], dialect);
    case ExprKind::kNotDistinct:
      return PrintNotDistinct(node, dialect);
    case ExprKind::kCompute:
      return "(" + part(0) + " " + static_cast<char>(node.arithmetic) + " " + part(1) + ")";
    case ExprKind::kIsNull:
      return part(0) + " IS NULL";
    case ExprKind::kIsNotNull:
      return part(0) + " IS NOT NULL";
    case ExprKind::kIn:
      return PrintIn(node, dialect);
    case ExprKind::kInTable:
      return PrintInTable(node, dialect);
    case ExprKind::kMatches:
      return PrintMatches(node, dialect);
    case ExprKind::kLike:
      return PrintLike(node, dialect);
    case ExprKind::kTest:
      return node.names[0] + "(" + part(0) + ", " + QuoteLiteral(node.text) + ")";
    case ExprKind::kLength:
      return "length(" + part(0) + ")";
    case ExprKind::kAbs:
      return "abs(" + part(0) + ")";
    case ExprKind::kAsText:
      return PrintCast(node.parts[0], "string", dialect);
    case ExprKind::kAsDouble:
      return PrintCast(node.parts[0], "double", dialect);
    case ExprKind::kRow:
      return PrintTuple(node.parts, dialect);
  }
  return {};
}

}  // namespace andon::sql
