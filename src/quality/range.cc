#include "quality/range.h"

#include <cmath>
#include <cstdlib>

#include "base/clock.h"

namespace andon::quality {

sql::Expr Outside(const sql::Expr& value, const Args& args, std::string_view type) {
  using sql::Comparison;
  std::vector<sql::Expr> parts;
  auto literal = [&](const Param& param) { return sql::Expr::Literal(args.Get(param), type); };
  if (args.Has(kMinValue)) {
    Comparison below = args.Bool(kStrictMin) ? Comparison::kLessOrEqual : Comparison::kLess;
    parts.push_back(Compare(value, below, literal(kMinValue)));
  }
  if (args.Has(kMaxValue)) {
    Comparison above = args.Bool(kStrictMax) ? Comparison::kGreaterOrEqual : Comparison::kGreater;
    parts.push_back(Compare(value, above, literal(kMaxValue)));
  } else if (type == "double" || type == "float") {
    // NaN sorts above everything; an upper bound catches it, without one it would pass.
    parts.push_back(
        Compare(value, Comparison::kGreater, sql::Expr::Literal(Json("infinity"), type)));
  }
  return Or(std::move(parts));
}

std::optional<double> NumberOf(const Json& value) {
  if (value.is_number()) return value.AsDouble();
  if (!value.is_string() || value.AsString().empty()) return {};
  const std::string& text = value.AsString();
  char* end = nullptr;
  double number = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size()) return {};
  return number;
}

namespace {

// Less than 0, 0, more than 0; NaN where the two cannot be compared.
double Compare(const Json& a, const Json& b) {
  if (a.is_integer() && b.is_integer())
    return a.AsInteger() < b.AsInteger() ? -1 : a.AsInteger() > b.AsInteger();
  std::optional<double> x = NumberOf(a), y = NumberOf(b);
  if (x && y) return *x == *y ? 0 : *x - *y;
  Result<Timestamp> s = ParseTimestamp(a.AsString()), t = ParseTimestamp(b.AsString());
  if (s.ok() && t.ok()) return static_cast<double>((*s - *t).count());
  if (a.is_string() && b.is_string()) return a.AsString().compare(b.AsString());
  return std::nan("");
}

}  // namespace

bool IsSameValue(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return Compare(a, b) == 0;
  return a == b;
}

// Nulls first, then numbers, then texts.
bool IsSmaller(const Json& a, const Json& b) {
  auto kind = [](const Json& value) {
    return value.is_null() ? 0 : value.is_bool() ? 1 : value.is_number() ? 2 : 3;
  };
  if (kind(a) != kind(b)) return kind(a) < kind(b);
  if (a.is_bool()) return a.AsBool() < b.AsBool();
  if (a.is_number()) return Compare(a, b) < 0;
  return a.is_string() && b.is_string() ? a.AsString() < b.AsString() : a.Dump() < b.Dump();
}

Json ListOf(const Json& value) {
  if (!value.is_string()) return value;
  Result<Json> list = Json::Parse(value.AsString());
  return list.ok() && list->is_array() ? *std::move(list) : Json();
}

bool IsInside(const Json& value, const Json& min, const Json& max, bool strict_min,
              bool strict_max) {
  if (value.is_null() || value.AsString() == "nan") return false;
  if (!min.is_null()) {
    double order = Compare(value, min);
    if (!(strict_min ? order > 0 : order >= 0)) return false;
  }
  if (!max.is_null()) {
    double order = Compare(value, max);
    if (!(strict_max ? order < 0 : order <= 0)) return false;
  }
  return true;
}

bool IsInside(const Json& value, const Args& args) {
  return IsInside(value, args.Get(kMinValue), args.Get(kMaxValue), args.Bool(kStrictMin),
                  args.Bool(kStrictMax));
}

Json Numeric(const Json& value) {
  constexpr size_t kDigitsMax = 15;
  std::optional<double> number = NumberOf(value);
  if (!value.is_string() || !number) return value;
  std::string text = value.AsString();
  if (text.find_first_not_of("0123456789.-") != std::string::npos) return value;
  if (text.find('.') != std::string::npos) text.erase(text.find_last_not_of("0.") + 1);
  text.erase(0, text.find_first_not_of("-0."));
  return text.size() <= kDigitsMax ? Json(*number) : value;
}

Verdict JudgeRange(const Args& args, const std::vector<Json>& values) {
  bool is_number = sql::ClassOf(args.Type()) == sql::TypeClass::kNumber;
  Json observed = is_number ? Numeric(values[0]) : values[0];
  return {IsInside(observed, args), observed};
}

std::string OrderMistake(const Args& args) {
  if (!args.Has(kMinValue) || !args.Has(kMaxValue)) return {};
  double order = Compare(args.Get(kMinValue), args.Get(kMaxValue));
  if (std::isnan(order)) return "min_value and max_value cannot be compared.";
  if (order > 0) return "min_value is greater than max_value, so that no value can pass.";
  return {};
}

std::string RangeMistake(const Args& args) {
  if (!args.Has(kMinValue) && !args.Has(kMaxValue)) return "Give min_value or max_value, or both.";
  return OrderMistake(args);
}

}  // namespace andon::quality
