// Avro containers: reading and writing records by a schema given as JSON.
//
// As much of Avro as Iceberg needs: all types but enum defaults and recursion,
// codecs "null" and "deflate". The schema's text is written exactly as it is given,
// since Iceberg keeps field ids and map marks in it, which Avro libraries drop.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace andon::iceberg::avro {

enum class Kind {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kBytes,
  kString,
  kFixed,
  kEnum,
  kRecord,
  kArray,
  kMap,
  kUnion,
};

struct Schema;
using SchemaPtr = std::shared_ptr<const Schema>;

struct SchemaField {
  std::string name;
  int field_id = -1;  // Iceberg's, or -1.
  SchemaPtr type;
};

struct Schema {
  Kind kind = Kind::kNull;
  size_t size = 0;                  // kFixed.
  std::vector<SchemaField> fields;  // kRecord.
  std::vector<SchemaPtr> branches;  // kUnion.
  SchemaPtr items;                  // kArray, kMap (the values).
  int depth = 0;                    // Of the schemas in it, those that it only names too.
};

// kInvalid for what is no Avro schema, or nests deeper than 32.
Result<SchemaPtr> ParseSchema(const Json& json);

// A record is a list with one value for each field; a map a list of lists of key
// and value; a value of a union is the value itself; an enum is its index; fixed,
// bytes and strings are std::string.
struct Value {
  std::variant<std::monostate, bool, int64_t, double, std::string, std::vector<Value>> data;

  Value() = default;
  Value(bool b) : data(b) {}
  Value(int i) : data(int64_t{i}) {}
  Value(int64_t i) : data(i) {}
  Value(double d) : data(d) {}
  Value(std::string s) : data(std::move(s)) {}
  Value(std::vector<Value> items) : data(std::move(items)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(data); }
  // The content, or nothing of it where it is of another kind.
  int64_t AsInteger(int64_t other = 0) const;
  bool AsBool() const;
  double AsDouble() const;
  const std::string& AsString() const;
  const std::vector<Value>& items() const;
};

struct Container {
  std::map<std::string, std::string> metadata;  // "schema", "format-version"…
  SchemaPtr schema;
  std::vector<Value> records;
};

// Requires: every record fits the schema. `schema` is added to the metadata.
std::string Write(const Json& schema, const std::map<std::string, std::string>& metadata,
                  const std::vector<Value>& records);
// kCorrupt for bytes that are no container, are cut off, or use another codec.
Result<Container> Read(std::string_view bytes);

// The value of the record's field with that Iceberg id, or null.
// Requires: `schema` is of kind kRecord (or a union with one).
const Value& FieldById(const Schema& schema, const Value& record, int field_id);
// The schema of that field without its null branch; null where there is none.
const Schema* SchemaById(const Schema& schema, int field_id);

}  // namespace andon::iceberg::avro
