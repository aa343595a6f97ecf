#include "sql/expr.h"

#include <utility>

#include "base/assert.h"
#include "base/text.h"
#include "sql/engine.h"
#include "sql/types.h"

namespace andon::sql {
namespace {

enum class Kind {
  kColumn,
  kLiteral,
  kWritten,
  kNot,
  kAnd,
  kOr,
  kCompare,
  kIsNull,
  kIsNotNull,
  kIn,
  kInTable,
  kMatches,
  kLike,
  kLength,
  kAbs,
  kRow,
};

}  // namespace

struct Expr::Node {
  Kind kind;
  std::vector<Expr> parts;
  std::string text;  // A name, a printed number, a pattern, SQL.
  Json value;
  std::string type;  // Of a typed literal.
  Comparison comparison = Comparison::kEqual;
  std::vector<std::string> names;
};

namespace {

Expr Make(Expr::Node node) { return Expr(std::make_shared<const Expr::Node>(std::move(node))); }

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

// PostgreSQL reads a backslash as itself in '…', as DuckDB does.
std::string PrintScalar(const Json& value) {
  if (value.is_null()) return "NULL";
  if (value.is_bool()) return value.AsBool() ? "TRUE" : "FALSE";
  if (value.is_number()) return value.Dump();
  return QuoteLiteral(value.AsString());
}

std::string TypeFor(std::string_view type, Dialect dialect) {
  if (dialect == Dialect::kPostgres) {
    if (type == "double") return "DOUBLE PRECISION";
    if (type == "float") return "REAL";
    if (type == "string") return "TEXT";
    if (type == "binary") return "BYTEA";
  }
  Result<std::string> duckdb = ToDuckDbType(type);
  return duckdb.ok() ? *duckdb : "VARCHAR";
}

std::string PrintLiteral(const Expr::Node& node, Dialect dialect) {
  std::string text = PrintScalar(node.value);
  if (node.type.empty() || node.value.is_null()) return text;
  bool is_number = ClassOf(node.type) == TypeClass::kNumber;
  if (is_number && node.value.is_number())
    return text;  // A cast to the column's type would round 0.5 away.
  if (node.type == "string" && node.value.is_string()) return text;
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
  if (dialect == Dialect::kPostgres) return subject + " ~ " + QuoteLiteral(node.text);
  return "regexp_matches(" + subject + ", " + QuoteLiteral(node.text) + ")";
}

void Collect(const Expr& expr, std::set<std::string>* columns, bool* has_written) {
  const Expr::Node& node = expr.node();
  if (node.kind == Kind::kColumn) columns->insert(node.text);
  if (node.kind == Kind::kWritten || node.kind == Kind::kInTable) *has_written = true;
  for (const Expr& part : node.parts) Collect(part, columns, has_written);
}

}  // namespace

Expr Expr::Column(std::string name) {
  return Make({.kind = Kind::kColumn, .text = std::move(name)});
}
Expr Expr::Null() { return Make({.kind = Kind::kLiteral}); }
Expr Expr::Literal(const Json& value) { return Literal(value, ""); }
Expr Expr::Literal(const Json& value, std::string_view type) {
  ASSERT(!value.is_array() && !value.is_object());
  return Make({.kind = Kind::kLiteral, .value = value, .type = std::string(type)});
}
Expr Expr::Written(std::string sql) {
  return Make({.kind = Kind::kWritten, .text = std::move(sql)});
}

Expr Not(Expr a) { return Make({.kind = Kind::kNot, .parts = {std::move(a)}}); }
Expr And(std::vector<Expr> parts) {
  ASSERT(!parts.empty());
  return parts.size() == 1 ? parts[0] : Make({.kind = Kind::kAnd, .parts = std::move(parts)});
}
Expr Or(std::vector<Expr> parts) {
  ASSERT(!parts.empty());
  return parts.size() == 1 ? parts[0] : Make({.kind = Kind::kOr, .parts = std::move(parts)});
}
Expr Compare(Expr a, Comparison comparison, Expr b) {
  return Make(
      {.kind = Kind::kCompare, .parts = {std::move(a), std::move(b)}, .comparison = comparison});
}
Expr IsNull(Expr a) { return Make({.kind = Kind::kIsNull, .parts = {std::move(a)}}); }
Expr IsNotNull(Expr a) { return Make({.kind = Kind::kIsNotNull, .parts = {std::move(a)}}); }
Expr In(Expr a, std::vector<Expr> values) {
  values.insert(values.begin(), std::move(a));
  return Make({.kind = Kind::kIn, .parts = std::move(values)});
}
Expr InTable(std::vector<Expr> columns, std::string from, std::vector<std::string> keys) {
  return Make({.kind = Kind::kInTable,
               .parts = std::move(columns),
               .text = std::move(from),
               .names = std::move(keys)});
}
Expr Matches(Expr a, std::string regex) {
  return Make({.kind = Kind::kMatches, .parts = {std::move(a)}, .text = std::move(regex)});
}
Expr Like(Expr a, std::string pattern) {
  return Make({.kind = Kind::kLike, .parts = {std::move(a)}, .text = std::move(pattern)});
}
Expr Length(Expr a) { return Make({.kind = Kind::kLength, .parts = {std::move(a)}}); }
Expr Abs(Expr a) { return Make({.kind = Kind::kAbs, .parts = {std::move(a)}}); }
Expr Row(std::vector<Expr> parts) { return Make({.kind = Kind::kRow, .parts = std::move(parts)}); }

std::string Expr::Print(Dialect dialect) const {
  const Node& node = *node_;
  auto part = [&](size_t i) { return node.parts[i].Print(dialect); };
  switch (node.kind) {
    case Kind::kColumn:
      return QuoteIdentifier(node.text);
    case Kind::kLiteral:
      return PrintLiteral(node, dialect);
    case Kind::kWritten:
      return "(" + node.text + "\n)";  // The newline ends a comment of the user's.
    case Kind::kNot:
      return "NOT (" + part(0) + ")";
    case Kind::kAnd:
      return "(" + PrintList(node.parts, " AND ", dialect) + ")";
    case Kind::kOr:
      return "(" + PrintList(node.parts, " OR ", dialect) + ")";
    case Kind::kCompare:
      return part(0) + " " + std::string(Sign(node.comparison)) + " " + part(1);
    case Kind::kIsNull:
      return part(0) + " IS NULL";
    case Kind::kIsNotNull:
      return part(0) + " IS NOT NULL";
    case Kind::kIn: {
      std::vector<Expr> values(node.parts.begin() + 1, node.parts.end());
      if (values.empty())
        return "(" + part(0) + " IS NULL AND NULL)";  // Null for null, else false.
      return part(0) + " IN (" + PrintList(values, ", ", dialect) + ")";
    }
    case Kind::kInTable:
      return PrintInTable(node, dialect);
    case Kind::kMatches:
      return PrintMatches(node, dialect);
    case Kind::kLike:
      return part(0) + " LIKE " + QuoteLiteral(node.text);
    case Kind::kLength:
      return "length(" + part(0) + ")";
    case Kind::kAbs:
      return "abs(" + part(0) + ")";
    case Kind::kRow:
      return PrintTuple(node.parts, dialect);
  }
  return {};
}

std::set<std::string> Expr::Columns() const {
  std::set<std::string> columns;
  bool has_written = false;
  Collect(*this, &columns, &has_written);
  return columns;
}

bool Expr::has_written() const {
  std::set<std::string> columns;
  bool has_written = false;
  Collect(*this, &columns, &has_written);
  return has_written;
}

}  // namespace andon::sql
