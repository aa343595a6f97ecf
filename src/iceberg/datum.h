// Datum: one value of a primitive type: a bound, a partition value.
//
// Encode and Decode are the "binary single-value serialisation" of the
// specification (appendix D), which manifests use for lower and upper bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "iceberg/schema.h"

namespace andon::iceberg {

// An unscaled decimal.
struct Unscaled {
  __int128 value = 0;
  auto operator<=>(const Unscaled&) const = default;
};

// boolean → bool; int, long, date (days), time, timestamp (µs) → int64_t;
// float, double → double; decimal → Unscaled; string, binary, fixed and uuid
// (16 raw bytes) → std::string.
using Datum = std::variant<std::monostate, bool, int64_t, double, Unscaled, std::string>;

inline bool IsNull(const Datum& datum) { return std::holds_alternative<std::monostate>(datum); }

// Requires: not null, of that type.
std::string Encode(const Type& type, const Datum& datum);
// Bytes that an older, narrower type wrote (int for long, float for double) are
// widened. kCorrupt for another length.
Result<Datum> Decode(const Type& type, std::string_view bytes);

// -1, 0, 1. Both of the same type and not null. -0.0 is below +0.0.
int Compare(const Datum& a, const Datum& b);

// The text that DuckDB's CAST(… AS VARCHAR) prints for this type, and its
// reverse. kInvalid for text that is no such value.
std::string ToText(const Type& type, const Datum& datum);
Result<Datum> FromText(const Type& type, std::string_view text);

// At most `length` characters (string) or bytes (binary); other types unchanged.
Datum TruncateLower(const Type& type, const Datum& datum, int length);
// The same, raised at its last place so that it stays an upper bound; nullopt
// where that is not possible.
std::optional<Datum> TruncateUpper(const Type& type, const Datum& datum, int length);

// Minimal big-endian two's complement, as decimals are written.
std::string BigEndian(__int128 value);
__int128 FromBigEndian(std::string_view bytes);
std::string DecimalText(__int128 unscaled, int scale);

}  // namespace andon::iceberg
