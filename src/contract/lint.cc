#include "contract/lint.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/clock.h"
#include "base/text.h"
#include "contract/checks.h"
#include "contract/rule_bounds.h"
#include "contract/version.h"

namespace andon::contract {
namespace {

class Linter {
 public:
  explicit Linter(const Document& document) : document_(document) {}

  std::vector<Finding> Run() {
    if (!ParseVersion(document_.version))
      Wrong("/version",
            fmt::format("\"{}\" is no version: write one like 1.0.0.", document_.version));
    Twice(document_.tables, "table");
    for (const Table& table : document_.tables) TableFindings(table);
    Terms();
    Needs();
    std::stable_sort(findings_.begin(), findings_.end(),
                     [](const Finding& a, const Finding& b) { return a.path < b.path; });
    return std::move(findings_);
  }

 private:
  void Wrong(std::string path, std::string message) {
    findings_.push_back({std::move(path), true, std::move(message)});
  }
  void Doubt(std::string path, std::string message) {
    findings_.push_back({std::move(path), false, std::move(message)});
  }

  template <typename T>
  void Twice(const std::vector<T>& items, std::string_view what) {
    std::set<std::string> names, ids;
    for (const T& item : items) {
      if (!names.insert(item.name).second)
        Wrong(item.path + "/name", fmt::format("There are two {}s \"{}\".", what, item.name));
      if (!item.id.empty() && !ids.insert(item.id).second)
        Wrong(item.path + "/id",
              fmt::format("There are two {}s with the id \"{}\".", what, item.id));
    }
  }

  void TableFindings(const Table& table) {
    Twice(table.properties, "column");
    std::map<int64_t, std::string> positions;
    for (const Property& p : table.properties) {
      PropertyFindings(table, p);
      if (!p.primary_key || p.primary_key_position < 1) continue;
      auto [it, is_new] = positions.emplace(p.primary_key_position, p.name);
      if (!is_new)
        Wrong(p.path + "/primaryKeyPosition",
              fmt::format("\"{}\" and \"{}\" are both at position {} of the primary key.",
                          it->second, p.name, p.primary_key_position));
    }
    for (const Reference& reference : table.references) ReferenceFindings(table, reference);
    for (const std::string& column : table.promised) {
      if (!table.Find(column))
        Wrong(table.path, fmt::format("The column \"{}\" is promised, and is not there.", column));
    }
    RuleFindings(table.quality);
    for (const UnprovenRule& rule : ChecksOf(table).unproven)
      Doubt(rule.path, fmt::format("No check can prove \"{}\": {}.", rule.name, rule.why));
  }

  void PropertyFindings(const Table& table, const Property& p) {
    bool says_type = !p.physical_type.empty() || !p.logical_type.empty();
    bool is_nested = p.logical_type == "object" || p.logical_type == "array";
    if (!says_type)
      Doubt(p.path, fmt::format("The column \"{}\" has no type.", p.name));
    else if (p.type.empty() && !is_nested)
      Doubt(p.path + "/physicalType",
            fmt::format("The type \"{}\" is not known, and is not checked.", p.physical_type));
    Limits(p, "minimum", "maximum");
    Limits(p, "minLength", "maxLength");
    Limits(p, "minItems", "maxItems");
    if (p.options["pattern"].is_string())
      Pattern(p.path + "/logicalTypeOptions/pattern", p.options["pattern"].AsString());
    for (const Reference& reference : p.references) ReferenceFindings(table, reference);
    RuleFindings(p.quality);
    for (const Property& inner : p.properties) PropertyFindings(table, inner);
    for (const Property& item : p.items) PropertyFindings(table, item);
  }

  void Limits(const Property& p, const char* low, const char* high) {
    const Json &from = p.options[low], &to = p.options[high];
    bool wrong = from.is_number() && to.is_number()
                     ? from.AsDouble() > to.AsDouble()
                     : from.is_string() && to.is_string() && from.AsString() > to.AsString();
    if (wrong)
      Wrong(p.path + "/logicalTypeOptions/" + low,
            fmt::format("\"{}\" can have no value: {} {} is more than {} {}.", p.name, low,
                        from.Dump(), high, to.Dump()));
  }

  void Pattern(std::string path, const std::string& pattern) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    re2::RE2 regex(pattern, options);
    if (!regex.ok())
      Wrong(std::move(path),
            fmt::format("The pattern \"{}\" cannot be checked: {}.", pattern, regex.error()));
  }

  void ReferenceFindings(const Table& table, const Reference& reference) {
    for (const std::string& from : reference.from) {
      std::string column = from.substr(from.rfind('.') + 1);
      if (!table.Find(column) && from.find('/') == std::string::npos)
        Wrong(reference.path,
              fmt::format("It begins at \"{}\", and {} has no such column.", from, table.name));
    }
    for (const std::string& to : reference.to) {
      size_t dot = to.rfind('.');
      if (dot == std::string::npos || to.find('/') != std::string::npos) continue;
      // A table of another contract is none of ours.
      const Table* target = nullptr;
      for (const Table& candidate : document_.tables) {
        if (candidate.name == to.substr(0, dot) || candidate.physical_name == to.substr(0, dot))
          target = &candidate;
      }
      if (!target || target->Find(to.substr(dot + 1))) continue;
      std::vector<std::string> names;
      for (const Property& p : target->properties) names.push_back(p.name);
      std::string meant = DidYouMean(to.substr(dot + 1), names);
      Wrong(reference.path + "/to",
            fmt::format("It leads to \"{}\", and {} has no such column{}", to, target->name,
                        meant.empty() ? "." : fmt::format("; did you mean \"{}\"?", meant)));
    }
  }

  void RuleFindings(const std::vector<Rule>& rules) {
    std::set<std::string> seen;
    for (const Rule& rule : rules) {
      if (!seen.insert(IdentityOf(rule)).second && !rule.name.empty())
        Wrong(rule.path, fmt::format("There are two rules \"{}\".", rule.name));
      const Json& x = rule.operand;
      bool is_range = rule.comparison == "mustBeBetween" || rule.comparison == "mustNotBeBetween";
      if (is_range && x.size() == 2 && x.items()[0].AsDouble() > x.items()[1].AsDouble())
        Wrong(rule.path + "/" + rule.comparison,
              fmt::format("Nothing lies between {} and {}: the smaller number comes first.",
                          x.items()[0].Dump(), x.items()[1].Dump()));
      if (!rule.unit.empty() && rule.unit != "rows" && rule.unit != "percent")
        Doubt(rule.path + "/unit",
              fmt::format("The unit \"{}\" is none of rows and percent.", rule.unit));
      if (rule.arguments["pattern"].is_string())
        Pattern(rule.path + "/arguments/pattern", rule.arguments["pattern"].AsString());
    }
  }

  void Terms() {
    static const std::set<std::string> kDurations = {"latency",      "freshness",    "retention",
                                                     "timeToDetect", "timeToNotify", "timeToRepair",
                                                     "frequency"};
    bool has_end = false;
    for (const SlaProperty& sla : document_.sla) {
      if (kDurations.contains(sla.property) && !DurationOf(sla))
        Doubt(sla.path,
              fmt::format("{} is a duration: give it a unit, such as h or d.", sla.property));
      bool is_share = sla.property == "availability" && sla.value.is_number();
      if (is_share && (sla.value.AsDouble() > 100 || sla.value.AsDouble() < 0))
        Wrong(sla.path + "/value",
              "An availability is a share of the time, from 0 to 100 percent.");
      has_end |= sla.property == "endOfLife" || sla.property == "endOfSupport";
    }
    if (document_.status == "deprecated" && !has_end)
      Doubt("/status",
            "It is deprecated and does not say until when: add the SLA property endOfLife.");
    if (!document_.notice.empty() && !ParseDuration(document_.notice).ok())
      Wrong("/customProperties",
            fmt::format("The notice \"{}\" is no duration: write one like 90d.", document_.notice));
  }

  void Needs() {
    for (const Need& need : document_.needs) {
      if (need.who.empty()) Wrong(need.path, "A need says who has it.");
      if (need.decision.empty())
        Wrong(need.path, "A need says which decision is made by the data.");
      if (!need.latency.empty() && !ParseDuration(need.latency).ok())
        Wrong(need.path + "/latency",
              fmt::format("The latency \"{}\" is no duration: write one like 1h.", need.latency));
      if (need.confirmed_by.empty())
        Doubt(need.path, fmt::format("Nobody has confirmed the need of {}.", need.who));
      if (!need.confirmed_at.empty() && !ParseTimestamp(need.confirmed_at).ok())
        Wrong(need.path + "/confirmedAt",
              fmt::format("\"{}\" is no day: write one like 2026-11-20.", need.confirmed_at));
    }
  }

  const Document& document_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> Lint(const Document& document) { return Linter(document).Run(); }

}  // namespace andon::contract
