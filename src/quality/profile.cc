#include <algorithm>
#include <charconv>
#include <set>

#include "base/text.h"
#include "quality/plan.h"
#include "sql/engine.h"

namespace andon::quality {
namespace {

// How many of the first rows show whether a column has few values, and what few is. A column that
// only looks so costs a larger table of counts, never a wrong answer.
constexpr int64_t kSampleRows = 20'000;
constexpr int64_t kFewValues = 2'000;

// Operators that hand rows through, so that a column that nobody asks for is not read.
constexpr std::string_view kThrough[] = {"PROJECTION", "READ_PARQUET", "PARQUET_SCAN", "SEQ_SCAN",
                                         "TABLE_SCAN", "UNION",        "FILTER"};

// Walks the tree of EXPLAIN; the root's estimate is the relation's.
bool PassesThrough(const Json& node, int depth) {
  if (depth > 50) return false;
  std::string name(Trim(node["name"].AsString()));
  if (std::find(std::begin(kThrough), std::end(kThrough), name) == std::end(kThrough)) return false;
  return std::all_of(node["children"].items().begin(), node["children"].items().end(),
                     [&](const Json& child) { return PassesThrough(child, depth + 1); });
}

int64_t Estimate(const Json& node, int depth) {
  if (depth > 50) return 0;
  const Json& cardinality = node["extra_info"]["Estimated Cardinality"];
  if (cardinality.is_string()) return std::strtoll(cardinality.AsString().c_str(), nullptr, 10);
  if (cardinality.is_number()) return cardinality.AsInteger();
  return node["children"].items().empty() ? 0 : Estimate(node["children"].items()[0], depth + 1);
}

void ReadSize(sql::Connection& connection, std::string_view relation, Profile* profile) {
  auto result = connection.Query("EXPLAIN (FORMAT json) SELECT * FROM " + std::string(relation) +
                                 " AS checked");
  if (!result.ok() || result->empty() || result->columns().size() < 2) return;
  Result<Json> json = Json::Parse(result->Bytes(0, 1));
  if (!json.ok() || json->items().empty()) return;
  profile->rows = Estimate(json->items()[0], 0);
  profile->reads_by_column = PassesThrough(json->items()[0], 0);
}

std::optional<int64_t> NumberAfter(std::string_view text, std::string_view label) {
  size_t at = text.find(label);
  if (at == std::string_view::npos) return {};
  int64_t number = 0;
  std::string_view rest = text.substr(at + label.size());
  auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc() || end == rest.data()) return {};
  return number;
}

bool IsInteger(const std::string& type) { return type == "int" || type == "long"; }

// The columns that stand in checks: only their statistics are of use.
std::vector<sql::ColumnInfo> Wanted(const std::vector<CheckSpec>& checks, const Profile& profile) {
  std::set<std::string> names;
  for (const CheckSpec& check : checks) {
    const Expectation* expectation = FindExpectation(check.type);
    if (!expectation) continue;
    for (const Param& param : expectation->params) {
      const Json& value = check.kwargs[param.name];
      if (param.kind == ParamKind::kColumn) names.insert(value.AsString());
      if (param.kind == ParamKind::kColumns) {
        for (const Json& item : value.items()) names.insert(item.AsString());
      }
    }
  }
  std::vector<sql::ColumnInfo> wanted;
  for (const sql::ColumnInfo& column : profile.columns) {
    if (names.contains(column.name)) wanted.push_back(column);
  }
  return wanted;
}

// What the files' footers say: "[Min: 1, Max: 10000000][Has Null: false, Has No Null: true]".
void ReadStatistics(sql::Connection& connection, std::string_view relation,
                    const std::vector<sql::ColumnInfo>& columns, Profile* profile) {
  std::vector<std::string> items;
  for (const sql::ColumnInfo& column : columns)
    items.push_back("stats(" + sql::QuoteIdentifier(column.name) + ")");
  auto result = connection.Query("SELECT " + Join(items, ", ") + " FROM " + std::string(relation) +
                                 " AS checked LIMIT 1");
  if (!result.ok() || result->empty()) return;
  for (size_t i = 0; i < columns.size(); i++) {
    std::string text = result->Text(0, i);
    ColumnProfile& known = profile->by_column[columns[i].name];
    if (text.find("[Has Null: false,") != std::string::npos) known.has_no_nulls = true;
    if (!IsInteger(columns[i].type) || known.lower) continue;
    known.lower = NumberAfter(text, "[Min: ");
    known.upper = NumberAfter(text, ", Max: ");
    if (!known.lower || !known.upper) known.lower = known.upper = std::nullopt;
  }
}

void ReadSample(sql::Connection& connection, std::string_view relation,
                const std::vector<sql::ColumnInfo>& columns, Profile* profile) {
  std::vector<std::string> items, names;
  for (const sql::ColumnInfo& column : columns) {
    if (sql::ClassOf(column.type) == sql::TypeClass::kNested) continue;
    names.push_back(column.name);
    items.push_back("approx_count_distinct(" + sql::QuoteIdentifier(column.name) + ")");
  }
  if (names.empty()) return;
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(sql::QuoteIdentifier(name));
  auto result =
      connection.Query(fmt::format("SELECT {} FROM (SELECT {} FROM {} AS checked LIMIT {})",
                                   Join(items, ", "), Join(quoted, ", "), relation, kSampleRows));
  if (!result.ok() || result->empty()) return;
  for (size_t i = 0; i < names.size(); i++) {
    profile->by_column[names[i]].has_few_values = result->Integer(0, i) <= kFewValues;
  }
}

// Bounds of integer keys that no statistic knows: one column's reading decides over a bitmap.
void ReadBounds(sql::Connection& connection, std::string_view relation,
                const std::vector<CheckSpec>& checks, const RunOptions& options, Profile* profile) {
  std::vector<std::string> items, names;
  for (const sql::ColumnInfo& column : profile->columns) {
    bool is_key = std::any_of(checks.begin(), checks.end(), [&](const CheckSpec& check) {
      const Expectation* expectation = FindExpectation(check.type);
      return expectation && expectation->key &&
             check.kwargs[kColumn.name].AsString() == column.name;
    });
    const ColumnProfile& known = profile->by_column[column.name];
    if (!is_key || !IsInteger(column.type) || known.lower || known.has_few_values) continue;
    names.push_back(column.name);
    std::string quoted = sql::QuoteIdentifier(column.name);
    items.push_back("min(" + quoted + "), max(" + quoted + ")");
  }
  if (names.empty()) return;
  auto result = connection.Query(
      "SELECT " + Join(items, ", ") + " FROM " + std::string(relation) + " AS checked", {},
      options.query);
  if (!result.ok() || result->empty()) return;
  for (size_t i = 0; i < names.size(); i++) {
    if (result->IsNull(0, 2 * i)) continue;
    profile->by_column[names[i]].lower = result->Integer(0, 2 * i);
    profile->by_column[names[i]].upper = result->Integer(0, 2 * i + 1);
  }
}

}  // namespace

Result<Profile> ProfileRelation(sql::Connection& connection, std::string_view relation,
                                const std::vector<CheckSpec>& checks, const RunOptions& options,
                                bool may_scan) {
  Profile profile;
  auto columns = TRY(connection.Describe("SELECT * FROM " + std::string(relation) + " AS checked"));
  for (const sql::ResultColumn& column : columns) {
    Result<std::string> type = sql::FromDuckDbType(column.type);
    profile.columns.push_back({column.name, type.ok() ? *type : AsciiLower(column.type)});
  }
  for (const auto& [name, known] : options.statistics) {
    ColumnProfile& column = profile.by_column[name];
    column.lower = known.lower;
    column.upper = known.upper;
    column.has_no_nulls = known.null_count == 0;
  }
  ReadSize(connection, relation, &profile);
  if (profile.rows < kLargeRows) return profile;
  std::vector<sql::ColumnInfo> wanted = Wanted(checks, profile);
  if (wanted.empty()) return profile;
  ReadStatistics(connection, relation, wanted, &profile);
  if (profile.reads_by_column) ReadSample(connection, relation, wanted, &profile);
  if (may_scan && profile.reads_by_column)
    ReadBounds(connection, relation, checks, options, &profile);
  return profile;
}

}  // namespace andon::quality
