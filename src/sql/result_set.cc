#include <algorithm>

#include "base/assert.h"
#include "sql/engine_internal.h"

namespace andon::sql {

void ResultSet::Impl::ReadColumns(duckdb_result* result) {
  idx_t count = duckdb_column_count(result);
  for (idx_t i = 0; i < count; i++) {
    duckdb_logical_type type = duckdb_column_logical_type(result, i);
    types.push_back(ReadType(type));
    duckdb_destroy_logical_type(&type);
    columns.push_back({duckdb_column_name(result, i), types.back().text});
  }
}

void ResultSet::Impl::Add(duckdb_data_chunk chunk) {
  starts.push_back(rows);
  rows += static_cast<int64_t>(duckdb_data_chunk_get_size(chunk));
  chunks.push_back(chunk);
}

duckdb_vector ResultSet::Impl::Find(int64_t row, size_t column, idx_t* row_in_chunk) const {
  ASSERT(row >= 0 && row < rows && column < columns.size());
  auto next = std::upper_bound(starts.begin(), starts.end(), row);
  size_t chunk = static_cast<size_t>(next - starts.begin()) - 1;
  *row_in_chunk = static_cast<idx_t>(row - starts[chunk]);
  return duckdb_data_chunk_get_vector(chunks[chunk], column);
}

ResultSet::ResultSet() : impl_(std::make_unique<Impl>()) {}
ResultSet::ResultSet(ResultSet&&) noexcept = default;
ResultSet& ResultSet::operator=(ResultSet&&) noexcept = default;
ResultSet::~ResultSet() = default;

const std::vector<ResultColumn>& ResultSet::columns() const { return impl_->columns; }
int64_t ResultSet::row_count() const { return impl_->rows; }
bool ResultSet::truncated() const { return impl_->truncated; }
int64_t ResultSet::rows_changed() const { return impl_->rows_changed; }

int ResultSet::Find(std::string_view name) const {
  for (size_t i = 0; i < impl_->columns.size(); i++) {
    if (impl_->columns[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

bool ResultSet::IsNull(int64_t row, size_t column) const {
  idx_t at;
  duckdb_vector vector = impl_->Find(row, column, &at);
  return CellIsNull(vector, at);
}

int64_t ResultSet::Integer(int64_t row, size_t column) const {
  idx_t at;
  duckdb_vector vector = impl_->Find(row, column, &at);
  return CellInteger(vector, impl_->types[column], at);
}

double ResultSet::Double(int64_t row, size_t column) const {
  idx_t at;
  duckdb_vector vector = impl_->Find(row, column, &at);
  return CellDouble(vector, impl_->types[column], at);
}

bool ResultSet::Bool(int64_t row, size_t column) const { return Integer(row, column) != 0; }

std::string ResultSet::Text(int64_t row, size_t column) const {
  idx_t at;
  duckdb_vector vector = impl_->Find(row, column, &at);
  std::string out;
  AppendCellText(vector, impl_->types[column], at, /*nested=*/false, &out);
  return out;
}

std::string ResultSet::Bytes(int64_t row, size_t column) const {
  idx_t at;
  duckdb_vector vector = impl_->Find(row, column, &at);
  return CellBytes(vector, impl_->types[column], at);
}

Json ResultSet::ToJson(int64_t row, size_t column) const {
  idx_t at;
  duckdb_vector vector = impl_->Find(row, column, &at);
  return CellToJson(vector, impl_->types[column], at);
}

}  // namespace andon::sql
