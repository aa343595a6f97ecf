// Rows that a person wrote in a test, and how they become a table.
//
// A cell is the text of a value as it was written: it is the column's type that says how it is
// read ("4.99" of a decimal, "2026-01-01" of a date). So no digit is lost on the way, and a value
// that a column cannot hold is an error at its cell and never rounded silently.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/source.h"
#include "sql/engine.h"
#include "sql/types.h"

namespace andon::modeltest {

// Null where there is no text. A list, map or struct is its JSON.
using Cell = std::optional<std::string>;

struct Row {
  std::vector<Cell> cells;  // One for each column of the rows.
  SourceRange place;        // Where it is written; may not exist.
};

// Rows of one table. Columns that are not among them are null.
struct Rows {
  std::vector<std::string> columns;
  std::vector<Row> rows;

  int Find(std::string_view column) const;  // Case aside, as SQL has it; -1: none.
};

// A value that its column cannot hold.
struct BadCell {
  size_t row = 0;
  std::string column;
  std::string says;  // `"abc" is no decimal(5,2)`
  SourceRange place;
};

// Makes the temporary table `name` of `columns` (Andon's types) and fills it with the rows.
// Gives the first bad cell, in the order of the rows; then there is no table. Columns of `rows`
// that are not in `columns` are left out: the caller told of them.
Result<std::optional<BadCell>> MakeTable(sql::Connection& connection, std::string_view name,
                                         const std::vector<sql::ColumnInfo>& columns,
                                         const Rows& rows);

}  // namespace andon::modeltest
