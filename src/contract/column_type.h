// The types of columns between Andon, the Open Data Contract Standard and SQL.
//
// Andon's names are Iceberg's: boolean int long float double decimal(p,s) date time timestamp
// timestamptz string uuid binary.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace andon::contract {

// Andon's name of a type as some engine spells it: "VARCHAR(18)", "NUMERIC(10, 2)", "bigserial",
// "timestamp with time zone". Empty where it is none that is known.
std::string FromPhysicalType(std::string_view physical);

// Andon's name of a logical type of the standard with its options ("integer" and format "i32" is
// int). Objects and arrays are text, as a table holds them. Empty for what is none.
std::string FromLogicalType(std::string_view logical, const Json& options);

// The logical type of the standard for one of Andon's names: "string" for what it has no word for.
std::string ToLogicalType(std::string_view type);

// Standard SQL for one of Andon's names: "BIGINT", "DECIMAL(5,2)", "TIMESTAMP WITH TIME ZONE".
std::string ToSqlType(std::string_view type);

// "varchar(18)" has a length of 18; 0 where none is said.
int64_t LengthOf(std::string_view physical);

}  // namespace andon::contract
