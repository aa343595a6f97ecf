#include <algorithm>
#include <set>

#include "quality/range.h"
#include "quality/type_name.h"

namespace andon::quality {

namespace {

using Columns = std::vector<sql::TableColumn>;

constexpr Param kName = {"column", ParamKind::kColumnName, "The name of the column.", true};
constexpr Param kColumnIndex = {"column_index", ParamKind::kCount,
                                "Its place, counted from 0; by default any."};
constexpr Param kNameSet = {"column_set", ParamKind::kNames, "The names of the columns.", true};
constexpr Param kExactMatch = {"exact_match", ParamKind::kBool,
                               "No other columns; true by default."};
constexpr Param kColumnCount = {"value", ParamKind::kCount, "The number of columns.", true};

Json NamesOf(const Columns& columns) {
  Json names = Json::List();
  for (const sql::TableColumn& column : columns) names.Push(column.name);
  return names;
}

Json CountOf(const Columns& columns) { return Json(static_cast<int64_t>(columns.size())); }

Verdict Exists(const Args& args, const Columns& columns) {
  std::string name = args.String(kName);
  for (size_t i = 0; i < columns.size(); i++) {
    bool is_there =
        !args.Has(kColumnIndex) || args.Get(kColumnIndex) == Json(static_cast<int64_t>(i));
    if (columns[i].name == name && is_there) return {.success = true};
  }
  return {};
}

Verdict InOrder(const Args& args, const Columns& columns) {
  Json found = NamesOf(columns);
  const Json& wanted = args.Get(kNameList);
  if (found == wanted) return {true, found};
  Json mismatched = Json::List();
  for (size_t i = 0; i < std::max(found.size(), wanted.size()); i++) {
    Json a = i < wanted.size() ? wanted.items()[i] : Json(),
         b = i < found.size() ? found.items()[i] : Json();
    if (a != b)
      mismatched.Push(Json::Object(
          {{"Expected Column Position", static_cast<int64_t>(i)}, {"Expected", a}, {"Found", b}}));
  }
  return {false, found, Json::Object({{"mismatched", std::move(mismatched)}})};
}

// Databases fold the case of names, so there it does not matter; but for names in quotes.
std::string Folded(const std::string& name, const Args& args) {
  if (args.dialect() == sql::Dialect::kDuckDb) return name;
  if (name.size() > 1 && name.front() == '"' && name.back() == '"')
    return name.substr(1, name.size() - 2);
  std::string lower = name;
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return lower;
}

Verdict InSet(const Args& args, const Columns& columns) {
  std::set<std::string> wanted, found, wanted_folded, found_folded;
  for (const std::string& name : args.Strings(kNameSet)) wanted.insert(name);
  for (const sql::TableColumn& column : columns) found.insert(column.name);
  for (const std::string& name : wanted) wanted_folded.insert(Folded(name, args));
  for (const std::string& name : found) found_folded.insert(Folded(name, args));
  Json observed = Json::List(), unexpected = Json::List(), missing = Json::List();
  for (const std::string& name : found) {
    observed.Push(name);
    bool is_wanted = wanted_folded.contains(Folded(name, args)) || wanted_folded.contains(name);
    if (!is_wanted) unexpected.Push(name);
  }
  for (const std::string& name : wanted) {
    std::string folded = Folded(name, args);
    if (!found_folded.contains(folded) && !found.contains(folded)) missing.Push(name);
  }
  bool exact = !args.Has(kExactMatch) || args.Bool(kExactMatch);
  bool success = missing.size() == 0 && (!exact || unexpected.size() == 0);
  Verdict verdict{success, std::move(observed)};
  Json mismatched = Json::Object();
  if (unexpected.size() > 0) mismatched.Set("unexpected", std::move(unexpected));
  if (missing.size() > 0) mismatched.Set("missing", std::move(missing));
  if (!mismatched.members().empty())
    verdict.details = Json::Object({{"mismatched", std::move(mismatched)}});
  return verdict;
}

}  // namespace

// What the columns are called, how many they are, in which order.
extern const std::vector<Expectation> kTableColumns = {
    {
        .name = "expect_column_to_exist",
        .says = "There is a column {column}.",
        .params = {kName, kColumnIndex},
        .on_delivery = true,
        .schema = Exists,
        .example = R"(
            column=b column_index=1
            a: 1
            b: 2
            pass: null

            column=c
            a: 1
            b: 2
            fail: null
        )",
    },
    {
        .name = "expect_table_columns_to_match_ordered_list",
        .says = "The columns are {column_list}, in this order.",
        .params = {kNameList},
        .on_delivery = true,
        .schema = InOrder,
        .example = R"(
            column_list=["a","b"]
            a: 1
            b: 2
            pass: ["a","b"]

            column_list=["b","a"]
            a: 1
            b: 2
            fail: ["a","b"]
        )",
    },
    {
        .name = "expect_table_columns_to_match_set",
        .says = "The columns are {column_set}.",
        .params = {kNameSet, kExactMatch},
        .on_delivery = true,
        .schema = InSet,
        .example = R"(
            column_set=["b","a"]
            a: 1
            b: 2
            pass: ["a","b"]

            column_set=["a"] exact_match=false
            a: 1
            b: 2
            pass: ["a","b"]

            column_set=["a","c"]
            a: 1
            b: 2
            fail: ["a","b"]
        )",
    },
    {
        .name = "expect_table_column_count_to_equal",
        .says = "The number of columns is {value}.",
        .params = {kColumnCount},
        .on_delivery = true,
        .schema =
            [](const Args& args, const Columns& columns) {
              Json count = CountOf(columns);
              return Verdict{count == args.Get(kColumnCount), count};
            },
        .example = R"(
            value=2
            a: 1
            b: 2
            pass: 2
        )",
    },
    {
        .name = "expect_table_column_count_to_be_between",
        .says = "The number of columns is {range}.",
        .params = {kMinCount, kMaxCount, kStrictMin, kStrictMax},
        .on_delivery = true,
        .schema = [](const Args& args,
                     const Columns& columns) { return JudgeRange(args, {CountOf(columns)}); },
        .mistake = OrderMistake,
        .example = R"(
            max_value=1
            a: 1
            b: 2
            fail: 2
        )",
    },
};

}  // namespace andon::quality
