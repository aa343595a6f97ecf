#include <algorithm>
#include <map>

#include "quality/range.h"

namespace andon::quality {

namespace {

constexpr Param kBaseQuery = {"base_query", ParamKind::kSql,
                              "A SELECT on the checked side; {batch} is the dataset itself.", true};
constexpr Param kComparisonQuery = {"comparison_query", ParamKind::kText,
                                    "A SELECT on the other side, in its own SQL.", true};
constexpr Param kSource = {"comparison_data_source_name", ParamKind::kText,
                           "The other side: the name of a source.", true};

// How many rows of each side that the other lacks are told.
constexpr size_t kShownMax = 20;

// How often each row stands there. A number and the text of it are the same, as engines differ in
// which of the two they give for a decimal.
using Frequencies =
    std::map<std::vector<std::string>, std::pair<int64_t, const std::vector<Json>*>>;

std::string KeyOf(const Json& value) {
  if (value.is_null()) return "\x01null";
  if (value.is_string()) return value.AsString();
  return value.is_number() && !value.is_integer() ? fmt::format("{}", value.AsDouble())
                                                  : value.Dump();
}

Frequencies Count(const Rows& rows) {
  Frequencies counts;
  for (const std::vector<Json>& row : rows) {
    std::vector<std::string> key;
    for (const Json& value : row) key.push_back(KeyOf(value));
    auto [entry, is_new] = counts.try_emplace(std::move(key), 0, &row);
    entry->second.first++;
  }
  return counts;
}

// The rows that `some` has oftener than `others`.
std::vector<Json> Surplus(const Frequencies& some, const Frequencies& others,
                          const std::vector<std::string>& columns) {
  std::vector<Json> rows;
  for (const auto& [key, count] : some) {
    auto found = others.find(key);
    int64_t surplus = count.first - (found == others.end() ? 0 : found->second.first);
    for (; surplus > 0 && rows.size() < kShownMax; surplus--) {
      Json row = Json::Object();
      for (size_t i = 0; i < columns.size(); i++) row.Set(columns[i], (*count.second)[i]);
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

Result<Verdict> Compare(const Args& args, const Place&, Sides& sides) {
  std::vector<std::string> base_columns, other_columns;
  Rows base =
      TRY(sides.Query("", sides.Written(args.WithBatch(args.String(kBaseQuery))), &base_columns));
  Rows other =
      TRY(sides.Query(args.String(kSource), args.String(kComparisonQuery), &other_columns));
  Frequencies here = Count(base), there = Count(other);
  int64_t matches = 0;
  for (const auto& [key, count] : there) {
    auto found = here.find(key);
    if (found != here.end()) matches += std::min(count.first, found->second.first);
  }
  auto rows = static_cast<int64_t>(std::max(base.size(), other.size()));
  double percent =
      rows == 0 ? 0.0 : (1 - static_cast<double>(matches) / static_cast<double>(rows)) * 100;
  Verdict verdict{.success = 100 - percent >= args.Number(kMostly).value_or(1) * 100,
                  .unexpected_count = rows - matches,
                  .unexpected_percent = percent};
  verdict.partial_unexpected_list = Surplus(here, there, base_columns);
  verdict.details = Json::Object({{"missing_rows", Json(Surplus(there, here, other_columns))},
                                  {"unexpected_rows", Json(verdict.partial_unexpected_list)}});
  return verdict;
}

}  // namespace

// Rows are compared as a bag: their order does not matter, their number does.
extern const Expectation kQueryResultsToMatchComparison = {
    .name = "expect_query_results_to_match_comparison",
    .says = "The query's rows are those of the query on {comparison_data_source_name}.",
    .params = {kBaseQuery, kSource, kComparisonQuery, kMostly},
    .compare = Compare,
    .example = R"(
        base_query="select a, b from {batch}" comparison_data_source_name=other comparison_query="select 2 as a, 'y' as b union all select 1, 'x'"
        a: 1 2
        b: x y
        pass: 0 unexpected

        base_query="select a from {batch}" comparison_data_source_name=other comparison_query="select 1 as a union all select 3"
        a: 1 2
        fail: 1 unexpected, {"a":2}
    )",
};

}  // namespace andon::quality
