#include "iceberg/schema.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace andon::iceberg {
namespace {

// Deeper types than this do not occur; the bound keeps hostile documents harmless.
constexpr int kDepthMax = 64;

struct PrimitiveName {
  TypeId id;
  std::string_view name;
};
constexpr std::array kPrimitives = {
    PrimitiveName{TypeId::kBoolean, "boolean"},
    PrimitiveName{TypeId::kInt, "int"},
    PrimitiveName{TypeId::kLong, "long"},
    PrimitiveName{TypeId::kFloat, "float"},
    PrimitiveName{TypeId::kDouble, "double"},
    PrimitiveName{TypeId::kDate, "date"},
    PrimitiveName{TypeId::kTime, "time"},
    PrimitiveName{TypeId::kTimestamp, "timestamp"},
    PrimitiveName{TypeId::kTimestamptz, "timestamptz"},
    PrimitiveName{TypeId::kString, "string"},
    PrimitiveName{TypeId::kUuid, "uuid"},
    PrimitiveName{TypeId::kBinary, "binary"},
};

bool ReadInt(std::string_view text, int* out) {
  text = Trim(text);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size();
}

const Field* FindIn(const std::vector<Field>& fields, int id) {
  for (const Field& field : fields) {
    if (field.id == id) return &field;
    if (const Field* inner = FindIn(field.type.fields, id)) return inner;
  }
  return nullptr;
}

int HighestIn(const std::vector<Field>& fields) {
  int highest = 0;
  for (const Field& field : fields) {
    highest = std::max({highest, field.id, HighestIn(field.type.fields)});
  }
  return highest;
}

Result<Field> FieldFromJson(const Json& json, int depth) {
  Field field;
  field.id = static_cast<int>(json["id"].AsInteger(-1));
  field.name = json["name"].AsString();
  field.required = json["required"].AsBool();
  field.doc = json["doc"].AsString();
  if (field.id < 0 || !json["name"].is_string()) {
    return Error::Invalid("a schema field needs \"id\" and \"name\"");
  }
  field.type = TRY(TypeFromJson(json["type"], depth));
  return field;
}

Json FieldToJson(const Field& field) {
  Json json = Json::Object({{"id", field.id},
                            {"name", field.name},
                            {"required", field.required},
                            {"type", ToJson(field.type)}});
  if (!field.doc.empty()) json.Set("doc", field.doc);
  return json;
}

}  // namespace

Type Type::Decimal(int precision, int scale) {
  Type type(TypeId::kDecimal);
  type.precision = precision;
  type.scale = scale;
  return type;
}
Type Type::Fixed(int length) {
  Type type(TypeId::kFixed);
  type.length = length;
  return type;
}
Type Type::Struct(std::vector<Field> fields) {
  Type type(TypeId::kStruct);
  type.fields = std::move(fields);
  return type;
}
Type Type::List(Field element) {
  Type type(TypeId::kList);
  element.name = "element";
  type.fields.push_back(std::move(element));
  return type;
}
Type Type::Map(Field key, Field value) {
  Type type(TypeId::kMap);
  key.name = "key";
  key.required = true;
  value.name = "value";
  type.fields.push_back(std::move(key));
  type.fields.push_back(std::move(value));
  return type;
}

bool Type::operator==(const Type& other) const {
  return id == other.id && precision == other.precision && scale == other.scale &&
         length == other.length && fields == other.fields;
}
bool Field::operator==(const Field& other) const {
  return id == other.id && name == other.name && required == other.required && type == other.type;
}

const Field* Schema::Find(std::string_view name) const {
  for (const Field& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}
const Field* Schema::FindById(int field_id) const { return FindIn(fields, field_id); }
int Schema::HighestFieldId() const { return HighestIn(fields); }
bool Schema::SameColumns(const Schema& other) const {
  return fields == other.fields && identifier_field_ids == other.identifier_field_ids;
}

std::string ToString(const Type& type) {
  switch (type.id) {
    case TypeId::kDecimal:
      return fmt::format("decimal({},{})", type.precision, type.scale);
    case TypeId::kFixed:
      return fmt::format("fixed[{}]", type.length);
    case TypeId::kStruct: {
      std::vector<std::string> parts;
      for (const Field& field : type.fields) {
        parts.push_back(fmt::format("{}: {}", field.name, ToString(field.type)));
      }
      return fmt::format("struct<{}>", Join(parts, ", "));
    }
    case TypeId::kList:
      return fmt::format("list<{}>", ToString(type.fields[0].type));
    case TypeId::kMap:
      return fmt::format("map<{}, {}>", ToString(type.fields[0].type),
                         ToString(type.fields[1].type));
    default:
      for (const PrimitiveName& primitive : kPrimitives) {
        if (primitive.id == type.id) return std::string(primitive.name);
      }
      return "unknown";
  }
}

namespace {

// Splits at commas that stand in no brackets.
std::vector<std::string_view> SplitTop(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '<' || text[i] == '(') ++depth;
    if (text[i] == '>' || text[i] == ')') --depth;
    if (text[i] == ',' && depth == 0) {
      parts.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  parts.push_back(text.substr(begin));
  return parts;
}

Result<Type> ParseNested(std::string_view text, int depth);

Result<Type> ParseAt(std::string_view text, int depth) {
  std::string_view trimmed = Trim(text);
  bool nested =
      trimmed.ends_with(">") && (trimmed.starts_with("list<") || trimmed.starts_with("map<") ||
                                 trimmed.starts_with("struct<"));
  return nested ? ParseNested(trimmed, depth + 1) : ParseType(trimmed);
}

Result<Type> ParseNested(std::string_view text, int depth) {
  if (depth > kDepthMax) return Error::Invalid("the type is nested deeper than {}", kDepthMax);
  size_t open = text.find('<');
  std::string_view kind = text.substr(0, open);
  std::vector<std::string_view> parts = SplitTop(text.substr(open + 1, text.size() - open - 2));
  if (kind == "list" && parts.size() == 1) {
    Field element;
    element.type = TRY(ParseAt(parts[0], depth));
    return Type::List(std::move(element));
  }
  if (kind == "map" && parts.size() == 2) {
    Field key;
    key.type = TRY(ParseAt(parts[0], depth));
    Field value;
    value.type = TRY(ParseAt(parts[1], depth));
    return Type::Map(std::move(key), std::move(value));
  }
  std::vector<Field> fields;
  for (std::string_view part : parts) {
    size_t colon = part.find(':');
    if (kind != "struct" || colon == part.npos || Trim(part.substr(0, colon)).empty()) {
      return Error::Invalid("\"{}\" is no type: write list<T>, map<K, V> or struct<name: T, ...>",
                            text);
    }
    Field field;
    field.name = std::string(Trim(part.substr(0, colon)));
    field.type = TRY(ParseAt(part.substr(colon + 1), depth));
    fields.push_back(std::move(field));
  }
  return Type::Struct(std::move(fields));
}

}  // namespace

Result<Type> ParseType(std::string_view text) {
  std::string_view trimmed = Trim(text);
  if (trimmed.find('<') != trimmed.npos && trimmed.ends_with(">")) return ParseNested(trimmed, 0);
  for (const PrimitiveName& primitive : kPrimitives) {
    if (primitive.name == trimmed) return Type(primitive.id);
  }
  if (trimmed.starts_with("decimal(") && trimmed.ends_with(")")) {
    std::vector<std::string> parts = Split(trimmed.substr(8, trimmed.size() - 9), ',');
    int precision = 0;
    int scale = 0;
    bool read = parts.size() == 2 && ReadInt(parts[0], &precision) && ReadInt(parts[1], &scale);
    if (!read || precision < 1 || precision > 38 || scale < 0 || scale > precision) {
      return Error::Invalid(
          "\"{}\" is no decimal type: write decimal(precision,scale) with a precision of 1 to 38 "
          "and a scale of at most that",
          trimmed);
    }
    return Type::Decimal(precision, scale);
  }
  if (trimmed.starts_with("fixed[") && trimmed.ends_with("]")) {
    int length = 0;
    if (!ReadInt(trimmed.substr(6, trimmed.size() - 7), &length) || length < 1) {
      return Error::Invalid("\"{}\" is no fixed type: write fixed[length]", trimmed);
    }
    return Type::Fixed(length);
  }
  std::vector<std::string> names;
  for (const PrimitiveName& primitive : kPrimitives) names.emplace_back(primitive.name);
  names.push_back("decimal(p,s)");
  std::string meant = DidYouMean(trimmed, names);
  return Error::Invalid("\"{}\" is no column type{}; the types are {}", trimmed,
                        meant.empty() ? "" : fmt::format(", did you mean \"{}\"?", meant),
                        Join(names, ", "));
}

Json ToJson(const Type& type) {
  switch (type.id) {
    case TypeId::kDecimal:  // With a space, as Java and PyIceberg write it.
      return fmt::format("decimal({}, {})", type.precision, type.scale);
    case TypeId::kStruct: {
      Json fields = Json::List();
      for (const Field& field : type.fields) fields.Push(FieldToJson(field));
      return Json::Object({{"type", "struct"}, {"fields", std::move(fields)}});
    }
    case TypeId::kList:
      return Json::Object({{"type", "list"},
                           {"element-id", type.fields[0].id},
                           {"element", ToJson(type.fields[0].type)},
                           {"element-required", type.fields[0].required}});
    case TypeId::kMap:
      return Json::Object({{"type", "map"},
                           {"key-id", type.fields[0].id},
                           {"key", ToJson(type.fields[0].type)},
                           {"value-id", type.fields[1].id},
                           {"value", ToJson(type.fields[1].type)},
                           {"value-required", type.fields[1].required}});
    default:
      return ToString(type);
  }
}

Json ToJson(const Schema& schema) {
  Json fields = Json::List();
  for (const Field& field : schema.fields) fields.Push(FieldToJson(field));
  Json json =
      Json::Object({{"type", "struct"}, {"schema-id", schema.id}, {"fields", std::move(fields)}});
  Json identifiers = Json::List();
  for (int id : schema.identifier_field_ids) identifiers.Push(id);
  json.Set("identifier-field-ids", std::move(identifiers));
  return json;
}

Result<Type> TypeFromJson(const Json& json, int depth) {
  if (depth > kDepthMax) return Error::Invalid("the type is nested deeper than {}", kDepthMax);
  if (json.is_string()) return ParseType(json.AsString());
  const std::string& kind = json["type"].AsString();
  if (kind == "struct") {
    Type type(TypeId::kStruct);
    for (const Json& item : json["fields"].items()) {
      Field field = TRY(FieldFromJson(item, depth + 1));
      type.fields.push_back(std::move(field));
    }
    return type;
  }
  if (kind == "list") {
    Field element{static_cast<int>(json["element-id"].AsInteger()),
                  "element",
                  {},
                  json["element-required"].AsBool(),
                  ""};
    element.type = TRY(TypeFromJson(json["element"], depth + 1));
    return Type::List(std::move(element));
  }
  if (kind == "map") {
    Field key{static_cast<int>(json["key-id"].AsInteger()), "key", {}, true, ""};
    key.type = TRY(TypeFromJson(json["key"], depth + 1));
    Field value{static_cast<int>(json["value-id"].AsInteger()),
                "value",
                {},
                json["value-required"].AsBool(),
                ""};
    value.type = TRY(TypeFromJson(json["value"], depth + 1));
    return Type::Map(std::move(key), std::move(value));
  }
  return Error::Invalid("\"{}\" is no type of Iceberg format version 2", kind);
}

Result<Schema> SchemaFromJson(const Json& json) {
  if (!json["fields"].is_array()) return Error::Invalid("a schema needs \"fields\"");
  Schema schema;
  schema.id = static_cast<int>(json["schema-id"].AsInteger(0));
  for (const Json& item : json["fields"].items()) {
    Field field = TRY(FieldFromJson(item, 0));
    schema.fields.push_back(std::move(field));
  }
  for (const Json& id : json["identifier-field-ids"].items()) {
    schema.identifier_field_ids.push_back(static_cast<int>(id.AsInteger()));
  }
  return schema;
}

void AssignFieldIds(std::vector<Field>& fields, int* last_id) {
  for (Field& field : fields) field.id = ++*last_id;
  for (Field& field : fields) AssignFieldIds(field.type.fields, last_id);
}

bool CanPromote(const Type& from, const Type& to) {
  if (from.id == TypeId::kInt && to.id == TypeId::kLong) return true;
  if (from.id == TypeId::kFloat && to.id == TypeId::kDouble) return true;
  return from.id == TypeId::kDecimal && to.id == TypeId::kDecimal && from.scale == to.scale &&
         from.precision <= to.precision;
}

namespace {

class Evolver {
 public:
  Evolver(int last_column_id, const std::vector<Rename>& renames,
          const std::vector<Schema>& proposed)
      : last_id_(last_column_id), renames_(renames), proposed_(proposed) {}

  Result<std::vector<Field>> Merge(const std::vector<Field>& current,
                                   const std::vector<Field>& wanted, const std::string& path) {
    std::vector<Field> merged;
    std::vector<int> kept;
    for (const Field& want : wanted) {
      std::string name = path + want.name;
      const Field* have = Match(current, want.name, path.empty());
      Field field = want;
      if (have == nullptr) {
        if (const Field* same = path.empty() ? Proposed(want) : nullptr) {
          field.id = same->id;
          field.type = same->type;
        } else {
          field.id = ++last_id_;
          AssignFieldIds(field.type.fields, &last_id_);
        }
        // A column that older rows do not have cannot be promised to be there:
        // readers would refuse those rows. The checks still see to "required".
        field.required = false;
        says_.push_back(fmt::format("added column {} {}", name, ToString(want.type)));
      } else {
        field.id = have->id;
        kept.push_back(have->id);
        if (have->name != want.name) {
          says_.push_back(fmt::format("renamed column {} to {}", path + have->name, name));
        }
        field.type = TRY(MergeType(have->type, want.type, name));
        if (!have->required) field.required = false;
        if (have->required && !field.required) {
          says_.push_back(fmt::format("{}: may be null now", name));
        }
        if (field.doc != have->doc) docs_changed_ = true;
      }
      merged.push_back(std::move(field));
    }
    for (const Field& have : current) {
      if (std::find(kept.begin(), kept.end(), have.id) == kept.end()) {
        says_.push_back(fmt::format("dropped column {}", path + have.name));
      }
    }
    return merged;
  }

  int last_id() const { return last_id_; }
  bool docs_changed() const { return docs_changed_; }
  std::vector<std::string> says() && { return std::move(says_); }

 private:
  const Field* Match(const std::vector<Field>& current, const std::string& name, bool top) const {
    if (top) {
      for (const Rename& rename : renames_) {
        if (rename.to != name) continue;
        for (const Field& field : current) {
          if (field.name == rename.from) return &field;
        }
      }
    }
    for (const Field& field : current) {
      if (field.name == name) return &field;
    }
    return nullptr;
  }

  const Field* Proposed(const Field& want) const {
    for (const Schema& schema : proposed_) {
      const Field* same = schema.Find(want.name);
      if (same != nullptr && ToString(same->type) == ToString(want.type)) return same;
    }
    return nullptr;
  }

  Result<Type> MergeType(const Type& have, const Type& want, const std::string& path) {
    if (have.id == want.id && have.is_nested()) {
      Type type = want;
      type.fields = TRY(Merge(have.fields, want.fields, path + "."));
      return type;
    }
    if (have == want) return want;
    if (CanPromote(have, want)) {
      says_.push_back(fmt::format("{}: {} is now {}", path, ToString(have), ToString(want)));
      return want;
    }
    return Error::Invalid(
        "Column \"{}\" is {} in the table and cannot become {}: Iceberg widens int to long, float "
        "to double and a decimal's precision only. Give the new type a column of its own, or drop "
        "and add the column in two steps",
        path, ToString(have), ToString(want));
  }

  int last_id_;
  const std::vector<Rename>& renames_;
  const std::vector<Schema>& proposed_;
  std::vector<std::string> says_;
  bool docs_changed_ = false;
};

}  // namespace

Result<Evolution> Evolve(const Schema& current, int last_column_id,
                         const std::vector<Field>& wanted, const std::vector<Rename>& renames,
                         const std::vector<std::string>& identifier,
                         const std::vector<Schema>& proposed) {
  Evolver evolver(last_column_id, renames, proposed);
  Evolution evolution;
  evolution.schema.id = current.id;
  evolution.schema.fields = TRY(evolver.Merge(current.fields, wanted, ""));
  for (const std::string& name : identifier) {
    const Field* field = evolution.schema.Find(name);
    // Only required columns may be identifiers.
    if (field != nullptr && field->required) {
      evolution.schema.identifier_field_ids.push_back(field->id);
    }
  }
  evolution.last_column_id = evolver.last_id();
  evolution.changed = !evolution.schema.SameColumns(current) || evolver.docs_changed();
  evolution.says = std::move(evolver).says();
  if (evolution.changed && evolution.says.empty()) {
    evolution.says.push_back("changed the order, the documentation or the key of columns");
  }
  return evolution;
}

}  // namespace andon::iceberg
