#include <algorithm>

#include "base/text.h"
#include "quality/range.h"

namespace andon::quality {

namespace {

using sql::Aggregate;
using sql::Expr;

// Values that a result shows, of those too many and of those missing.
constexpr size_t kShownMax = 20;
// Values of the set that are looked up one by one for which of them are missing.
constexpr size_t kLookedUpMax = 1'000;

std::vector<Json> DifferentValues(const Args& args) {
  std::vector<Json> values;
  for (const Json& value : args.Get(kValueSet).items()) {
    bool is_new = !value.is_null() && std::none_of(values.begin(), values.end(), [&](auto& other) {
      return IsSameValue(value, other);
    });
    if (is_new) values.push_back(value);
  }
  return values;
}

Expr InSet(const Args& args) { return In(args.Column(), args.Literals(kValueSet)); }

// How many different values are not in the set, and how many are.
Aggregate Strange(const Args& args) {
  return Aggregate::CountDistinct({args.Column()}).Where(Not(InSet(args)));
}
Aggregate Found(const Args& args) {
  return Aggregate::CountDistinct({args.Column()}).Where(InSet(args));
}

int64_t Missing(const Args& args, const Json& found) {
  return static_cast<int64_t>(DifferentValues(args).size()) - found.AsInteger();
}

std::string StrangeSql(const Args& args, const Place& place) {
  std::string column = args.Column().Print(place.dialect);
  return fmt::format("SELECT DISTINCT {} FROM {} WHERE {} AND {} ORDER BY 1 LIMIT {}", column,
                     place.from, place.where, Not(InSet(args)).Print(place.dialect), kShownMax);
}

std::string MissingSql(const Args& args, const Place& place) {
  std::vector<std::string> counts;
  for (const Json& value : DifferentValues(args)) {
    if (counts.size() == kLookedUpMax) break;
    if (!FitsType(value, args.Type())) {
      counts.push_back(Aggregate::CountIf(Expr::Literal(Json(false))).Print(place.dialect));
      continue;
    }
    Expr is_it = Compare(args.Column(), sql::Comparison::kEqual, Expr::Literal(value, args.Type()));
    counts.push_back(Aggregate::CountIf(is_it).Print(place.dialect));
  }
  if (counts.empty()) counts.emplace_back("count(*)");
  return fmt::format("SELECT {} FROM {} WHERE {}", Join(counts, ", "), place.from, place.where);
}

void SeeStrange(const Rows& rows, Verdict* verdict) {
  for (const std::vector<Json>& row : rows) verdict->partial_unexpected_list.push_back(row[0]);
}

void SeeMissing(const Args& args, const Rows& rows, Verdict* verdict) {
  std::vector<Json> values = DifferentValues(args);
  if (rows.empty()) return;
  for (size_t i = 0; i < values.size() && i < rows[0].size(); i++) {
    if (rows[0][i].AsInteger() == 0 && verdict->partial_missing_list.size() < kShownMax)
      verdict->partial_missing_list.push_back(values[i]);
  }
}

}  // namespace

// The set of a column's values, beside a given one. As in Great Expectations 1.24, what is told is
// how many values differ and the first of them, not all that there are.
extern const std::vector<Expectation> kColumnDistinctValues = {
    {
        .name = "expect_column_distinct_values_to_be_in_set",
        .says = "The different values of {column} are among {value_set}.",
        .params = {kColumn, kValueSet},
        .aggregates = [](const Args& args) { return std::vector{Strange(args)}; },
        .judge =
            [](const Args&, const std::vector<Json>& values) {
              int64_t strange = values[0].AsInteger();
              return Verdict{.success = strange == 0, .unexpected_count = strange};
            },
        .looks = [](const Args& args,
                    const Place& place) { return std::vector{StrangeSql(args, place)}; },
        .see = [](const Args&, const std::vector<Rows>& seen,
                  Verdict* verdict) { SeeStrange(seen[0], verdict); },
        .example = R"(
            column=method value_set=["cash","card"]
            method: cash gold gold null
            fail: 1 unexpected, "gold"
        )",
    },
    {
        .name = "expect_column_distinct_values_to_contain_set",
        .says = "Each of {value_set} is a value of {column}.",
        .params = {kColumn, kValueSet},
        .aggregates = [](const Args& args) { return std::vector{Found(args)}; },
        .judge =
            [](const Args& args, const std::vector<Json>& values) {
              int64_t missing = Missing(args, values[0]);
              return Verdict{.success = missing == 0, .missing_count = missing};
            },
        .looks = [](const Args& args,
                    const Place& place) { return std::vector{MissingSql(args, place)}; },
        .see = [](const Args& args, const std::vector<Rows>& seen,
                  Verdict* verdict) { SeeMissing(args, seen[0], verdict); },
        .example = R"(
            column=method value_set=["cash","card",null]
            method: cash gold null
            fail: 1 missing, "card"
        )",
    },
    {
        .name = "expect_column_distinct_values_to_equal_set",
        .says = "The different values of {column} are {value_set}.",
        .params = {kColumn, kValueSet},
        .aggregates = [](const Args& args) { return std::vector{Strange(args), Found(args)}; },
        .judge =
            [](const Args& args, const std::vector<Json>& values) {
              int64_t strange = values[0].AsInteger(), missing = Missing(args, values[1]);
              return Verdict{.success = strange == 0 && missing == 0,
                             .unexpected_count = strange,
                             .missing_count = missing};
            },
        .looks =
            [](const Args& args, const Place& place) {
              return std::vector{StrangeSql(args, place), MissingSql(args, place)};
            },
        .see =
            [](const Args& args, const std::vector<Rows>& seen, Verdict* verdict) {
              SeeStrange(seen[0], verdict);
              SeeMissing(args, seen[1], verdict);
            },
        .example = R"(
            column=staff value_set=[1,2]
            staff: 1 2 1 null
            pass: 0 unexpected, 0 missing

            column=staff value_set=[1,2]
            staff: 1 3
            fail: 1 unexpected, 3, 1 missing, 2
        )",
    },
};

}  // namespace andon::quality
