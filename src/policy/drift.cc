#include "policy/drift.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "infratext/sensitive.h"
#include "policy/applied.h"
#include "policy/policy.h"
#include "store/journal.h"
#include "store/meta.h"
#include "value/json.h"

namespace andon::policy {

using value::Value;

namespace {

constexpr char kKind[] = "drift";
constexpr char kEncrypted[] = "(encrypted)";
constexpr char kOpen[] = "open";
constexpr char kGone[] = "gone";

std::string TextOf(const Value& value) {
  if (value.contains_marked()) return "(sensitive)";
  auto json = value::ToJsonText(value);
  return json.ok() ? *json : "(unknown)";
}

// The texts and numbers in a value, as JSON has them.
void AddLeaves(const Value& value, std::set<std::string>* leaves) {
  if (!value.is_known_not_null()) return;
  const value::Type& type = value.type();
  if (type.is_map() || type.is_object()) {
    for (const auto& [name, member] : value.members()) AddLeaves(member, leaves);
  } else if (type.is_list() || type.is_set() || type.is_tuple()) {
    for (const Value& item : value.items()) AddLeaves(item, leaves);
  } else if (type.is_string() || type.is_number()) {
    auto json = value::ToJsonText(value);
    if (json.ok() && *json != "\"\"") leaves->insert(*json);
  }
}

// What is secret in one attribute may stand in the clear in another: a provider that gives back
// what it was given marks it in one place only.
bool HoldsSecret(const std::string& text, const std::set<std::string>& secrets) {
  constexpr size_t kTelling = 6;  // With its quotes: shorter ones are found in anything.
  for (const std::string& secret : secrets) {
    if (text == secret) return true;
    std::string_view inner = secret;
    if (inner.starts_with('"')) inner = inner.substr(1, inner.size() - 2);
    if (inner.size() >= kTelling && text.find(inner) != std::string::npos) return true;
  }
  return false;
}

Json AttributesJson(const Drift& drift) {
  Json attributes = Json::List();
  for (const DriftedAttribute& a : drift.attributes)
    attributes.Push(Json::Object({{"name", a.name}, {"before", a.before}, {"after", a.after}}));
  return attributes;
}

Json BodyOf(const Drift& drift) {
  return Json::Object({{"address", drift.address},
                       {"action", drift.action},
                       {"attributes", AttributesJson(drift)},
                       {"first_seen", ToRfc3339(drift.first_seen)},
                       {"last_seen", ToRfc3339(drift.last_seen)}});
}

Result<Drift> FromDocument(const store::Document& document) {
  const Json& body = document.body;
  Drift drift{.address = body["address"].AsString(),
              .action = body["action"].AsString(),
              .is_gone = document.state == kGone};
  for (const Json& a : body["attributes"].items())
    drift.attributes.push_back(
        {a["name"].AsString(), a["before"].AsString(), a["after"].AsString()});
  drift.first_seen = TRY(ParseTimestamp(body["first_seen"].AsString()));
  drift.last_seen = TRY(ParseTimestamp(body["last_seen"].AsString()));
  if (drift.is_gone) drift.gone = document.updated_at;
  return drift;
}

// What makes it distinct; of what is sensitive only that it differs.
std::string KeyOf(const Drift& drift) {
  std::string all = drift.action + "\n" + AttributesJson(drift).Dump();
  return drift.address + " " + Sha256(all).substr(0, 16);
}

}  // namespace

Json Drift::ToJson() const {
  Json json = BodyOf(*this);
  if (is_gone) json.Set("gone", ToRfc3339(gone));
  return json;
}

Drift DriftOf(const infra::ResourceChange& change, Keeping keeping) {
  Drift drift{.address = ToString(change.address),
              .action = std::string(ActionName(change.action))};
  Value before = infratext::MarkSensitive(change.before, change.schema);
  Value after = infratext::MarkSensitive(change.after, change.schema);
  if (!before.is_known_not_null() || !after.is_known_not_null()) return drift;
  std::set<std::string> secrets;
  for (const Value& side : {before.Unmark(), after.Unmark()}) {
    for (const auto& [name, member] : side.members()) {
      if (member.contains_marked()) AddLeaves(member.UnmarkDeep(), &secrets);
    }
  }
  for (const auto& [name, was] : before.Unmark().members()) {
    const Value* is = after.Unmark().Find(name);
    if (is == nullptr || was.RawEquals(*is)) continue;
    if (keeping == Keeping::kNamesAlone) {
      drift.attributes.push_back({name, kEncrypted, kEncrypted});
      continue;
    }
    // What is sensitive before or after is so on both sides.
    bool hides = was.contains_marked() || is->contains_marked() ||
                 HoldsSecret(TextOf(was), secrets) || HoldsSecret(TextOf(*is), secrets);
    drift.attributes.push_back(
        {name, hides ? "(sensitive)" : TextOf(was), hides ? "(sensitive)" : TextOf(*is)});
  }
  return drift;
}

Result<void> RecordDrift(store::Database& db, const Clock& clock, const std::string& actor,
                         const infra::Plan& plan, bool was_asked, const Readers& readers,
                         Keeping keeping) {
  if (!was_asked) return {};
  std::map<std::string, Drift> seen;
  for (const infra::ResourceChange& change : plan.drift) {
    if (ActionName(change.action).empty()) continue;
    Drift drift = DriftOf(change, keeping);
    std::string key = KeyOf(drift);
    seen.emplace(std::move(key), std::move(drift));
  }
  auto known = TRY(db.Read([](store::Transaction& tx) { return store::ListDocuments(tx, kKind); }));
  bool any_open = std::any_of(known.begin(), known.end(),
                              [](const store::Document& d) { return d.state == kOpen; });
  if (seen.empty() && !any_open) return {};
  const Timestamp now = clock.Now();
  return db.Write([&](store::Transaction& tx) -> Result<void> {
    auto documents = TRY(store::ListDocuments(tx, kKind));
    for (store::Document& document : documents) {
      if (document.state != kOpen) continue;
      auto again = seen.find(document.key);
      if (again != seen.end()) {
        document.body.Set("last_seen", ToRfc3339(now));
        document.updated_at = now;
        TRY(store::PutDocument(tx, document));
        seen.erase(again);
      } else if (!plan.is_partial) {
        document.state = kGone;
        document.updated_at = now;
        TRY(store::PutDocument(tx, document));
        TRY(store::Append(tx, {.time = now,
                               .actor = actor,
                               .kind = kDriftGone,
                               .address = document.body["address"].AsString(),
                               .body = document.body}));
      }
    }
    for (auto& [key, drift] : seen) {
      drift.first_seen = drift.last_seen = now;
      TRY(store::PutDocument(
          tx,
          {.kind = kKind, .key = key, .state = kOpen, .updated_at = now, .body = BodyOf(drift)}));
      Json body = BodyOf(drift);
      if (Json list = ReadersOf(drift.address, readers); !list.items().empty())
        body.Set("readers", std::move(list));
      TRY(store::Append(tx, {.time = now,
                             .actor = actor,
                             .kind = kDriftSeen,
                             .address = drift.address,
                             .body = std::move(body)}));
    }
    return {};
  });
}

Result<std::vector<Drift>> ReadDrift(store::Database& db, bool all) {
  auto documents =
      TRY(db.Read([](store::Transaction& tx) { return store::ListDocuments(tx, kKind); }));
  std::vector<Drift> out;
  for (const store::Document& document : documents) {
    if (document.state == kGone && !all) continue;
    out.push_back(TRY(FromDocument(document)));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Drift& a, const Drift& b) { return a.first_seen > b.first_seen; });
  return out;
}

}  // namespace andon::policy
