#include "quality/sample.h"

#include <algorithm>

#include "base/text.h"
#include "sql/engine.h"

namespace andon::quality {
namespace {

// Wide tables: a sample shows this many columns at most.
constexpr size_t kColumnsMax = 30;
constexpr std::string_view kPlace[] = {"filename", "file_row_number"};

std::vector<std::string> Quoted(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(sql::QuoteIdentifier(name));
  return quoted;
}

std::vector<std::string> CheckedColumns(const PlannedCheck& check) {
  if (!check.key.empty()) return check.key;
  const std::string& column = check.check->kwargs[kColumn.name].AsString();
  return column.empty() ? std::vector<std::string>{} : std::vector{column};
}

std::vector<std::string> SampleColumns(const PlannedCheck& check, const Profile& profile,
                                       const RunOptions& options) {
  std::vector<std::string> columns;
  auto add = [&](std::string_view name) {
    bool is_new = std::find(columns.begin(), columns.end(), name) == columns.end();
    if (is_new && profile.Has(name) && columns.size() < kColumnsMax) columns.emplace_back(name);
  };
  for (const std::string& name : options.key_columns) add(name);
  for (const std::string& name : CheckedColumns(check)) add(name);
  for (const sql::ColumnInfo& column : profile.columns) {
    bool is_place =
        std::find(std::begin(kPlace), std::end(kPlace), column.name) != std::end(kPlace);
    if (!is_place) add(column.name);
  }
  for (std::string_view name : kPlace) {
    if (profile.Has(name)) columns.emplace_back(name);
  }
  return columns;
}

// A key's duplicates are those that stand more than once among the rows that count.
std::string DuplicatesSql(const PlannedCheck& check, std::string_view relation) {
  std::vector<std::string> columns = Quoted(check.key);
  std::vector<std::string> filled;
  for (const std::string& column : columns) filled.push_back(column + " IS NOT NULL");
  std::string rows = "(" + Join(filled, " OR ") + ")";
  if (check.filter) rows += " AND " + check.filter->Print();
  // A struct compares nulls as equal, as GROUP BY does.
  std::string tuple = columns.size() == 1 ? columns[0] : "struct_pack(" + [&] {
    std::vector<std::string> fields;
    for (size_t i = 0; i < columns.size(); i++)
      fields.push_back(fmt::format("k{} := {}", i, columns[i]));
    return Join(fields, ", ");
  }() + ")";
  return fmt::format(
      "{} AND {} IN (SELECT {} FROM {} AS keys WHERE {} GROUP BY {} HAVING count(*) > 1)", rows,
      tuple, tuple, relation, rows, Join(columns, ", "));
}

Json ObjectOf(const sql::ResultSet& rows, int64_t row, const std::vector<std::string>& names) {
  Json object = Json::Object();
  for (const std::string& name : names)
    object.Set(name, rows.ToJson(row, static_cast<size_t>(rows.Find(name))));
  return object;
}

void Fill(const sql::ResultSet& rows, const std::vector<std::string>& checked,
          CheckResult* result) {
  for (const sql::ResultColumn& column : rows.columns())
    result->sample.columns.push_back({column.name, column.type});
  for (int64_t row = 0; row < rows.row_count(); row++) {
    std::vector<Json> cells;
    for (size_t column = 0; column < rows.columns().size(); column++)
      cells.push_back(rows.ToJson(row, column));
    result->sample.rows.push_back(std::move(cells));
    if (checked.size() == 1) {
      result->partial_unexpected_list.push_back(
          rows.ToJson(row, static_cast<size_t>(rows.Find(checked[0]))));
    } else if (!checked.empty()) {
      result->partial_unexpected_list.push_back(ObjectOf(rows, row, checked));
    } else {
      std::vector<std::string> all;
      for (const sql::ResultColumn& column : rows.columns()) all.push_back(column.name);
      result->partial_unexpected_list.push_back(ObjectOf(rows, row, all));
    }
  }
}

}  // namespace

std::string BadRowsSql(const PlannedCheck& check, std::string_view relation) {
  if (!check.key.empty()) return DuplicatesSql(check, relation);
  if (!check.unexpected) return {};
  return check.filter ? sql::And({*check.filter, *check.unexpected}).Print()
                      : check.unexpected->Print();
}

Result<void> AddSample(sql::Connection& connection, std::string_view relation,
                       const Profile& profile, const PlannedCheck& check, const RunOptions& options,
                       CheckResult* result) {
  if (options.sample_rows <= 0) return {};
  std::string sql;
  if (check.by == AnsweredBy::kStatement) {
    Args args(check.check->kwargs, profile.columns, options.table_name, &options.tables);
    sql = StatementSql(check.expectation->statement(args), "SELECT *", relation, options);
  } else {
    std::vector<std::string> columns = Quoted(SampleColumns(check, profile, options));
    sql = fmt::format("SELECT {} FROM {} AS checked WHERE {}", Join(columns, ", "), relation,
                      result->bad_rows_sql);
    // Rows of one key together.
    if (!check.key.empty()) sql += " ORDER BY " + Join(Quoted(check.key), ", ");
  }
  sql += fmt::format(" LIMIT {}", options.sample_rows);
  sql::ResultSet rows = TRY(connection.Query(sql, options.parameters, options.query));
  Fill(rows, CheckedColumns(check), result);
  return {};
}

std::string StatementSql(const std::string& statement, std::string_view select,
                         std::string_view relation, const RunOptions& options) {
  std::vector<std::string> named;
  auto name = [&](const std::string& table, std::string_view from) {
    std::string quoted = sql::QuoteIdentifier(table);
    if (!table.empty() && from != quoted && from != table) {
      named.push_back(quoted + " AS (SELECT * FROM " + std::string(from) + " AS named)");
    }
  };
  name(options.table_name, relation);
  for (const auto& [table, from] : options.tables) {
    if (table != options.table_name) name(table, from);
  }
  std::string_view text = Trim(statement);
  while (text.ends_with(';')) text = Trim(text.substr(0, text.size() - 1));
  std::string with = named.empty() ? "" : "WITH " + Join(named, ", ") + " ";
  return fmt::format("{}{} FROM (\n{}\n) AS returned", with, select, text);
}

}  // namespace andon::quality
