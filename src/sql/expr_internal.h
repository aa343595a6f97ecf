// The tree behind Expr; only for what builds and prints it.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "sql/expr.h"

namespace andon::sql {

enum class ExprKind {
  kColumn,
  kLiteral,
  kWritten,
  kNot,
  kNotTrue,
  kAnd,
  kOr,
  kCompare,
  kNotDistinct,
  kCompute,
  kIsNull,
  kIsNotNull,
  kIn,
  kInTable,
  kMatches,
  kLike,
  kTest,
  kLength,
  kAbs,
  kAsText,
  kAsDouble,
  kRow,
};

struct Expr::Node {
  ExprKind kind;
  std::vector<Expr> parts;
  std::string text;  // A name, a pattern, SQL, a function's argument.
  Json value;
  std::string type;  // Of a typed literal; of LIKE its escape.
  Comparison comparison = Comparison::kEqual;
  Arithmetic arithmetic = Arithmetic::kAdd;
  std::vector<std::string> names;
  bool knows_columns = false;  // Of what was written: `names`, and no others.
};

}  // namespace andon::sql
