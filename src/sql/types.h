// The types of columns: Andon's names (those of Iceberg) and DuckDB's.
//
//   boolean int long float double decimal(p,s) date time timestamp timestamptz
//   string uuid binary list<T> map<K,V> struct<name: T, ...>
//
// Names are told apart without regard to case; what is printed is lower case.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace andon::sql {

// A column as a reader of it knows it. `type` is one of Andon's names.
struct ColumnInfo {
  std::string name;
  std::string type;

  bool operator==(const ColumnInfo&) const = default;
};

// What one can do with a type: which checks and which comparisons make sense.
enum class TypeClass {
  kBoolean,
  kNumber,
  kString,
  kDate,
  kTime,
  kTimestamp,
  kUuid,
  kBinary,
  kNested
};

// Andon's simple type names, in the order of the documentation.
const std::vector<std::string>& TypeNames();

// Andon's name in its one spelling: "Decimal( 5,2 )" gives "decimal(5,2)".
// kInvalid names the type that was probably meant.
Result<std::string> NormalizeType(std::string_view type);

// The DuckDB type that holds `type`: "long" gives "BIGINT". kInvalid as above.
Result<std::string> ToDuckDbType(std::string_view type);

// The narrowest of Andon's types that holds every value of a DuckDB type: "HUGEINT" gives
// "decimal(38,0)", as Iceberg has no wider one. kInvalid where there is none (INTERVAL).
Result<std::string> FromDuckDbType(std::string_view duckdb_type);

// Either spelling, Andon's or DuckDB's, as Andon's; kInvalid as NormalizeType.
Result<std::string> ReadTypeName(std::string_view type);

// Requires: a normalized type.
TypeClass ClassOf(std::string_view type);

}  // namespace andon::sql
