// What engine.cc, result_set.cc and render.cc share: DuckDB's handles. Only for this folder.
#pragma once

#include <duckdb.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sql/engine.h"

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

struct ResultSet::Impl {
  std::vector<ResultColumn> columns;
  std::vector<TypeNode> types;
  std::vector<duckdb_data_chunk> chunks;
  std::vector<int64_t> starts;  // First row of each chunk.
  int64_t rows = 0;
  int64_t rows_changed = 0;
  bool truncated = false;

  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    for (duckdb_data_chunk& chunk : chunks) duckdb_destroy_data_chunk(&chunk);
  }

  void ReadColumns(duckdb_result* result);
  // Takes the chunk.
  void Add(duckdb_data_chunk chunk);
  // The vector that holds the cell, and its row there.
  duckdb_vector Find(int64_t row, size_t column, idx_t* row_in_chunk) const;
};

}  // namespace andon::sql
