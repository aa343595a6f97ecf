#include "contract/document.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/json_strings.h"
#include "base/text.h"
#include "contract/column_type.h"

namespace andon::contract {
namespace {

constexpr int kDepthMax = 64;  // Of objects in objects; the rest stays in `json` alone.

constexpr std::string_view kComparisons[] = {
    "mustBe",         "mustNotBe",     "mustBeGreaterThan", "mustBeGreaterOrEqualTo",
    "mustBeLessThan", "mustBeBetween", "mustNotBeBetween",  "mustBeLessOrEqualTo"};

// A scalar as text: versions are numbers where somebody forgot the quotes.
std::string Text(const Json& json) {
  if (json.is_string()) return json.AsString();
  return json.is_number() || json.is_bool() ? json.Dump() : "";
}

Rule ReadRule(const Json& json, std::string path) {
  Rule rule{.path = std::move(path),
            .kind = json["type"].AsString("library"),
            .name = json["name"].AsString(),
            .description = json["description"].AsString(),
            .metric = json["metric"].AsString(),
            .arguments = json["arguments"],
            .query = json["query"].AsString(),
            .engine = json["engine"].AsString(),
            .implementation = json["implementation"],
            .unit = json["unit"].AsString(),
            .severity = json["severity"].AsString()};
  if (rule.metric.empty()) rule.metric = json["rule"].AsString();
  for (std::string_view comparison : kComparisons) {
    if (!json.Has(comparison)) continue;
    rule.comparison = comparison;
    rule.operand = json[comparison];
  }
  // Version 3.0 has these two besides.
  if (json.Has("mustNotBeGreaterThan")) {
    rule.comparison = "mustBeLessOrEqualTo";
    rule.operand = json["mustNotBeGreaterThan"];
  }
  return rule;
}

std::vector<Rule> ReadRules(const Json& list, const std::string& path) {
  std::vector<Rule> rules;
  for (size_t i = 0; i < list.items().size(); ++i)
    rules.push_back(ReadRule(list.items()[i], fmt::format("{}/quality/{}", path, i)));
  return rules;
}

std::vector<std::string> OneOrMore(const Json& json) {
  if (json.is_string()) return {json.AsString()};
  return Strings(json);
}

std::vector<Reference> ReadReferences(const Json& list, const std::string& path,
                                      std::string_view column) {
  std::vector<Reference> references;
  for (size_t i = 0; i < list.items().size(); ++i) {
    const Json& json = list.items()[i];
    Reference reference{.path = fmt::format("{}/relationships/{}", path, i),
                        .from = OneOrMore(json["from"]),
                        .to = OneOrMore(json["to"])};
    if (reference.from.empty() && !column.empty()) reference.from = {std::string(column)};
    references.push_back(std::move(reference));
  }
  return references;
}

Property ReadProperty(const Json& json, std::string path, int depth) {
  Property p{.path = std::move(path),
             .name = json["name"].AsString(),
             .id = json["id"].AsString(),
             .physical_name = json["physicalName"].AsString(),
             .business_name = json["businessName"].AsString(),
             .description = json["description"].AsString(),
             .logical_type = json["logicalType"].AsString(),
             .physical_type = json["physicalType"].AsString(),
             .classification = json["classification"].AsString(),
             .unit = Text(CustomProperty(json, "unit")),
             .required = json["required"].AsBool(false),
             .unique = json["unique"].AsBool(false),
             .primary_key = json["primaryKey"].AsBool(false),
             .primary_key_position = json["primaryKeyPosition"].AsInteger(-1),
             .options = json["logicalTypeOptions"]};
  p.type = FromPhysicalType(p.physical_type);
  if (p.type.empty()) p.type = FromLogicalType(p.logical_type, p.options);
  p.quality = ReadRules(json["quality"], p.path);
  p.references = ReadReferences(json["relationships"], p.path, p.name);
  if (depth >= kDepthMax) return p;
  const Json::Array& inner = json["properties"].items();
  for (size_t i = 0; i < inner.size(); ++i)
    p.properties.push_back(
        ReadProperty(inner[i], fmt::format("{}/properties/{}", p.path, i), depth + 1));
  if (json["items"].is_object())
    p.items.push_back(ReadProperty(json["items"], p.path + "/items", depth + 1));
  return p;
}

Table ReadTable(const Json& json, std::string path) {
  Table table{.path = std::move(path),
              .name = json["name"].AsString(),
              .id = json["id"].AsString(),
              .physical_name = json["physicalName"].AsString(),
              .description = json["description"].AsString(),
              .promised = Strings(CustomProperty(json, "promised"))};
  const Json::Array& properties = json["properties"].items();
  for (size_t i = 0; i < properties.size(); ++i)
    table.properties.push_back(
        ReadProperty(properties[i], fmt::format("{}/properties/{}", table.path, i), 0));
  table.quality = ReadRules(json["quality"], table.path);
  table.references = ReadReferences(json["relationships"], table.path, "");
  return table;
}

Need ReadNeed(const Json& json, std::string path) {
  return {.path = std::move(path),
          .who = Text(json["who"]),
          .decision = Text(json["decision"]),
          .by_when = Text(json["byWhen"]),
          .latency = Text(json["latency"]),
          .confirmed_by = Text(json["confirmedBy"]),
          .confirmed_at = Text(json["confirmedAt"]),
          .columns = Strings(json["columns"]),
          .checks = Strings(json["checks"])};
}

size_t IndexOfCustom(const Json& object, std::string_view property) {
  const Json::Array& list = object["customProperties"].items();
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i]["property"].AsString() == property) return i;
  }
  return list.size();
}

}  // namespace

const Property* Table::Find(std::string_view wanted) const {
  for (const Property& property : properties) {
    if (property.name == wanted) return &property;
  }
  return nullptr;
}

std::vector<std::string> Table::Key() const {
  std::vector<const Property*> parts;
  for (const Property& property : properties) {
    if (property.primary_key) parts.push_back(&property);
  }
  std::stable_sort(parts.begin(), parts.end(), [](const Property* a, const Property* b) {
    return a->primary_key_position < b->primary_key_position;
  });
  std::vector<std::string> names;
  for (const Property* part : parts) names.push_back(part->name);
  return names;
}

const Table* Document::Find(std::string_view wanted) const {
  for (const Table& table : tables) {
    if (table.name == wanted) return &table;
  }
  return nullptr;
}

const Json& CustomProperty(const Json& object, std::string_view property) {
  static const Json kNone;
  size_t index = IndexOfCustom(object, property);
  const Json::Array& list = object["customProperties"].items();
  return index < list.size() ? list[index]["value"] : kNone;
}

void SetCustomProperty(Json& object, std::string_view property, Json value) {
  size_t index = IndexOfCustom(object, property);
  Json list = object["customProperties"].is_array() ? object["customProperties"] : Json::List();
  Json entry = Json::Object({{"property", property}, {"value", std::move(value)}});
  if (index < list.items().size())
    list.mutable_items()[index].Set("value", entry["value"]);
  else
    list.Push(std::move(entry));
  object.Set("customProperties", std::move(list));
}

std::string ColumnPath(const Table& table, std::string_view column) {
  return fmt::format("{}.{}", table.name, column);
}

std::optional<std::string> DurationOf(const SlaProperty& sla) {
  std::string unit = AsciiLower(sla.unit);
  if (sla.value.is_string() && unit.empty()) {
    if (ParseDuration(sla.value.AsString()).ok()) return sla.value.AsString();
    return std::nullopt;
  }
  static const std::pair<std::string_view, std::string_view> kUnits[] = {
      {"s", "s"},     {"sec", "s"},    {"second", "s"},  {"seconds", "s"}, {"m", "m"},
      {"min", "m"},   {"minute", "m"}, {"minutes", "m"}, {"h", "h"},       {"hour", "h"},
      {"hours", "h"}, {"hr", "h"},     {"d", "d"},       {"day", "d"},     {"days", "d"},
      {"w", "w"},     {"week", "w"},   {"weeks", "w"},   {"y", "y"},       {"yr", "y"},
      {"yrs", "y"},   {"year", "y"},   {"years", "y"}};
  for (const auto& [written, letter] : kUnits) {
    if (unit != written) continue;
    std::string text = Text(sla.value) + std::string(letter);
    if (ParseDuration(text).ok()) return text;
  }
  return std::nullopt;
}

Document DocumentOf(Json json) {
  Document d;
  d.api_version = json["apiVersion"].AsString();
  d.id = Text(json["id"]);
  d.name = json["name"].AsString();
  d.version = Text(json["version"]);
  d.status = json["status"].AsString();
  d.domain = json["domain"].AsString();
  d.tenant = json["tenant"].AsString();
  d.data_product = json["dataProduct"].AsString();
  d.purpose = json["description"]["purpose"].AsString();
  d.limitations = json["description"]["limitations"].AsString();
  d.usage = json["description"]["usage"].AsString();
  const Json::Array& tables = json["schema"].items();
  for (size_t i = 0; i < tables.size(); ++i)
    d.tables.push_back(ReadTable(tables[i], fmt::format("/schema/{}", i)));
  const Json::Array& sla = json["slaProperties"].items();
  for (size_t i = 0; i < sla.size(); ++i) {
    d.sla.push_back({.path = fmt::format("/slaProperties/{}", i),
                     .property = sla[i]["property"].AsString(),
                     .value = sla[i]["value"],
                     .unit = sla[i]["unit"].AsString(),
                     .element = sla[i]["element"].AsString(),
                     .driver = sla[i]["driver"].AsString()});
  }
  size_t at = IndexOfCustom(json, "needs");
  const Json::Array& needs = CustomProperty(json, "needs").items();
  for (size_t i = 0; i < needs.size(); ++i)
    d.needs.push_back(ReadNeed(needs[i], fmt::format("/customProperties/{}/value/{}", at, i)));
  d.consumers = Strings(CustomProperty(json, "consumers"));
  d.notice = Text(CustomProperty(json, "noticePeriod"));
  d.json = std::move(json);
  return d;
}

}  // namespace andon::contract
