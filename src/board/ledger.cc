#include "board/ledger.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace andon::board {
namespace {

using store::Fact;

constexpr int64_t kPage = 500;
constexpr Duration kAheadMax = std::chrono::minutes(5);
constexpr size_t kMarkMax = 2'000;  // Characters of each of its texts.

std::string Said(const Json& body, std::string_view name) { return body[name].AsString(); }

// "because: …", where there is something to say.
std::string With(std::string text, std::string_view more) {
  if (!more.empty()) text += ": " + std::string(more);
  return text;
}

std::string Published(const Json& body) {
  std::string text = fmt::format("published @{}: {}", body["version"].AsInteger(),
                                 Count(body["rows"].AsInteger(), "row"));
  int64_t added = body["rows_added"].AsInteger(), removed = body["rows_removed"].AsInteger(),
          changed = body["rows_changed"].AsInteger();
  if (added > 0) text += fmt::format(", {} added", WithThousands(added));
  if (changed > 0) text += fmt::format(", {} changed", WithThousands(changed));
  if (removed > 0) text += fmt::format(", {} removed", WithThousands(removed));
  return text;
}

// "instance_type: \"t3.micro\" -> \"t3.large\"; …"
std::string Attributes(const Json& list) {
  std::vector<std::string> parts;
  for (const Json& a : list.items()) {
    if (parts.size() == 5) {
      parts.push_back("…");
      break;
    }
    parts.push_back(
        fmt::format("{}: {} -> {}", Said(a, "name"), Said(a, "before"), Said(a, "after")));
  }
  return Join(parts, "; ");
}

std::string Changed(const Json& body) {
  std::string text = Said(body, "action");
  if (std::string part = Said(body, "part"); !part.empty()) text += " " + part;
  return With(std::move(text), Said(body, "position"));
}

std::string Counted(const Json& counts) {
  std::vector<std::string> parts;
  for (const auto& [word, n] : counts.members()) {
    if (n.AsInteger() > 0) parts.push_back(fmt::format("{} {}", n.AsInteger(), word));
  }
  return Join(parts, ", ");
}

std::string Names(const Json& list) {
  std::vector<std::string> names;
  for (const Json& one : list.items()) names.push_back(one.AsString());
  return Join(names, ", ");
}

std::string Marked(const Json& body) {
  std::string text = Said(body, "service").empty() ? std::string("marked") : "deployed";
  if (std::string version = Said(body, "version"); !version.empty()) text += " " + version;
  if (std::string place = Said(body, "environment"); !place.empty()) text += " to " + place;
  return With(std::move(text), Said(body, "text"));
}

struct Sentence {
  std::string_view kind;
  std::string (*make)(const Json& body);
};

// In the order of their names; a kind that is not here is told by its name.
constexpr Sentence kSentences[] = {
    {"check_failed",
     [](const Json& b) {
       return With("check " + Said(b, "check") + " failed", Said(b, "message"));
     }},
    {"check_passed",
     [](const Json& b) { return Count(b["checks"].AsInteger(), "check") + " passed in place"; }},
    {"contract_broken",
     [](const Json& b) { return With("breaks its contract", Said(b, "reason")); }},
    {"delivery_arrived", [](const Json& b) { return "arrived: " + Said(b, "path"); }},
    {"delivery_rejected",
     [](const Json& b) { return "rejected: " + With(Said(b, "path"), Said(b, "reason")); }},
    {"delivery_retried", [](const Json& b) { return "is tried again: " + Said(b, "path"); }},
    {"deployment_marked", Marked},
    {"drift_gone", [](const Json& b) { return "drift is gone: " + Attributes(b["attributes"]); }},
    {"drift_seen",
     [](const Json& b) {
       return With("changed outside (" + Said(b, "action") + ")", Attributes(b["attributes"]));
     }},
    {"foreign_commit", [](const Json&) { return std::string("was written by another tool"); }},
    {"freshness_missed", [](const Json& b) { return Said(b, "reason"); }},
    {"held",
     [](const Json& b) {
       std::string red = Names(b["because"]);
       return With("held", red.empty() ? Said(b, "reason") : red);
     }},
    {"incident_accepted",
     [](const Json& b) {
       return fmt::format("incident {} accepted: {}", b["incident"].AsInteger(), Said(b, "text"));
     }},
    {"incident_acknowledged",
     [](const Json& b) {
       return fmt::format("incident {}: {}", b["incident"].AsInteger(), Said(b, "text"));
     }},
    {"incident_opened",
     [](const Json& b) {
       return fmt::format("incident {} opened: {}", b["incident"].AsInteger(), Said(b, "title"));
     }},
    {"incident_resolved",
     [](const Json& b) {
       return fmt::format("incident {} resolved: {}", b["incident"].AsInteger(), Said(b, "text"));
     }},
    {"infrastructure_apply_begun",
     [](const Json& b) {
       return "apply of infrastructure begins: " +
              Count(std::ssize(b["addresses"].items()), "change");
     }},
    {"infrastructure_apply_ended",
     [](const Json& b) {
       return With("apply of infrastructure " + Said(b, "outcome"), Counted(b["counts"]));
     }},
    {"notified", [](const Json& b) { return "was told of " + Said(b, "about"); }},
    {"notify_failed", [](const Json& b) { return With("could not be told", Said(b, "error")); }},
    {"object_changed", Changed},
    {"published", Published},
    {"release_closed",
     [](const Json& b) { return With("release: " + Said(b, "message"), Counted(b["counts"])); }},
    {"release_opened", [](const Json& b) { return "release begins: " + Said(b, "message"); }},
    {"resource_changed",
     [](const Json& b) {
       return With(With(Said(b, "action"), Said(b, "position")), Attributes(b["attributes"]));
     }},
    {"resumed", [](const Json&) { return std::string("resumed"); }},
    {"rolled_back",
     [](const Json& b) { return fmt::format("rolled back to @{}", b["to"].AsInteger()); }},
    {"run_ended",
     [](const Json& b) { return With("run " + Said(b, "state"), Counted(b["counts"])); }},
    {"run_started", [](const Json& b) { return "run: " + Said(b, "command"); }},
    {"schema_changed",
     [](const Json& b) {
       std::vector<std::string> parts;
       for (const auto& [name, type] : b["added"].members())
         parts.push_back(fmt::format("{} {} added", name, type.AsString()));
       for (const auto& [name, type] : b["removed"].members())
         parts.push_back(fmt::format("{} {} removed", name, type.AsString()));
       for (const auto& [name, types] : b["changed"].members())
         parts.push_back(fmt::format("{} {}", name, Names(types)));
       return "columns changed: " + Join(parts, "; ");
     }},
    {"source_written", [](const Json&) { return std::string("was written to"); }},
    {"task_ended", [](const Json&) { return std::string("task ended"); }},
    {"task_failed", [](const Json& b) { return With("task failed", Said(b, "message")); }},
    {"task_started", [](const Json& b) { return "is built: " + Said(b, "why"); }},
};

bool IsOf(const std::string& address, const std::string& wanted) {
  if (!address.starts_with(wanted)) return false;
  return address.size() == wanted.size() || address[wanted.size()] == '[' ||
         (address[wanted.size()] == '.' && wanted.starts_with("module."));
}

}  // namespace

std::string TextOf(const Fact& fact) {
  for (const Sentence& sentence : kSentences) {
    if (sentence.kind == fact.kind) return sentence.make(fact.body);
  }
  return fact.kind;
}

std::vector<std::string> FactKinds() {
  std::vector<std::string> kinds;
  for (const Sentence& sentence : kSentences) kinds.emplace_back(sentence.kind);
  return kinds;
}

Result<std::vector<LedgerEntry>> ReadLedger(store::Transaction& tx, const LedgerFilter& filter) {
  std::vector<LedgerEntry> entries;
  store::FactFilter asked{.kinds = filter.kinds,
                          .run_id = filter.run_id,
                          .release_id = filter.release_id,
                          .from = filter.from,
                          .before = filter.before,
                          .limit = kPage,
                          .newest_first = true};
  for (;;) {
    std::vector<Fact> facts = TRY(store::ReadFacts(tx, asked));
    for (Fact& fact : facts) {
      if (!filter.address.empty() && !IsOf(fact.address, filter.address)) continue;
      if (fact.actor.find(filter.actor) == std::string::npos) continue;
      std::string text = TextOf(fact);
      entries.push_back({std::move(fact), std::move(text)});
      if (std::ssize(entries) == filter.limit) return entries;
    }
    if (std::ssize(facts) < kPage) return entries;
    asked.before_seq = facts.back().seq;
  }
}

Json ToJson(const LedgerEntry& entry) {
  const Fact& fact = entry.fact;
  Json json = Json::Object({{"seq", fact.seq},
                            {"time", ToRfc3339(fact.time)},
                            {"actor", fact.actor},
                            {"kind", fact.kind}});
  if (!fact.address.empty()) json.Set("address", fact.address);
  if (!fact.run_id.empty()) json.Set("run", fact.run_id);
  if (fact.release_id != 0) json.Set("release", fact.release_id);
  json.Set("text", entry.text);
  json.Set("body", fact.body);
  return json;
}

Result<Mark> MarkFromJson(const Json& json) {
  if (!json.is_object())
    return Error::Invalid(
        "A mark is an object: {{\"service\": \"checkout\", \"version\": \"2.1\"}}.");
  Mark mark;
  const std::pair<std::string_view, std::string*> texts[] = {
      {"text", &mark.text},     {"service", &mark.service}, {"version", &mark.version},
      {"commit", &mark.commit}, {"url", &mark.url},         {"environment", &mark.environment}};
  for (const auto& [name, value] : json.members()) {
    if (name == "actor" || name == "by") continue;
    auto text = std::find_if(std::begin(texts), std::end(texts),
                             [&](const auto& one) { return one.first == name; });
    if (name != "time" && text == std::end(texts)) {
      return Error::Invalid(
          "A mark has no \"{}\": there are service, version, commit, url, environment, text, by "
          "and time.",
          name);
    }
    if (!value.is_string()) return Error::Invalid("\"{}\" of a mark is a text.", name);
    if (name == "time") {
      auto at = ParseTimestamp(value.AsString());
      if (!at.ok()) return Error::Invalid("\"time\" of a mark: {}", at.error().message);
      mark.at = *at;
    } else {
      *text->second = value.AsString();
    }
  }
  return mark;
}

Result<int64_t> RecordMark(store::Database& db, const Mark& mark, const std::string& actor,
                           Timestamp now) {
  if (mark.text.empty() && mark.service.empty())
    return Error::Invalid("A mark names a service, or says something.");
  for (const std::string* text :
       {&mark.text, &mark.service, &mark.version, &mark.commit, &mark.url, &mark.environment}) {
    if (text->size() > kMarkMax)
      return Error::Invalid("A mark's texts have {} bytes at most.", WithThousands(kMarkMax));
  }
  const Timestamp at = mark.at.value_or(now);
  if (at > now + kAheadMax)
    return Error::Invalid("The mark's time, {}, has not come yet.", ToRfc3339(at));
  Json body = Json::Object();
  auto set = [&](const char* name, const std::string& value) {
    if (!value.empty()) body.Set(name, value);
  };
  set("text", mark.text);
  set("service", mark.service);
  set("version", mark.version);
  set("commit", mark.commit);
  set("url", mark.url);
  set("environment", mark.environment);
  std::string address = mark.service.empty() ? "" : "service." + mark.service;
  return db.Write([&](store::Transaction& tx) {
    return store::Append(
        tx,
        {.time = at, .actor = actor, .kind = kDeploymentMarked, .address = address, .body = body});
  });
}

}  // namespace andon::board
