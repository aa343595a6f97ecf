#include "contract/formats/json_schema.h"

#include <algorithm>

#include "base/json_strings.h"
#include "base/text.h"
#include "contract/declared.h"

namespace andon::contract {
namespace {

constexpr int kDepthMax = 64;
constexpr int kPropertiesMax = 50'000;  // References can multiply what a schema says.

Json PropertySchema(const Property& p) {
  Json schema = Json::Object();
  auto set_type = [&](const char* type) {
    bool nullable = !p.required && !p.primary_key && !p.name.empty();
    schema.Set("type", nullable ? Json::List({type, "null"}) : Json(type));
  };
  std::string logical = p.logical_type;
  if (logical.empty()) {
    bool whole = p.type == "int" || p.type == "long";
    bool number = p.type == "float" || p.type == "double" || p.type.starts_with("decimal");
    logical = whole                     ? "integer"
              : number                  ? "number"
              : p.type == "timestamptz" ? "timestamp"
                                        : p.type;
  }
  if (logical == "integer" || logical == "number" || logical == "boolean" || logical == "array" ||
      logical == "object") {
    set_type(logical.c_str());
  } else {
    set_type("string");
    if (logical == "date" || logical == "time") schema.Set("format", logical);
    if (logical == "timestamp") schema.Set("format", "date-time");
    if (p.type == "uuid") schema.Set("format", "uuid");
  }
  if (!p.business_name.empty()) schema.Set("title", p.business_name);
  if (!p.description.empty()) schema.Set("description", p.description);
  for (const char* name :
       {"minLength", "maxLength", "pattern", "minimum", "maximum", "multipleOf", "exclusiveMinimum",
        "exclusiveMaximum", "minItems", "maxItems", "uniqueItems"}) {
    const Json& value = p.options[name];
    // Limits of dates are no keywords of JSON Schema.
    bool is_limit = std::string_view(name).find("imum") != std::string_view::npos;
    if (value.is_null() || (is_limit && !value.is_number())) continue;
    schema.Set(name, value);
  }
  static constexpr std::string_view kFormats[] = {"email",    "uuid", "uri",
                                                  "hostname", "ipv4", "ipv6"};
  const std::string& format = p.options["format"].AsString();
  if (std::find(std::begin(kFormats), std::end(kFormats), format) != std::end(kFormats))
    schema.Set("format", format);
  for (const Rule& rule : p.quality) {
    bool none = rule.comparison == "mustBe" && rule.operand == Json(0);
    if (rule.metric != "invalidValues" || !none) continue;
    if (rule.arguments["validValues"].is_array()) {
      Json values = rule.arguments["validValues"];
      if (schema["type"].is_array()) values.Push(Json());
      schema.Set("enum", std::move(values));
    }
    if (rule.arguments["pattern"].is_string()) schema.Set("pattern", rule.arguments["pattern"]);
  }
  return schema;
}

Json ObjectSchema(const std::vector<Property>& properties);

Json Nested(const Property& p) {
  Json schema = PropertySchema(p);
  if (!p.properties.empty()) {
    Json inner = ObjectSchema(p.properties);
    schema.Set("properties", inner["properties"]);
    if (inner.Has("required")) schema.Set("required", inner["required"]);
  }
  if (!p.items.empty()) schema.Set("items", Nested(p.items[0]));
  return schema;
}

// Depth: that of the document.
Json ObjectSchema(const std::vector<Property>& properties) {
  Json members = Json::Object(), required = Json::List();
  for (const Property& p : properties) {
    members.Set(p.name, Nested(p));
    if (p.required || p.primary_key) required.Push(p.name);
  }
  Json schema = Json::Object({{"type", "object"}, {"properties", std::move(members)}});
  if (required.size() > 0) schema.Set("required", std::move(required));
  return schema;
}

class Importer {
 public:
  explicit Importer(const Json& root) : root_(root) {}

  Json Run(std::string_view name) {
    const Json* object = &Followed(root_, 0);
    if (object->Has("items")) object = &Followed((*object)["items"], 0);
    std::string title = IdentifierOf(root_["title"].AsString(name));
    Json table = Json::Object({{"name", title}, {"logicalType", "object"}});
    if ((*object)["description"].is_string()) table.Set("description", (*object)["description"]);
    table.Set("properties", Properties(*object, 0));
    Json out = Json::Object({{"apiVersion", "v3.1.0"},
                             {"kind", "DataContract"},
                             {"id", root_["$id"].AsString(title)},
                             {"name", title},
                             {"version", "1.0.0"},
                             {"status", "draft"}});
    out.Set("schema", Json::List({std::move(table)}));
    return out;
  }

 private:
  // What a schema is behind its references within the document.
  const Json& Followed(const Json& schema, int depth) const {
    const std::string& reference = schema["$ref"].AsString();
    if (!reference.starts_with("#/") || depth > kDepthMax) return schema;
    const Json* at = &root_;
    for (const std::string& step : Split(std::string_view(reference).substr(2), '/'))
      at = &(*at)[step];
    return Followed(*at, depth + 1);
  }

  Json Properties(const Json& object, int depth) {
    Json list = Json::List();
    std::vector<std::string> required = Strings(object["required"]);
    for (const auto& [name, schema] : object["properties"].members()) {
      bool is_required = std::find(required.begin(), required.end(), name) != required.end();
      list.Push(Property(name, Followed(schema, 0), is_required, depth));
    }
    return list;
  }

  Json Property(const std::string& name, const Json& schema, bool required, int depth) {
    ++properties_;
    Json p = Json::Object();
    if (!name.empty()) p.Set("name", name);
    std::string type = schema["type"].AsString();
    bool nullable = false;
    for (const Json& word : schema["type"].items()) {
      if (word.AsString() == "null")
        nullable = true;
      else if (type.empty())
        type = word.AsString();
    }
    const std::string& format = schema["format"].AsString();
    std::string logical = type.empty() ? "string" : type;
    if (type == "string" || type.empty()) {
      if (format == "date" || format == "time") logical = format;
      if (format == "date-time") logical = "timestamp";
    }
    p.Set("logicalType", logical);
    if (required && !nullable) p.Set("required", true);
    if (schema["title"].is_string()) p.Set("businessName", schema["title"]);
    if (schema["description"].is_string()) p.Set("description", schema["description"]);
    if (schema["examples"].is_array()) p.Set("examples", schema["examples"]);
    Options(schema, logical, format, p);
    Json values = schema["enum"];
    if (schema.Has("const")) values = Json::List({schema["const"]});
    if (values.is_array()) {
      Json kept = Json::List();
      for (const Json& value : values.items()) {
        if (!value.is_null()) kept.Push(value);
      }
      p.Set("quality",
            Json::List({Json::Object({{"type", "library"},
                                      {"metric", "invalidValues"},
                                      {"arguments", Json::Object({{"validValues", kept}})},
                                      {"mustBe", 0}})}));
    }
    if (depth >= kDepthMax || properties_ >= kPropertiesMax) return p;
    if (logical == "object" && schema.Has("properties"))
      p.Set("properties", Properties(schema, depth + 1));
    if (logical == "array" && schema["items"].is_object())
      p.Set("items", Property("", Followed(schema["items"], 0), false, depth + 1));
    return p;
  }

  static void Options(const Json& schema, const std::string& logical, const std::string& format,
                      Json& p) {
    Json options = Json::Object();
    auto copy = [&](std::initializer_list<const char*> names) {
      for (const char* name : names) {
        if (schema.Has(name)) options.Set(name, schema[name]);
      }
    };
    if (logical == "string") {
      copy({"minLength", "maxLength", "pattern"});
      if (!format.empty()) options.Set("format", format);
    }
    if (logical == "integer" || logical == "number")
      copy({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"});
    if (logical == "array") copy({"minItems", "maxItems", "uniqueItems"});
    if (logical == "timestamp" && format == "date-time") options.Set("timezone", true);
    if (options.size() > 0) p.Set("logicalTypeOptions", std::move(options));
  }

  const Json& root_;
  int properties_ = 0;
};

}  // namespace

Json JsonSchemaOf(const Table& table) {
  Json schema = Json::Object(
      {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", table.name}});
  if (!table.description.empty()) schema.Set("description", table.description);
  Json object = ObjectSchema(table.properties);
  for (const auto& [name, value] : object.members()) schema.Set(name, value);
  return schema;
}

Json JsonSchemaOf(const Document& document) {
  if (document.tables.size() == 1) return JsonSchemaOf(document.tables[0]);
  Json members = Json::Object();
  for (const Table& table : document.tables) {
    Json rows = JsonSchemaOf(table);
    rows.Remove("$schema");
    members.Set(table.name, Json::Object({{"type", "array"}, {"items", std::move(rows)}}));
  }
  return Json::Object({{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                       {"title", document.title()},
                       {"type", "object"},
                       {"properties", std::move(members)}});
}

Json OdcsFromJsonSchema(const Json& schema, std::string_view name) {
  return Importer(schema).Run(name);
}

}  // namespace andon::contract
