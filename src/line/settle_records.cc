#include "line/settle_records.h"

#include <algorithm>

#include "base/text.h"
#include "store/journal.h"
#include "validation/record.h"

namespace andon::line {

Json StringList(const std::vector<std::string>& list) {
  Json out = Json::List();
  for (const std::string& item : list) out.Push(item);
  return out;
}

std::vector<std::string> AddressesOf(const std::vector<Piece>& pieces) {
  std::vector<std::string> out;
  for (const Piece& piece : pieces) out.push_back(piece.dataset->address);
  return out;
}

std::map<std::string, Json> BasesOf(const std::vector<Piece>& pieces) {
  std::map<std::string, Json> out;
  for (const Piece& piece : pieces) out[piece.dataset->address] = pipeline::ToJson(piece.basis);
  return out;
}

incident::DeliveryReference ReferenceTo(const ingest::Delivery& d) {
  return {.id = d.id, .path = d.path, .period = d.period, .arrived_at = d.arrived_at};
}

namespace {

// What the rows are, as a person calls it: the period or the file of the one delivery, or how many.
std::string BatchOf(const Piece& piece) {
  if (piece.deliveries.empty()) return {};
  if (piece.deliveries.size() > 1)
    return Count(static_cast<int64_t>(piece.deliveries.size()), "delivery", "deliveries");
  const ingest::Delivery& delivery = piece.deliveries[0];
  return delivery.period.empty() ? delivery.path : delivery.period;
}

}  // namespace

Result<void> WriteValidation(store::Transaction& tx, const RunContext& context, const Piece& piece,
                             const Attempt& attempt, int64_t snapshot_id, int64_t version) {
  const definition::Dataset& dataset = *piece.dataset;
  auto verdicts = attempt.verdicts.find(dataset.address);
  if (verdicts == attempt.verdicts.end() || verdicts->second.empty()) return {};
  const Attempt::Span span = attempt.checked.at(dataset.address);
  validation::Validation v{.name = dataset.name,
                           .dataset = dataset.address,
                           .batch = BatchOf(piece),
                           .branch = version > 0 ? "main" : attempt.branch,
                           .version = version,
                           .snapshot_id = snapshot_id,
                           .release_id = context.world.release_id,
                           .run_id = context.run_id,
                           .trigger = "run",
                           .rows = attempt.loads.at(dataset.address).rows_total,
                           .bytes = span.bytes,
                           .started = span.started,
                           .duration = span.took,
                           .results = ToCheckedChecks(verdicts->second)};
  for (const ingest::Delivery& delivery : piece.deliveries) {
    if (piece.deliveries.size() > 1) break;
    v.batch_identifiers = Json::Object({{"path", delivery.path}});
    if (!delivery.period.empty()) v.batch_identifiers.Set("period", delivery.period);
  }
  TRY(validation::Record(tx, v));
  return {};
}

Result<void> WriteFailedFacts(store::Transaction& tx, const RunContext& context,
                              const std::string& address, const std::vector<Verdict>& verdicts,
                              Timestamp now) {
  for (const Verdict& v : verdicts) {
    if (v.result.success()) continue;
    Json body = Json::Object({{"check", v.result.name},
                              {"type", v.result.type},
                              {"severity", quality::ToString(v.result.severity)},
                              {"scope", v.scope},
                              {"message", v.result.message},
                              {"observed_value", v.result.observed_value}});
    if (v.delivery_id) body.Set("delivery_id", v.delivery_id);
    TRY(store::Append(tx, {.time = now,
                           .actor = context.actor(),
                           .kind = store::fact::kCheckFailed,
                           .address = address,
                           .run_id = context.run_id,
                           .release_id = context.world.release_id,
                           .body = std::move(body)}));
  }
  return {};
}

Result<void> EndTask(store::Transaction& tx, const RunContext& context, const std::string& name,
                     int attempt, std::string_view state, Timestamp now, Json body) {
  TRY(
      tx.Execute("UPDATE run_tasks SET state = ?, ended_at = ?, body = ? "
                 "WHERE run_id = ? AND task = ? AND attempt = ?",
                 {state, now, body, context.run_id, name, attempt}));
  return {};
}

Json TaskBody(const TaskReport& report) {
  Json body = ToJson(report);
  body.Remove("failed");  // They stand in check_results.
  return body;
}

std::string CountOfFailed(const std::vector<Verdict>& verdicts) {
  int64_t n =
      std::count_if(verdicts.begin(), verdicts.end(), [](const Verdict& v) { return IsRed(v); });
  return Count(n, "check") + " failed";
}

}  // namespace andon::line
