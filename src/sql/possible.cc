#include "sql/possible.h"

#include <algorithm>

#include "sql/expr_internal.h"

namespace andon::sql {
namespace {

// A set of what a predicate may be.
enum : unsigned { kTrue = 1, kFalse = 2, kNull = 4, kAny = 7 };
using Truths = unsigned;

constexpr int kDepthMax = 100;

Truths Negated(Truths a) {
  return (a & kTrue ? kFalse : 0U) | (a & kFalse ? kTrue : 0U) | (a & kNull);
}

Truths Both(Truths a, Truths b) {
  Truths out = (a | b) & kFalse;
  if ((a & kTrue) && (b & kTrue)) out |= kTrue;
  if ((a & kNull && b & (kNull | kTrue)) || (b & kNull && a & (kNull | kTrue))) out |= kNull;
  return out;
}

Truths Either(Truths a, Truths b) { return Negated(Both(Negated(a), Negated(b))); }

Comparison Mirrored(Comparison comparison) {
  switch (comparison) {
    case Comparison::kLess:
      return Comparison::kGreater;
    case Comparison::kLessOrEqual:
      return Comparison::kGreaterOrEqual;
    case Comparison::kGreater:
      return Comparison::kLess;
    case Comparison::kGreaterOrEqual:
      return Comparison::kLessOrEqual;
    default:
      return comparison;
  }
}

// The literal as the column's kind of value.
std::optional<ExactNumber> ValueOf(const Expr::Node& literal, ValueBounds::Kind kind) {
  if (kind == ValueBounds::Kind::kDate)
    return literal.value.is_string() && literal.type == "date"
               ? DateNumber(literal.value.AsString())
               : std::nullopt;
  if (!literal.value.is_number()) return {};
  return ExactNumber::Parse(literal.value.Dump());
}

// Whether some value can be below, at, or above `at`.
struct Sides {
  bool below = true, equal = true, above = true;
};

Sides SidesOf(const ValueBounds& bounds, const ExactNumber& at) {
  Sides sides;
  auto lower = bounds.lower ? Compare(*bounds.lower, at) : std::nullopt;
  auto upper = bounds.upper ? Compare(*bounds.upper, at) : std::nullopt;
  if (lower && *lower >= 0) sides.below = false;
  if (upper && *upper <= 0) sides.above = false;
  if ((lower && *lower > 0) || (upper && *upper < 0)) sides.equal = false;
  return sides;
}

Truths Compared(const Sides& sides, Comparison comparison) {
  const bool below = sides.below, equal = sides.equal, above = sides.above;
  auto truths = [](bool can_hold, bool can_fail) {
    return (can_hold ? kTrue : 0U) | (can_fail ? kFalse : 0U);
  };
  switch (comparison) {
    case Comparison::kEqual:
      return truths(equal, below || above);
    case Comparison::kNotEqual:
      return truths(below || above, equal);
    case Comparison::kLess:
      return truths(below, equal || above);
    case Comparison::kLessOrEqual:
      return truths(below || equal, above);
    case Comparison::kGreater:
      return truths(above, below || equal);
    case Comparison::kGreaterOrEqual:
      return truths(above || equal, below);
  }
  return kAny;
}

class Judge {
 public:
  explicit Judge(const BoundsOf& bounds_of) : bounds_of_(bounds_of) {}

  Truths Of(const Expr& expr, int depth) const {
    if (depth > kDepthMax) return kAny;
    const Expr::Node& node = expr.node();
    switch (node.kind) {
      case ExprKind::kLiteral:
        if (node.value.is_bool()) return node.value.AsBool() ? kTrue : kFalse;
        return node.value.is_null() ? kNull : kAny;
      case ExprKind::kNot:
        return Negated(Of(node.parts[0], depth + 1));
      case ExprKind::kAnd:
      case ExprKind::kOr: {
        Truths all = Of(node.parts[0], depth + 1);
        for (size_t i = 1; i < node.parts.size(); i++) {
          Truths next = Of(node.parts[i], depth + 1);
          all = node.kind == ExprKind::kAnd ? Both(all, next) : Either(all, next);
        }
        return all;
      }
      case ExprKind::kIsNull:
      case ExprKind::kIsNotNull:
        return Nullness(node);
      case ExprKind::kCompare:
        return OfComparison(node);
      case ExprKind::kIn:
        return OfIn(node);
      default:
        return kAny;
    }
  }

 private:
  std::optional<ValueBounds> BoundsFor(const Expr& expr) const {
    if (expr.node().kind != ExprKind::kColumn) return {};
    return bounds_of_(expr.node().text);
  }

  Truths Nullness(const Expr::Node& node) const {
    std::optional<ValueBounds> bounds = BoundsFor(node.parts[0]);
    if (!bounds) return kTrue | kFalse;
    Truths is_null = (bounds->may_be_null ? kTrue : 0U) | (bounds->may_be_value ? kFalse : 0U);
    return node.kind == ExprKind::kIsNull ? is_null : Negated(is_null);
  }

  static Truths WithNull(const ValueBounds& bounds, Truths of_values) {
    return (bounds.may_be_value ? of_values : 0U) | (bounds.may_be_null ? kNull : 0U);
  }

  Truths OfComparison(const Expr::Node& node) const {
    const bool is_mirrored = node.parts[0].node().kind == ExprKind::kLiteral;
    const Expr& column = node.parts[is_mirrored ? 1 : 0];
    const Expr& other = node.parts[is_mirrored ? 0 : 1];
    std::optional<ValueBounds> bounds = BoundsFor(column);
    if (!bounds || other.node().kind != ExprKind::kLiteral) return kAny;
    std::optional<ExactNumber> value = ValueOf(other.node(), bounds->kind);
    if (!value) return kAny;
    return WithNull(*bounds, Compared(SidesOf(*bounds, *value),
                                      is_mirrored ? Mirrored(node.comparison) : node.comparison));
  }

  Truths OfIn(const Expr::Node& node) const {
    std::optional<ValueBounds> bounds = BoundsFor(node.parts[0]);
    if (!bounds) return kAny;
    Truths all = kFalse;
    for (size_t i = 1; i < node.parts.size(); i++) {
      const Expr::Node& item = node.parts[i].node();
      if (item.kind != ExprKind::kLiteral) return kAny;
      std::optional<ExactNumber> value = ValueOf(item, bounds->kind);
      if (!value) return kAny;
      all = Either(all, Compared(SidesOf(*bounds, *value), Comparison::kEqual));
    }
    return WithNull(*bounds, all);
  }

  const BoundsOf& bounds_of_;
};

}  // namespace

std::optional<ExactNumber> DateNumber(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return {};
  std::string digits = std::string(text.substr(0, 4)) + std::string(text.substr(5, 2)) +
                       std::string(text.substr(8, 2));
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return {};
  return ExactNumber::Parse(digits);
}

bool IsNeverTrue(const Expr& predicate, const BoundsOf& bounds_of) {
  return (Judge(bounds_of).Of(predicate, 0) & kTrue) == 0;
}

}  // namespace andon::sql
