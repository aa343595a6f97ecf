#include "validation/retention.h"

#include "validation/check_json.h"

namespace andon::validation {
namespace {

// Rows removed in one transaction: others want to write as well.
constexpr int64_t kStep = 200;

Result<Timestamp> Limit(const std::string& keep, Timestamp now, std::string_view what) {
  auto duration = ParseDuration(keep);
  if (!duration.ok()) return std::move(duration).error().In(what);
  return now - *duration;
}

// One step of samples; how many went.
Result<int64_t> PruneSamples(store::Transaction& tx, Timestamp limit) {
  auto rows =
      TRY(tx.Query("SELECT s.result_id, r.body FROM check_samples s LEFT JOIN check_results r ON "
                   "r.result_id = s.result_id WHERE s.time < ? ORDER BY s.time LIMIT ?",
                   {limit, kStep}));
  for (const store::Row& row : rows) {
    Json body = row.Document("body");
    if (body.is_object() && body["message"].is_string()) {
      body.Set("message", WithoutValues(body["message"].AsString()));
      TRY(tx.Execute("UPDATE check_results SET body = ? WHERE result_id = ?",
                     {body, row.Integer("result_id")}));
    }
    TRY(tx.Execute("DELETE FROM check_samples WHERE result_id = ?", {row.Integer("result_id")}));
  }
  return static_cast<int64_t>(rows.size());
}

Result<int64_t> PruneValidations(store::Transaction& tx, Timestamp limit) {
  auto rows = TRY(
      tx.Query("SELECT v.validation_id FROM validations v WHERE v.time < ? AND EXISTS (SELECT 1 "
               "FROM validations n WHERE n.dataset = v.dataset AND n.validation_id > "
               "v.validation_id) ORDER BY v.time LIMIT ?",
               {limit, kStep}));
  for (const store::Row& row : rows) {
    const int64_t number = row.Integer("validation_id");
    TRY(
        tx.Execute("DELETE FROM check_samples WHERE result_id IN (SELECT result_id FROM "
                   "check_results WHERE validation_id = ?)",
                   {number}));
    TRY(tx.Execute("DELETE FROM check_results WHERE validation_id = ?", {number}));
    TRY(tx.Execute("DELETE FROM validations WHERE validation_id = ?", {number}));
  }
  if (!rows.empty()) {
    TRY(
        tx.Execute("DELETE FROM suites WHERE NOT EXISTS (SELECT 1 FROM validations v WHERE "
                   "v.suite_hash = suites.hash)"));
  }
  return static_cast<int64_t>(rows.size());
}

}  // namespace

Result<Pruned> Prune(store::Database& db, const definition::Retention& retention, Timestamp now) {
  const Timestamp samples = TRY(Limit(retention.samples, now, "retention.samples"));
  const Timestamp validations = TRY(Limit(retention.validations, now, "retention.validations"));
  Pruned pruned;
  auto prune = [&](auto step, Timestamp limit, int64_t* count) -> Result<void> {
    // Reading does not wait for writers; most of the time there is nothing to do.
    for (int64_t last = kStep; last == kStep;) {
      if (*count >= kPruneMax) {
        pruned.has_more = true;
        return {};
      }
      last = TRY(db.Write([&](store::Transaction& tx) { return step(tx, limit); }));
      *count += last;
    }
    return {};
  };
  auto has = [&](const char* table, Timestamp limit) -> Result<bool> {
    auto rows =
        TRY(db.Query(fmt::format("SELECT 1 FROM {} WHERE time < ? LIMIT 1", table), {limit}));
    return !rows.empty();
  };
  const bool has_samples = TRY(has("check_samples", samples));
  if (has_samples) TRY(prune(PruneSamples, samples, &pruned.samples));
  const bool has_validations = TRY(has("validations", validations));
  if (has_validations) TRY(prune(PruneValidations, validations, &pruned.validations));
  return pruned;
}

}  // namespace andon::validation
