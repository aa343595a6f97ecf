#include "quality/type_name.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "sql/types.h"

namespace andon::quality {
namespace {

// A name, in lower case, and the types of Andon's that it stands for. "decimal" means every
// precision.
struct Alias {
  std::string_view name;
  std::string_view types[3];
};

constexpr Alias kAliases[] = {
    // numpy, pandas, Python
    {"bool_", {"boolean"}},
    {"int", {"int", "long"}},
    {"int8", {"int"}},
    {"int16", {"int"}},
    {"int32", {"int"}},
    {"int64", {"long"}},
    {"uint8", {"int"}},
    {"uint16", {"int"}},
    {"uint32", {"long"}},
    {"float32", {"float"}},
    {"float64", {"double"}},
    {"str", {"string"}},
    {"object", {"string"}},
    {"object_", {"string"}},
    {"o", {"string"}},
    {"category", {"string"}},
    {"bytes", {"binary"}},
    {"datetime64", {"timestamp", "date"}},
    {"datetime64[s]", {"timestamp", "date"}},
    {"datetime64[ms]", {"timestamp"}},
    {"datetime64[us]", {"timestamp"}},
    {"datetime64[ns]", {"timestamp"}},
    {"datetimetzdtype", {"timestamptz"}},
    {"datetime64[ns, utc]", {"timestamptz"}},
    // SQL and SQLAlchemy
    {"boolean", {"boolean"}},
    {"smallinteger", {"int"}},
    {"int2", {"int"}},
    {"int4", {"int"}},
    {"biginteger", {"long"}},
    {"serial", {"int"}},
    {"bigserial", {"long"}},
    {"float4", {"float"}},
    {"float8", {"double"}},
    {"float", {"float", "double"}},
    {"double precision", {"double"}},
    {"double_precision", {"double"}},
    {"character varying", {"string"}},
    {"character", {"string"}},
    {"nvarchar", {"string"}},
    {"string_types", {"string"}},
    {"unicode", {"string"}},
    {"clob", {"string"}},
    {"largebinary", {"binary"}},
    {"timestamp without time zone", {"timestamp"}},
    {"time without time zone", {"time"}},
    // Spark
    {"booleantype", {"boolean"}},
    {"bytetype", {"int"}},
    {"shorttype", {"int"}},
    {"integertype", {"int"}},
    {"longtype", {"long"}},
    {"floattype", {"float"}},
    {"doubletype", {"double"}},
    {"decimaltype", {"decimal"}},
    {"stringtype", {"string"}},
    {"binarytype", {"binary"}},
    {"datetype", {"date"}},
    {"timestamptype", {"timestamp", "timestamptz"}},
};

// The name without what stands in parentheses: "character varying(30)" gives "character varying".
std::string Base(std::string_view name) {
  std::string base = AsciiLower(Trim(name));
  size_t open = base.find('(');
  if (open == std::string::npos) return base;
  size_t close = base.find(')', open);
  std::string rest = close == std::string::npos ? "" : base.substr(close + 1);
  return std::string(Trim(base.substr(0, open) + rest));
}

bool Stands(std::string_view for_type, std::string_view type) {
  return type == for_type || (for_type == "decimal" && type.starts_with("decimal("));
}

// PostgreSQL's own names, as SQLAlchemy prints their classes.
struct ClassName {
  std::string_view native;
  std::string_view name;
};
constexpr ClassName kPostgresClasses[] = {
    {"character varying", "VARCHAR"},
    {"character", "CHAR"},
    {"bpchar", "CHAR"},
    {"double precision", "DOUBLE_PRECISION"},
    {"timestamp without time zone", "TIMESTAMP"},
    {"timestamp with time zone", "TIMESTAMP"},
    {"time without time zone", "TIME"},
    {"time with time zone", "TIME"},
};

}  // namespace

bool IsOfType(const sql::TableColumn& column, std::string_view wanted) {
  std::string name = AsciiLower(Trim(wanted)), native = AsciiLower(column.native_type);
  if (name == native || name == column.type) return true;
  if (name.find('(') == std::string::npos && name == Base(native)) return true;
  for (const ClassName& known : kPostgresClasses) {
    if (name == AsciiLower(known.name) && known.native == Base(native)) return true;
  }
  bool is_alias = false;
  for (const Alias& alias : kAliases) {
    if (alias.name != name) continue;
    is_alias = true;
    for (std::string_view type : alias.types) {
      if (!type.empty() && Stands(type, column.type)) return true;
    }
  }
  if (is_alias) return false;
  if (name == "decimal" || name == "numeric") return Stands("decimal", column.type);
  Result<std::string> type = sql::ReadTypeName(wanted);
  return type.ok() && *type == column.type;
}

std::string ObservedType(const sql::TableColumn& column, sql::Dialect dialect) {
  if (dialect == sql::Dialect::kDuckDb || column.native_type.empty()) return column.type;
  std::string base = Base(column.native_type);
  if (base.ends_with("[]")) return "ARRAY";
  for (const ClassName& known : kPostgresClasses) {
    if (known.native == base) return std::string(known.name);
  }
  std::string name = base;
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == ' ') c = '_';
  }
  return name;
}

std::string MeantType(std::string_view name) {
  std::string lower = AsciiLower(Trim(name));
  if (sql::ReadTypeName(name).ok() || lower == "decimal" || lower == "numeric") return {};
  std::vector<std::string> names = sql::TypeNames();
  for (const Alias& alias : kAliases) {
    if (alias.name == lower) return {};
    names.emplace_back(alias.name);
  }
  for (const ClassName& known : kPostgresClasses) {
    if (AsciiLower(known.name) == lower || known.native == lower) return {};
  }
  return DidYouMean(lower, names);
}

}  // namespace andon::quality
