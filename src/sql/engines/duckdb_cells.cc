// Cells as text, JSON and numbers, for every type that DuckDB returns.
#include <cmath>
#include <limits>

#include "base/text.h"
#include "sql/cell_text.h"
#include "sql/engines/duckdb_internal.h"

namespace andon::sql {
namespace {

using Int128 = __int128;
using UInt128 = unsigned __int128;

template <typename T>
const T& At(duckdb_vector vector, idx_t row) {
  return static_cast<const T*>(duckdb_vector_get_data(vector))[row];
}

std::string_view StringAt(duckdb_vector vector, idx_t row) {
  auto* strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
  return {duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row])};
}

Int128 ToInt128(const duckdb_hugeint& value) {
  return static_cast<Int128>((static_cast<UInt128>(static_cast<uint64_t>(value.upper)) << 64) |
                             value.lower);
}

std::string Digits(UInt128 value) {
  if (value == 0) return "0";
  std::string out;
  for (; value > 0; value /= 10) out += static_cast<char>('0' + static_cast<int>(value % 10));
  return {out.rbegin(), out.rend()};
}

std::string Digits(Int128 value) {
  return value < 0 ? "-" + Digits(-static_cast<UInt128>(value))
                   : Digits(static_cast<UInt128>(value));
}

std::string DecimalText(Int128 value, int scale) {
  bool is_negative = value < 0;
  std::string digits =
      Digits(is_negative ? -static_cast<UInt128>(value) : static_cast<UInt128>(value));
  if (scale > 0) {
    if (digits.size() <= static_cast<size_t>(scale)) {
      digits.insert(0, static_cast<size_t>(scale) + 1 - digits.size(), '0');
    }
    digits.insert(digits.size() - static_cast<size_t>(scale), ".");
  }
  return is_negative ? "-" + digits : digits;
}

std::string IntervalText(const duckdb_interval& interval) {
  std::vector<std::string> parts;
  auto add = [&](int64_t n, std::string_view unit) {
    if (n != 0) parts.push_back(fmt::format("{} {}{}", n, unit, n == 1 || n == -1 ? "" : "s"));
  };
  add(interval.months / 12, "year");
  add(interval.months % 12, "month");
  add(interval.days, "day");
  if (interval.micros != 0 || parts.empty()) {
    uint64_t micros = interval.micros < 0 ? -static_cast<uint64_t>(interval.micros)
                                          : static_cast<uint64_t>(interval.micros);
    std::string time = TimeText(static_cast<int64_t>(micros / 1'000'000),
                                static_cast<int64_t>(micros % 1'000'000), 6);
    parts.push_back((interval.micros < 0 ? "-" : "") + time);
  }
  return Join(parts, " ");
}

std::string TimeTzText(duckdb_time_tz value) {
  duckdb_time_tz_struct time = duckdb_from_time_tz(value);
  std::string text =
      TimeText(time.time.hour * 3600 + time.time.min * 60 + time.time.sec, time.time.micros, 6);
  int offset = std::abs(time.offset);
  text += fmt::format("{}{:02}", time.offset < 0 ? '-' : '+', offset / 3600);
  if (offset % 3600 != 0) text += fmt::format(":{:02}", offset / 60 % 60);
  return text;
}

std::string UuidText(const duckdb_hugeint& value) {
  // The top bit is flipped so that the order of the numbers is that of the texts.
  uint64_t upper = static_cast<uint64_t>(value.upper) ^ (uint64_t{1} << 63);
  std::string hex = fmt::format("{:016x}{:016x}", upper, value.lower);
  for (size_t at : {20, 16, 12, 8}) hex.insert(at, "-");
  return hex;
}

// The first byte counts the unused bits at the front of the second.
std::string BitText(std::string_view bytes) {
  std::string out;
  if (bytes.empty()) return out;
  size_t skip = static_cast<unsigned char>(bytes[0]);
  for (size_t i = skip; i < (bytes.size() - 1) * 8; i++) {
    out += (static_cast<unsigned char>(bytes[1 + i / 8]) >> (7 - i % 8)) & 1 ? '1' : '0';
  }
  return out;
}

Int128 DecimalAt(duckdb_vector vector, const TypeNode& type, idx_t row) {
  switch (type.storage) {
    case DUCKDB_TYPE_SMALLINT:
      return At<int16_t>(vector, row);
    case DUCKDB_TYPE_INTEGER:
      return At<int32_t>(vector, row);
    case DUCKDB_TYPE_BIGINT:
      return At<int64_t>(vector, row);
    default:
      return ToInt128(At<duckdb_hugeint>(vector, row));
  }
}

const std::string& EnumAt(duckdb_vector vector, const TypeNode& type, idx_t row) {
  static const std::string kUnknown = "?";
  size_t index = type.storage == DUCKDB_TYPE_UTINYINT    ? At<uint8_t>(vector, row)
                 : type.storage == DUCKDB_TYPE_USMALLINT ? At<uint16_t>(vector, row)
                                                         : At<uint32_t>(vector, row);
  return index < type.names.size() ? type.names[index] : kUnknown;
}

// The integers of every width, booleans included; false for other types.
bool ReadInt128(duckdb_vector vector, const TypeNode& type, idx_t row, Int128* out) {
  switch (type.id) {
    case DUCKDB_TYPE_BOOLEAN:
      *out = At<bool>(vector, row) ? 1 : 0;
      return true;
    case DUCKDB_TYPE_TINYINT:
      *out = At<int8_t>(vector, row);
      return true;
    case DUCKDB_TYPE_SMALLINT:
      *out = At<int16_t>(vector, row);
      return true;
    case DUCKDB_TYPE_INTEGER:
      *out = At<int32_t>(vector, row);
      return true;
    case DUCKDB_TYPE_BIGINT:
      *out = At<int64_t>(vector, row);
      return true;
    case DUCKDB_TYPE_UTINYINT:
      *out = At<uint8_t>(vector, row);
      return true;
    case DUCKDB_TYPE_USMALLINT:
      *out = At<uint16_t>(vector, row);
      return true;
    case DUCKDB_TYPE_UINTEGER:
      *out = At<uint32_t>(vector, row);
      return true;
    case DUCKDB_TYPE_UBIGINT:
      *out = At<uint64_t>(vector, row);
      return true;
    case DUCKDB_TYPE_HUGEINT:
      *out = ToInt128(At<duckdb_hugeint>(vector, row));
      return true;
    default:
      return false;
  }
}

UInt128 UHugeintAt(duckdb_vector vector, idx_t row) {
  const auto& value = At<duckdb_uhugeint>(vector, row);
  return (static_cast<UInt128>(value.upper) << 64) | value.lower;
}

std::string ScalarText(duckdb_vector vector, const TypeNode& type, idx_t row) {
  Int128 integer;
  if (type.id == DUCKDB_TYPE_BOOLEAN) return At<bool>(vector, row) ? "true" : "false";
  if (ReadInt128(vector, type, row, &integer)) return Digits(integer);
  switch (type.id) {
    case DUCKDB_TYPE_UHUGEINT:
      return Digits(UHugeintAt(vector, row));
    case DUCKDB_TYPE_FLOAT:
      return FloatText(At<float>(vector, row));
    case DUCKDB_TYPE_DOUBLE:
      return DoubleText(At<double>(vector, row));
    case DUCKDB_TYPE_DECIMAL:
      return DecimalText(DecimalAt(vector, type, row), type.scale);
    case DUCKDB_TYPE_DATE:
      return DateText(At<int32_t>(vector, row));
    case DUCKDB_TYPE_TIME: {
      int64_t micros = At<int64_t>(vector, row);
      return TimeText(micros / 1'000'000, micros % 1'000'000, 6);
    }
    case DUCKDB_TYPE_TIME_NS: {
      int64_t nanos = At<int64_t>(vector, row);
      return TimeText(nanos / 1'000'000'000, nanos % 1'000'000'000, 9);
    }
    case DUCKDB_TYPE_TIME_TZ:
      return TimeTzText(At<duckdb_time_tz>(vector, row));
    case DUCKDB_TYPE_TIMESTAMP:
      return TimestampText(At<int64_t>(vector, row), 1'000'000, 6);
    case DUCKDB_TYPE_TIMESTAMP_TZ: {
      std::string text = TimestampText(At<int64_t>(vector, row), 1'000'000, 6);
      return text.ends_with("infinity") ? text : text + "+00";
    }
    case DUCKDB_TYPE_TIMESTAMP_S:
      return TimestampText(At<int64_t>(vector, row), 1, 0);
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return TimestampText(At<int64_t>(vector, row), 1'000, 3);
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return TimestampText(At<int64_t>(vector, row), 1'000'000'000, 9);
    case DUCKDB_TYPE_INTERVAL:
      return IntervalText(At<duckdb_interval>(vector, row));
    case DUCKDB_TYPE_VARCHAR:
      return std::string(StringAt(vector, row));
    case DUCKDB_TYPE_BLOB:
    case DUCKDB_TYPE_GEOMETRY:
      return BlobText(StringAt(vector, row));
    case DUCKDB_TYPE_BIT:
      return BitText(StringAt(vector, row));
    case DUCKDB_TYPE_UUID:
      return UuidText(At<duckdb_hugeint>(vector, row));
    case DUCKDB_TYPE_ENUM:
      return EnumAt(vector, type, row);
    default:
      return "<" + AsciiLower(type.text) + ">";
  }
}

bool IsText(duckdb_type id) {
  return id == DUCKDB_TYPE_VARCHAR || id == DUCKDB_TYPE_ENUM || id == DUCKDB_TYPE_BLOB ||
         id == DUCKDB_TYPE_UUID;
}

// The elements of a list, an array or a map: a range of the child vector.
struct Elements {
  duckdb_vector child;
  idx_t from;
  idx_t count;
};

Elements ElementsOf(duckdb_vector vector, const TypeNode& type, idx_t row) {
  if (type.id == DUCKDB_TYPE_ARRAY) {
    idx_t size = static_cast<idx_t>(type.array_size);
    return {duckdb_array_vector_get_child(vector), row * size, size};
  }
  const auto& entry = At<duckdb_list_entry>(vector, row);
  return {duckdb_list_vector_get_child(vector), entry.offset, entry.length};
}

void AppendStruct(duckdb_vector vector, const TypeNode& type, idx_t row, std::string* out) {
  *out += '{';
  for (size_t i = 0; i < type.children.size(); i++) {
    if (i > 0) *out += ", ";
    *out += "'" + type.names[i] + "': ";
    AppendCellText(duckdb_struct_vector_get_child(vector, i), type.children[i], row, true, out);
  }
  *out += '}';
}

void AppendElements(duckdb_vector vector, const TypeNode& type, idx_t row, std::string* out) {
  Elements elements = ElementsOf(vector, type, row);
  bool is_map = type.id == DUCKDB_TYPE_MAP;
  *out += is_map ? '{' : '[';
  for (idx_t i = 0; i < elements.count; i++) {
    if (i > 0) *out += ", ";
    if (is_map) {
      AppendCellText(duckdb_struct_vector_get_child(elements.child, 0), type.children[0],
                     elements.from + i, true, out);
      *out += '=';
      AppendCellText(duckdb_struct_vector_get_child(elements.child, 1), type.children[1],
                     elements.from + i, true, out);
    } else {
      AppendCellText(elements.child, type.children[0], elements.from + i, true, out);
    }
  }
  *out += is_map ? '}' : ']';
}

// Which member a union holds.
size_t UnionTag(duckdb_vector vector, idx_t row) {
  return At<uint8_t>(duckdb_struct_vector_get_child(vector, 0), row);
}

}  // namespace

bool CellIsNull(duckdb_vector vector, idx_t row) {
  uint64_t* validity = duckdb_vector_get_validity(vector);
  return validity != nullptr && !duckdb_validity_row_is_valid(validity, row);
}

void AppendCellText(duckdb_vector vector, const TypeNode& type, idx_t row, bool nested,
                    std::string* out) {
  if (CellIsNull(vector, row)) {
    *out += "NULL";
    return;
  }
  switch (type.id) {
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_ARRAY:
    case DUCKDB_TYPE_MAP:
      AppendElements(vector, type, row, out);
      return;
    case DUCKDB_TYPE_STRUCT:
      AppendStruct(vector, type, row, out);
      return;
    case DUCKDB_TYPE_UNION: {
      size_t tag = UnionTag(vector, row);
      if (tag >= type.children.size()) return;
      AppendCellText(duckdb_struct_vector_get_child(vector, tag + 1), type.children[tag], row,
                     nested, out);
      return;
    }
    default:
      *out += nested && IsText(type.id) ? "'" + ScalarText(vector, type, row) + "'"
                                        : ScalarText(vector, type, row);
  }
}

Json CellToJson(duckdb_vector vector, const TypeNode& type, idx_t row) {
  if (CellIsNull(vector, row)) return nullptr;
  Int128 integer;
  if (type.id == DUCKDB_TYPE_BOOLEAN) return At<bool>(vector, row);
  if (ReadInt128(vector, type, row, &integer)) {
    bool fits = integer >= std::numeric_limits<int64_t>::min() &&
                integer <= std::numeric_limits<int64_t>::max();
    return fits ? Json(static_cast<int64_t>(integer)) : Json(Digits(integer));
  }
  switch (type.id) {
    case DUCKDB_TYPE_FLOAT:
      // Over the text: 0.1f is 0.1, not 0.10000000149.
      if (!std::isfinite(At<float>(vector, row))) return DoubleText(At<float>(vector, row));
      return std::strtod(FloatText(At<float>(vector, row)).c_str(), nullptr);
    case DUCKDB_TYPE_DOUBLE:
      if (!std::isfinite(At<double>(vector, row))) return DoubleText(At<double>(vector, row));
      return At<double>(vector, row);
    case DUCKDB_TYPE_DECIMAL: {
      std::string text = ScalarText(vector, type, row);
      if (type.width > 15) return text;  // More digits than a double keeps.
      return std::strtod(text.c_str(), nullptr);
    }
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_ARRAY: {
      Elements elements = ElementsOf(vector, type, row);
      Json list = Json::List();
      for (idx_t i = 0; i < elements.count; i++) {
        list.Push(CellToJson(elements.child, type.children[0], elements.from + i));
      }
      return list;
    }
    case DUCKDB_TYPE_MAP: {
      Elements elements = ElementsOf(vector, type, row);
      Json object = Json::Object();
      for (idx_t i = 0; i < elements.count; i++) {
        std::string key;
        AppendCellText(duckdb_struct_vector_get_child(elements.child, 0), type.children[0],
                       elements.from + i, false, &key);
        object.Set(key, CellToJson(duckdb_struct_vector_get_child(elements.child, 1),
                                   type.children[1], elements.from + i));
      }
      return object;
    }
    case DUCKDB_TYPE_STRUCT: {
      Json object = Json::Object();
      for (size_t i = 0; i < type.children.size(); i++) {
        object.Set(type.names[i],
                   CellToJson(duckdb_struct_vector_get_child(vector, i), type.children[i], row));
      }
      return object;
    }
    case DUCKDB_TYPE_UNION: {
      size_t tag = UnionTag(vector, row);
      if (tag >= type.children.size()) return nullptr;
      return CellToJson(duckdb_struct_vector_get_child(vector, tag + 1), type.children[tag], row);
    }
    default:
      return ScalarText(vector, type, row);
  }
}

int64_t CellInteger(duckdb_vector vector, const TypeNode& type, idx_t row) {
  if (CellIsNull(vector, row)) return 0;
  constexpr Int128 kMin = std::numeric_limits<int64_t>::min();
  constexpr Int128 kMax = std::numeric_limits<int64_t>::max();
  Int128 integer;
  if (ReadInt128(vector, type, row, &integer))
    return static_cast<int64_t>(integer < kMin ? kMin : integer > kMax ? kMax : integer);
  switch (type.id) {
    case DUCKDB_TYPE_DATE:
      return At<int32_t>(vector, row);
    case DUCKDB_TYPE_TIME:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return At<int64_t>(vector, row);
    case DUCKDB_TYPE_TIMESTAMP_S:
      return At<int64_t>(vector, row) * 1'000'000;
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return At<int64_t>(vector, row) * 1'000;
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return At<int64_t>(vector, row) / 1'000;
    default:
      break;
  }
  return CutOff(CellDouble(vector, type, row));
}

double CellDouble(duckdb_vector vector, const TypeNode& type, idx_t row) {
  if (CellIsNull(vector, row)) return 0;
  Int128 integer;
  if (ReadInt128(vector, type, row, &integer)) return static_cast<double>(integer);
  switch (type.id) {
    case DUCKDB_TYPE_FLOAT:
      return static_cast<double>(At<float>(vector, row));
    case DUCKDB_TYPE_DOUBLE:
      return At<double>(vector, row);
    case DUCKDB_TYPE_UHUGEINT:
      return static_cast<double>(UHugeintAt(vector, row));
    case DUCKDB_TYPE_DECIMAL:
      return std::strtod(ScalarText(vector, type, row).c_str(), nullptr);
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_TIME:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return static_cast<double>(CellInteger(vector, type, row));
    default:
      return 0;
  }
}

std::string CellBytes(duckdb_vector vector, const TypeNode& type, idx_t row) {
  if (CellIsNull(vector, row)) return {};
  if (type.id == DUCKDB_TYPE_VARCHAR || type.id == DUCKDB_TYPE_BLOB)
    return std::string(StringAt(vector, row));
  std::string out;
  AppendCellText(vector, type, row, false, &out);
  return out;
}

}  // namespace andon::sql
