#include "contract/column_type.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "base/text.h"

namespace andon::contract {
namespace {

struct Spelled {
  std::string word;                    // Lower case, one space between words, without arguments.
  std::vector<std::string> arguments;  // What stood in parentheses.
};

// "Timestamp(6)  WITH time zone" is "timestamp with time zone" and "6".
Spelled Take(std::string_view physical) {
  Spelled out;
  std::string lower = AsciiLower(physical), word;
  size_t open = lower.find('('), close = lower.find(')');
  if (open != std::string::npos && close != std::string::npos && close > open) {
    for (const std::string& argument : Split(lower.substr(open + 1, close - open - 1), ','))
      out.arguments.emplace_back(Trim(argument));
    lower = lower.substr(0, open) + " " + lower.substr(close + 1);
  }
  for (char c : lower) {
    if (c != ' ' && c != '\t' && c != '\n') {
      word += c;
    } else if (!word.empty() && word.back() != ' ') {
      word += ' ';
    }
  }
  out.word = Trim(word);
  return out;
}

const std::map<std::string, std::string, std::less<>>& Words() {
  static const std::map<std::string, std::string, std::less<>> kWords = {
      {"boolean", "boolean"},
      {"bool", "boolean"},
      {"bit", "boolean"},
      {"int", "int"},
      {"integer", "int"},
      {"int4", "int"},
      {"int32", "int"},
      {"serial", "int"},
      {"smallint", "int"},
      {"int2", "int"},
      {"int16", "int"},
      {"tinyint", "int"},
      {"int8 unsigned", "int"},
      {"byteint", "int"},
      {"mediumint", "int"},
      {"smallserial", "int"},
      {"usmallint", "int"},
      {"utinyint", "int"},
      {"long", "long"},
      {"bigint", "long"},
      {"int8", "long"},
      {"int64", "long"},
      {"bigserial", "long"},
      {"uinteger", "long"},
      {"int unsigned", "long"},
      {"integer unsigned", "long"},
      {"bigint unsigned", "decimal(20,0)"},
      {"smallint unsigned", "int"},
      {"tinyint unsigned", "int"},
      {"float", "float"},
      {"real", "float"},
      {"float4", "float"},
      {"float32", "float"},
      {"double", "double"},
      {"double precision", "double"},
      {"float8", "double"},
      {"float64", "double"},
      {"date", "date"},
      {"time", "time"},
      {"time without time zone", "time"},
      {"timestamp", "timestamp"},
      {"datetime", "timestamp"},
      {"datetime2", "timestamp"},
      {"smalldatetime", "timestamp"},
      {"timestamp_ntz", "timestamp"},
      {"timestamp without time zone", "timestamp"},
      {"timestamptz", "timestamptz"},
      {"timestamp with time zone", "timestamptz"},
      {"timestamp_tz", "timestamptz"},
      {"timestamp_ltz", "timestamptz"},
      {"datetimeoffset", "timestamptz"},
      {"timestamp with local time zone", "timestamptz"},
      {"string", "string"},
      {"text", "string"},
      {"varchar", "string"},
      {"varchar2", "string"},
      {"nvarchar", "string"},
      {"nvarchar2", "string"},
      {"char", "string"},
      {"nchar", "string"},
      {"character", "string"},
      {"bpchar", "string"},
      {"character varying", "string"},
      {"clob", "string"},
      {"nclob", "string"},
      {"mediumtext", "string"},
      {"longtext", "string"},
      {"tinytext", "string"},
      {"ntext", "string"},
      {"citext", "string"},
      {"xml", "string"},
      {"json", "string"},
      {"jsonb", "string"},
      {"variant", "string"},
      {"enum", "string"},
      {"sysname", "string"},
      {"uuid", "uuid"},
      {"uniqueidentifier", "uuid"},
      {"binary", "binary"},
      {"varbinary", "binary"},
      {"bytea", "binary"},
      {"blob", "binary"},
      {"bytes", "binary"},
      {"raw", "binary"},
      {"image", "binary"},
      {"longblob", "binary"},
      {"mediumblob", "binary"},
      {"money", "decimal(19,4)"},
      {"smallmoney", "decimal(10,4)"},
      {"hugeint", "decimal(38,0)"},
      {"ubigint", "decimal(20,0)"},
      {"bignumeric", "decimal(38,9)"},
  };
  return kWords;
}

bool IsWhole(std::string_view text, int64_t* number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

// "decimal" without arguments is as wide as engines have it where they say nothing.
std::string Decimal(const std::vector<std::string>& arguments) {
  int64_t precision = 38, scale = arguments.empty() ? 9 : 0;
  if (!arguments.empty() && !IsWhole(arguments[0], &precision)) return "";
  if (arguments.size() > 1 && !IsWhole(arguments[1], &scale)) return "";
  if (precision < 1 || precision > 38 || scale < 0 || scale > precision) return "";
  return fmt::format("decimal({},{})", precision, scale);
}

}  // namespace

std::string FromPhysicalType(std::string_view physical) {
  Spelled spelled = Take(physical);
  for (std::string_view word : {"decimal", "numeric", "number", "dec"}) {
    if (spelled.word == word) return Decimal(spelled.arguments);
  }
  auto found = Words().find(spelled.word);
  return found == Words().end() ? "" : found->second;
}

std::string FromLogicalType(std::string_view logical, const Json& options) {
  const std::string& format = options["format"].AsString();
  if (logical == "integer") {
    bool narrow =
        format == "i8" || format == "i16" || format == "i32" || format == "u8" || format == "u16";
    return narrow                                                    ? "int"
           : format == "i128" || format == "u64" || format == "u128" ? "decimal(38,0)"
                                                                     : "long";
  }
  if (logical == "number") return format == "f32" ? "float" : "double";
  if (logical == "string")
    return format == "uuid" ? "uuid" : format == "binary" || format == "byte" ? "binary" : "string";
  if (logical == "timestamp")
    return options["timezone"].AsBool(false) ? "timestamptz" : "timestamp";
  if (logical == "boolean" || logical == "date" || logical == "time") return std::string(logical);
  if (logical == "object" || logical == "array") return "string";
  return "";
}

std::string ToLogicalType(std::string_view type) {
  if (type == "int" || type == "long") return "integer";
  if (type == "float" || type == "double" || type.starts_with("decimal")) return "number";
  if (type == "timestamptz") return "timestamp";
  if (type == "boolean" || type == "date" || type == "time" || type == "timestamp")
    return std::string(type);
  if (type.starts_with("list")) return "array";
  if (type.starts_with("struct") || type.starts_with("map")) return "object";
  return "string";
}

std::string ToSqlType(std::string_view type) {
  static const std::map<std::string, std::string, std::less<>> kSql = {
      {"boolean", "BOOLEAN"},
      {"int", "INTEGER"},
      {"long", "BIGINT"},
      {"float", "REAL"},
      {"double", "DOUBLE PRECISION"},
      {"date", "DATE"},
      {"time", "TIME"},
      {"timestamp", "TIMESTAMP"},
      {"timestamptz", "TIMESTAMP WITH TIME ZONE"},
      {"string", "VARCHAR"},
      {"uuid", "UUID"},
      {"binary", "BYTEA"}};
  if (type.starts_with("decimal")) return "DECIMAL" + std::string(type.substr(7));
  auto found = kSql.find(type);
  return found == kSql.end() ? "VARCHAR" : found->second;
}

int64_t LengthOf(std::string_view physical) {
  Spelled spelled = Take(physical);
  int64_t length = 0;
  bool is_text = FromPhysicalType(physical) == "string" && !spelled.arguments.empty();
  return is_text && IsWhole(spelled.arguments[0], &length) && length > 0 ? length : 0;
}

}  // namespace andon::contract
