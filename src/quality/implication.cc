#include "quality/implication.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "base/text.h"
#include "quality/range.h"

namespace andon::quality {
namespace {

constexpr char kContradictionCode[] = "AN1609";
// Beyond it a double does not hold every whole number.
constexpr double kExactMax = 9007199254740992.0;

// "2005-08-20" or "2005-08-20 12:00:00": its text orders as the time does, among texts of its form.
bool IsIsoTime(const std::string& text) {
  constexpr std::string_view kForm = "0000-00-00 00:00:00";
  if (text.size() != 10 && text.size() != kForm.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == '0' ? !is_digit : text[i] != kForm[i] && !(i == 10 && text[i] == 'T'))
      return false;
  }
  return true;
}

// Less, equal or greater where that is the same in every engine and for every type of column.
std::optional<int> Compare(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) {
    const double x = a.AsDouble(), y = b.AsDouble();
    if (!(std::fabs(x) < kExactMax) || !(std::fabs(y) < kExactMax)) return std::nullopt;
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (!a.is_string() || !b.is_string()) return std::nullopt;
  const std::string &x = a.AsString(), &y = b.AsString();
  const bool same_form =
      IsIsoTime(x) && IsIsoTime(y) && x.size() == y.size() && (x.size() == 10 || x[10] == y[10]);
  if (!same_form) return std::nullopt;
  return x < y ? -1 : x > y ? 1 : 0;
}

struct Range {
  Json min, max;  // Null: none.
  bool strict_min = false, strict_max = false;

  bool has_bound() const { return !min.is_null() || !max.is_null(); }
};

Range RangeOf(const Json& kwargs) {
  return {kwargs["min_value"], kwargs["max_value"], kwargs["strict_min"].AsBool(),
          kwargs["strict_max"].AsBool()};
}

Range Exactly(const Json& value) { return {.min = value, .max = value}; }

// All of `inner` lies in `outer`, for certain.
bool IsWithin(const Range& inner, const Range& outer) {
  auto bounded = [](const Json& in, const Json& out, bool in_strict, bool out_strict, int inside) {
    if (out.is_null()) return true;
    auto order = in.is_null() ? std::nullopt : Compare(in, out);
    if (!order) return false;
    return *order == inside || (*order == 0 && (in_strict || !out_strict));
  };
  return inner.has_bound() && outer.has_bound() &&
         bounded(inner.min, outer.min, inner.strict_min, outer.strict_min, 1) &&
         bounded(inner.max, outer.max, inner.strict_max, outer.strict_max, -1);
}

// Everything in `low` is below everything in `high`, for certain.
bool IsBelow(const Range& low, const Range& high) {
  if (low.max.is_null() || high.min.is_null()) return false;
  auto order = Compare(low.max, high.min);
  return order && (*order < 0 || (*order == 0 && (low.strict_max || high.strict_min)));
}

bool Contains(const Range& range, const Json& value) { return IsWithin(Exactly(value), range); }

std::vector<Json> SetOf(const Json& kwargs) {
  std::vector<Json> values;
  for (const Json& value : kwargs["value_set"].items()) {
    if (!value.is_null()) values.push_back(value);
  }
  return values;
}

// Values that are the same, or surely not: a number against a text may be either.
bool IsComparable(const Json& a, const Json& b) {
  return (a.is_number() && b.is_number()) || (a.is_string() && b.is_string()) ||
         (a.is_bool() && b.is_bool());
}

bool Has(const std::vector<Json>& set, const Json& value) {
  return std::any_of(set.begin(), set.end(), [&](const Json& v) { return IsSameValue(v, value); });
}
// Texts are told apart by their form only where both are no times: '2005-01-01' may be the same
// moment as '2005-01-01 00:00:00'.
bool SurelyLacks(const std::vector<Json>& set, const Json& value) {
  return std::all_of(set.begin(), set.end(), [&](const Json& v) {
    if (!IsComparable(v, value) || IsSameValue(v, value)) return false;
    if (!v.is_string()) return true;
    const bool digit_a = !v.AsString().empty() && std::isdigit(v.AsString()[0]) != 0,
               digit_b = !value.AsString().empty() && std::isdigit(value.AsString()[0]) != 0;
    return !digit_a || !digit_b || Compare(v, value).value_or(0) != 0;
  });
}

// What a check says, as far as it can be reasoned about.
struct Says {
  enum Kind {
    kNothing,
    kBetween,
    kInSet,
    kNotInSet,
    kNotNull,
    kNull,
    kLength,
    kUnique,
    kStatistic,  // Of a column: mean, median, min, max, …
    kRowCount,
  } kind = kNothing;
  std::string column;  // Of kStatistic also which one: "mean of amount".
  std::string statistic;
  Range range = {};
  std::vector<Json> set = {};
  std::vector<std::string> key = {};
  bool skips_any_null = false;  // A key's rows with a null are not judged.
  double mostly = 1;

  bool is_of_values() const {
    return kind == kBetween || kind == kInSet || kind == kNotInSet || kind == kLength;
  }
};

// The number that stands in the name: "expect_column_mean_to_be_between".
std::string StatisticOf(const std::string& type) {
  constexpr std::string_view kBegin = "expect_column_", kEnd = "_to_be_between";
  for (std::string_view known : {"mean", "median", "min", "max", "sum", "stdev"}) {
    if (type == std::string(kBegin) + std::string(known) + std::string(kEnd))
      return std::string(known);
  }
  return {};
}

Says Read(const CheckSpec& check) {
  const Json& k = check.kwargs;
  Says says{.column = k["column"].AsString()};
  if (k["mostly"].is_number()) says.mostly = k["mostly"].AsDouble();
  const std::string& type = check.type;
  if (type == "expect_column_values_to_be_between") {
    says.kind = Says::kBetween;
    says.range = RangeOf(k);
  } else if (type == "expect_column_values_to_be_in_set") {
    says.kind = Says::kInSet;
    says.set = SetOf(k);
  } else if (type == "expect_column_values_to_not_be_in_set") {
    says.kind = Says::kNotInSet;
    says.set = SetOf(k);
  } else if (type == "expect_column_values_to_not_be_null") {
    says.kind = Says::kNotNull;
  } else if (type == "expect_column_values_to_be_null") {
    says.kind = Says::kNull;
  } else if (type == "expect_column_value_lengths_to_be_between") {
    says.kind = Says::kLength;
    says.range = RangeOf(k);
  } else if (type == "expect_column_value_lengths_to_equal") {
    says.kind = Says::kLength;
    says.range = Exactly(k["value"]);
  } else if (type == "expect_column_values_to_be_unique") {
    says.kind = Says::kUnique;
    says.key = {says.column};
    says.skips_any_null = true;
  } else if (type == "expect_compound_columns_to_be_unique") {
    says.kind = Says::kUnique;
    for (const Json& column : k["column_list"].items()) says.key.push_back(column.AsString());
    says.skips_any_null = k["ignore_row_if"].AsString() == "any_value_is_missing";
  } else if (type == "expect_table_row_count_to_be_between") {
    says.kind = Says::kRowCount;
    says.range = RangeOf(k);
  } else if (type == "expect_table_row_count_to_equal") {
    says.kind = Says::kRowCount;
    says.range = Exactly(k["value"]);
  } else if (std::string statistic = StatisticOf(type); !statistic.empty()) {
    says.kind = Says::kStatistic;
    says.statistic = statistic;
    says.range = RangeOf(k);
  }
  return says;
}

std::string ConditionOf(const CheckSpec& check) { return check.kwargs["row_condition"].AsString(); }

bool SharesRows(const CheckSpec& a, const CheckSpec& b) {
  auto both = [&](Scope scope) { return RunsOn(a, scope) && RunsOn(b, scope); };
  return both(Scope::kDataset) || both(Scope::kDelivery);
}

// Wherever `of` looks, `by` looks, at those rows or more.
bool Covers(const CheckSpec& by, const CheckSpec& of) {
  for (Scope scope : {Scope::kDataset, Scope::kDelivery}) {
    if (RunsOn(of, scope) && !RunsOn(by, scope)) return false;
  }
  return ConditionOf(by).empty() || ConditionOf(by) == ConditionOf(of);
}

// Every value that is good by `a` is good by `b`.
bool IsNarrower(const Says& a, const Says& b) {
  if (a.kind == Says::kInSet) {
    auto all = [&](auto good) { return std::all_of(a.set.begin(), a.set.end(), good); };
    if (b.kind == Says::kBetween)
      return b.range.has_bound() && all([&](const Json& v) { return Contains(b.range, v); });
    if (b.kind == Says::kInSet) return all([&](const Json& v) { return Has(b.set, v); });
    if (b.kind == Says::kNotInSet) return all([&](const Json& v) { return SurelyLacks(b.set, v); });
    return false;
  }
  if (a.kind == Says::kNotInSet && b.kind == Says::kNotInSet)
    return std::all_of(b.set.begin(), b.set.end(), [&](const Json& v) { return Has(a.set, v); });
  if (a.kind != b.kind) return false;
  if (a.kind == Says::kBetween || a.kind == Says::kLength) return IsWithin(a.range, b.range);
  return a.kind == Says::kNotNull || a.kind == Says::kNull;
}

class Reasoner {
 public:
  explicit Reasoner(const std::vector<CheckSpec>& checks) : checks_(checks) {
    for (const CheckSpec& check : checks) says_.push_back(Read(check));
    for (size_t i = 0; i < checks.size(); ++i) by_column_[says_[i].column].push_back(i);
  }

  std::vector<Implication> Implications() const {
    std::vector<Implication> out;
    for (size_t i = 0; i < checks_.size(); ++i) {
      if (auto found = By(i)) out.push_back({i, std::move(*found)});
    }
    return out;
  }

  std::vector<Contradiction> Contradictions() const {
    std::vector<Contradiction> out;
    for (const auto& [column, members] : by_column_) {
      for (size_t a = 0; a < members.size(); ++a) {
        for (size_t b = a + 1; b < members.size(); ++b) Collide(members[a], members[b], &out);
      }
    }
    std::sort(out.begin(), out.end(), [](const Contradiction& x, const Contradiction& y) {
      return std::pair(x.second, x.first) < std::pair(y.second, y.first);
    });
    return out;
  }

 private:
  std::optional<std::vector<size_t>> By(size_t of) const {
    if (says_[of].kind == Says::kNothing) return std::nullopt;
    if (says_[of].kind == Says::kUnique) {
      if (auto key = ByKey(of)) return key;
    }
    for (size_t by : by_column_.at(says_[of].column)) {
      if (by != of && Implies(by, of) && !(Implies(of, by) && by > of)) return std::vector{by};
    }
    return std::nullopt;
  }

  bool Implies(size_t by, size_t of) const {
    const Says &a = says_[by], &b = says_[of];
    if (!Covers(checks_[by], checks_[of])) return false;
    const bool same_rows = ConditionOf(checks_[by]) == ConditionOf(checks_[of]);
    // Statistics and counts are of exactly those rows.
    if (a.kind == Says::kStatistic || a.kind == Says::kRowCount)
      return same_rows && a.kind == b.kind && a.statistic == b.statistic &&
             IsWithin(a.range, b.range);
    // A share of all rows says nothing of the share of some.
    if (a.mostly < 1 && (!same_rows || a.mostly < b.mostly)) return false;
    if (a.kind == Says::kUnique)
      return b.kind == Says::kUnique && a.key == b.key && a.skips_any_null == b.skips_any_null &&
             same_rows;
    return IsNarrower(a, b);
  }

  // A key is unique where some of its columns are, and one of those is never null.
  std::optional<std::vector<size_t>> ByKey(size_t of) const {
    const Says& key = says_[of];
    for (size_t by = 0; by < checks_.size(); ++by) {
      const Says& part = says_[by];
      const bool is_part =
          by != of && part.kind == Says::kUnique && part.mostly >= 1 &&
          part.key.size() < key.key.size() &&
          std::all_of(
              part.key.begin(), part.key.end(),
              [&](const auto& c) {
                return std::find(key.key.begin(), key.key.end(), c) != key.key.end();
              });
      if (!is_part || !Covers(checks_[by], checks_[of])) continue;
      if (key.skips_any_null && part.key.size() == 1) return std::vector{by};
      for (const std::string& column : part.key) {
        auto members = by_column_.find(column);
        if (part.key.size() > 1 || members == by_column_.end()) continue;
        for (size_t filled : members->second) {
          if (says_[filled].kind == Says::kNotNull && says_[filled].mostly >= 1 &&
              Covers(checks_[filled], checks_[of]))
            return std::vector{by, filled};
        }
      }
    }
    return std::nullopt;
  }

  void Collide(size_t i, size_t j, std::vector<Contradiction>* out) const {
    const bool same_rows =
        ConditionOf(checks_[i]) == ConditionOf(checks_[j]) && SharesRows(checks_[i], checks_[j]);
    if (!same_rows) return;
    const Says &a = says_[i], &b = says_[j];
    std::string why = Apart(a, b);
    bool needs_values = !why.empty();
    if (why.empty()) why = Apart(b, a), needs_values = !why.empty();
    if (why.empty()) why = Unequal(a, b);
    if (why.empty()) why = Unequal(b, a);
    if (!why.empty()) out->push_back({i, j, std::move(why), needs_values});
  }

  // Row by row: no value is good by both, and not each can have its share.
  static std::string Apart(const Says& a, const Says& b) {
    if (a.mostly + b.mostly <= 1) return {};
    if (a.kind == Says::kNull && b.kind == Says::kNotNull)
      return "no value is both null and not null";
    if ((a.kind == Says::kBetween && b.kind == Says::kBetween) ||
        (a.kind == Says::kLength && b.kind == Says::kLength))
      return IsBelow(a.range, b.range) ? "their ranges do not meet" : "";
    if (a.kind != Says::kInSet || a.set.empty()) return {};
    auto none = [&](auto bad) { return std::all_of(a.set.begin(), a.set.end(), bad); };
    if (b.kind == Says::kInSet && !b.set.empty())
      return none([&](const Json& v) { return SurelyLacks(b.set, v); })
                 ? "their sets have no value in common"
                 : "";
    if (b.kind == Says::kNotInSet)
      return none([&](const Json& v) { return Has(b.set, v); })
                 ? "the one forbids every value that the other allows"
                 : "";
    if (b.kind == Says::kBetween) {
      return none([&](const Json& v) {
        return IsBelow(Exactly(v), b.range) || IsBelow(b.range, Exactly(v));
      })
                 ? "no value of the set lies in the range"
                 : "";
    }
    return {};
  }

  static std::string Unequal(const Says& a, const Says& b) {
    if (a.kind == Says::kRowCount && b.kind == Says::kRowCount)
      return IsBelow(a.range, b.range) ? "the numbers of rows that they allow do not meet" : "";
    if (a.kind != Says::kStatistic) return {};
    if (b.kind == Says::kStatistic && a.statistic == b.statistic)
      return IsBelow(a.range, b.range) ? "their ranges do not meet" : "";
    // No mean, median or extreme lies outside of what all values lie in.
    const bool is_of_values = a.statistic != "sum" && a.statistic != "stdev";
    if (!is_of_values) return {};
    if (b.kind == Says::kBetween && b.mostly >= 1) {
      const Range all = {.min = b.range.min, .max = b.range.max};
      if (IsBelow(all, a.range) || IsBelow(a.range, all))
        return fmt::format("no {} lies outside of the range that all values lie in", a.statistic);
    }
    if (b.kind != Says::kStatistic) return {};
    const Range least = {.min = b.range.min}, greatest = {.max = b.range.max};
    if (b.statistic == "min" && IsBelow(a.range, least))
      return fmt::format("no {} is below the least value", a.statistic);
    if (b.statistic == "max" && IsBelow(greatest, a.range))
      return fmt::format("no {} is above the greatest value", a.statistic);
    return {};
  }

  const std::vector<CheckSpec>& checks_;
  std::vector<Says> says_;
  std::map<std::string, std::vector<size_t>> by_column_;
};

}  // namespace

std::vector<Implication> ImplicationsOf(const std::vector<CheckSpec>& checks) {
  return Reasoner(checks).Implications();
}

std::vector<Contradiction> ContradictionsOf(const std::vector<CheckSpec>& checks) {
  return Reasoner(checks).Contradictions();
}

Diagnostics WarnOfContradictions(const std::vector<CheckSpec>& checks) {
  Diagnostics out;
  for (const Contradiction& found : ContradictionsOf(checks)) {
    const CheckSpec &first = checks[found.first], &second = checks[found.second];
    Diagnostic d;
    d.severity = Severity::kWarning;
    d.code = kContradictionCode;
    d.summary = "Checks that contradict each other";
    d.detail =
        fmt::format("\"{}\" and \"{}\" cannot both pass{}: {}. \"{}\" says: {} \"{}\" says: {}",
                    first.name, second.name, found.needs_values ? " where there is a value" : "",
                    found.why, first.name, Describe(first), second.name, Describe(second));
    d.subject = second.declared;
    if (first.declared.exists()) d.labels.push_back({first.declared, "the other one"});
    out.Add(std::move(d));
  }
  return out;
}

}  // namespace andon::quality
