#include "store/cell.h"

#include "base/assert.h"

namespace andon::store {

int64_t Cell::AsInteger(int64_t other) const {
  if (auto* i = std::get_if<int64_t>(&data_)) return *i;
  return other;
}

double Cell::AsDouble(double other) const {
  if (auto* d = std::get_if<double>(&data_)) return *d;
  if (auto* i = std::get_if<int64_t>(&data_)) return static_cast<double>(*i);
  return other;
}

const std::string& Cell::AsText() const {
  static const std::string kEmpty;
  if (auto* s = std::get_if<std::string>(&data_)) return *s;
  if (auto* b = std::get_if<Blob>(&data_)) return b->bytes;
  return kEmpty;
}

const Cell& Row::operator[](std::string_view column) const {
  for (size_t i = 0; i < columns_->size(); ++i) {
    if ((*columns_)[i] == column) return cells_[i];
  }
  ASSERT(!"the query has a column of that name");
  __builtin_unreachable();
}

std::optional<Timestamp> Row::OptionalTime(std::string_view column) const {
  const Cell& cell = (*this)[column];
  if (cell.is_null()) return std::nullopt;
  return FromMicros(cell.AsInteger());
}

Json Row::Document(std::string_view column) const {
  const Cell& cell = (*this)[column];
  if (cell.is_null()) return {};
  auto json = Json::Parse(cell.AsText());
  return json.ok() ? std::move(*json) : Json();
}

}  // namespace andon::store
