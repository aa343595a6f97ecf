// PostgreSQL's types, and values of them out of its text form.
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/text.h"
#include "sql/cell_text.h"
#include "sql/engines/postgres_internal.h"

namespace andon::sql {
namespace {

struct KnownType {
  uint32_t oid;
  uint32_t list_oid;
  std::string_view name;  // As format_type has it, without a modifier.
  std::string_view type;  // Andon's.
  CellKind kind;
};

constexpr uint32_t kBpchar = 1042, kVarchar = 1043, kNumeric = 1700;

// The numbers are those of the catalog pg_type, and stay.
constexpr KnownType kTypes[] = {
    {16, 1000, "boolean", "boolean", CellKind::kBool},
    {17, 1001, "bytea", "binary", CellKind::kBlob},
    {18, 1002, "\"char\"", "string", CellKind::kText},
    {19, 1003, "name", "string", CellKind::kText},
    {20, 1016, "bigint", "long", CellKind::kInteger},
    {21, 1005, "smallint", "int", CellKind::kInteger},
    {23, 1007, "integer", "int", CellKind::kInteger},
    {25, 1009, "text", "string", CellKind::kText},
    {26, 1028, "oid", "long", CellKind::kInteger},
    {114, 199, "json", "string", CellKind::kText},
    {700, 1021, "real", "float", CellKind::kFloat},
    {701, 1022, "double precision", "double", CellKind::kDouble},
    {kBpchar, 1014, "character", "string", CellKind::kText},
    {kVarchar, 1015, "character varying", "string", CellKind::kText},
    {1082, 1182, "date", "date", CellKind::kDate},
    {1083, 1183, "time without time zone", "time", CellKind::kTime},
    {1114, 1115, "timestamp without time zone", "timestamp", CellKind::kTimestamp},
    {1184, 1185, "timestamp with time zone", "timestamptz", CellKind::kTimestampTz},
    {1186, 1187, "interval", "string", CellKind::kText},
    {1266, 1270, "time with time zone", "string", CellKind::kText},
    {kNumeric, 1231, "numeric", "decimal", CellKind::kDecimal},
    {2950, 2951, "uuid", "uuid", CellKind::kText},
    {3802, 3807, "jsonb", "string", CellKind::kText},
};

const KnownType* FindRow(uint32_t oid, bool* is_list) {
  for (const KnownType& row : kTypes) {
    *is_list = row.list_oid == oid;
    if (row.oid == oid || *is_list) return &row;
  }
  return nullptr;
}

struct Digits {
  int precision;
  int scale;  // Negative: zeros before the point.
};

// The modifier has both in its two halves, 4 too high; the scale in 11 bits with a sign.
std::optional<Digits> NumericDigits(int32_t modifier) {
  if (modifier < 4) return {};
  int32_t bits = modifier - 4;
  return Digits{(bits >> 16) & 0xffff, ((bits & 0x7ff) ^ 1024) - 1024};
}

// Reads a number of digits, and moves on; false where there is none.
bool TakeDigits(std::string_view* text, int64_t* value) {
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), *value);
  if (error != std::errc() || text->empty() || (*text)[0] == '-') return false;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return true;
}

bool Take(std::string_view* text, char c) {
  if (!text->starts_with(c)) return false;
  text->remove_prefix(1);
  return true;
}

// After Howard Hinnant's days_from_civil.
int64_t DaysFromCivil(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2 ? 1 : 0;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719'468;
}

// "2005-08-20", "20000-01-01". The " BC" of the whole stands at the end: `is_bc` says so.
bool TakeDate(std::string_view* text, bool is_bc, int64_t* days) {
  int64_t year, month, day;
  if (!TakeDigits(text, &year) || !Take(text, '-') || !TakeDigits(text, &month) ||
      !Take(text, '-') || !TakeDigits(text, &day))
    return false;
  *days = DaysFromCivil(is_bc ? 1 - year : year, month, day);
  return true;
}

// "11:03:42.5", as microseconds.
bool TakeTime(std::string_view* text, int64_t* micros) {
  int64_t hour, minute, second;
  if (!TakeDigits(text, &hour) || !Take(text, ':') || !TakeDigits(text, &minute) ||
      !Take(text, ':') || !TakeDigits(text, &second))
    return false;
  *micros = ((hour * 60 + minute) * 60 + second) * 1'000'000;
  if (!Take(text, '.')) return true;
  for (int64_t unit = 100'000;
       !text->empty() && std::isdigit(static_cast<unsigned char>((*text)[0])); unit /= 10) {
    *micros += ((*text)[0] - '0') * unit;
    text->remove_prefix(1);
  }
  return true;
}

// "+00", "-03:30", "+01:12:28", as microseconds east.
bool TakeZone(std::string_view* text, int64_t* micros) {
  bool is_west = text->starts_with('-');
  if (!is_west && !text->starts_with('+')) return false;
  text->remove_prefix(1);
  int64_t hour, minute = 0, second = 0;
  if (!TakeDigits(text, &hour)) return false;
  if (Take(text, ':') && !TakeDigits(text, &minute)) return false;
  if (Take(text, ':') && !TakeDigits(text, &second)) return false;
  *micros = ((hour * 60 + minute) * 60 + second) * 1'000'000 * (is_west ? -1 : 1);
  return true;
}

bool TakeBc(std::string_view* text) {
  if (!text->ends_with(" BC")) return false;
  text->remove_suffix(3);
  return true;
}

// The integer of a date, a time or a timestamp.
bool ReadMoment(CellKind kind, std::string_view text, int64_t* value) {
  bool is_date = kind == CellKind::kDate;
  int64_t endless =
      is_date ? std::numeric_limits<int32_t>::max() : std::numeric_limits<int64_t>::max();
  if (kind == CellKind::kTime) return TakeTime(&text, value) && text.empty();
  if (text == "infinity" || text == "-infinity") {
    *value = text == "infinity" ? endless : -endless;
    return true;
  }
  bool is_bc = TakeBc(&text);
  int64_t days, time = 0, zone = 0;
  if (!TakeDate(&text, is_bc, &days)) return false;
  if (is_date) {
    *value = days;
    return text.empty();
  }
  if (!Take(&text, ' ') || !TakeTime(&text, &time)) return false;
  if (kind == CellKind::kTimestampTz && !TakeZone(&text, &zone)) return false;
  *value = days * 86'400'000'000 + time - zone;
  return text.empty();
}

bool ReadDouble(std::string_view text, double* value) {
  if (text == "NaN") {
    *value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  if (text == "Infinity" || text == "-Infinity") {
    *value = std::numeric_limits<double>::infinity() * (text[0] == '-' ? -1 : 1);
    return true;
  }
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

bool ReadBytea(std::string_view text, std::string* bytes) {
  auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  if (!text.starts_with("\\x") || text.size() % 2 != 0) return false;
  for (size_t i = 2; i < text.size(); i += 2) {
    int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    *bytes += static_cast<char>(high * 16 + low);
  }
  return true;
}

// NaN and the infinities as every engine of ours has them.
std::string_view DecimalWord(std::string_view text) {
  if (text == "NaN") return "nan";
  if (text == "Infinity") return "inf";
  if (text == "-Infinity") return "-inf";
  return text;
}

void AddScalar(CellKind kind, std::string_view text, CellStore* rows) {
  switch (kind) {
    case CellKind::kBool:
      rows->AddInteger(kind, text == "t");
      return;
    case CellKind::kInteger: {
      int64_t value = 0;
      auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error == std::errc() && end == text.data() + text.size())
        return rows->AddInteger(kind, value);
      break;
    }
    case CellKind::kFloat:
    case CellKind::kDouble: {
      double value = 0;
      if (ReadDouble(text, &value)) return rows->AddDouble(kind, value);
      break;
    }
    case CellKind::kDecimal:
      return rows->AddBytes(kind, DecimalWord(text));
    case CellKind::kBlob: {
      std::string bytes;
      if (ReadBytea(text, &bytes)) return rows->AddBytes(kind, bytes);
      break;
    }
    case CellKind::kDate:
    case CellKind::kTime:
    case CellKind::kTimestamp:
    case CellKind::kTimestampTz: {
      int64_t value = 0;
      if (ReadMoment(kind, text, &value)) return rows->AddInteger(kind, value);
      break;
    }
    default:
      break;
  }
  rows->AddBytes(CellKind::kText, text);
}

// One value on its own, as JSON.
Json ScalarJson(CellKind kind, std::string_view text) {
  CellStore one;
  one.columns.emplace_back();
  AddScalar(kind, text, &one);
  return one.ToJson(0, 0);
}

// PostgreSQL allows 6 dimensions.
constexpr int kDepthMax = 16;

// {1,NULL,"a \"b\"",{2,3}}
class ListReader {
 public:
  ListReader(std::string_view text, CellKind kind) : text_(text), kind_(kind) {}

  std::optional<Json> Read() {
    // Bounds that do not begin with 1 are told first: [0:2]={1,2,3}.
    if (text_.starts_with('[')) {
      size_t equals = text_.find("]={");
      if (equals == std::string_view::npos) return {};
      text_.remove_prefix(equals + 2);
    }
    std::optional<Json> list = ReadList(0);
    return text_.empty() ? list : std::nullopt;
  }

 private:
  std::optional<Json> ReadList(int depth) {
    Json list = Json::List();
    if (depth > kDepthMax || !Take(&text_, '{')) return {};
    if (Take(&text_, '}')) return list;
    do {
      std::optional<Json> item = text_.starts_with('{') ? ReadList(depth + 1) : ReadItem();
      if (!item) return {};
      list.Push(std::move(*item));
    } while (Take(&text_, ','));
    if (!Take(&text_, '}')) return {};
    return list;
  }

  std::optional<Json> ReadItem() {
    bool is_quoted = Take(&text_, '"');
    std::string item;
    while (!text_.empty() && text_[0] != '"' &&
           (is_quoted || (text_[0] != ',' && text_[0] != '}'))) {
      if (Take(&text_, '\\') && text_.empty()) return {};
      item += text_[0];
      text_.remove_prefix(1);
    }
    if (is_quoted && !Take(&text_, '"')) return {};
    if (!is_quoted && item == "NULL") return Json(nullptr);
    return ScalarJson(kind_, item);
  }

  std::string_view text_;
  CellKind kind_;
};

}  // namespace

std::optional<std::string> PostgresTypeName(PostgresType type) {
  bool is_list = false;
  const KnownType* row = FindRow(type.oid, &is_list);
  if (!row) return {};
  std::string name(row->name);
  bool has_length = (row->oid == kBpchar || row->oid == kVarchar) && type.modifier > 4;
  std::optional<Digits> digits = NumericDigits(type.modifier);
  if (has_length) {
    name += fmt::format("({})", type.modifier - 4);
  } else if (row->oid == kNumeric && digits) {
    name += fmt::format("({},{})", digits->precision, digits->scale);
  }
  return is_list ? name + "[]" : name;
}

std::string FromPostgresType(PostgresType type) {
  bool is_list = false;
  const KnownType* row = FindRow(type.oid, &is_list);
  if (!row) return "string";
  std::string name(row->type);
  if (row->oid == kNumeric) {
    Digits digits = NumericDigits(type.modifier).value_or(Digits{38, 18});
    if (digits.scale < 0) digits = {digits.precision - digits.scale, 0};
    // A scale above the precision: 0.00123 as numeric(3,5).
    digits.precision = std::max(digits.precision, digits.scale);
    if (digits.precision > 38) digits = {38, std::min(digits.scale, 18)};
    name = fmt::format("decimal({},{})", digits.precision, digits.scale);
  }
  return is_list ? "list<" + name + ">" : name;
}

void AddPostgresCell(PostgresType type, std::string_view text, CellStore* rows) {
  bool is_list = false;
  const KnownType* row = FindRow(type.oid, &is_list);
  if (!row) return rows->AddBytes(CellKind::kText, text);
  if (!is_list) return AddScalar(row->kind, text, rows);
  std::optional<Json> list = ListReader(text, row->kind).Read();
  if (list) return rows->AddBytes(CellKind::kList, list->Dump());
  rows->AddBytes(CellKind::kText, text);
}

}  // namespace andon::sql
