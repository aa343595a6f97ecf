#include <algorithm>

#include "base/assert.h"
#include "sql/engines/duckdb_internal.h"

namespace andon::sql {

DuckDbRows::~DuckDbRows() {
  for (duckdb_data_chunk& chunk : chunks_) duckdb_destroy_data_chunk(&chunk);
}

void DuckDbRows::ReadColumns(duckdb_result* result) {
  idx_t count = duckdb_column_count(result);
  for (idx_t i = 0; i < count; i++) {
    duckdb_logical_type type = duckdb_column_logical_type(result, i);
    types.push_back(ReadType(type));
    duckdb_destroy_logical_type(&type);
    columns.push_back({duckdb_column_name(result, i), types.back().text});
  }
}

void DuckDbRows::Add(duckdb_data_chunk chunk) {
  starts_.push_back(row_count);
  row_count += static_cast<int64_t>(duckdb_data_chunk_get_size(chunk));
  chunks_.push_back(chunk);
}

duckdb_vector DuckDbRows::Find(int64_t row, size_t column, idx_t* row_in_chunk) const {
  ASSERT(row >= 0 && row < row_count && column < columns.size());
  auto next = std::upper_bound(starts_.begin(), starts_.end(), row);
  size_t chunk = static_cast<size_t>(next - starts_.begin()) - 1;
  *row_in_chunk = static_cast<idx_t>(row - starts_[chunk]);
  return duckdb_data_chunk_get_vector(chunks_[chunk], column);
}

bool DuckDbRows::IsNull(int64_t row, size_t column) const {
  idx_t at;
  duckdb_vector vector = Find(row, column, &at);
  return CellIsNull(vector, at);
}

int64_t DuckDbRows::Integer(int64_t row, size_t column) const {
  idx_t at;
  duckdb_vector vector = Find(row, column, &at);
  return CellInteger(vector, types[column], at);
}

double DuckDbRows::Double(int64_t row, size_t column) const {
  idx_t at;
  duckdb_vector vector = Find(row, column, &at);
  return CellDouble(vector, types[column], at);
}

std::string DuckDbRows::Text(int64_t row, size_t column) const {
  idx_t at;
  duckdb_vector vector = Find(row, column, &at);
  std::string out;
  AppendCellText(vector, types[column], at, /*nested=*/false, &out);
  return out;
}

std::string DuckDbRows::Bytes(int64_t row, size_t column) const {
  idx_t at;
  duckdb_vector vector = Find(row, column, &at);
  return CellBytes(vector, types[column], at);
}

Json DuckDbRows::ToJson(int64_t row, size_t column) const {
  idx_t at;
  duckdb_vector vector = Find(row, column, &at);
  return CellToJson(vector, types[column], at);
}

}  // namespace andon::sql
