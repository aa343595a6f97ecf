#include "contract/rule_bounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

namespace andon::contract {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The values that a comparison admits, as one interval.
struct Interval {
  double low = -kInfinity, high = kInfinity;
  bool low_open = false, high_open = false;

  bool operator==(const Interval&) const = default;
  bool Holds(const Interval& other) const {
    bool from = other.low > low || (other.low == low && (!low_open || other.low_open));
    bool to = other.high < high || (other.high == high && (!high_open || other.high_open));
    return from && to;
  }
};

std::optional<Interval> IntervalOf(const Rule& rule) {
  const Json& operand = rule.operand;
  if (rule.comparison == "mustBeBetween" && operand.size() == 2)
    return Interval{operand.items()[0].AsDouble(), operand.items()[1].AsDouble()};
  if (!operand.is_number()) return std::nullopt;
  double x = operand.AsDouble();
  if (rule.comparison == "mustBe") return Interval{x, x};
  if (rule.comparison == "mustBeGreaterThan") return Interval{.low = x, .low_open = true};
  if (rule.comparison == "mustBeGreaterOrEqualTo") return Interval{.low = x};
  if (rule.comparison == "mustBeLessThan") return Interval{.high = x, .high_open = true};
  if (rule.comparison == "mustBeLessOrEqualTo") return Interval{.high = x};
  return std::nullopt;
}

Strictness Both(Strictness a, Strictness b) {
  if (a == Strictness::kSame) return b;
  if (b == Strictness::kSame || a == b) return a;
  return Strictness::kUnknown;
}

// A set of values that are allowed: fewer is stricter.
Strictness CompareSets(const Json& before, const Json& after) {
  if (before.is_null() && after.is_null()) return Strictness::kSame;
  if (before.is_null()) return Strictness::kStricter;
  if (after.is_null()) return Strictness::kWeaker;
  std::set<std::string> old_values, new_values;
  for (const Json& value : before.items()) old_values.insert(value.Dump());
  for (const Json& value : after.items()) new_values.insert(value.Dump());
  if (old_values == new_values) return Strictness::kSame;
  if (std::includes(old_values.begin(), old_values.end(), new_values.begin(), new_values.end()))
    return Strictness::kStricter;
  if (std::includes(new_values.begin(), new_values.end(), old_values.begin(), old_values.end()))
    return Strictness::kWeaker;
  return Strictness::kUnknown;
}

// A bound of values: `sign` is 1 where more is stricter (a minimum), -1 where less is.
Strictness CompareBounds(const Json& before, const Json& after, int sign) {
  if (before.is_null() && after.is_null()) return Strictness::kSame;
  if (before.is_null()) return Strictness::kStricter;
  if (after.is_null()) return Strictness::kWeaker;
  if (before == after) return Strictness::kSame;
  if (!before.is_number() || !after.is_number()) {
    // Dates and texts are ordered as they are written.
    if (!before.is_string() || !after.is_string()) return Strictness::kUnknown;
    return (after.AsString() > before.AsString()) == (sign > 0) ? Strictness::kStricter
                                                                : Strictness::kWeaker;
  }
  double difference = after.AsDouble() - before.AsDouble();
  if (difference == 0) return Strictness::kSame;
  return difference * sign > 0 ? Strictness::kStricter : Strictness::kWeaker;
}

// What Great Expectations calls its arguments.
Strictness CompareKwargs(const Json& before, const Json& after) {
  Strictness all = Strictness::kSame;
  std::set<std::string> names;
  for (const auto& [name, value] : before.members()) names.insert(name);
  for (const auto& [name, value] : after.members()) names.insert(name);
  for (const std::string& name : names) {
    const Json &was = before[name], &is = after[name];
    if (was == is) continue;
    Strictness one = Strictness::kUnknown;
    if (name == "min_value" || name == "mostly") one = CompareBounds(was, is, 1);
    if (name == "max_value") one = CompareBounds(was, is, -1);
    if (name == "value_set") one = CompareSets(was, is);
    if (name == "mostly" && was.is_null()) one = Strictness::kWeaker;  // Without it all must fit.
    if (name == "mostly" && is.is_null()) one = Strictness::kStricter;
    all = Both(all, one);
  }
  return all;
}

Strictness CompareComparisons(const Rule& before, const Rule& after) {
  if (before.comparison == after.comparison && before.operand == after.operand)
    return Strictness::kSame;
  if (after.comparison.empty()) return Strictness::kWeaker;
  if (before.comparison.empty()) return Strictness::kStricter;
  auto was = IntervalOf(before), is = IntervalOf(after);
  if (!was || !is) return Strictness::kUnknown;
  if (*was == *is) return Strictness::kSame;
  if (was->Holds(*is)) return Strictness::kStricter;
  return is->Holds(*was) ? Strictness::kWeaker : Strictness::kUnknown;
}

}  // namespace

Strictness CompareRules(const Rule& before, const Rule& after) {
  if (before.kind != after.kind || before.metric != after.metric || before.engine != after.engine)
    return Strictness::kUnknown;
  Strictness all = CompareComparisons(before, after);
  if (before.unit != after.unit) all = Both(all, Strictness::kUnknown);
  if (before.query != after.query) all = Both(all, Strictness::kUnknown);
  if (before.arguments != after.arguments) {
    const Json &was = before.arguments, &is = after.arguments;
    all = Both(all, CompareSets(was["validValues"], is["validValues"]));
    if (was["pattern"] != is["pattern"]) all = Both(all, Strictness::kUnknown);
  }
  if (before.implementation != after.implementation) {
    const Json &was = before.implementation, &is = after.implementation;
    bool same_kind = was.is_object() && is.is_object() && was["type"] == is["type"];
    all = Both(all, same_kind ? CompareKwargs(was["kwargs"], is["kwargs"]) : Strictness::kUnknown);
  }
  // A rule that only warns promises less than one that stops.
  auto rank = [](const Rule& rule) {
    return rule.severity == "info" ? 0 : rule.severity == "warning" ? 1 : 2;
  };
  if (rank(before) != rank(after))
    all = Both(all, rank(after) < rank(before) ? Strictness::kWeaker : Strictness::kStricter);
  return all;
}

std::string IdentityOf(const Rule& rule) {
  if (!rule.name.empty()) return "name " + rule.name;
  if (rule.kind == "library") return "metric " + rule.metric;
  if (rule.kind == "sql") return "sql " + rule.query;
  if (rule.kind == "custom") return fmt::format("{} {}", rule.engine, rule.implementation.Dump());
  return "text " + rule.description;
}

std::string Describe(const Rule& rule) {
  std::string what = rule.name;
  if (what.empty()) what = rule.kind == "library" ? rule.metric : rule.description;
  if (what.empty()) what = rule.kind + " rule";
  if (rule.comparison.empty()) return what;
  return fmt::format("{} {} {}{}", what, rule.comparison, rule.operand.Dump(),
                     rule.unit == "percent" ? " %" : "");
}

}  // namespace andon::contract
