#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "quality/range.h"
#include "sql/quote.h"

namespace andon::quality {

namespace {

using Names = std::vector<std::string>;

constexpr Param kKeyColumns = {"key_columns", ParamKind::kColumns,
                               "The columns by which rows belong together.", true};
constexpr Param kCompared = {"column_list", ParamKind::kColumns,
                             "The columns that are compared; by default all that both have."};
constexpr Param kOther = {"other_table_name", ParamKind::kTable,
                          "The other dataset, or the table of the other source.", true};
constexpr Param kSource = {"comparison_data_source_name", ParamKind::kText,
                           "The source of the other table; by default the same."};
constexpr Param kTolerance = {"tolerance", ParamKind::kNumber,
                              "By how much numbers may differ; 0 by default."};

constexpr size_t kShownMax = 20;

Names Quoted(const Names& names) {
  Names quoted;
  for (const std::string& name : names) quoted.push_back(sql::QuoteIdentifier(name));
  return quoted;
}

struct Table {
  std::map<Names, const std::vector<Json>*> rows;
  int64_t doubled = 0;  // Rows whose key stood there before.
};

std::string KeyOf(const Json& value) {
  if (value.is_null()) return "\x01null";
  if (value.is_string()) return value.AsString();
  return value.is_number() && !value.is_integer() ? fmt::format("{}", value.AsDouble())
                                                  : value.Dump();
}

Table Index(const Rows& rows, size_t keys) {
  Table table;
  for (const std::vector<Json>& row : rows) {
    Names key;
    for (size_t i = 0; i < keys; i++) key.push_back(KeyOf(row[i]));
    if (!table.rows.try_emplace(std::move(key), &row).second) table.doubled++;
  }
  return table;
}

bool AreAlike(const Json& a, const Json& b, double tolerance) {
  if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
  std::optional<double> x = NumberOf(a), y = NumberOf(b);
  if (x && y && (a.is_number() || b.is_number())) return std::abs(*x - *y) <= tolerance;
  return KeyOf(a) == KeyOf(b);
}

// The rows of one side, keys first.
Result<Rows> Fetch(Sides& sides, std::string_view source, const std::string& from,
                   const std::string& where, const Names& columns) {
  Names found;
  return sides.Query(
      source, fmt::format("SELECT {} FROM {} WHERE {}", Join(Quoted(columns), ", "), from, where),
      &found);
}

Result<Names> Columns(const Args& args, Sides& sides) {
  Names columns = args.Strings(kKeyColumns);
  auto add = [&](const std::string& name) {
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
  };
  if (args.Has(kCompared)) {
    for (const std::string& name : args.Strings(kCompared)) add(name);
    return columns;
  }
  Names other;
  TRY(sides.Query(
      args.String(kSource),
      "SELECT * FROM " + OtherTable(args, kOther, args.String(kSource)) + " AS other LIMIT 0",
      &other));
  for (const std::string& name : other) {
    if (args.around().columns->Has(name)) add(name);
  }
  return columns;
}

struct Differences {
  int64_t only_here = 0, only_there = 0, different = 0;
  std::map<std::string, int64_t> by_column;
  std::vector<Json> shown_here, shown_there, shown_different;
};

void Show(std::vector<Json>* shown, Json row) {
  if (shown->size() < kShownMax) shown->push_back(std::move(row));
}

class Comparer {
 public:
  Comparer(const Names& columns, size_t keys, double tolerance)
      : columns_(columns), keys_(keys), tolerance_(tolerance) {}

  Differences Compare(const Table& here, const Table& there) {
    for (const auto& [key, row] : here.rows) {
      auto other = there.rows.find(key);
      if (other == there.rows.end()) {
        found_.only_here++;
        Show(&found_.shown_here, KeyObject(*row));
      } else {
        CompareRows(*row, *other->second);
      }
    }
    for (const auto& [key, row] : there.rows) {
      if (here.rows.contains(key)) continue;
      found_.only_there++;
      Show(&found_.shown_there, KeyObject(*row));
    }
    return std::move(found_);
  }

 private:
  Json KeyObject(const std::vector<Json>& row) const {
    Json object = Json::Object();
    for (size_t i = 0; i < keys_; i++) object.Set(columns_[i], row[i]);
    return object;
  }

  void CompareRows(const std::vector<Json>& a, const std::vector<Json>& b) {
    Json differing = Json::Object();
    for (size_t i = keys_; i < columns_.size(); i++) {
      if (AreAlike(a[i], b[i], tolerance_)) continue;
      found_.by_column[columns_[i]]++;
      differing.Set(columns_[i], Json::List({a[i], b[i]}));
    }
    if (differing.members().empty()) return;
    found_.different++;
    Json row = KeyObject(a);
    for (const auto& [name, values] : differing.members()) row.Set(name, values);
    Show(&found_.shown_different, std::move(row));
  }

  const Names& columns_;
  size_t keys_;
  double tolerance_;
  Differences found_;
};

Result<Verdict> Compare(const Args& args, const Place& place, Sides& sides) {
  Names columns = TRY(Columns(args, sides));
  size_t keys = args.Strings(kKeyColumns).size();
  Rows here = TRY(Fetch(sides, "", place.from, place.where, columns));
  Rows there =
      TRY(Fetch(sides, args.String(kSource),
                OtherTable(args, kOther, args.String(kSource)) + " AS other", "TRUE", columns));
  Table a = Index(here, keys), b = Index(there, keys);
  if (a.doubled + b.doubled > 0)
    return Error::Invalid("The key {} stands more than once, {} here and {} in {}.",
                          Join(args.Strings(kKeyColumns), ", "), Count(a.doubled, "time"),
                          Count(b.doubled, "time"), args.String(kOther));
  Differences found = Comparer(columns, keys, args.Number(kTolerance).value_or(0)).Compare(a, b);
  int64_t bad = found.only_here + found.different;
  auto rows = static_cast<double>(std::max<size_t>(1, std::max(here.size(), there.size())));
  double percent = 100.0 * static_cast<double>(bad + found.only_there) / rows;
  Json by_column = Json::Object();
  for (const auto& [name, count] : found.by_column) by_column.Set(name, count);
  Verdict verdict{.success = 100 - percent >= args.Number(kMostly).value_or(1) * 100,
                  .observed = Json::Object({{"self", static_cast<int64_t>(here.size())},
                                            {"other", static_cast<int64_t>(there.size())},
                                            {"different", found.different}}),
                  .unexpected_count = bad,
                  .missing_count = found.only_there,
                  .unexpected_percent = percent};
  verdict.details = Json::Object({{"different_by_column", std::move(by_column)},
                                  {"different_rows", Json(found.shown_different)},
                                  {"unexpected_rows", Json(found.shown_here)}});
  verdict.partial_unexpected_list = found.shown_different;
  for (const Json& row : found.shown_here) Show(&verdict.partial_unexpected_list, row);
  verdict.partial_missing_list = std::move(found.shown_there);
  return verdict;
}

}  // namespace

// Row by row, by a key: what only one side has, and where both differ.
extern const Expectation kTableToMatchOtherTable = {
    .name = "expect_table_to_match_other_table",
    .says = "The rows are those of {other_table_name}, by {key_columns}.",
    .params = {kOther, kKeyColumns, kCompared, kSource, kTolerance, kMostly},
    .compare = Compare,
    .example = R"(
        other_table_name=copy key_columns=["id"]
        id:   1 2 3
        paid: 5 6 7
        copy.id:   1 2 4
        copy.paid: 5 8 9
        fail: 2 unexpected, {"id":2,"paid":[6,8]} {"id":3}, 1 missing, {"id":4}

        other_table_name=copy key_columns=["id"] tolerance=0.1
        id:   1
        paid: 5.05
        copy.id:   1
        copy.paid: 5.0
        pass: 0 unexpected, 0 missing
    )",
};

}  // namespace andon::quality
