#include "iceberg/datum.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>

#include "base/text.h"

namespace andon::iceberg {
namespace {

template <typename T>
std::string LittleEndian(T value) {
  static_assert(std::endian::native == std::endian::little);
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

template <typename T>
T FromLittleEndian(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

Error BadLength(const Type& type, size_t size) {
  return Error::Corrupt("{} bytes are no value of type {}", size, ToString(type));
}

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

std::string DateText(int64_t days) {
  std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string TimeText(int64_t micros) {
  int64_t seconds = micros / kMicrosPerSecond;
  std::string text =
      fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (int64_t fraction = micros % kMicrosPerSecond) {
    std::string digits = fmt::format("{:06}", fraction);
    while (digits.back() == '0') digits.pop_back();
    text += "." + digits;
  }
  return text;
}

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

bool ReadDigits(std::string_view& text, size_t count_max, int64_t* value) {
  size_t n = 0;
  *value = 0;
  while (n < text.size() && n < count_max && text[n] >= '0' && text[n] <= '9') {
    *value = *value * 10 + (text[n++] - '0');
  }
  text.remove_prefix(n);
  return n > 0;
}
bool Skip(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

bool ReadDate(std::string_view& text, int64_t* days) {
  int64_t year = 0;
  int64_t month = 0;
  int64_t day = 0;
  bool negative = Skip(text, '-');
  if (!ReadDigits(text, 7, &year) || !Skip(text, '-') || !ReadDigits(text, 2, &month) ||
      !Skip(text, '-') || !ReadDigits(text, 2, &day)) {
    return false;
  }
  if (text.starts_with(" (BC)")) {
    text.remove_prefix(5);
    year = 1 - year;
  }
  std::chrono::year_month_day date{std::chrono::year(static_cast<int>(negative ? -year : year)),
                                   std::chrono::month(static_cast<unsigned>(month)),
                                   std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return false;
  *days = std::chrono::sys_days(date).time_since_epoch().count();
  return true;
}

bool ReadTime(std::string_view& text, int64_t* micros) {
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  if (!ReadDigits(text, 2, &hour) || !Skip(text, ':') || !ReadDigits(text, 2, &minute)) {
    return false;
  }
  if (Skip(text, ':') && !ReadDigits(text, 2, &second)) return false;
  *micros = ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond;
  if (Skip(text, '.')) {
    int64_t scale = kMicrosPerSecond / 10;
    while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
      *micros += (text[0] - '0') * scale;
      scale /= 10;
      text.remove_prefix(1);
    }
  }
  return true;
}

bool ReadOffset(std::string_view& text, int64_t* micros) {
  *micros = 0;
  if (Skip(text, 'Z')) return true;
  int sign = text.starts_with("-") ? -1 : 1;
  if (!Skip(text, '+') && !Skip(text, '-')) return true;
  int64_t hours = 0;
  int64_t minutes = 0;
  if (!ReadDigits(text, 2, &hours)) return false;
  if (Skip(text, ':') && !ReadDigits(text, 2, &minutes)) return false;
  *micros = sign * (hours * 60 + minutes) * 60 * kMicrosPerSecond;
  return true;
}

bool ReadTimestamp(std::string_view text, int64_t* micros) {
  int64_t days = 0;
  int64_t time = 0;
  int64_t offset = 0;
  if (!ReadDate(text, &days)) return false;
  if (Skip(text, ' ') || Skip(text, 'T')) {
    if (!ReadTime(text, &time)) return false;
  }
  if (!ReadOffset(text, &offset) || !text.empty()) return false;
  *micros = days * kMicrosPerDay + time - offset;
  return true;
}

bool ReadDecimal(std::string_view text, int scale, __int128* unscaled) {
  bool negative = Skip(text, '-');
  if (!negative) Skip(text, '+');
  unsigned __int128 value = 0;
  int digits = 0;
  int after_point = -1;
  for (char c : text) {
    if (c == '.' && after_point < 0) {
      after_point = 0;
    } else if (c >= '0' && c <= '9') {
      if (after_point >= scale) {
        if (c != '0') return false;
        continue;
      }
      value = value * 10 + static_cast<unsigned>(c - '0');
      if (value != 0) ++digits;
      if (digits > 38) return false;
      if (after_point >= 0) ++after_point;
    } else {
      return false;
    }
  }
  for (int i = std::max(after_point, 0); i < scale; ++i) {
    value *= 10;
    if (value != 0 && ++digits > 38) return false;
  }
  *unscaled = negative ? -static_cast<__int128>(value) : static_cast<__int128>(value);
  return !text.empty();
}

std::string DoubleText(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  return fmt::format("{}", value);
}

}  // namespace

std::string BigEndian(__int128 value) {
  std::string bytes;
  // Until what is left is only the sign, and the sign bit of the last byte says so.
  while (true) {
    bytes.insert(bytes.begin(), static_cast<char>(value & 0xff));
    bool byte_negative = (value & 0x80) != 0;
    value >>= 8;
    if ((value == 0 && !byte_negative) || (value == -1 && byte_negative)) return bytes;
  }
}

__int128 FromBigEndian(std::string_view bytes) {
  if (bytes.empty()) return 0;
  unsigned __int128 value = (bytes[0] & 0x80) ? ~static_cast<unsigned __int128>(0) : 0;
  for (char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
  return static_cast<__int128>(value);
}

std::string DecimalText(__int128 unscaled, int scale) {
  bool negative = unscaled < 0;
  unsigned __int128 value = negative ? -static_cast<unsigned __int128>(unscaled)
                                     : static_cast<unsigned __int128>(unscaled);
  std::string digits;
  while (value != 0) {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  }
  while (static_cast<int>(digits.size()) <= scale) digits.insert(digits.begin(), '0');
  if (scale > 0) digits.insert(digits.size() - scale, ".");
  return negative ? "-" + digits : digits;
}

std::string Encode(const Type& type, const Datum& datum) {
  switch (type.id) {
    case TypeId::kBoolean:
      return std::string(1, std::get<bool>(datum) ? '\1' : '\0');
    case TypeId::kInt:
    case TypeId::kDate:
      return LittleEndian(static_cast<int32_t>(std::get<int64_t>(datum)));
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
      return LittleEndian(std::get<int64_t>(datum));
    case TypeId::kFloat:
      return LittleEndian(static_cast<float>(std::get<double>(datum)));
    case TypeId::kDouble:
      return LittleEndian(std::get<double>(datum));
    case TypeId::kDecimal:
      return BigEndian(std::get<Unscaled>(datum).value);
    default:
      return std::get<std::string>(datum);
  }
}

Result<Datum> Decode(const Type& type, std::string_view bytes) {
  size_t n = bytes.size();
  switch (type.id) {
    case TypeId::kBoolean:
      if (n != 1) return BadLength(type, n);
      return Datum(bytes[0] != 0);
    case TypeId::kInt:
    case TypeId::kDate:
      if (n != 4) return BadLength(type, n);
      return Datum(static_cast<int64_t>(FromLittleEndian<int32_t>(bytes)));
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
      if (n == 4 && type.id == TypeId::kLong) {
        return Datum(static_cast<int64_t>(FromLittleEndian<int32_t>(bytes)));
      }
      if (n != 8) return BadLength(type, n);
      return Datum(FromLittleEndian<int64_t>(bytes));
    case TypeId::kFloat:
    case TypeId::kDouble:
      if (n == 4) return Datum(static_cast<double>(FromLittleEndian<float>(bytes)));
      if (n != 8 || type.id == TypeId::kFloat) return BadLength(type, n);
      return Datum(FromLittleEndian<double>(bytes));
    case TypeId::kDecimal:
      if (n == 0 || n > 16) return BadLength(type, n);
      return Datum(Unscaled{FromBigEndian(bytes)});
    case TypeId::kUuid:
      if (n != 16) return BadLength(type, n);
      return Datum(std::string(bytes));
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kFixed:
      return Datum(std::string(bytes));
    default:
      return Error::Corrupt("type {} has no single value", ToString(type));
  }
}

int Compare(const Datum& a, const Datum& b) {
  if (a.index() != b.index()) return a.index() < b.index() ? -1 : 1;
  if (const double* x = std::get_if<double>(&a)) {
    double y = std::get<double>(b);
    if (*x == 0 && y == 0) return static_cast<int>(std::signbit(y)) - std::signbit(*x);
    return *x < y ? -1 : *x > y ? 1 : 0;
  }
  return a < b ? -1 : b < a ? 1 : 0;
}

std::string ToText(const Type& type, const Datum& datum) {
  switch (type.id) {
    case TypeId::kBoolean:
      return std::get<bool>(datum) ? "true" : "false";
    case TypeId::kInt:
    case TypeId::kLong:
      return std::to_string(std::get<int64_t>(datum));
    case TypeId::kFloat:
    case TypeId::kDouble:
      return DoubleText(std::get<double>(datum));
    case TypeId::kDecimal:
      return DecimalText(std::get<Unscaled>(datum).value, type.scale);
    case TypeId::kDate:
      return DateText(std::get<int64_t>(datum));
    case TypeId::kTime:
      return TimeText(std::get<int64_t>(datum));
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz: {
      int64_t micros = std::get<int64_t>(datum);
      int64_t days = FloorDiv(micros, kMicrosPerDay);
      std::string text = DateText(days) + " " + TimeText(micros - days * kMicrosPerDay);
      return type.id == TypeId::kTimestamptz ? text + "+00" : text;
    }
    case TypeId::kUuid: {
      std::string hex = HexEncode(std::get<std::string>(datum));
      for (size_t at : {20, 16, 12, 8}) {
        if (at <= hex.size()) hex.insert(at, "-");
      }
      return hex;
    }
    case TypeId::kFixed:
    case TypeId::kBinary: {
      std::string text;
      for (unsigned char c : std::get<std::string>(datum)) {
        bool plain = c >= 0x20 && c < 0x7f && c != '\\' && c != '\'' && c != '"';
        text += plain ? std::string(1, static_cast<char>(c)) : fmt::format("\\x{:02X}", c);
      }
      return text;
    }
    default:
      return std::get<std::string>(datum);
  }
}

namespace {

Result<std::string> BlobFromText(const Type& type, std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
      continue;
    }
    unsigned byte = 0;
    if (i + 4 > text.size() || text[i + 1] != 'x' ||
        std::from_chars(text.data() + i + 2, text.data() + i + 4, byte, 16).ptr !=
            text.data() + i + 4) {
      return Error::Invalid("\"{}\" is no text of a {}", text, ToString(type));
    }
    bytes += static_cast<char>(byte);
    i += 3;
  }
  return bytes;
}

std::optional<std::string> UuidFromText(std::string_view text) {
  std::string hex;
  for (char c : text) {
    if (c != '-') hex += c;
  }
  if (hex.size() != 32) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < 32; i += 2) {
    unsigned byte = 0;
    if (std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16).ptr != hex.data() + i + 2) {
      return std::nullopt;
    }
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

}  // namespace

Result<Datum> FromText(const Type& type, std::string_view text) {
  int64_t integer = 0;
  const char* end = text.data() + text.size();
  Error bad = Error::Invalid("\"{}\" is no value of type {}", text, ToString(type));
  switch (type.id) {
    case TypeId::kBoolean:
      if (text == "true" || text == "1") return Datum(true);
      if (text == "false" || text == "0") return Datum(false);
      return bad;
    case TypeId::kInt:
    case TypeId::kLong: {
      auto read = std::from_chars(text.data(), end, integer);
      if (read.ec != std::errc() || read.ptr != end) return bad;
      return Datum(integer);
    }
    case TypeId::kFloat:
    case TypeId::kDouble: {
      double value = 0;
      auto read = std::from_chars(text.data(), end, value);
      if (read.ec != std::errc() || read.ptr != end) return bad;
      return Datum(value);
    }
    case TypeId::kDecimal: {
      __int128 unscaled = 0;
      if (!ReadDecimal(text, type.scale, &unscaled)) return bad;
      return Datum(Unscaled{unscaled});
    }
    case TypeId::kDate:
      if (!ReadDate(text, &integer) || !text.empty()) return bad;
      return Datum(integer);
    case TypeId::kTime:
      if (!ReadTime(text, &integer) || !text.empty()) return bad;
      return Datum(integer);
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
      if (!ReadTimestamp(text, &integer)) return bad;
      return Datum(integer);
    case TypeId::kUuid: {
      std::optional<std::string> bytes = UuidFromText(text);
      if (!bytes) return bad;
      return Datum(*std::move(bytes));
    }
    case TypeId::kFixed:
    case TypeId::kBinary: {
      std::string bytes = TRY(BlobFromText(type, text));
      return Datum(std::move(bytes));
    }
    case TypeId::kString:
      return Datum(std::string(text));
    default:
      return bad;
  }
}

namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The byte offset behind the first `count` code points.
size_t CodePoints(std::string_view text, int count) {
  size_t at = 0;
  while (at < text.size() && count > 0) {
    ++at;
    while (at < text.size() && IsContinuation(text[at])) ++at;
    --count;
  }
  return at;
}

uint32_t DecodeCodePoint(std::string_view bytes) {
  auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])); };
  switch (bytes.size()) {
    case 1:
      return byte(0);
    case 2:
      return (byte(0) & 0x1f) << 6 | (byte(1) & 0x3f);
    case 3:
      return (byte(0) & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
    default:
      return (byte(0) & 0x07) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 |
             (byte(3) & 0x3f);
  }
}

std::string EncodeCodePoint(uint32_t c) {
  auto byte = [](uint32_t b) { return static_cast<char>(b); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xc0 | c >> 6), byte(0x80 | (c & 0x3f))};
  if (c < 0x10000) {
    return {byte(0xe0 | c >> 12), byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f))};
  }
  return {byte(0xf0 | c >> 18), byte(0x80 | (c >> 12 & 0x3f)), byte(0x80 | (c >> 6 & 0x3f)),
          byte(0x80 | (c & 0x3f))};
}

std::optional<std::string> RaiseText(std::string text) {
  while (!text.empty()) {
    size_t start = text.size() - 1;
    while (start > 0 && IsContinuation(text[start])) --start;
    if (text.size() - start > 4) return std::nullopt;
    uint32_t c = DecodeCodePoint(std::string_view(text).substr(start));
    text.resize(start);
    if (c >= 0x10ffff) continue;
    // Surrogates are no characters.
    return text + EncodeCodePoint(c == 0xd7ff ? 0xe000 : c + 1);
  }
  return std::nullopt;
}

std::optional<std::string> RaiseBytes(std::string bytes) {
  while (!bytes.empty()) {
    unsigned char last = static_cast<unsigned char>(bytes.back());
    bytes.pop_back();
    if (last < 0xff) return bytes + static_cast<char>(last + 1);
  }
  return std::nullopt;
}

size_t KeptBytes(const Type& type, const std::string& text, int length) {
  if (type.id == TypeId::kString) return CodePoints(text, length);
  return std::min(text.size(), static_cast<size_t>(length));
}

bool IsTruncatable(const Type& type) {
  return type.id == TypeId::kString || type.id == TypeId::kBinary;
}

}  // namespace

Datum TruncateLower(const Type& type, const Datum& datum, int length) {
  if (!IsTruncatable(type)) return datum;
  const std::string& text = std::get<std::string>(datum);
  return text.substr(0, KeptBytes(type, text, length));
}

std::optional<Datum> TruncateUpper(const Type& type, const Datum& datum, int length) {
  if (!IsTruncatable(type)) return datum;
  const std::string& text = std::get<std::string>(datum);
  size_t kept = KeptBytes(type, text, length);
  if (kept == text.size()) return datum;
  std::string prefix = text.substr(0, kept);
  std::optional<std::string> raised =
      type.id == TypeId::kString ? RaiseText(std::move(prefix)) : RaiseBytes(std::move(prefix));
  if (!raised) return std::nullopt;
  return Datum(*std::move(raised));
}

}  // namespace andon::iceberg
