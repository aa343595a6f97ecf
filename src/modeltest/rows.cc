#include "modeltest/rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace andon::modeltest {
namespace {

// Rows of one INSERT: statements stay small however long a file of rows is.
constexpr size_t kRowsAtOnce = 500;
constexpr const char* kRaw = "andon_given";
constexpr const char* kNumber = "andon_row";

std::string Literal(const Cell& cell) { return cell ? sql::QuoteLiteral(*cell) : "NULL"; }

// The text of a cell read as a value of the type.
std::string Read(const std::string& text, const std::string& duckdb_type, std::string_view type) {
  // Only JSON tells a list of texts from a text with brackets.
  if (sql::ClassOf(type) == sql::TypeClass::kNested)
    return fmt::format("CAST(CAST({} AS JSON) AS {})", text, duckdb_type);
  return fmt::format("CAST({} AS {})", text, duckdb_type);
}

// True where the text is read as another value: DuckDB rounds numbers and cuts times off.
std::string IsRounded(const std::string& text, const std::string& duckdb_type,
                      std::string_view type) {
  bool is_exact = type == "int" || type == "long" || type.starts_with("decimal");
  std::string wide = is_exact ? "DECIMAL(38, 12)" : type == "date" ? "TIMESTAMP" : "";
  if (wide.empty()) return "false";
  return fmt::format("coalesce(TRY_CAST({0} AS {2}) <> CAST(TRY_CAST({0} AS {1}) AS {2}), false)",
                     text, duckdb_type, wide);
}

class Filler {
 public:
  Filler(sql::Connection& connection, std::string_view name,
         const std::vector<sql::ColumnInfo>& columns, const Rows& rows)
      : connection_(connection), name_(name), columns_(columns), rows_(rows) {
    for (const sql::ColumnInfo& column : columns) from_.push_back(rows.Find(column.name));
  }

  Result<std::optional<BadCell>> Run() {
    TRY(MakeRaw());
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (from_[i] < 0) continue;
      auto bad = TRY(FindBad(i));
      bool is_first = bad && (!first_ || bad->row < first_->row);
      if (is_first) first_ = std::move(bad);
    }
    if (!first_) TRY(Fill());
    TRY(connection_.Execute(fmt::format("DROP TABLE {}", kRaw)));
    return std::move(first_);
  }

 private:
  // All cells as texts, in the order in which they were written.
  Result<void> MakeRaw() {
    std::string columns = fmt::format("{} BIGINT", kNumber);
    for (size_t i = 0; i < rows_.columns.size(); ++i) columns += fmt::format(", c{} VARCHAR", i);
    TRY(connection_.Execute(fmt::format("CREATE OR REPLACE TEMP TABLE {} ({})", kRaw, columns)));
    for (size_t begin = 0; begin < rows_.rows.size(); begin += kRowsAtOnce) {
      std::string values;
      size_t end = std::min(rows_.rows.size(), begin + kRowsAtOnce);
      for (size_t i = begin; i < end; ++i) {
        values += fmt::format("{}({}", i > begin ? ", " : "", i);
        for (const Cell& cell : rows_.rows[i].cells) values += ", " + Literal(cell);
        values += ")";
      }
      TRY(connection_.Execute(fmt::format("INSERT INTO {} VALUES {}", kRaw, values)));
    }
    return {};
  }

  Result<std::optional<BadCell>> FindBad(size_t index) {
    const sql::ColumnInfo& column = columns_[index];
    std::string type = TRY(sql::ToDuckDbType(column.type));
    std::string text = fmt::format("c{}", from_[index]);
    bool is_nested = sql::ClassOf(column.type) == sql::TypeClass::kNested;
    // TRY() gives null where the expression fails, also of two casts.
    std::string read = fmt::format("TRY({})", Read(text, type, column.type));
    auto found = TRY(connection_.Query(fmt::format(
        "SELECT {0}, {1}, {2} IS NULL FROM {3} WHERE {1} IS NOT NULL AND ({2} IS NULL OR {4}) "
        "ORDER BY {0} LIMIT 1",
        kNumber, text, read, kRaw, is_nested ? "false" : IsRounded(text, type, column.type))));
    if (found.empty()) return std::optional<BadCell>();
    BadCell bad{.row = size_t(found.Integer(0, 0)), .column = column.name};
    bad.place = rows_.rows[bad.row].place;
    bad.says = found.Bool(0, 2) ? fmt::format("\"{}\" is no {}", found.Bytes(0, 1), column.type)
                                : fmt::format("{} would not be kept whole as {}", found.Bytes(0, 1),
                                              column.type);
    return std::optional(std::move(bad));
  }

  Result<void> Fill() {
    std::vector<std::string> items;
    for (size_t i = 0; i < columns_.size(); ++i) {
      std::string type = TRY(sql::ToDuckDbType(columns_[i].type));
      std::string value = from_[i] < 0 ? "CAST(NULL AS " + type + ")"
                                       : Read(fmt::format("c{}", from_[i]), type, columns_[i].type);
      items.push_back(value + " AS " + sql::QuoteIdentifier(columns_[i].name));
    }
    TRY(connection_.Execute(fmt::format("CREATE TEMP TABLE {} AS SELECT {} FROM {} ORDER BY {}",
                                        sql::QuoteIdentifier(name_), Join(items, ", "), kRaw,
                                        kNumber)));
    return {};
  }

  sql::Connection& connection_;
  std::string_view name_;
  const std::vector<sql::ColumnInfo>& columns_;
  const Rows& rows_;
  std::vector<int> from_;  // The column of the rows, by column of the table.
  std::optional<BadCell> first_;
};

}  // namespace

int Rows::Find(std::string_view column) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (AsciiLower(columns[i]) == AsciiLower(column)) return int(i);
  }
  return -1;
}

Result<std::optional<BadCell>> MakeTable(sql::Connection& connection, std::string_view name,
                                         const std::vector<sql::ColumnInfo>& columns,
                                         const Rows& rows) {
  return Filler(connection, name, columns, rows).Run();
}

}  // namespace andon::modeltest
