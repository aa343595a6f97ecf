#include "base/text.h"
#include "sql/engines/sqlite_internal.h"
#include "sql/types.h"

namespace andon::sql {
namespace {

struct Part {
  std::string_view word;
  std::string_view type;
};

// The first word that stands in the declared type decides: SQLite's own rules of affinity, with
// the names that people write for what SQLite keeps as text or number. An integer has 64 bits
// whatever it is called.
constexpr Part kParts[] = {
    {"timestamptz", "timestamptz"},
    {"timestamp with time zone", "timestamptz"},
    {"timestamp", "timestamp"},
    {"datetime", "timestamp"},
    {"date", "date"},
    {"time", "time"},
    {"bool", "boolean"},
    {"uuid", "uuid"},
    {"interval", "string"},
    {"int", "long"},
    {"char", "string"},
    {"clob", "string"},
    {"text", "string"},
    {"json", "string"},
    {"blob", "binary"},
    {"binary", "binary"},
    {"bytea", "binary"},
    {"real", "double"},
    {"floa", "double"},
    {"doub", "double"},
};

}  // namespace

std::string FromSqliteType(std::string_view declared) {
  std::string type = AsciiLower(declared);
  if (type.starts_with("decimal") || type.starts_with("numeric")) {
    size_t parameters = type.find('(');
    if (parameters == std::string::npos) return "double";
    return NormalizeType("decimal" + type.substr(parameters)).value_or("double");
  }
  for (const Part& part : kParts) {
    if (type.find(part.word) != std::string::npos) return std::string(part.type);
  }
  return "string";
}

}  // namespace andon::sql
