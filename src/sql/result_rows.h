// ResultRows: what stands behind a ResultSet; each engine fills one. Only for this folder.
//
// DuckDB keeps its own chunks (engines/duckdb_rows.h); an engine that hands over cell by cell
// fills a CellStore.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sql/result_set.h"

namespace andon::sql {

class ResultRows {
 public:
  virtual ~ResultRows() = default;

  std::vector<ResultColumn> columns;
  int64_t row_count = 0;
  int64_t rows_changed = 0;
  bool truncated = false;

  // As ResultSet documents them; the place exists.
  virtual bool IsNull(int64_t row, size_t column) const = 0;
  virtual int64_t Integer(int64_t row, size_t column) const = 0;
  virtual double Double(int64_t row, size_t column) const = 0;
  virtual std::string Text(int64_t row, size_t column) const = 0;
  virtual std::string Bytes(int64_t row, size_t column) const = 0;
  virtual Json ToJson(int64_t row, size_t column) const = 0;
};

// What a cell of a CellStore is. Engines without types of columns (SQLite) mix them in one.
enum class CellKind : uint8_t {
  kNull,
  kBool,
  kInteger,
  kDouble,
  kFloat,        // A double that holds a float: shown with a float's digits.
  kDecimal,      // Its digits, "-12.50"; NaN and infinities as "nan", "inf", "-inf".
  kText,         // Anything without a kind of its own, as the engine prints it.
  kBlob,         // Bytes.
  kDate,         // Days since 1970-01-01; int32's ends are the infinities.
  kTime,         // Microseconds since midnight.
  kTimestamp,    // Microseconds since 1970-01-01; int64's ends are the infinities.
  kTimestampTz,  // The same in UTC.
  kList,         // A list in JSON, as ToJson shows it.
};

// Cells of any kind, 16 bytes each; texts lie one behind another in one buffer.
class CellStore final : public ResultRows {
 public:
  // Cells are added row by row, from left to right; row_count is how many are whole.
  void AddNull() { Add({CellKind::kNull, 0, {0}}); }
  void AddInteger(CellKind kind, int64_t value) { Add({kind, 0, {value}}); }
  void AddDouble(CellKind kind, double value);
  // Requires: less than 4 GB.
  void AddBytes(CellKind kind, std::string_view bytes);

  bool IsNull(int64_t row, size_t column) const override;
  int64_t Integer(int64_t row, size_t column) const override;
  double Double(int64_t row, size_t column) const override;
  std::string Text(int64_t row, size_t column) const override;
  std::string Bytes(int64_t row, size_t column) const override;
  Json ToJson(int64_t row, size_t column) const override;

 private:
  struct Cell {
    CellKind kind;
    uint32_t length;  // Of its bytes.
    union {
      int64_t integer;
      double real;
      uint64_t offset;
    };
  };

  void Add(Cell cell);
  const Cell& At(int64_t row, size_t column) const;
  std::string_view BytesOf(const Cell& cell) const;

  std::vector<Cell> cells_;
  std::string bytes_;
};

}  // namespace andon::sql
