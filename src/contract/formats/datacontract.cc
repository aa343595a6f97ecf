#include "contract/formats/datacontract.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/json_strings.h"
#include "base/text.h"
#include "contract/document.h"

namespace andon::contract {
namespace {

constexpr int kDepthMax = 64;       // Of fields in fields and of definitions that refer to others.
constexpr int kFieldsMax = 50'000;  // Definitions can multiply what a document says.

struct TypeWord {
  std::string_view word, logical, physical;
};
constexpr TypeWord kTypes[] = {{"string", "string", "VARCHAR"},
                               {"text", "string", "VARCHAR"},
                               {"varchar", "string", "VARCHAR"},
                               {"int", "integer", "INTEGER"},
                               {"integer", "integer", "INTEGER"},
                               {"long", "integer", "BIGINT"},
                               {"bigint", "integer", "BIGINT"},
                               {"float", "number", "REAL"},
                               {"double", "number", "DOUBLE PRECISION"},
                               {"number", "number", "DECIMAL"},
                               {"decimal", "number", "DECIMAL"},
                               {"numeric", "number", "DECIMAL"},
                               {"boolean", "boolean", "BOOLEAN"},
                               {"date", "date", "DATE"},
                               {"time", "time", "TIME"},
                               {"timestamp", "timestamp", "TIMESTAMP WITH TIME ZONE"},
                               {"timestamp_tz", "timestamp", "TIMESTAMP WITH TIME ZONE"},
                               {"timestamp_ntz", "timestamp", "TIMESTAMP"},
                               {"array", "array", ""},
                               {"map", "object", ""},
                               {"object", "object", ""},
                               {"record", "object", ""},
                               {"struct", "object", ""},
                               {"bytes", "string", "BINARY"},
                               {"null", "string", ""}};

void Copy(const Json& from, std::string_view name, Json& to, std::string_view as = {}) {
  if (from.Has(name) && !from[name].is_null()) to.Set(as.empty() ? name : as, from[name]);
}

// "P3M" is "90d", "PT1H30M" is "90m", "1 year" is "1y"; what is neither stays as it is.
std::string Plain(const std::string& text) {
  if (text.starts_with('P') && text.size() > 1) {
    int64_t seconds = 0, number = 0;
    bool in_time = false, has_number = false;
    for (char c : text.substr(1)) {
      if (c >= '0' && c <= '9') {
        number = std::min<int64_t>(number * 10 + (c - '0'), 1'000'000);
        has_number = true;
        continue;
      }
      if (c == 'T') {
        in_time = true;
        continue;
      }
      int64_t unit = c == 'Y'   ? 365 * 86400
                     : c == 'M' ? (in_time ? 60 : 30 * 86400)
                     : c == 'W' ? 7 * 86400
                     : c == 'D' ? 86400
                     : c == 'H' ? 3600
                     : c == 'S' ? 1
                                : 0;
      if (unit == 0 || !has_number) return text;
      seconds += number * unit;
      number = 0;
      has_number = false;
    }
    if (has_number || seconds == 0) return text;
    for (auto [letter, size] : {std::pair{'d', 86400}, {'h', 3600}, {'m', 60}}) {
      if (seconds % size == 0) return fmt::format("{}{}", seconds / size, letter);
    }
    return fmt::format("{}s", seconds);
  }
  size_t space = text.find(' ');
  if (space == std::string::npos) return text;
  std::string number = text.substr(0, space), word = text.substr(space + 1);
  static const std::pair<std::string_view, char> kWords[] = {
      {"year", 'y'}, {"week", 'w'}, {"day", 'd'}, {"hour", 'h'}, {"minute", 'm'}, {"second", 's'}};
  for (const auto& [singular, letter] : kWords) {
    bool is_number = number.find_first_not_of("0123456789") == std::string::npos;
    if (is_number && AsciiLower(word).starts_with(singular)) return number + letter;
  }
  return text;
}

class Converter {
 public:
  explicit Converter(const Json& in) : in_(in) {}

  Json Run() {
    const Json& info = in_["info"];
    Json out = Json::Object(
        {{"apiVersion", "v3.1.0"}, {"kind", "DataContract"}, {"id", in_["id"].AsString()}});
    Copy(info, "title", out, "name");
    Json version = info["version"];
    out.Set("version",
            version.is_string() ? version : Json(version.is_null() ? "1.0.0" : version.Dump()));
    out.Set("status", Status(info["status"].AsString()));
    Description(out);
    Copy(in_, "tags", out);
    Servers(out);
    Json schema = Json::List();
    for (const auto& [name, model] : in_["models"].members()) schema.Push(Model(name, model));
    if (schema.size() > 0) out.Set("schema", std::move(schema));
    Support(info, out);
    ServiceLevels(out);
    Rest(info, out);
    return out;
  }

 private:
  static std::string Status(const std::string& status) {
    for (std::string_view known : {"proposed", "draft", "active", "deprecated", "retired"}) {
      if (AsciiLower(status) == known) return std::string(known);
    }
    return status == "in development" ? "draft" : "active";
  }

  void Description(Json& out) {
    Json description = Json::Object();
    const Json& terms = in_["terms"];
    Copy(in_["info"], "description", description, "purpose");
    Copy(terms, "limitations", description);
    Copy(terms, "usage", description);
    if (description.size() > 0) out.Set("description", std::move(description));
    if (terms["noticePeriod"].is_string())
      SetCustomProperty(out, "noticePeriod", Plain(terms["noticePeriod"].AsString()));
    for (const char* name : {"billing", "policies"}) {
      if (terms.Has(name)) SetCustomProperty(out, name, terms[name]);
    }
  }

  void Servers(Json& out) {
    Json servers = Json::List();
    for (const auto& [name, server] : in_["servers"].members()) {
      Json one = Json::Object({{"server", name}});
      for (const auto& [key, value] : server.members()) one.Set(key, value);
      servers.Push(std::move(one));
    }
    if (servers.size() > 0) out.Set("servers", std::move(servers));
  }

  // A field with what it refers to put in; its own words win.
  Json Resolved(const Json& field, int depth) const {
    const std::string& reference = field["$ref"].AsString();
    if (!reference.starts_with("#/definitions/") || depth > kDepthMax) return field;
    const Json* at = &in_["definitions"];
    for (const std::string& step : Split(std::string_view(reference).substr(14), '/'))
      at = &(*at)[step];
    Json merged = at->is_object() ? Resolved(*at, depth + 1) : Json::Object();
    for (const auto& [name, value] : field.members()) {
      if (name != "$ref") merged.Set(name, value);
    }
    return merged;
  }

  Json Model(const std::string& name, const Json& model) {
    Json table = Json::Object({{"name", name}, {"logicalType", "object"}});
    table.Set("physicalType", model["type"].AsString("table"));
    Copy(model, "title", table, "businessName");
    Copy(model, "description", table);
    Copy(model, "tags", table);
    Json properties = Json::List();
    std::vector<std::string> key = Strings(model["primaryKey"]);
    for (const auto& [field_name, field] : model["fields"].members())
      properties.Push(Field(field_name, field, key, 0));
    table.Set("properties", std::move(properties));
    Quality(model["quality"], table);
    return table;
  }

  Json Field(const std::string& name, const Json& written, const std::vector<std::string>& key,
             int depth) {
    ++fields_;
    Json field = Resolved(written, 0);
    Json p = Json::Object();
    if (!name.empty()) p.Set("name", name);
    Copy(field, "title", p, "businessName");
    Type(field, p);
    auto part = std::find(key.begin(), key.end(), name);
    bool is_key = field["primaryKey"].AsBool(field["primary"].AsBool(false));
    if (part != key.end() || is_key) {
      p.Set("primaryKey", true);
      p.Set("primaryKeyPosition", part != key.end() ? (part - key.begin()) + 1 : int64_t{1});
    }
    for (const char* same : {"required", "unique", "description", "classification", "tags"})
      Copy(field, same, p);
    if (field["pii"].AsBool(false)) SetCustomProperty(p, "pii", true);
    Json examples = field["examples"];
    if (!examples.is_array() && field.Has("example")) examples = Json::List({field["example"]});
    if (examples.size() > 0) p.Set("examples", std::move(examples));
    Options(field, p);
    if (field["references"].is_string())
      p.Set("relationships", Json::List({Json::Object({{"to", field["references"]}})}));
    Quality(field["quality"], p);
    Enum(field["enum"], p);
    if (field.Has("config")) SetCustomProperty(p, "config", field["config"]);
    if (depth >= kDepthMax || fields_ >= kFieldsMax) return p;
    Json inner = Json::List();
    for (const auto& [inner_name, inner_field] : field["fields"].members())
      inner.Push(Field(inner_name, inner_field, {}, depth + 1));
    if (inner.size() > 0) p.Set("properties", std::move(inner));
    if (field["items"].is_object()) p.Set("items", Field("", field["items"], {}, depth + 1));
    return p;
  }

  static void Type(const Json& field, Json& p) {
    std::string word = AsciiLower(field["type"].AsString());
    for (const TypeWord& type : kTypes) {
      if (type.word != word) continue;
      p.Set("logicalType", type.logical);
      std::string physical(type.physical);
      if (physical == "DECIMAL" && field["precision"].is_integer())
        physical = fmt::format("DECIMAL({},{})", field["precision"].AsInteger(),
                               field["scale"].AsInteger(0));
      if (physical == "VARCHAR" && field["maxLength"].is_integer())
        physical = fmt::format("VARCHAR({})", field["maxLength"].AsInteger());
      if (!physical.empty()) p.Set("physicalType", physical);
      if (word == "timestamp" || word == "timestamp_tz")
        p.Set("logicalTypeOptions", Json::Object({{"timezone", true}}));
    }
  }

  static void Options(const Json& field, Json& p) {
    const std::string& logical = p["logicalType"].AsString();
    Json options = p["logicalTypeOptions"].is_object() ? p["logicalTypeOptions"] : Json::Object();
    bool is_number = logical == "number" || logical == "integer";
    if (logical == "string") {
      for (const char* name : {"minLength", "maxLength", "pattern", "format"})
        Copy(field, name, options);
    }
    if (is_number) {
      for (const char* name : {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
        Copy(field, name, options);
    }
    if (options.size() > 0) p.Set("logicalTypeOptions", std::move(options));
  }

  static void Enum(const Json& values, Json& p) {
    if (!values.is_array()) return;
    Json quality = p["quality"].is_array() ? p["quality"] : Json::List();
    quality.Push(Json::Object({{"type", "library"},
                               {"metric", "invalidValues"},
                               {"arguments", Json::Object({{"validValues", values}})},
                               {"mustBe", 0}}));
    p.Set("quality", std::move(quality));
  }

  static void Quality(const Json& rules, Json& to) {
    if (!rules.is_array() || rules.size() == 0) return;
    Json out = Json::List();
    for (const Json& rule : rules.items()) {
      Json one = rule;
      // Older words of the specification.
      for (auto [old_word, word] :
           {std::pair{"mustBeGreaterThanOrEqualTo", "mustBeGreaterOrEqualTo"},
            {"mustBeLessThanOrEqualTo", "mustBeLessOrEqualTo"},
            {"specification", "implementation"}}) {
        if (!one.Has(old_word)) continue;
        one.Set(word, one[old_word]);
        one.Remove(old_word);
      }
      out.Push(std::move(one));
    }
    to.Set("quality", std::move(out));
  }

  static void Support(const Json& info, Json& out) {
    if (info["owner"].is_string()) out.Set("team", Json::Object({{"name", info["owner"]}}));
    const Json& contact = info["contact"];
    if (!contact.is_object()) return;
    Json support = Json::Object({{"channel", contact["name"].AsString("contact")}});
    if (contact["url"].is_string()) {
      support.Set("url", contact["url"]);
    } else if (contact["email"].is_string()) {
      support.Set("tool", "email");
      support.Set("url", "mailto:" + contact["email"].AsString());
    }
    out.Set("support", Json::List({std::move(support)}));
  }

  // "99.9%", "25h", "P1Y" as a value and a unit.
  static Json Level(std::string_view property, const std::string& text) {
    std::string plain = Plain(text);
    Json level = Json::Object({{"property", property}});
    size_t digits = plain.find_first_not_of("0123456789.");
    bool splits = digits != 0 && digits != std::string::npos && plain.size() - digits == 1;
    if (splits) {
      auto number = Json::Parse(plain.substr(0, digits));
      if (number.ok()) {
        level.Set("value", *number);
        level.Set("unit", plain.substr(digits));
        return level;
      }
    }
    level.Set("value", plain);
    return level;
  }

  void ServiceLevels(Json& out) {
    static const std::tuple<const char*, const char*, const char*> kLevels[] = {
        {"availability", "percentage", "availability"},
        {"retention", "period", "retention"},
        {"latency", "threshold", "latency"},
        {"freshness", "threshold", "freshness"},
        {"frequency", "interval", "frequency"},
        {"support", "responseTime", "timeToRepair"}};
    Json list = Json::List();
    for (const auto& [name, member, property] : kLevels) {
      const Json& level = in_["servicelevels"][name];
      if (!level[member].is_string()) continue;
      Json entry = Level(property, level[member].AsString());
      Copy(level, "description", entry);
      if (level["cron"].is_string()) {
        entry.Set("scheduler", "cron");
        entry.Set("schedule", level["cron"]);
      }
      list.Push(std::move(entry));
    }
    if (list.size() > 0) out.Set("slaProperties", std::move(list));
  }

  // What has no place of its own.
  void Rest(const Json& info, Json& out) {
    static const std::set<std::string> kSeen = {"dataContractSpecification",
                                                "id",
                                                "info",
                                                "servers",
                                                "terms",
                                                "models",
                                                "definitions",
                                                "servicelevels",
                                                "tags"};
    for (const auto& [name, value] : in_.members()) {
      if (!kSeen.contains(name)) SetCustomProperty(out, name, value);
    }
    static const std::set<std::string> kInfo = {"title",       "version", "status",
                                                "description", "owner",   "contact"};
    for (const auto& [name, value] : info.members()) {
      if (!kInfo.contains(name)) SetCustomProperty(out, name, value);
    }
  }

  const Json& in_;
  int fields_ = 0;
};

}  // namespace

bool IsDataContractSpecification(const Json& document) {
  return document.Has("dataContractSpecification");
}

Json OdcsFromDataContractSpecification(const Json& document) { return Converter(document).Run(); }

}  // namespace andon::contract
