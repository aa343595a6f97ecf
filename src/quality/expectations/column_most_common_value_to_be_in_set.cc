#include <algorithm>

#include "quality/range.h"

namespace andon::quality {

namespace {

constexpr Param kTiesOkay = {"ties_okay", ParamKind::kBool,
                             "Of several that are as common, one in the set is enough."};

// Where very many are as common (a key), these are told: those in the set first.
constexpr int kTiesMax = 1'000;

std::string Sql(const Args& args, const Place& place) {
  std::string column = args.Column().Print(place.dialect);
  std::string in_set = In(sql::Expr::Column("v"), args.Literals(kValueSet)).Print(place.dialect);
  return fmt::format(
      "WITH counts AS (SELECT {0} AS v, count(*) AS n FROM {1} WHERE {2} AND {0} IS NOT NULL "
      "GROUP BY {0}), modes AS (SELECT v FROM counts WHERE n = (SELECT max(n) FROM counts)) "
      "SELECT v, CASE WHEN {3} THEN 1 ELSE 0 END AS hit, (SELECT count(*) FROM modes) AS ties "
      "FROM modes ORDER BY 2 DESC, 1 LIMIT {4}",
      column, place.from, place.where, in_set, kTiesMax);
}

Result<Verdict> Judge(const Args& args, const Rows& rows) {
  std::vector<Json> modes;
  int64_t ties = 0;
  bool any_in_set = false;
  for (const std::vector<Json>& row : rows) {
    modes.push_back(row[0]);
    any_in_set = any_in_set || row[1].AsInteger() != 0;
    ties = row[2].AsInteger();
  }
  std::sort(modes.begin(), modes.end(), IsSmaller);
  bool success = any_in_set && (args.Bool(kTiesOkay) || ties == 1);
  return Verdict{success, Json(std::move(modes))};
}

}  // namespace

extern const Expectation kColumnMostCommonValueToBeInSet = {
    .name = "expect_column_most_common_value_to_be_in_set",
    .says = "The most common value of {column} is one of {value_set}.",
    .params = {kColumn, kValueSet, kTiesOkay},
    .rows = Sql,
    .judge_rows = Judge,
    .example = R"(
        column=city value_set=["Rome","Bonn"]
        city: Rome Oslo Rome null null null
        pass: ["Rome"]

        column=city value_set=["Rome"]
        city: Rome Oslo
        fail: ["Oslo","Rome"]

        column=city value_set=["Rome"] ties_okay=true
        city: Rome Oslo
        pass: ["Oslo","Rome"]
    )",
};

}  // namespace andon::quality
