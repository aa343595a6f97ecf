// DuckDB's types, read once for all cells of a column, and their text.
#include "base/text.h"
#include "sql/engines/duckdb_internal.h"

namespace andon::sql {
namespace {

std::string TypeText(const TypeNode& type, duckdb_logical_type raw) {
  switch (type.id) {
    case DUCKDB_TYPE_BOOLEAN:
      return "BOOLEAN";
    case DUCKDB_TYPE_TINYINT:
      return "TINYINT";
    case DUCKDB_TYPE_SMALLINT:
      return "SMALLINT";
    case DUCKDB_TYPE_INTEGER:
      return "INTEGER";
    case DUCKDB_TYPE_BIGINT:
      return "BIGINT";
    case DUCKDB_TYPE_UTINYINT:
      return "UTINYINT";
    case DUCKDB_TYPE_USMALLINT:
      return "USMALLINT";
    case DUCKDB_TYPE_UINTEGER:
      return "UINTEGER";
    case DUCKDB_TYPE_UBIGINT:
      return "UBIGINT";
    case DUCKDB_TYPE_HUGEINT:
      return "HUGEINT";
    case DUCKDB_TYPE_UHUGEINT:
      return "UHUGEINT";
    case DUCKDB_TYPE_FLOAT:
      return "FLOAT";
    case DUCKDB_TYPE_DOUBLE:
      return "DOUBLE";
    case DUCKDB_TYPE_DECIMAL:
      return fmt::format("DECIMAL({},{})", type.width, type.scale);
    case DUCKDB_TYPE_DATE:
      return "DATE";
    case DUCKDB_TYPE_TIME:
      return "TIME";
    case DUCKDB_TYPE_TIME_NS:
      return "TIME_NS";
    case DUCKDB_TYPE_TIME_TZ:
      return "TIME WITH TIME ZONE";
    case DUCKDB_TYPE_TIMESTAMP:
      return "TIMESTAMP";
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_TIMESTAMP_S:
      return "TIMESTAMP_S";
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return "TIMESTAMP_MS";
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return "TIMESTAMP_NS";
    case DUCKDB_TYPE_INTERVAL:
      return "INTERVAL";
    case DUCKDB_TYPE_VARCHAR: {
      char* alias = duckdb_logical_type_get_alias(raw);
      std::string text = alias && *alias ? alias : "VARCHAR";  // JSON is a VARCHAR of that alias.
      duckdb_free(alias);
      return text;
    }
    case DUCKDB_TYPE_BLOB:
      return "BLOB";
    case DUCKDB_TYPE_BIT:
      return "BIT";
    case DUCKDB_TYPE_UUID:
      return "UUID";
    case DUCKDB_TYPE_BIGNUM:
      return "BIGNUM";
    case DUCKDB_TYPE_SQLNULL:
      return "\"NULL\"";
    case DUCKDB_TYPE_GEOMETRY:
      return "GEOMETRY";
    case DUCKDB_TYPE_VARIANT:
      return "VARIANT";
    case DUCKDB_TYPE_LIST:
      return type.children[0].text + "[]";
    case DUCKDB_TYPE_ARRAY:
      return fmt::format("{}[{}]", type.children[0].text, type.array_size);
    case DUCKDB_TYPE_MAP:
      return fmt::format("MAP({}, {})", type.children[0].text, type.children[1].text);
    case DUCKDB_TYPE_ENUM: {
      std::vector<std::string> words;
      for (const std::string& word : type.names) words.push_back(QuoteLiteral(word));
      return "ENUM(" + Join(words, ", ") + ")";
    }
    case DUCKDB_TYPE_STRUCT:
    case DUCKDB_TYPE_UNION: {
      std::vector<std::string> fields;
      for (size_t i = 0; i < type.names.size(); i++) {
        fields.push_back(QuoteIdentifier(type.names[i]) + " " + type.children[i].text);
      }
      return (type.id == DUCKDB_TYPE_UNION ? "UNION(" : "STRUCT(") + Join(fields, ", ") + ")";
    }
    default:
      return "INVALID";
  }
}

// Takes and frees DuckDB's text.
std::string TakeText(char* text) {
  std::string out = text ? text : "";
  duckdb_free(text);
  return out;
}

TypeNode TakeType(duckdb_logical_type type, int depth) {
  TypeNode node = ReadType(type, depth);
  duckdb_destroy_logical_type(&type);
  return node;
}

}  // namespace

TypeNode ReadType(duckdb_logical_type raw, int depth) {
  TypeNode type;
  type.id = duckdb_get_type_id(raw);
  if (depth > kTypeDepthMax) type.id = DUCKDB_TYPE_INVALID;
  switch (type.id) {
    case DUCKDB_TYPE_DECIMAL:
      type.width = duckdb_decimal_width(raw);
      type.scale = duckdb_decimal_scale(raw);
      type.storage = duckdb_decimal_internal_type(raw);
      break;
    case DUCKDB_TYPE_ENUM:
      type.storage = duckdb_enum_internal_type(raw);
      for (idx_t i = 0; i < duckdb_enum_dictionary_size(raw); i++) {
        type.names.push_back(TakeText(duckdb_enum_dictionary_value(raw, i)));
      }
      break;
    case DUCKDB_TYPE_LIST:
      type.children.push_back(TakeType(duckdb_list_type_child_type(raw), depth + 1));
      break;
    case DUCKDB_TYPE_ARRAY:
      type.array_size = static_cast<int64_t>(duckdb_array_type_array_size(raw));
      type.children.push_back(TakeType(duckdb_array_type_child_type(raw), depth + 1));
      break;
    case DUCKDB_TYPE_MAP:
      type.children.push_back(TakeType(duckdb_map_type_key_type(raw), depth + 1));
      type.children.push_back(TakeType(duckdb_map_type_value_type(raw), depth + 1));
      break;
    case DUCKDB_TYPE_STRUCT:
      for (idx_t i = 0; i < duckdb_struct_type_child_count(raw); i++) {
        type.names.push_back(TakeText(duckdb_struct_type_child_name(raw, i)));
        type.children.push_back(TakeType(duckdb_struct_type_child_type(raw, i), depth + 1));
      }
      break;
    case DUCKDB_TYPE_UNION:
      for (idx_t i = 0; i < duckdb_union_type_member_count(raw); i++) {
        type.names.push_back(TakeText(duckdb_union_type_member_name(raw, i)));
        type.children.push_back(TakeType(duckdb_union_type_member_type(raw, i), depth + 1));
      }
      break;
    default:
      break;
  }
  type.text = TypeText(type, raw);
  return type;
}

}  // namespace andon::sql
