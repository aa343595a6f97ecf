#include "line/version_record.h"

#include <algorithm>
#include <set>

#include "ingest/deliveries.h"
#include "lake/lake.h"

namespace andon::line {

Result<void> DescribeVersion(store::Transaction& tx, const std::string& table, int64_t version,
                             const Json& about) {
  auto row =
      TRY(store::QueryOne(tx, "SELECT body FROM dataset_versions WHERE dataset = ? AND version = ?",
                          {lake::Address(table), version}));
  Json body = row ? row->Document("body") : Json::Object();
  if (!body.is_object()) body = Json::Object();
  for (const auto& [key, value] : about.members()) body.Set(key, value);
  TRY(tx.Execute("UPDATE dataset_versions SET body = ? WHERE dataset = ? AND version = ?",
                 {body, lake::Address(table), version}));
  return {};
}

Result<void> WriteCursor(store::Transaction& tx, const std::string& dataset, int64_t snapshot_id,
                         const std::string& run_id, Timestamp now) {
  auto loaded = TRY(ingest::ListDeliveries(tx, dataset, ingest::DeliveryState::kLoaded));
  Json ids = Json::List();
  std::string through;
  for (const ingest::Delivery& d : loaded) {
    ids.Push(d.id);
    through = std::max(through, d.period);
  }
  TRY(tx.Execute(
      "INSERT INTO cursors (dataset, name, snapshot_id, state, updated_at, run_id, body) "
      "VALUES (?, 'deliveries', ?, 'published', ?, ?, ?) "
      "ON CONFLICT (dataset, name, snapshot_id) DO UPDATE SET updated_at = "
      "excluded.updated_at, run_id = excluded.run_id, body = excluded.body",
      {dataset, snapshot_id, now, run_id,
       Json::Object({{"deliveries", std::move(ids)}, {"through", through}})}));
  return {};
}

Result<int> RestoreCursor(store::Transaction& tx, const std::string& dataset, int64_t snapshot_id,
                          Timestamp now) {
  auto row = TRY(store::QueryOne(
      tx, "SELECT body FROM cursors WHERE dataset = ? AND name = 'deliveries' AND snapshot_id = ?",
      {dataset, snapshot_id}));
  if (!row) return 0;
  std::set<int64_t> has;
  const Json body = row->Document("body");
  for (const Json& id : body["deliveries"].items()) has.insert(id.AsInteger());
  auto all = TRY(ingest::ListDeliveries(tx, dataset));
  // Of one path and period only what stands there now can be loaded again.
  std::set<std::pair<std::string, std::string>> seen;
  int changed = 0;
  for (auto it = all.rbegin(); it != all.rend(); ++it) {
    ingest::Delivery& d = *it;
    const bool is_last = seen.insert({d.path, d.period}).second;
    const bool should = has.count(d.id) > 0;
    if (should && d.state != ingest::DeliveryState::kLoaded) {
      d.state = ingest::DeliveryState::kLoaded;
    } else if (!should && d.state == ingest::DeliveryState::kLoaded) {
      d.state = is_last ? ingest::DeliveryState::kNew : ingest::DeliveryState::kSuperseded;
      d.version = 0;
    } else {
      continue;
    }
    ++changed;
    TRY(ingest::SaveDelivery(tx, d, now));
  }
  return changed;
}

}  // namespace andon::line
