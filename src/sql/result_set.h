// ResultSet: the rows that a statement gave, in memory, whichever engine gave them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace andon::sql {

class ResultRows;  // What holds the cells: sql/result_rows.h, only for engines.

// The type is the engine's own text: DuckDB's "DECIMAL(7,2)", "VARCHAR[]"; PostgreSQL's
// "numeric(7,2)", "text[]".
struct ResultColumn {
  std::string name;
  std::string type;
};

// Cheap to move; immutable.
// Requires of all accessors: row < row_count(), column < columns().size().
class ResultSet {
 public:
  ResultSet();  // No columns, no rows.
  explicit ResultSet(std::unique_ptr<ResultRows> rows);
  ResultSet(ResultSet&&) noexcept;
  ResultSet& operator=(ResultSet&&) noexcept;
  ~ResultSet();

  const std::vector<ResultColumn>& columns() const;
  int64_t row_count() const;
  bool empty() const { return row_count() == 0; }
  bool truncated() const;        // rows_max left rows out.
  int64_t rows_changed() const;  // Of INSERT, UPDATE, DELETE, COPY TO; else 0.
  // The index of a column by its exact name, or -1.
  int Find(std::string_view name) const;

  bool IsNull(int64_t row, size_t column) const;
  // The content converted: numbers, booleans and dates (days) or timestamps (microseconds) as
  // integers, cut off at int64's ends; 0 for null and for what is no number.
  int64_t Integer(int64_t row, size_t column) const;
  double Double(int64_t row, size_t column) const;
  bool Bool(int64_t row, size_t column) const;
  // As a person reads it: "4.99", "2005-08-20 11:03:42", "[1, 2]", "{'a': 1}"; null is "NULL".
  std::string Text(int64_t row, size_t column) const;
  // The bytes of a string or blob as they are; Text of anything else; empty for null.
  std::string Bytes(int64_t row, size_t column) const;
  // Numbers as numbers (decimals and integers that a double cannot hold, as text), lists as
  // arrays, structs and maps with string keys as objects, times and blobs as text.
  Json ToJson(int64_t row, size_t column) const;

 private:
  std::unique_ptr<ResultRows> rows_;
};

}  // namespace andon::sql
