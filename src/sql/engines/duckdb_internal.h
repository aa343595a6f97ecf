// What the files of DuckDB share: its handles, types and cells. Only for this folder.
#pragma once

#include <duckdb.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sql/engine.h"
#include "sql/result_rows.h"

namespace andon::sql {

// A logical type read once, so that cells are read without asking DuckDB again.
struct TypeNode {
  duckdb_type id = DUCKDB_TYPE_INVALID;
  duckdb_type storage = DUCKDB_TYPE_INVALID;  // Of a decimal or an enum.
  int width = 0;
  int scale = 0;
  int64_t array_size = 0;
  std::vector<std::string> names;  // Fields of a struct or union, words of an enum.
  std::vector<TypeNode> children;  // Elements, fields, or key and value.
  std::string text;                // DuckDB's own spelling.
};

// Nested deeper than this is shown as its outer part only.
inline constexpr int kTypeDepthMax = 64;

TypeNode ReadType(duckdb_logical_type type, int depth = 0);

bool CellIsNull(duckdb_vector vector, idx_t row);
void AppendCellText(duckdb_vector vector, const TypeNode& type, idx_t row, bool nested,
                    std::string* out);
Json CellToJson(duckdb_vector vector, const TypeNode& type, idx_t row);
int64_t CellInteger(duckdb_vector vector, const TypeNode& type, idx_t row);
double CellDouble(duckdb_vector vector, const TypeNode& type, idx_t row);
std::string CellBytes(duckdb_vector vector, const TypeNode& type, idx_t row);

// DuckDB's message (plain, or as JSON where the connection asks for that) as an Error. `sql` is
// the statement, for the place.
StatementError ReadError(std::string_view message);
Error ToError(std::string_view message, std::string_view sql);

// False where DuckDB refuses it.
bool RegisterFunction(duckdb_connection connection, const HostFunction& function);

// DuckDB's own chunks, read where they are.
class DuckDbRows final : public ResultRows {
 public:
  DuckDbRows() = default;
  DuckDbRows(const DuckDbRows&) = delete;
  DuckDbRows& operator=(const DuckDbRows&) = delete;
  ~DuckDbRows() override;

  void ReadColumns(duckdb_result* result);
  // Takes the chunk.
  void Add(duckdb_data_chunk chunk);

  bool IsNull(int64_t row, size_t column) const override;
  int64_t Integer(int64_t row, size_t column) const override;
  double Double(int64_t row, size_t column) const override;
  std::string Text(int64_t row, size_t column) const override;
  std::string Bytes(int64_t row, size_t column) const override;
  Json ToJson(int64_t row, size_t column) const override;

  std::vector<TypeNode> types;

 private:
  // The vector that holds the cell, and its row there.
  duckdb_vector Find(int64_t row, size_t column, idx_t* row_in_chunk) const;

  std::vector<duckdb_data_chunk> chunks_;
  std::vector<int64_t> starts_;  // First row of each chunk.
};

}  // namespace andon::sql
