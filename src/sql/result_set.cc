#include "sql/result_set.h"

#include "base/assert.h"
#include "sql/result_rows.h"

namespace andon::sql {

ResultSet::ResultSet() : rows_(std::make_unique<CellStore>()) {}
ResultSet::ResultSet(std::unique_ptr<ResultRows> rows) : rows_(std::move(rows)) { ASSERT(rows_); }
ResultSet::ResultSet(ResultSet&&) noexcept = default;
ResultSet& ResultSet::operator=(ResultSet&&) noexcept = default;
ResultSet::~ResultSet() = default;

const std::vector<ResultColumn>& ResultSet::columns() const { return rows_->columns; }
int64_t ResultSet::row_count() const { return rows_->row_count; }
bool ResultSet::truncated() const { return rows_->truncated; }
int64_t ResultSet::rows_changed() const { return rows_->rows_changed; }

int ResultSet::Find(std::string_view name) const {
  for (size_t i = 0; i < rows_->columns.size(); i++) {
    if (rows_->columns[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

bool ResultSet::IsNull(int64_t row, size_t column) const { return rows_->IsNull(row, column); }
int64_t ResultSet::Integer(int64_t row, size_t column) const { return rows_->Integer(row, column); }
double ResultSet::Double(int64_t row, size_t column) const { return rows_->Double(row, column); }
bool ResultSet::Bool(int64_t row, size_t column) const { return Integer(row, column) != 0; }
std::string ResultSet::Text(int64_t row, size_t column) const { return rows_->Text(row, column); }
std::string ResultSet::Bytes(int64_t row, size_t column) const { return rows_->Bytes(row, column); }
Json ResultSet::ToJson(int64_t row, size_t column) const { return rows_->ToJson(row, column); }

}  // namespace andon::sql
