#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/assert.h"
#include "sql/cell_text.h"
#include "sql/result_rows.h"

namespace andon::sql {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;

// Digits beyond these do not survive a double: as in DuckDB's cells.
constexpr size_t kDoubleDigits = 15;

size_t DigitCount(std::string_view text) {
  size_t count = 0;
  for (char c : text) count += c >= '0' && c <= '9';
  return count;
}

// "12.50" cut off: 12.
int64_t DecimalInteger(const std::string& digits) {
  errno = 0;
  char* end = nullptr;
  long long value = std::strtoll(digits.c_str(), &end, 10);
  // strtoll itself cuts off at the ends; what is no number begins with a letter: nan, inf.
  if (end != digits.c_str()) return value;
  return CutOff(std::strtod(digits.c_str(), nullptr));
}

}  // namespace

void CellStore::AddDouble(CellKind kind, double value) {
  Cell cell{kind, 0, {0}};
  cell.real = value;
  Add(cell);
}

void CellStore::AddBytes(CellKind kind, std::string_view bytes) {
  ASSERT(bytes.size() <= std::numeric_limits<uint32_t>::max());
  Cell cell{kind, static_cast<uint32_t>(bytes.size()), {0}};
  cell.offset = bytes_.size();
  bytes_.append(bytes);
  Add(cell);
}

void CellStore::Add(Cell cell) {
  ASSERT(!columns.empty());
  cells_.push_back(cell);
  row_count = static_cast<int64_t>(cells_.size() / columns.size());
}

const CellStore::Cell& CellStore::At(int64_t row, size_t column) const {
  ASSERT(row >= 0 && row < row_count && column < columns.size());
  return cells_[static_cast<size_t>(row) * columns.size() + column];
}

std::string_view CellStore::BytesOf(const Cell& cell) const {
  return std::string_view(bytes_).substr(cell.offset, cell.length);
}

bool CellStore::IsNull(int64_t row, size_t column) const {
  return At(row, column).kind == CellKind::kNull;
}

int64_t CellStore::Integer(int64_t row, size_t column) const {
  const Cell& cell = At(row, column);
  switch (cell.kind) {
    case CellKind::kBool:
    case CellKind::kInteger:
    case CellKind::kDate:
    case CellKind::kTime:
    case CellKind::kTimestamp:
    case CellKind::kTimestampTz:
      return cell.integer;
    case CellKind::kDouble:
    case CellKind::kFloat:
      return CutOff(cell.real);
    case CellKind::kDecimal:
      return DecimalInteger(std::string(BytesOf(cell)));
    default:
      return 0;
  }
}

double CellStore::Double(int64_t row, size_t column) const {
  const Cell& cell = At(row, column);
  switch (cell.kind) {
    case CellKind::kDouble:
    case CellKind::kFloat:
      return cell.real;
    case CellKind::kDecimal:
      return std::strtod(std::string(BytesOf(cell)).c_str(), nullptr);
    default:
      return static_cast<double>(Integer(row, column));
  }
}

std::string CellStore::Text(int64_t row, size_t column) const {
  const Cell& cell = At(row, column);
  switch (cell.kind) {
    case CellKind::kNull:
      return "NULL";
    case CellKind::kBool:
      return cell.integer ? "true" : "false";
    case CellKind::kInteger:
      return std::to_string(cell.integer);
    case CellKind::kDouble:
      return DoubleText(cell.real);
    case CellKind::kFloat:
      return FloatText(static_cast<float>(cell.real));
    case CellKind::kDecimal:
    case CellKind::kText:
      return std::string(BytesOf(cell));
    case CellKind::kBlob:
      return BlobText(BytesOf(cell));
    case CellKind::kDate:
      return DateText(cell.integer);
    case CellKind::kTime:
      return TimeText(cell.integer / kMicrosPerSecond, cell.integer % kMicrosPerSecond, 6);
    case CellKind::kTimestamp:
      return TimestampText(cell.integer, kMicrosPerSecond, 6);
    case CellKind::kTimestampTz: {
      std::string text = TimestampText(cell.integer, kMicrosPerSecond, 6);
      return text.ends_with("infinity") ? text : text + "+00";
    }
    case CellKind::kList:
      return ListText(Json::Parse(BytesOf(cell)).value_or(Json::List()));
  }
  return {};
}

std::string CellStore::Bytes(int64_t row, size_t column) const {
  const Cell& cell = At(row, column);
  if (cell.kind == CellKind::kNull) return {};
  if (cell.kind == CellKind::kText || cell.kind == CellKind::kBlob)
    return std::string(BytesOf(cell));
  return Text(row, column);
}

Json CellStore::ToJson(int64_t row, size_t column) const {
  const Cell& cell = At(row, column);
  switch (cell.kind) {
    case CellKind::kNull:
      return nullptr;
    case CellKind::kBool:
      return cell.integer != 0;
    case CellKind::kInteger:
      return cell.integer;
    case CellKind::kDouble:
      if (std::isfinite(cell.real)) return cell.real;
      return DoubleText(cell.real);
    case CellKind::kFloat:
      // Over the text: 0.1f is 0.1, not 0.10000000149.
      if (std::isfinite(cell.real)) return std::strtod(Text(row, column).c_str(), nullptr);
      return DoubleText(cell.real);
    case CellKind::kDecimal: {
      std::string digits(BytesOf(cell));
      double value = std::strtod(digits.c_str(), nullptr);
      if (!std::isfinite(value) || DigitCount(digits) > kDoubleDigits) return digits;
      if (digits.find('.') == std::string::npos) return DecimalInteger(digits);
      return value;
    }
    case CellKind::kList:
      return Json::Parse(BytesOf(cell)).value_or(Json::List());
    default:
      return Text(row, column);
  }
}

}  // namespace andon::sql
