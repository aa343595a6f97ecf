#include "contract/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/clock.h"
#include "base/text.h"
#include "contract/compare_internal.h"

namespace andon::contract {
namespace {

// How an SLA property is measured: whether more of it is better for who reads.
int GoodDirection(std::string_view property) {
  for (std::string_view less : {"latency", "freshness", "frequency", "errorRate", "timeToDetect",
                                "timeToNotify", "timeToRepair", "generalAvailability"}) {
    if (property == less) return -1;
  }
  for (std::string_view more :
       {"availability", "throughput", "retention", "endOfSupport", "endOfLife", "completeness"}) {
    if (property == more) return 1;
  }
  return 0;
}

std::string SlaText(const SlaProperty& sla) {
  std::string value = sla.value.is_string() ? sla.value.AsString() : sla.value.Dump();
  return sla.unit.empty() ? value : fmt::format("{} {}", value, sla.unit);
}

// Less than zero, zero, more; empty where the two cannot be compared.
std::optional<int> CompareValues(const SlaProperty& a, const SlaProperty& b) {
  auto duration_a = DurationOf(a), duration_b = DurationOf(b);
  if (duration_a && duration_b) {
    auto x = ParseDuration(*duration_a), y = ParseDuration(*duration_b);
    if (x.ok() && y.ok()) return *x < *y ? -1 : *x > *y ? 1 : 0;
  }
  if (a.unit == b.unit && a.value.is_number() && b.value.is_number()) {
    double x = a.value.AsDouble(), y = b.value.AsDouble();
    return x < y ? -1 : x > y ? 1 : 0;
  }
  auto x = ParseTimestamp(a.value.AsString()), y = ParseTimestamp(b.value.AsString());
  if (x.ok() && y.ok()) return *x < *y ? -1 : *x > *y ? 1 : 0;
  return std::nullopt;
}

std::string SlaKey(const SlaProperty& sla) {
  return fmt::format("{} {} {}", sla.property, sla.element, sla.driver);
}

void CompareSla(const Document& before, const Document& after, Changes& changes) {
  ByIdentity<SlaProperty> by_key;
  for (const SlaProperty& sla : after.sla) by_key.Add(SlaKey(sla), &sla);
  for (const SlaProperty& was : before.sla) {
    std::string path = "sla." + was.property;
    const SlaProperty* now = by_key.Take(SlaKey(was));
    if (!now) {
      changes.place = {.pointer = was.path};
      Change& c =
          changes.Add("sla_removed", path, Direction::kLoosens,
                      fmt::format("{} of {} is no longer promised.", was.property, SlaText(was)));
      c.before = SlaText(was);
      c.is_removal = true;
      c.compatible = "keep it";
      continue;
    }
    const SlaProperty& is = *now;
    if (was.value == is.value && was.unit == is.unit) continue;
    changes.place = {.pointer = is.path};
    auto order = CompareValues(was, is);
    int good = GoodDirection(was.property);
    if (order && *order == 0) continue;
    bool tightens = order && good != 0 && (*order < 0) == (good > 0);
    bool known = order && good != 0;
    Change& c =
        changes.Add(!known     ? "sla_changed"
                    : tightens ? "sla_tightened"
                               : "sla_loosened",
                    path, tightens ? Direction::kTightens : Direction::kLoosens,
                    fmt::format("{} was {} and is {}.", was.property, SlaText(was), SlaText(is)));
    c.before = SlaText(was);
    c.after = SlaText(is);
    if (!tightens) c.compatible = fmt::format("keep {} {}", was.property, SlaText(was));
  }
  for (const SlaProperty& is : after.sla) {
    if (!by_key.IsLeft(SlaKey(is), &is)) continue;
    changes.place = {.pointer = is.path};
    Change& c = changes.Add("sla_added", "sla." + is.property, Direction::kTightens,
                            fmt::format("{} of {} is promised now.", is.property, SlaText(is)));
    c.after = SlaText(is);
  }
}

void CompareStatus(const Document& before, const Document& after, Changes& changes) {
  if (before.status == after.status) return;
  changes.place = {.pointer = "/status"};
  bool retires = after.status == "retired";
  bool back = after.status == "draft" || after.status == "proposed";
  Change& c = changes.Add("status_changed", "status",
                          retires || back            ? Direction::kLoosens
                          : after.status == "active" ? Direction::kTightens
                                                     : Direction::kNeutral,
                          fmt::format("The status was {} and is {}.", before.status, after.status));
  c.before = before.status;
  c.after = after.status;
  if (retires) c.compatible = "set it to deprecated first, and retire it when the notice is over";
  if (!retires && !back) c.demands = Bump::kMinor;
}

void CompareNotice(const Document& before, const Document& after, Changes& changes) {
  if (before.notice == after.notice) return;
  auto was = ParseDuration(before.notice), is = ParseDuration(after.notice);
  bool shorter = !before.notice.empty() && (!is.ok() || (was.ok() && *is < *was));
  changes.place = {.pointer = "/customProperties"};
  Change& c = changes.Add(
      shorter ? "notice_shortened" : "notice_lengthened", "notice",
      shorter ? Direction::kLoosens : Direction::kTightens,
      fmt::format("The notice was {} and is {}.", Shown(before.notice), Shown(after.notice)));
  c.before = before.notice;
  c.after = after.notice;
}

// Who reads, and what for.
void CompareReaders(const Document& before, const Document& after, Changes& changes) {
  changes.place = {.pointer = "/customProperties"};
  auto differ = [&](const std::vector<std::string>& was, const std::vector<std::string>& is,
                    const char* kind, const char* says) {
    for (const std::string& consumer : was) {
      if (std::find(is.begin(), is.end(), consumer) != is.end()) continue;
      changes.Add(kind, "consumers", Direction::kNeutral, fmt::format("{} {}", consumer, says));
    }
  };
  differ(before.consumers, after.consumers, "consumer_removed", "is no consumer any longer.");
  differ(after.consumers, before.consumers, "consumer_added", "is a consumer now.");
  if (CustomProperty(before.json, "needs") != CustomProperty(after.json, "needs"))
    changes.Add("needs_changed", "needs", Direction::kNeutral, "What the data serves changed.");
}

// Custom properties that have been looked at by their meaning.
Json WithoutOurs(const Json& properties) {
  Json out = Json::List();
  for (const Json& property : properties.items()) {
    const std::string& name = property["property"].AsString();
    if (name != "consumers" && name != "needs" && name != "noticePeriod") out.Push(property);
  }
  return out;
}

// Where the data is: who reads it there finds it gone.
void CompareServers(const Json& before, const Json& after, Changes& changes) {
  auto named = [](const Json& list) {
    std::map<std::string, std::pair<const Json*, size_t>> out;
    for (size_t i = 0; i < list.items().size(); ++i) {
      const Json& server = list.items()[i];
      std::string name = server["server"].AsString();
      out.emplace(name.empty() ? server["type"].AsString() : name, std::pair(&server, i));
    }
    return out;
  };
  static constexpr std::string_view kPlaces[] = {
      "type",     "host",    "port",  "database", "schema", "catalog", "project",    "dataset",
      "location", "account", "topic", "bucket",   "path",   "format",  "endpointUrl"};
  auto was = named(before), is = named(after);
  for (const auto& [name, server] : was) {
    std::string path = "servers." + name;
    auto found = is.find(name);
    if (found == is.end()) {
      changes.place = {.pointer = fmt::format("/servers/{}", server.second)};
      Change& c =
          changes.Add("server_removed", path, Direction::kLoosens, "The data is no longer there.");
      c.is_removal = true;
      c.compatible = "keep the server until its readers have moved";
      continue;
    }
    changes.place = {.pointer = fmt::format("/servers/{}", found->second.second)};
    for (std::string_view place : kPlaces) {
      const Json &old_value = (*server.first)[place], &value = (*found->second.first)[place];
      if (old_value == value) continue;
      Change& c =
          changes.Add("server_moved", path, Direction::kLoosens,
                      fmt::format("{} was {} and is {}.", place, Shown(old_value), Shown(value)));
      c.before = Shown(old_value);
      c.after = Shown(value);
    }
  }
  for (const auto& [name, server] : is) {
    if (was.contains(name)) continue;
    changes.place = {.pointer = fmt::format("/servers/{}", server.second)};
    changes
        .Add("server_added", "servers." + name, Direction::kNeutral, "The data is also there now.")
        .demands = Bump::kMinor;
  }
}

// What is left: nothing that data can break.
void CompareRest(const Json& before, const Json& after, Changes& changes) {
  static const std::set<std::string> kSeen = {"schema", "slaProperties",     "servers",
                                              "status", "version",           "apiVersion",
                                              "kind",   "contractCreatedTs", "slaDefaultElement"};
  std::set<std::string> names;
  for (const auto& [name, value] : before.members()) names.insert(name);
  for (const auto& [name, value] : after.members()) names.insert(name);
  for (const std::string& name : names) {
    if (kSeen.contains(name) || before[name] == after[name]) continue;
    bool same = name == "customProperties" && WithoutOurs(before[name]) == WithoutOurs(after[name]);
    if (same) continue;
    changes.place = {.pointer = "/" + name};
    bool is_identity = name == "id";
    bool is_terms = name == "description" || name == "price" || name == "roles";
    Change& c =
        changes.Add(name == "description" ? "terms_changed" : fmt::format("{}_changed", name), name,
                    is_identity ? Direction::kLoosens : Direction::kNeutral,
                    is_identity ? "Another contract by its id." : "What is said there changed.");
    if (is_terms) c.demands = Bump::kMinor;
  }
}

}  // namespace

std::string_view ToString(Direction direction) {
  switch (direction) {
    case Direction::kLoosens:
      return "loosens";
    case Direction::kTightens:
      return "tightens";
    case Direction::kNeutral:
      return "neutral";
  }
  return "";
}

Change& Changes::Add(std::string kind, std::string path, Direction direction, std::string message) {
  Change c{.kind = std::move(kind),
           .path = std::move(path),
           .table = place.table,
           .column = place.column,
           .direction = direction,
           .message = std::move(message),
           .pointer = place.pointer};
  c.is_breaking = direction == Direction::kLoosens && place.is_promised && is_binding_;
  bool is_minor = direction != Direction::kNeutral;
  c.demands = c.is_breaking ? Bump::kMajor : is_minor ? Bump::kMinor : Bump::kPatch;
  list_.push_back(std::move(c));
  return list_.back();
}

void CompareTerms(const Document& before, const Document& after, Changes& changes) {
  CompareSla(before, after, changes);
  CompareStatus(before, after, changes);
  CompareNotice(before, after, changes);
  CompareReaders(before, after, changes);
  CompareServers(before.json["servers"], after.json["servers"], changes);
  CompareRest(before.json, after.json, changes);
}

bool Comparison::is_breaking() const {
  return std::any_of(changes.begin(), changes.end(), [](const Change& c) { return c.is_breaking; });
}

Comparison Compare(const Document& before, const Document& after) {
  bool is_binding =
      before.status != "draft" && before.status != "proposed" && before.status != "retired";
  Changes changes(is_binding);
  CompareTables(before, after, changes);
  CompareTerms(before, after, changes);
  Comparison out{
      .changes = changes.Take(), .version_before = before.version, .version_after = after.version};
  for (Change& c : out.changes) {
    if (!is_binding) {
      c.is_breaking = false;
      c.demands = std::min(c.demands, Bump::kPatch);
    }
    if (!c.is_breaking) c.compatible.clear();
    out.demanded = std::max(out.demanded, c.demands);
  }
  std::stable_sort(out.changes.begin(), out.changes.end(), [](const Change& a, const Change& b) {
    if (a.is_breaking != b.is_breaking) return a.is_breaking;
    return a.path < b.path;
  });
  auto was = ParseVersion(before.version), is = ParseVersion(after.version);
  if (was && is) {
    out.made = BumpBetween(*was, *is);
    out.version_wanted = ToString(Bumped(*was, out.demanded));
    out.version_fits = out.made >= out.demanded && *is >= *was;
  } else {
    out.version_fits = out.demanded == Bump::kNone || before.version != after.version;
  }
  return out;
}

}  // namespace andon::contract
