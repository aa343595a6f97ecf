#include <algorithm>
#include <charconv>
#include <set>
#include <span>

#include "base/text.h"
#include "quality/plan.h"
#include "sql/quote.h"

namespace andon::quality {
namespace {

// How many of the first rows show whether a column has few values, and what few is. A column that
// only looks so costs a larger table of counts, never a wrong answer.
constexpr int64_t kSampleRows = 20'000;
constexpr int64_t kFewValues = 2'000;

// Operators that hand rows through, so that a column that nobody asks for is not read.
constexpr std::string_view kThrough[] = {"PROJECTION", "READ_PARQUET", "PARQUET_SCAN", "SEQ_SCAN",
                                         "TABLE_SCAN", "UNION",        "FILTER"};
// And those besides that give rows in an order of their own: that of a file, or one asked for.
constexpr std::string_view kInOrder[] = {"ORDER_BY",   "TOP_N",
                                         "LIMIT",      "STREAMING_LIMIT",
                                         "RANGE",      "COLUMN_DATA_SCAN",
                                         "DUMMY_SCAN", "STREAMING_WINDOW",
                                         "UNNEST",     "EMPTY_RESULT"};
// Readers of text, which is in order too; how many rows there are DuckDB only guesses.
constexpr std::string_view kOfText[] = {"READ_CSV",       "READ_CSV_AUTO", "READ_JSON",
                                        "READ_JSON_AUTO", "READ_NDJSON",   "READ_NDJSON_AUTO"};

bool IsOneOf(std::string_view name, std::span<const std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Walks the tree of EXPLAIN; the root's estimate is the relation's.
bool AllNodes(const Json& node, int depth, bool (*holds)(std::string_view name)) {
  if (depth > 50 || !holds(Trim(node["name"].AsString()))) return false;
  return std::all_of(node["children"].items().begin(), node["children"].items().end(),
                     [&](const Json& child) { return AllNodes(child, depth + 1, holds); });
}

bool IsChain(const Json& node, int depth) {
  const auto& children = node["children"].items();
  return depth <= 50 && children.size() <= 1 &&
         (children.empty() || IsChain(children[0], depth + 1));
}

int64_t Estimate(const Json& node, int depth) {
  if (depth > 50) return 0;
  const Json& cardinality = node["extra_info"]["Estimated Cardinality"];
  if (cardinality.is_string()) return std::strtoll(cardinality.AsString().c_str(), nullptr, 10);
  if (cardinality.is_number()) return cardinality.AsInteger();
  return node["children"].items().empty() ? 0 : Estimate(node["children"].items()[0], depth + 1);
}

void ReadDuckDbSize(sql::Session& session, std::string_view relation, Profile* profile) {
  auto result =
      session.Query("EXPLAIN (FORMAT json) SELECT * FROM " + std::string(relation) + " AS checked");
  if (!result.ok() || result->empty() || result->columns().size() < 2) return;
  Result<Json> json = Json::Parse(result->Bytes(0, 1));
  if (!json.ok() || json->items().empty()) return;
  const Json& root = json->items()[0];
  if (AllNodes(root, 0, [](std::string_view name) { return !IsOneOf(name, kOfText); }))
    profile->rows = Estimate(root, 0);
  profile->reads_by_column =
      AllNodes(root, 0, [](std::string_view name) { return IsOneOf(name, kThrough); });
  profile->is_chain = IsChain(root, 0);
  profile->has_order = AllNodes(root, 0, [](std::string_view name) {
    return IsOneOf(name, kThrough) || IsOneOf(name, kInOrder) || IsOneOf(name, kOfText);
  });
}

void ReadPostgresSize(sql::Session& session, std::string_view relation, Profile* profile) {
  auto result =
      session.Query("EXPLAIN (FORMAT JSON) SELECT 1 FROM " + std::string(relation) + " AS checked");
  if (!result.ok() || result->empty()) return;
  Result<Json> json = Json::Parse(result->Bytes(0, 0));
  if (!json.ok() || json->items().empty()) return;
  const Json& rows = json->items()[0]["Plan"]["Plan Rows"];
  if (rows.is_number()) profile->rows = rows.AsInteger();
  profile->may_have_places =
      !relation.starts_with("(") && !json->items()[0]["Plan"]["Relation Name"].is_null();
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
    for (const std::string& column : ColumnsOf(*expectation, check.kwargs)) names.insert(column);
  }
  std::vector<sql::ColumnInfo> wanted;
  for (const sql::ColumnInfo& column : profile.columns.columns()) {
    if (names.contains(column.name)) wanted.push_back(column);
  }
  return wanted;
}

// What the files' footers say: "[Min: 1, Max: 10000000][Has Null: false, Has No Null: true]".
void ReadStatistics(sql::Session& session, std::string_view relation,
                    const std::vector<sql::ColumnInfo>& columns, Profile* profile) {
  std::vector<std::string> items;
  for (const sql::ColumnInfo& column : columns)
    items.push_back("stats(" + sql::QuoteIdentifier(column.name) + ")");
  auto result = session.Query("SELECT " + Join(items, ", ") + " FROM " + std::string(relation) +
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

// What a column's first rows show: how many different values, and of texts the extremes.
std::map<std::string, ColumnProfile> SampledColumns(sql::Session& session,
                                                    std::string_view relation,
                                                    const std::vector<sql::ColumnInfo>& columns) {
  std::vector<std::string> items, names, strings, quoted;
  for (const sql::ColumnInfo& column : columns) {
    if (sql::ClassOf(column.type) == sql::TypeClass::kNested) continue;
    names.push_back(column.name);
    quoted.push_back(sql::QuoteIdentifier(column.name));
    items.push_back("approx_count_distinct(" + quoted.back() + ")");
  }
  std::map<std::string, ColumnProfile> sampled;
  if (names.empty()) return sampled;
  for (const sql::ColumnInfo& column : columns) {
    if (column.type != "string") continue;
    const std::string name = sql::QuoteIdentifier(column.name);
    strings.push_back(column.name);
    items.push_back("min(" + name + "), max(" + name + ")");
  }
  auto result =
      session.Query(fmt::format("SELECT {} FROM (SELECT {} FROM {} AS checked LIMIT {})",
                                Join(items, ", "), Join(quoted, ", "), relation, kSampleRows));
  if (!result.ok() || result->empty()) return sampled;
  for (size_t i = 0; i < names.size(); i++) {
    ColumnProfile& column = sampled[names[i]];
    column.values = result->Integer(0, i);
    column.has_few_values = column.values <= kFewValues;
  }
  for (size_t i = 0; i < strings.size(); i++) {
    ColumnProfile& column = sampled[strings[i]];
    column.least = result->Bytes(0, names.size() + 2 * i);
    column.greatest = result->Bytes(0, names.size() + 2 * i + 1);
  }
  return sampled;
}

// Bounds of integer keys that no statistic knows: one column's reading decides over a bitmap.
void ReadBounds(sql::Session& session, std::string_view relation,
                const std::vector<CheckSpec>& checks, const RunOptions& options, Profile* profile) {
  std::set<std::string> keys;
  for (const CheckSpec& check : checks) {
    const Expectation* expectation = FindExpectation(check.type);
    if (expectation && expectation->key) keys.insert(check.kwargs[kColumn.name].AsString());
  }
  std::vector<std::string> items, names;
  for (const sql::ColumnInfo& column : profile->columns.columns()) {
    bool is_key = keys.contains(column.name);
    const ColumnProfile& known = profile->by_column[column.name];
    if (!is_key || !IsInteger(column.type) || known.lower || known.has_few_values) continue;
    names.push_back(column.name);
    std::string quoted = sql::QuoteIdentifier(column.name);
    items.push_back("min(" + quoted + "), max(" + quoted + ")");
  }
  if (names.empty()) return;
  auto result = session.Query(
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

std::set<std::string> ColumnsOfFewValues(sql::Session& session, std::string_view relation,
                                         const std::vector<sql::ColumnInfo>& columns) {
  std::set<std::string> few;
  for (const auto& [name, column] : SampledColumns(session, relation, columns)) {
    if (column.has_few_values) few.insert(name);
  }
  return few;
}

ColumnIndex AllColumns(const std::vector<sql::ColumnInfo>& declared, const Profile& profile) {
  ColumnIndex columns(declared);
  for (const sql::ColumnInfo& column : profile.columns.columns()) {
    if (!columns.Has(column.name)) columns.Add(column);
  }
  return columns;
}

Result<Profile> ProfileColumns(sql::Session& session, std::string_view relation,
                               const RunOptions& options) {
  Profile profile{.dialect = session.dialect()};
  profile.table_columns = TRY(session.Columns(relation));
  for (const sql::TableColumn& column : profile.table_columns)
    profile.columns.Add({column.name, column.type});
  for (const auto& [name, known] : options.statistics) {
    ColumnProfile& column = profile.by_column[name];
    column.lower = known.lower;
    column.upper = known.upper;
    column.has_no_nulls = known.null_count == 0;
  }
  if (profile.dialect == sql::Dialect::kPostgres) ReadPostgresSize(session, relation, &profile);
  if (profile.dialect != sql::Dialect::kDuckDb) return profile;
  ReadDuckDbSize(session, relation, &profile);
  if (options.rows) profile.rows = options.rows;  // Better than an estimate.
  return profile;
}

Result<Profile> ProfileRelation(sql::Session& session, std::string_view relation,
                                const std::vector<CheckSpec>& checks, const RunOptions& options,
                                bool may_scan) {
  Profile profile = TRY(ProfileColumns(session, relation, options));
  bool is_large = profile.dialect == sql::Dialect::kDuckDb && profile.RowsOr0() >= kLargeRows;
  if (!is_large) return profile;
  std::vector<sql::ColumnInfo> wanted = Wanted(checks, profile);
  if (wanted.empty()) return profile;
  ReadStatistics(session, relation, wanted, &profile);
  if (profile.reads_by_column) {
    for (const auto& [name, sampled] : SampledColumns(session, relation, wanted)) {
      ColumnProfile& column = profile.by_column[name];
      column.values = sampled.values;
      column.has_few_values = sampled.has_few_values;
      column.least = sampled.least;
      column.greatest = sampled.greatest;
    }
  }
  if (may_scan && profile.reads_by_column) ReadBounds(session, relation, checks, options, &profile);
  return profile;
}

}  // namespace andon::quality
