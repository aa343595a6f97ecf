#include "contract/declared.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/json_strings.h"
#include "base/text.h"
#include "contract/checks.h"
#include "contract/column_type.h"

namespace andon::contract {
namespace {

constexpr std::string_view kIdentities[] = {"name", "property", "server",
                                            "role", "username", "channel"};

// HCL's word and the standard's, in the order of the documentation.
constexpr std::pair<std::string_view, std::string_view> kSlaWords[] = {
    {"freshness", "freshness"},
    {"latency", "latency"},
    {"frequency", "frequency"},
    {"availability", "availability"},
    {"throughput", "throughput"},
    {"error_rate", "errorRate"},
    {"retention", "retention"},
    {"time_to_detect", "timeToDetect"},
    {"time_to_notify", "timeToNotify"},
    {"time_to_resolve", "timeToRepair"},
    {"time_of_availability", "timeOfAvailability"},
    {"general_availability", "generalAvailability"},
    {"end_of_support", "endOfSupport"},
    {"end_of_life", "endOfLife"}};

constexpr std::pair<std::string_view, std::string_view> kNeedWords[] = {
    {"who", "who"},
    {"decision", "decision"},
    {"by_when", "byWhen"},
    {"latency", "latency"},
    {"confirmed_by", "confirmedBy"},
    {"confirmed_at", "confirmedAt"},
    {"columns", "columns"},
    {"checks", "checks"}};

std::string_view IdentityOf(const Json& item) {
  for (std::string_view identity : kIdentities) {
    if (item.is_object() && item[identity].is_string()) return item[identity].AsString();
  }
  return {};
}

// A list of things that each have a name of their own.
bool IsNamedList(const Json& list) {
  std::set<std::string_view> names;
  for (const Json& item : list.items()) {
    std::string_view name = IdentityOf(item);
    if (name.empty() || !names.insert(name).second) return false;
  }
  return list.size() > 0;
}

void SetText(Json& object, std::string_view name, const std::string& text) {
  if (!text.empty()) object.Set(name, text);
}

// "dataset.customer" is the table "customer".
std::string TableOf(const definition::Project& project, const std::string& address) {
  const definition::Dataset* dataset = project.FindDataset(address);
  return dataset ? dataset->name : address.substr(address.rfind('.') + 1);
}

Json PropertyOf(const definition::Project& project, const definition::Dataset& dataset,
                const definition::Column& column) {
  Json p = Json::Object({{"name", column.name}});
  p.Set("logicalType", ToLogicalType(column.type));
  p.Set("physicalType", ToSqlType(column.type));
  const auto& key = dataset.load.key;
  auto part = std::find(key.begin(), key.end(), column.name);
  if (part != key.end()) {
    p.Set("primaryKey", true);
    p.Set("primaryKeyPosition", static_cast<int64_t>(part - key.begin()) + 1);
  }
  if (column.required) p.Set("required", true);
  if (column.unique) p.Set("unique", true);
  const auto& by = dataset.partition_by;
  for (size_t i = 0; i < by.size(); ++i) {
    size_t open = by[i].find('('), close = by[i].rfind(')');
    std::string inside = open == std::string::npos || close == std::string::npos || close < open
                             ? by[i]
                             : by[i].substr(open + 1, close - open - 1);
    size_t comma = inside.rfind(',');
    if (comma != std::string::npos) inside = inside.substr(comma + 1);
    if (Trim(inside) != column.name) continue;
    p.Set("partitioned", true);
    p.Set("partitionKeyPosition", static_cast<int64_t>(i) + 1);
  }
  SetText(p, "description", column.doc);
  if (column.type == "timestamptz") p.Set("logicalTypeOptions", Json::Object({{"timezone", true}}));
  if (column.references) {
    std::string to = fmt::format("{}.{}", TableOf(project, column.references->dataset),
                                 column.references->column);
    p.Set("relationships",
          Json::List({Json::Object({{"type", "foreignKey"}, {"to", std::move(to)}})}));
  }
  if (!column.unit.empty()) SetCustomProperty(p, "unit", column.unit);
  if (!column.timezone.empty()) SetCustomProperty(p, "timezone", column.timezone);
  if (column.pii.value_or(false)) {
    p.Set("classification", "restricted");
    SetCustomProperty(p, "pii", true);
  }
  return p;
}

Json SchemaOf(const definition::Project& project, const definition::Contract& contract,
              const definition::Dataset& dataset) {
  Json table = Json::Object({{"name", dataset.name}});
  table.Set("logicalType", "object");
  table.Set("physicalName", dataset.name);
  table.Set("physicalType", "table");
  SetText(table, "description", dataset.description);
  if (!dataset.tags.empty()) table.Set("tags", Strings(dataset.tags));
  Json properties = Json::List(), rules = Json::List();
  for (const definition::Column& column : dataset.columns)
    properties.Push(PropertyOf(project, dataset, column));
  for (const definition::Check& check : dataset.checks) {
    std::string column;
    Json rule = RuleOf(check, &column);
    Json* target = nullptr;
    for (Json& property : properties.mutable_items()) {
      if (!column.empty() && property["name"].AsString() == column) target = &property;
    }
    if (!target) {
      rules.Push(std::move(rule));
      continue;
    }
    Json quality = (*target)["quality"].is_array() ? (*target)["quality"] : Json::List();
    quality.Push(std::move(rule));
    target->Set("quality", std::move(quality));
  }
  table.Set("properties", std::move(properties));
  if (rules.size() > 0) table.Set("quality", std::move(rules));
  bool is_part = !contract.promised.empty() && contract.promised.size() < dataset.columns.size();
  if (is_part) SetCustomProperty(table, "promised", Strings(contract.promised));
  return table;
}

Json TeamOf(const definition::Project& project, const std::string& owner) {
  if (owner.empty()) return Json();
  Json team = Json::Object({{"name", owner.substr(owner.rfind('.') + 1)}});
  Json members = Json::List();
  auto add = [&](const std::string& address) {
    for (const definition::Person& person : project.people) {
      if (person.address != address) continue;
      members.Push(Json::Object({{"username", person.email.empty() ? person.name : person.email},
                                 {"name", person.name}}));
    }
  };
  if (const definition::Team* found = project.FindTeam(owner)) {
    for (const std::string& member : found->members) add(member);
  } else {
    add(owner);
  }
  if (members.size() > 0) team.Set("members", std::move(members));
  return team;
}

Json SlaProperties(const Json& sla) {
  Json list = Json::List();
  for (const auto& [attribute, written] : sla.members()) {
    std::string property = SlaPropertyOf(attribute);
    if (property.empty()) continue;
    ValueAndUnit split = SplitUnit(written);
    Json entry = Json::Object({{"property", property}, {"value", std::move(split.value)}});
    SetText(entry, "unit", split.unit);
    list.Push(std::move(entry));
  }
  return list;
}

Json Needs(const Json& written) {
  Json list = Json::List();
  Json::Array items = written.is_array() ? written.items() : Json::Array{written};
  for (const Json& item : items) {
    if (!item.is_object()) continue;
    Json need = Json::Object();
    for (const auto& [ours, theirs] : kNeedWords) {
      if (item.Has(ours)) need.Set(theirs, item[ours]);
    }
    list.Push(std::move(need));
  }
  return list;
}

}  // namespace

ValueAndUnit SplitUnit(const Json& written) {
  if (!written.is_string()) return {written, ""};
  std::string_view text = Trim(written.AsString());
  size_t digits = text.find_first_not_of("0123456789.");
  if (digits == 0 || digits == std::string_view::npos) return {written, ""};
  std::string_view number = text.substr(0, digits), unit = Trim(text.substr(digits));
  bool is_unit = unit == "%" || unit == "s" || unit == "m" || unit == "h" || unit == "d" ||
                 unit == "w" || unit == "y";
  if (!is_unit) return {written, ""};
  int64_t whole = 0;
  auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), whole);
  if (error == std::errc() && end == number.data() + number.size())
    return {Json(whole), std::string(unit)};
  double fraction = 0;
  auto [stop, failed] = std::from_chars(number.data(), number.data() + number.size(), fraction);
  if (failed != std::errc() || stop != number.data() + number.size()) return {written, ""};
  return {Json(fraction), std::string(unit)};
}

std::string SlaPropertyOf(std::string_view attribute) {
  if (attribute == "time_to_repair") return "timeToRepair";
  for (const auto& [ours, theirs] : kSlaWords) {
    if (ours == attribute) return std::string(theirs);
  }
  return "";
}

std::string SlaAttributeOf(std::string_view property) {
  for (const auto& [ours, theirs] : kSlaWords) {
    if (theirs == property) return std::string(ours);
  }
  return "";
}

Json SlaAttributes(const Document& document) {
  Json out = Json::Object();
  for (const SlaProperty& sla : document.sla) {
    std::string attribute = SlaAttributeOf(sla.property);
    if (attribute.empty() || out.Has(attribute)) continue;
    if (auto duration = DurationOf(sla))
      out.Set(attribute, *duration);
    else if (sla.unit == "%" || AsciiLower(sla.unit) == "percent")
      out.Set(attribute, sla.value.Dump() + "%");
    else
      out.Set(attribute, sla.value.is_string() ? sla.value.AsString() : sla.value.Dump());
  }
  return out;
}

Json NeedAttributes(const Document& document) {
  Json out = Json::List();
  for (const Json& need : CustomProperty(document.json, "needs").items()) {
    Json item = Json::Object();
    for (const auto& [ours, theirs] : kNeedWords) {
      if (need.Has(theirs)) item.Set(ours, need[theirs]);
    }
    out.Push(std::move(item));
  }
  return out;
}

// Depth: that of `over`, which came through a parser.
Json Overlay(Json under, const Json& over) {
  if (under.is_object() && over.is_object()) {
    for (const auto& [name, value] : over.members()) under.Set(name, Overlay(under[name], value));
    return under;
  }
  bool by_identity = under.is_array() && over.is_array() && IsNamedList(over);
  if (!by_identity) return over;
  for (const Json& item : over.items()) {
    bool found = false;
    for (Json& mine : under.mutable_items()) {
      if (found || IdentityOf(mine) != IdentityOf(item)) continue;
      mine = Overlay(mine, item);
      found = true;
    }
    if (!found) under.Push(item);
  }
  return under;
}

std::optional<Json> Remainder(const Json& whole, const Json& under) {
  if (whole == under) return std::nullopt;
  if (whole.is_object() && under.is_object()) {
    Json out = Json::Object();
    for (const auto& [name, value] : whole.members()) {
      const Json* mine = under.Find(name);
      std::optional<Json> rest = mine ? Remainder(value, *mine) : value;
      if (rest) out.Set(name, *std::move(rest));
    }
    return out.size() > 0 ? std::optional(std::move(out)) : std::nullopt;
  }
  bool by_identity = whole.is_array() && under.is_array() && IsNamedList(whole);
  if (!by_identity) return whole;
  Json out = Json::List();
  for (const Json& item : whole.items()) {
    const Json* mine = nullptr;
    for (const Json& candidate : under.items()) {
      if (IdentityOf(candidate) == IdentityOf(item)) mine = &candidate;
    }
    if (!mine) {
      out.Push(item);
      continue;
    }
    std::optional<Json> rest = Remainder(item, *mine);
    if (!rest) continue;
    // Its name leads to where it belongs, and stands first.
    Json named = Json::Object();
    for (std::string_view identity : kIdentities) {
      if (!item[identity].is_string()) continue;
      named.Set(identity, item[identity]);
      break;
    }
    for (const auto& [name, value] : rest->members()) named.Set(name, value);
    out.Push(std::move(named));
  }
  return out.size() > 0 ? std::optional(std::move(out)) : std::nullopt;
}

Document DocumentOf(const definition::Project& project, const definition::Contract& contract) {
  if (contract.document.is_object()) {
    Json json = contract.document;
    if (!contract.consumers.empty()) {
      std::vector<std::string> all = Strings(CustomProperty(json, "consumers"));
      for (const std::string& consumer : contract.consumers) {
        if (std::find(all.begin(), all.end(), consumer) == all.end()) all.push_back(consumer);
      }
      SetCustomProperty(json, "consumers", Strings(all));
    }
    return DocumentOf(std::move(json));
  }
  const definition::Dataset* dataset = project.FindDataset(contract.dataset);
  Json json = Json::Object({{"apiVersion", "v3.1.0"},
                            {"kind", "DataContract"},
                            {"id", fmt::format("{}.{}", project.name, contract.name)},
                            {"name", contract.name},
                            {"version", contract.version},
                            {"status", contract.status}});
  Json description = Json::Object();
  SetText(description, "purpose", contract.purpose);
  SetText(description, "usage", contract.description);
  if (description.size() > 0) json.Set("description", std::move(description));
  if (dataset) json.Set("schema", Json::List({SchemaOf(project, contract, *dataset)}));
  Json team = TeamOf(project, !contract.owner.empty() ? contract.owner
                              : dataset               ? dataset->owner
                                                      : "");
  if (!team.is_null()) json.Set("team", std::move(team));
  Json sla = SlaProperties(contract.sla);
  if (sla.size() > 0) json.Set("slaProperties", std::move(sla));
  if (!contract.consumers.empty())
    SetCustomProperty(json, "consumers", Strings(contract.consumers));
  if (!contract.notice.empty()) SetCustomProperty(json, "noticePeriod", contract.notice);
  Json needs = Needs(contract.need);
  if (needs.size() > 0) SetCustomProperty(json, "needs", std::move(needs));
  if (contract.odcs.is_object()) json = Overlay(std::move(json), contract.odcs);
  return DocumentOf(std::move(json));
}

}  // namespace andon::contract
