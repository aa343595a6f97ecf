// Types and schemas of Apache Iceberg, format version 2.
//
// A column is known by its field id, which never changes and is never used
// again; its name may change. Types are values; a struct's, list's and map's
// inner fields have ids of their own.
//
//   auto amount = TRY(ParseType("decimal(5,2)"));
//   Schema schema{.id = 0, .fields = {{1, "payment_id", Type(TypeId::kLong), true}}};
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace andon::iceberg {

enum class TypeId {
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kDecimal,  // precision, scale
  kDate,
  kTime,         // microseconds of the day
  kTimestamp,    // microseconds, no zone
  kTimestamptz,  // microseconds, UTC
  kString,
  kUuid,
  kFixed,  // length
  kBinary,
  kStruct,  // fields
  kList,    // fields[0]: "element"
  kMap,     // fields[0]: "key", fields[1]: "value"
};

struct Field;

struct Type {
  TypeId id = TypeId::kString;
  int precision = 0;  // kDecimal: 1 to 38.
  int scale = 0;      // kDecimal.
  int length = 0;     // kFixed.
  std::vector<Field> fields;

  Type() = default;
  explicit Type(TypeId type) : id(type) {}
  static Type Decimal(int precision, int scale);
  static Type Fixed(int length);
  static Type Struct(std::vector<Field> fields);
  static Type List(Field element);
  static Type Map(Field key, Field value);

  bool is_nested() const {
    return id == TypeId::kStruct || id == TypeId::kList || id == TypeId::kMap;
  }
  // Equal with field ids, names and requiredness; docs do not count.
  bool operator==(const Type& other) const;
};

struct Field {
  int id = 0;
  std::string name;
  Type type;
  bool required = false;
  std::string doc;

  bool operator==(const Field& other) const;
};

struct Schema {
  int id = 0;
  std::vector<Field> fields;
  std::vector<int> identifier_field_ids;

  // Top-level column, or null. Lifetime: that of the schema.
  const Field* Find(std::string_view name) const;
  // Any field, however deep, or null.
  const Field* FindById(int field_id) const;
  int HighestFieldId() const;
  // Equal in columns and identifiers; the schema's own id does not count.
  bool SameColumns(const Schema& other) const;
};

// "long", "decimal(5,2)", "struct<a: int, b: string>"…; as messages and the
// language write them.
std::string ToString(const Type& type);
// The reverse: "boolean", "int", "long", "float", "double", "decimal(p,s)", "date",
// "time", "timestamp", "timestamptz", "string", "uuid", "fixed[n]", "binary",
// "list<T>", "map<K, V>", "struct<name: T, …>". Inner field ids are 0.
Result<Type> ParseType(std::string_view text);

// As in table metadata. kInvalid for types of later format versions, nesting
// deeper than 64, or a document that is no schema.
Json ToJson(const Type& type);
Json ToJson(const Schema& schema);
Result<Type> TypeFromJson(const Json& json, int depth = 0);
Result<Schema> SchemaFromJson(const Json& json);

// Gives every field of `fields`, however deep, a fresh id from ++*last_id on, in
// the order the specification's readers use: a level first, then its children.
void AssignFieldIds(std::vector<Field>& fields, int* last_id);

// int → long, float → double, decimal(p,s) → decimal(larger p, s).
bool CanPromote(const Type& from, const Type& to);

// What must change so that a table with schema `current` has the columns
// `wanted` (their ids are not looked at). Columns are matched by name, or by the
// old name in `renames` (new name → old name); what is matched keeps its id.
struct Rename {
  std::string from;
  std::string to;
};
struct Evolution {
  Schema schema;           // With ids; `schema.id` is `current.id` if nothing changed.
  int last_column_id = 0;  // After new ids were given.
  bool changed = false;
  std::vector<std::string> says;  // "added column x", "x: int is now long"…
};
// `proposed` are schemas that were added but are not current yet (of a load that was
// rejected, say): a new column that one of them has takes its id, so that trying
// again finds the same schema again.
// kInvalid where a type cannot be promoted, naming column and both types.
Result<Evolution> Evolve(const Schema& current, int last_column_id,
                         const std::vector<Field>& wanted, const std::vector<Rename>& renames = {},
                         const std::vector<std::string>& identifier = {},
                         const std::vector<Schema>& proposed = {});

}  // namespace andon::iceberg
