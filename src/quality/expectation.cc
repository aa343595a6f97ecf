#include "quality/expectation.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/clock.h"
#include "base/text.h"
#include "sql/engine.h"

namespace andon::quality {

#define EXPECTATION(variable) extern const Expectation variable;
#define EXPECTATIONS(variable) extern const std::vector<Expectation> variable;
#include "quality/expectations.inc"
#undef EXPECTATION
#undef EXPECTATIONS

const std::vector<const Expectation*>& AllExpectations() {
  static const std::vector<const Expectation*> kAll = [] {
    std::vector<const Expectation*> all;
#define EXPECTATION(variable) all.push_back(&variable);
#define EXPECTATIONS(variable) \
  for (const Expectation& expectation : variable) all.push_back(&expectation);
#include "quality/expectations.inc"
#undef EXPECTATION
#undef EXPECTATIONS
    std::sort(all.begin(), all.end(),
              [](auto* a, auto* b) { return std::string_view(a->name) < b->name; });
    return all;
  }();
  return kAll;
}

const Expectation* FindExpectation(std::string_view name) {
  for (const Expectation* expectation : AllExpectations()) {
    if (expectation->name == name) return expectation;
  }
  return nullptr;
}

std::vector<std::string> Args::Strings(const Param& param) const {
  std::vector<std::string> strings;
  const Json& list = Get(param);
  if (list.is_string()) return {list.AsString()};
  for (const Json& item : list.items()) strings.push_back(item.AsString());
  return strings;
}

std::optional<double> Args::Number(const Param& param) const {
  if (!Get(param).is_number()) return {};
  return Get(param).AsDouble();
}

std::string Args::TypeOf(std::string_view column) const {
  for (const sql::ColumnInfo& info : columns_) {
    if (info.name == column) return info.type;
  }
  return "string";
}

std::vector<sql::Expr> Args::Literals(const Param& param) const {
  std::vector<sql::Expr> literals;
  for (const Json& item : Get(param).items()) {
    if (!item.is_null()) literals.push_back(sql::Expr::Literal(item, Type()));
  }
  return literals;
}

std::string Args::From(const Param& param) const {
  std::string name = String(param);
  if (tables_) {
    auto found = tables_->find(name);
    if (found != tables_->end()) return found->second;
  }
  return sql::QuoteIdentifier(name);
}

sql::Expr Outside(const sql::Expr& value, const Args& args) {
  using sql::Comparison;
  std::vector<sql::Expr> parts;
  if (args.Has(kMinValue)) {
    Comparison below = args.Bool(kStrictMin) ? Comparison::kLessOrEqual : Comparison::kLess;
    parts.push_back(Compare(value, below, args.Literal(kMinValue)));
  }
  if (args.Has(kMaxValue)) {
    Comparison above = args.Bool(kStrictMax) ? Comparison::kGreaterOrEqual : Comparison::kGreater;
    parts.push_back(Compare(value, above, args.Literal(kMaxValue)));
  } else if (args.Type() == "double" || args.Type() == "float") {
    // NaN sorts above everything; an upper bound catches it, without one it would pass.
    parts.push_back(
        Compare(value, Comparison::kGreater, sql::Expr::Literal(Json("infinity"), args.Type())));
  }
  return Or(std::move(parts));
}

namespace {

std::optional<double> AsNumber(const Json& value) {
  if (value.is_number()) return value.AsDouble();
  if (!value.is_string() || value.AsString().empty()) return {};
  // Wide decimals and integers come as text.
  const std::string& text = value.AsString();
  char* end = nullptr;
  double number = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size()) return {};
  return number;
}

// Less than 0, 0, more than 0; NaN where the two cannot be compared.
double Compare(const Json& a, const Json& b) {
  std::optional<double> x = AsNumber(a), y = AsNumber(b);
  if (x && y) return *x == *y ? 0 : *x - *y;
  Result<Timestamp> s = ParseTimestamp(a.AsString()), t = ParseTimestamp(b.AsString());
  if (s.ok() && t.ok()) return static_cast<double>((*s - *t).count());
  if (a.is_string() && b.is_string()) return a.AsString().compare(b.AsString());
  return std::nan("");
}

}  // namespace

bool IsInside(const Json& value, const Json& min, const Json& max, bool strict_min,
              bool strict_max) {
  if (value.is_null()) return true;
  if (!min.is_null()) {
    double order = Compare(value, min);
    if (!(strict_min ? order > 0 : order >= 0)) return false;
  }
  if (!max.is_null()) {
    double order = Compare(value, max);
    if (!(strict_max ? order < 0 : order <= 0)) return false;
  }
  return value.AsString() != "nan";
}

Verdict JudgeRange(const Args& args, const std::vector<Json>& values) {
  bool inside = IsInside(values[0], args.Get(kMinValue), args.Get(kMaxValue), args.Bool(kStrictMin),
                         args.Bool(kStrictMax));
  return {inside, values[0]};
}

std::string RangeMistake(const Args& args) {
  if (!args.Has(kMinValue) && !args.Has(kMaxValue)) return "Give min_value or max_value, or both.";
  if (!args.Has(kMinValue) || !args.Has(kMaxValue)) return {};
  double order = Compare(args.Get(kMinValue), args.Get(kMaxValue));
  if (std::isnan(order)) return "min_value and max_value cannot be compared.";
  if (order > 0) return "min_value is greater than max_value, so that no value can pass.";
  return {};
}

}  // namespace andon::quality
