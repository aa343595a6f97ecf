// Cells and rows: what goes into and comes out of the control database.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace andon::store {

struct Blob {
  std::string bytes;
  bool operator==(const Blob&) const = default;
};

// Null, integer, double, text (UTF-8) or bytes. Times are int64 microseconds
// since the epoch, documents are their JSON text, truth is 0 or 1.
class Cell {
 public:
  Cell() = default;  // Null.
  Cell(std::nullptr_t) {}
  Cell(std::nullopt_t) {}
  Cell(bool b) : data_(int64_t{b}) {}
  Cell(int i) : data_(int64_t{i}) {}
  Cell(int64_t i) : data_(i) {}
  Cell(uint64_t i) : data_(static_cast<int64_t>(i)) {}
  Cell(long long i) : data_(static_cast<int64_t>(i)) {}
  Cell(double d) : data_(d) {}
  Cell(const char* s) : data_(std::string(s)) {}
  Cell(std::string s) : data_(std::move(s)) {}
  Cell(std::string_view s) : data_(std::string(s)) {}
  Cell(Blob b) : data_(std::move(b)) {}
  Cell(Timestamp t) : data_(ToMicros(t)) {}
  Cell(const Json& json) : data_(json.Dump()) {}
  template <typename T>
  Cell(const std::optional<T>& value) : Cell(value ? Cell(*value) : Cell()) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_integer() const { return std::holds_alternative<int64_t>(data_); }
  bool is_double() const { return std::holds_alternative<double>(data_); }
  bool is_text() const { return std::holds_alternative<std::string>(data_); }
  bool is_blob() const { return std::holds_alternative<Blob>(data_); }

  // The content, or `other` where it is null or of another kind.
  int64_t AsInteger(int64_t other = 0) const;
  double AsDouble(double other = 0) const;
  const std::string& AsText() const;  // Bytes count as text; otherwise empty.

  bool operator==(const Cell&) const = default;

 private:
  std::variant<std::monostate, int64_t, double, std::string, Blob> data_;
};

using Params = std::vector<Cell>;

// One row; columns by the names that the query gave them.
class Row {
 public:
  Row(std::shared_ptr<const std::vector<std::string>> columns, std::vector<Cell> cells)
      : columns_(std::move(columns)), cells_(std::move(cells)) {}

  size_t size() const { return cells_.size(); }
  // Requires: i < size().
  const Cell& operator[](size_t i) const { return cells_[i]; }
  // Requires: the query has a column of that name.
  const Cell& operator[](std::string_view column) const;

  int64_t Integer(std::string_view column) const { return (*this)[column].AsInteger(); }
  double Double(std::string_view column) const { return (*this)[column].AsDouble(); }
  const std::string& Text(std::string_view column) const { return (*this)[column].AsText(); }
  bool IsNull(std::string_view column) const { return (*this)[column].is_null(); }
  Timestamp Time(std::string_view column) const { return FromMicros(Integer(column)); }
  std::optional<Timestamp> OptionalTime(std::string_view column) const;
  // The null document where the cell is null or holds no JSON.
  Json Document(std::string_view column) const;

 private:
  std::shared_ptr<const std::vector<std::string>> columns_;
  std::vector<Cell> cells_;
};

using Rows = std::vector<Row>;

}  // namespace andon::store
