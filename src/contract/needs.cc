#include "contract/needs.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/clock.h"
#include "base/json_strings.h"
#include "contract/checks.h"

namespace andon::contract {
namespace {

std::vector<std::string> ColumnsIn(const Json& kwargs) {
  std::vector<std::string> columns;
  for (const char* name : {"column", "column_A", "column_B"}) {
    if (kwargs[name].is_string()) columns.push_back(kwargs[name].AsString());
  }
  for (const char* name : {"column_list", "column_set"}) {
    for (const Json& column : kwargs[name].items()) columns.push_back(column.AsString());
  }
  return columns;
}

bool Contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

void KeepLatency(const Document& document, ProvenNeed* proven) {
  const std::string& wanted = proven->need.latency;
  if (wanted.empty()) return;
  auto limit = ParseDuration(wanted);
  proven->is_latency_kept = false;
  proven->service_level = "no service level of freshness or latency";
  for (const SlaProperty& sla : document.sla) {
    if (sla.property != "freshness" && sla.property != "latency") continue;
    auto promised = DurationOf(sla);
    auto duration = promised ? ParseDuration(*promised) : Result<Duration>(Error::Invalid("none"));
    if (!limit.ok() || !duration.ok()) continue;
    bool keeps = *duration <= *limit;
    if (keeps || !proven->is_latency_kept)
      proven->service_level = fmt::format("{} {}{}", sla.property, *promised,
                                          keeps ? "" : fmt::format(", more than {}", wanted));
    proven->is_latency_kept |= keeps;
  }
}

}  // namespace

NeedsReport ReportNeeds(const Document& document, const std::vector<CheckOfColumns>& checks) {
  NeedsReport report;
  std::vector<std::string> promised;
  for (const Table& table : document.tables)
    promised.insert(promised.end(), table.promised.begin(), table.promised.end());
  std::set<std::string> used;
  for (const Need& need : document.needs) {
    ProvenNeed proven{.need = need, .is_confirmed = !need.confirmed_by.empty()};
    for (const std::string& name : need.checks) {
      bool known = std::any_of(checks.begin(), checks.end(),
                               [&](const CheckOfColumns& c) { return c.name == name; });
      (known ? proven.checks : proven.checks_unknown).push_back(name);
    }
    const std::vector<std::string>& columns = need.columns.empty() ? promised : need.columns;
    for (const CheckOfColumns& check : checks) {
      if (!need.checks.empty()) break;
      bool serves = check.columns.empty() || columns.empty() ||
                    std::any_of(check.columns.begin(), check.columns.end(),
                                [&](const std::string& c) { return Contains(columns, c); });
      if (serves) proven.checks.push_back(check.name);
    }
    used.insert(proven.checks.begin(), proven.checks.end());
    KeepLatency(document, &proven);
    report.needs.push_back(std::move(proven));
  }
  for (const CheckOfColumns& check : checks) {
    if (!used.contains(check.name)) report.checks_without_need.push_back(check.name);
  }
  return report;
}

std::vector<CheckOfColumns> ChecksOfDataset(const definition::Dataset& dataset) {
  std::vector<CheckOfColumns> out;
  for (const definition::Column& column : dataset.columns) {
    if (column.required) out.push_back({column.name + ".required", {column.name}});
    if (column.unique) out.push_back({column.name + ".unique", {column.name}});
    if (column.references) out.push_back({column.name + ".references", {column.name}});
  }
  for (const definition::Check& check : dataset.checks)
    out.push_back({check.name, ColumnsIn(check.kwargs)});
  return out;
}

std::vector<CheckOfColumns> ChecksOfTable(const Table& table) {
  std::vector<CheckOfColumns> out;
  for (const DerivedCheck& derived : ChecksOf(table).checks) {
    std::vector<std::string> columns = ColumnsIn(derived.check.kwargs);
    if (columns.empty() && !derived.column.empty()) columns = {derived.column};
    out.push_back({derived.check.name, std::move(columns)});
  }
  return out;
}

Json ToJson(const NeedsReport& report) {
  Json needs = Json::List();
  for (const ProvenNeed& proven : report.needs) {
    needs.Push(Json::Object({{"who", proven.need.who},
                             {"decision", proven.need.decision},
                             {"by_when", proven.need.by_when},
                             {"latency", proven.need.latency},
                             {"confirmed_by", proven.need.confirmed_by},
                             {"confirmed_at", proven.need.confirmed_at},
                             {"checks", Strings(proven.checks)},
                             {"checks_unknown", Strings(proven.checks_unknown)},
                             {"service_level", proven.service_level},
                             {"latency_kept", proven.is_latency_kept},
                             {"confirmed", proven.is_confirmed},
                             {"proven", proven.is_proven()}}));
  }
  return Json::Object(
      {{"needs", std::move(needs)}, {"checks_without_need", Strings(report.checks_without_need)}});
}

}  // namespace andon::contract
