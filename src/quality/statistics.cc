#include "quality/statistics.h"

#include <filesystem>
#include <set>

#include "base/text.h"
#include "quality/expectation.h"
#include "sql/possible.h"
#include "sql/quote.h"

namespace andon::quality {
namespace {

using sql::Aggregate;
using sql::ExactNumber;
using sql::ValueBounds;
using Kind = sql::Aggregate::Kind;

const ColumnStatistics* Find(const RunOptions& options, const std::string& column) {
  auto found = options.statistics.find(column);
  return found == options.statistics.end() ? nullptr : &found->second;
}

bool HasNoValue(const ColumnStatistics& known, int64_t rows) {
  return rows == 0 || known.null_count == rows;
}

std::string NumberText(const Json& value) {
  return value.is_number() ? value.Dump() : value.AsString();
}

std::optional<ValueBounds> BoundsOf(const RunOptions& options, const std::string& column) {
  const ColumnStatistics* known = Find(options, column);
  if (known == nullptr) return {};
  ValueBounds bounds{.may_be_null = known->null_count != 0,
                     .may_be_value = !HasNoValue(*known, *options.rows)};
  bool is_date = sql::DateNumber(known->least.AsString()).has_value();
  if (is_date) bounds.kind = ValueBounds::Kind::kDate;
  auto number = [&](const Json& value) -> std::optional<ExactNumber> {
    if (value.is_null()) return {};
    return is_date ? sql::DateNumber(value.AsString()) : ExactNumber::Parse(NumberText(value));
  };
  bounds.lower = number(known->least);
  bounds.upper = number(known->greatest);
  // Wider ones rule out as much as they can.
  if (!bounds.lower && !is_date && known->lower)
    bounds.lower = ExactNumber::Parse(std::to_string(*known->lower));
  if (!bounds.upper && !is_date && known->upper)
    bounds.upper = ExactNumber::Parse(std::to_string(*known->upper));
  return bounds;
}

// Floating point may hide NaN, and bounds of texts may be shortened.
bool HasExactBounds(const sql::TableColumn& column) {
  switch (sql::ClassOf(column.type)) {
    case sql::TypeClass::kNumber:
      return column.type != "double" && column.type != "float";
    case sql::TypeClass::kDate:
    case sql::TypeClass::kTime:
    case sql::TypeClass::kTimestamp:
      return true;
    default:
      return false;
  }
}

std::vector<sql::TableColumn> Named(const std::vector<sql::TableColumn>& columns,
                                    const std::vector<CheckSpec>& checks) {
  std::set<std::string> names;
  for (const CheckSpec& check : checks) {
    const Expectation* expectation = FindExpectation(check.type);
    if (!expectation) continue;
    for (const std::string& column : ColumnsOf(*expectation, check.kwargs)) names.insert(column);
  }
  std::vector<sql::TableColumn> named;
  for (const sql::TableColumn& column : columns) {
    // In the footers a field inside a struct is called "a, b".
    bool is_plain = column.name.find_first_of(",.") == std::string::npos &&
                    sql::ClassOf(column.type) != sql::TypeClass::kNested;
    if (is_plain && names.contains(column.name)) named.push_back(column);
  }
  return named;
}

// Of one column: its chunks, those that say how many nulls they have, the nulls; the chunks with
// values that have whole bounds, of those with values; the bounds.
constexpr size_t kItems = 7;

std::string ItemsOf(const sql::TableColumn& column) {
  std::string here = "FILTER (WHERE path_in_schema = " + sql::QuoteLiteral(column.name) + ")";
  std::string values = "FILTER (WHERE path_in_schema = " + sql::QuoteLiteral(column.name) +
                       " AND stats_null_count < num_values)";
  std::string has_bounds = "FALSE", least = "NULL", greatest = "NULL";
  if (HasExactBounds(column)) {
    has_bounds =
        "type IN ('INT32', 'INT64') AND min_is_exact IS NOT FALSE AND max_is_exact IS NOT FALSE "
        "AND stats_min_value IS NOT NULL AND stats_max_value IS NOT NULL";
    auto cast = [&](const char* name) {
      return fmt::format("TRY_CAST({} AS {})", name, column.native_type);
    };
    least = fmt::format("min({}) {}", cast("stats_min_value"), here);
    greatest = fmt::format("max({}) {}", cast("stats_max_value"), here);
  }
  return fmt::format(
      "count(*) {0}, count(stats_null_count) {0}, coalesce(sum(stats_null_count) {0}, 0), "
      "count(*) {1}, coalesce(sum(CASE WHEN {2} THEN 1 ELSE 0 END) {1}, 0), {3}, {4}",
      here, values, has_bounds, least, greatest);
}

void TakeColumn(const sql::ResultSet& row, size_t at, int64_t groups, ColumnStatistics* known) {
  const int64_t chunks = row.Integer(0, at), counted = row.Integer(0, at + 1);
  if (chunks != groups || counted != chunks) return;
  known->null_count = row.Integer(0, at + 2);
  const int64_t with_values = row.Integer(0, at + 3), with_bounds = row.Integer(0, at + 4);
  if (with_values != with_bounds || row.IsNull(0, at + 5) || row.IsNull(0, at + 6)) return;
  known->least = row.ToJson(0, at + 5);
  known->greatest = row.ToJson(0, at + 6);
  if (known->least.is_integer() && known->greatest.is_integer()) {
    known->lower = known->least.AsInteger();
    known->upper = known->greatest.AsInteger();
  }
}

}  // namespace

std::optional<Json> FromStatistics(const Aggregate& metric, const RunOptions& options) {
  if (!options.rows || metric.is_filtered()) return {};
  const int64_t rows = *options.rows;
  const std::string column = metric.PlainColumn();
  const ColumnStatistics* known = column.empty() ? nullptr : Find(options, column);
  switch (metric.kind()) {
    case Kind::kCountRows:
      return Json(rows);
    case Kind::kCount:
      if (!known || !known->null_count) return {};
      return Json(rows - *known->null_count);
    case Kind::kCountIf: {
      bool never = sql::IsNeverTrue(
          metric.parts()[0], [&](const std::string& name) { return BoundsOf(options, name); });
      return never ? std::optional(Json(0)) : std::nullopt;
    }
    case Kind::kMin:
    case Kind::kMax:
      if (!known) return {};
      if (HasNoValue(*known, rows)) return Json();
      if (known->least.is_null() || known->greatest.is_null()) return {};
      return metric.kind() == Kind::kMin ? known->least : known->greatest;
    default:
      return {};
  }
}

void ReadFooters(sql::Session& session, const std::string& files,
                 const std::vector<sql::TableColumn>& columns, const std::vector<CheckSpec>& checks,
                 RunOptions* options) {
  // A file whose own name looks like a pattern, and folders that give columns ("year=2005").
  std::error_code error;
  const bool is_odd =
      files.find('=') != std::string::npos ||
      (files.find_first_of("*?[") != std::string::npos && std::filesystem::exists(files, error));
  if (is_odd) return;
  const std::string pattern = sql::QuoteLiteral(files);
  auto sizes = session.Query(
      fmt::format("SELECT sum(num_rows), sum(num_row_groups) FROM parquet_file_metadata({})",
                  pattern),
      {}, options->query);
  if (!sizes.ok() || sizes->row_count() != 1 || sizes->IsNull(0, 0)) return;
  std::vector<sql::TableColumn> named = Named(columns, checks);
  std::vector<std::string> items, names;
  for (const sql::TableColumn& column : named) {
    items.push_back(ItemsOf(column));
    names.push_back(sql::QuoteLiteral(column.name));
  }
  if (!named.empty()) {
    auto row = session.Query(
        fmt::format("SELECT {} FROM parquet_metadata({}) WHERE path_in_schema IN ({})",
                    Join(items, ", "), pattern, Join(names, ", ")),
        {}, options->query);
    if (!row.ok() || row->row_count() != 1) return;
    for (size_t i = 0; i < named.size(); i++)
      TakeColumn(*row, i * kItems, sizes->Integer(0, 1), &options->statistics[named[i].name]);
  }
  options->rows = sizes->Integer(0, 0);
}

}  // namespace andon::quality
