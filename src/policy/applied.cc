#include "policy/applied.h"

#include <fmt/format.h>

#include <map>

#include "policy/drift.h"
#include "policy/policy.h"
#include "store/journal.h"

namespace andon::policy {
namespace {

// A fact names so many at most; the end has one fact for each.
constexpr size_t kNamedMax = 1'000;

std::string PositionOf(const SourceRange& range) {
  return range.exists() ? fmt::format("{}:{}", range.filename, range.start.line) : std::string();
}

}  // namespace

Json ReadersOf(const std::string& address, const Readers& readers) {
  Json list = Json::List();
  auto found = readers.find(ReadAs(address));
  if (found == readers.end()) return list;
  for (const std::string& reader : found->second) list.Push(reader);
  return list;
}

std::vector<AppliedChange> ChangesOf(const infra::Plan& plan, const Readers& readers,
                                     Keeping keeping) {
  std::vector<AppliedChange> changes;
  for (const infra::ResourceChange& change : plan.changes) {
    std::string_view action = ActionName(change.action);
    if (action.empty() || change.address.is_data) continue;
    Json attributes = Json::List();
    const Drift difference = DriftOf(change, keeping);
    for (const DriftedAttribute& a : difference.attributes)
      attributes.Push(Json::Object({{"name", a.name}, {"before", a.before}, {"after", a.after}}));
    Json body = Json::Object({{"action", std::string(action)}, {"attributes", attributes}});
    if (std::string position = PositionOf(change.range); !position.empty())
      body.Set("position", position);
    if (!change.deposed.empty()) body.Set("deposed", change.deposed);
    if (Json list = ReadersOf(ToString(change.address), readers); !list.items().empty())
      body.Set("readers", std::move(list));
    changes.push_back({ToString(change.address), std::move(body)});
  }
  return changes;
}

Result<void> RecordApplyBegun(store::Database& db, Timestamp now, const std::string& actor,
                              const std::vector<AppliedChange>& changes) {
  Json addresses = Json::List();
  for (size_t i = 0; i < changes.size() && i < kNamedMax; i++) addresses.Push(changes[i].address);
  return db.Write([&](store::Transaction& tx) -> Result<void> {
    TRY(store::Append(tx, {.time = now,
                           .actor = actor,
                           .kind = kApplyBegun,
                           .body = Json::Object({{"addresses", addresses}})}));
    return {};
  });
}

Result<void> RecordApplyEnded(store::Database& db, Timestamp now, const std::string& actor,
                              const std::vector<AppliedChange>& changes,
                              const std::set<std::string>& done, const std::string& outcome) {
  return db.Write([&](store::Transaction& tx) -> Result<void> {
    std::map<std::string, int64_t> counts;
    for (const AppliedChange& change : changes) {
      if (!done.contains(change.address)) continue;
      ++counts[change.body["action"].AsString()];
      TRY(store::Append(tx, {.time = now,
                             .actor = actor,
                             .kind = kResourceChanged,
                             .address = change.address,
                             .body = change.body}));
    }
    Json counted = Json::Object();
    for (const auto& [action, count] : counts) counted.Set(action, count);
    TRY(store::Append(tx, {.time = now,
                           .actor = actor,
                           .kind = kApplyEnded,
                           .body = Json::Object({{"outcome", outcome}, {"counts", counted}})}));
    return {};
  });
}

}  // namespace andon::policy
