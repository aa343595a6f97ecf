// Static views of expressions: what config decoding reads from the syntax
// without evaluating it, such as `depends_on = [a.b]` or `type = list(string)`.
// Each gives nothing where the expression has another form; parentheses are
// not looked through, as in HCL.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "hcl/ast.h"

namespace andon::hcl {

// A bare word (also true, false, null); empty where it is none.
std::string_view AsKeyword(Expression expression);

// a.b["c"][0]; also a bare word.
std::optional<Traversal> AsTraversal(Expression expression);

// The items of [a, b].
std::optional<std::vector<Expression>> AsList(Expression expression);

struct StaticItem {
  Expression key;
  Expression value;
  bool parenthesized = false;
};

// The items of {a = b}. A bare word as key is AsKeyword(item.key), unless parenthesized.
std::optional<std::vector<StaticItem>> AsMap(Expression expression);

struct StaticCall {
  std::string_view name;
  SourceRange name_range;
  std::vector<Expression> arguments;
  SourceRange arguments_range;  // The parentheses and what is between them.
};

std::optional<StaticCall> AsCall(Expression expression);

// The expression itself; of a string in a JSON file, the expression of the native syntax
// that it holds. Mistakes in it go to `diagnostics`.
Expression AsNative(Expression expression, Diagnostics* diagnostics);

// The string of "abc", a quoted literal or heredoc without interpolation.
std::optional<std::string_view> AsStringLiteral(Expression expression);

}  // namespace andon::hcl
