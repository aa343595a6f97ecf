#include "sql/expr.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/assert.h"
#include "sql/expr_internal.h"

namespace andon::sql {
namespace {

Expr Make(Expr::Node node) { return Expr(std::make_shared<const Expr::Node>(std::move(node))); }

void Collect(const Expr& expr, std::set<std::string>* columns, bool* has_written) {
  const Expr::Node& node = expr.node();
  if (node.kind == ExprKind::kColumn) columns->insert(node.text);
  const bool is_unknown = node.kind == ExprKind::kWritten && !node.knows_columns;
  if (is_unknown || node.kind == ExprKind::kInTable) *has_written = true;
  if (node.kind == ExprKind::kWritten) columns->insert(node.names.begin(), node.names.end());
  for (const Expr& part : node.parts) Collect(part, columns, has_written);
}

}  // namespace

Expr Expr::Column(std::string name) {
  return Make({.kind = ExprKind::kColumn, .text = std::move(name)});
}
Expr Expr::Null() { return Make({.kind = ExprKind::kLiteral}); }
Expr Expr::Literal(const Json& value) { return Literal(value, ""); }
Expr Expr::Literal(const Json& value, std::string_view type) {
  ASSERT(!value.is_array() && !value.is_object());
  return Make({.kind = ExprKind::kLiteral, .value = value, .type = std::string(type)});
}
Expr Expr::Double(double value) {
  // As text and cast: a plain 0.1 would be a decimal to some engines, and rounded on the way.
  std::string text = std::isnan(value)   ? "nan"
                     : std::isinf(value) ? (value > 0 ? "infinity" : "-infinity")
                                         : fmt::format("{}", value);
  return Literal(Json(std::move(text)), "double");
}
Expr Expr::Written(std::string sql) {
  return Make({.kind = ExprKind::kWritten, .text = std::move(sql)});
}
Expr Expr::Written(std::string sql, std::vector<std::string> columns) {
  return Make({.kind = ExprKind::kWritten,
               .text = std::move(sql),
               .names = std::move(columns),
               .knows_columns = true});
}

Expr Not(Expr a) { return Make({.kind = ExprKind::kNot, .parts = {std::move(a)}}); }
Expr NotTrue(Expr predicate) {
  return Make({.kind = ExprKind::kNotTrue, .parts = {std::move(predicate)}});
}
Expr And(std::vector<Expr> parts) {
  ASSERT(!parts.empty());
  return parts.size() == 1 ? parts[0] : Make({.kind = ExprKind::kAnd, .parts = std::move(parts)});
}
Expr Or(std::vector<Expr> parts) {
  ASSERT(!parts.empty());
  return parts.size() == 1 ? parts[0] : Make({.kind = ExprKind::kOr, .parts = std::move(parts)});
}
Expr Compare(Expr a, Comparison comparison, Expr b) {
  return Make({.kind = ExprKind::kCompare,
               .parts = {std::move(a), std::move(b)},
               .comparison = comparison});
}
Expr NotDistinct(Expr a, Expr b) {
  return Make({.kind = ExprKind::kNotDistinct, .parts = {std::move(a), std::move(b)}});
}
Expr Compute(Expr a, Arithmetic arithmetic, Expr b) {
  return Make({.kind = ExprKind::kCompute,
               .parts = {std::move(a), std::move(b)},
               .arithmetic = arithmetic});
}
Expr IsNull(Expr a) { return Make({.kind = ExprKind::kIsNull, .parts = {std::move(a)}}); }
Expr IsNotNull(Expr a) { return Make({.kind = ExprKind::kIsNotNull, .parts = {std::move(a)}}); }
Expr In(Expr a, std::vector<Expr> values) {
  values.insert(values.begin(), std::move(a));
  return Make({.kind = ExprKind::kIn, .parts = std::move(values)});
}
Expr InTable(std::vector<Expr> columns, std::string from, std::vector<std::string> keys) {
  return Make({.kind = ExprKind::kInTable,
               .parts = std::move(columns),
               .text = std::move(from),
               .names = std::move(keys)});
}
Expr Matches(Expr a, std::string regex) {
  return Make({.kind = ExprKind::kMatches, .parts = {std::move(a)}, .text = std::move(regex)});
}
Expr Like(Expr a, std::string pattern, std::string escape) {
  return Make({.kind = ExprKind::kLike,
               .parts = {std::move(a)},
               .text = std::move(pattern),
               .type = std::move(escape)});
}
Expr Test(std::string function, Expr a, std::string argument) {
  return Make({.kind = ExprKind::kTest,
               .parts = {std::move(a)},
               .text = std::move(argument),
               .names = {std::move(function)}});
}
bool RunsHostFunctions(Dialect dialect) {
  return dialect == Dialect::kDuckDb || dialect == Dialect::kSqlite;
}
Expr Length(Expr a) { return Make({.kind = ExprKind::kLength, .parts = {std::move(a)}}); }
Expr Abs(Expr a) { return Make({.kind = ExprKind::kAbs, .parts = {std::move(a)}}); }
Expr AsText(Expr a) { return Make({.kind = ExprKind::kAsText, .parts = {std::move(a)}}); }
Expr AsDouble(Expr a) { return Make({.kind = ExprKind::kAsDouble, .parts = {std::move(a)}}); }
Expr Row(std::vector<Expr> parts) {
  return Make({.kind = ExprKind::kRow, .parts = std::move(parts)});
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
