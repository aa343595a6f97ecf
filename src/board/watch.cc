#include "board/watch.h"

#include <map>

#include "base/text.h"
#include "pipeline/time_zone.h"
#include "store/journal.h"
#include "store/meta.h"

namespace andon::board {
namespace {

constexpr char kItem[] = "freshness";

std::string NameOf(std::string_view address) {
  size_t dot = address.rfind('.');
  return std::string(dot == std::string_view::npos ? address : address.substr(dot + 1));
}

Result<std::map<std::string, std::optional<Timestamp>>> LastTimes(store::Transaction& tx,
                                                                  std::string_view sql) {
  std::map<std::string, std::optional<Timestamp>> times;
  store::Rows rows = TRY(tx.Query(sql));
  for (const store::Row& row : rows) {
    times[NameOf(row.Text("dataset"))] = row.OptionalTime("t");
  }
  return times;
}

// The newest event time of main's version, where its note has it: {"newest": {"payment_date":
// "…"}}.
Result<std::optional<Timestamp>> NewestEvent(store::Transaction& tx,
                                             const definition::Dataset& dataset) {
  auto row = TRY(store::QueryOne(tx,
                                 "SELECT body FROM dataset_versions WHERE dataset IN (?, ?) AND "
                                 "state <> 'rolled_back' ORDER BY version DESC LIMIT 1",
                                 {dataset.address, dataset.name}));
  if (!row) return std::optional<Timestamp>();
  Json body = row->Document("body");
  auto parsed = ParseTimestamp(body["newest"][dataset.freshness->of].AsString());
  return parsed.ok() ? std::optional<Timestamp>(*parsed) : std::nullopt;
}

Result<void> SaveState(store::Transaction& tx, const alarm::Transition& t, Timestamp now) {
  TRY(tx.Execute("DELETE FROM alarms_state WHERE address = ? AND item = ?", {t.dataset, kItem}));
  TRY(tx.Execute(
      "INSERT INTO alarms_state (address, item, state, since, updated_at, body) VALUES (?, ?, ?, "
      "?, ?, ?)",
      {t.dataset, kItem, alarm::ToString(t.to), now, now, Json::Object({{"reason", t.reason}})}));
  return {};
}

Result<void> Follow(store::Transaction& tx, const incident::Context& context,
                    const alarm::Transition& t, Timestamp now, WatchResult& result) {
  TRY(SaveState(tx, t, now));
  if (t.to == alarm::State::kAlarm) {
    TRY(store::Append(tx,
                      {.time = now,
                       .actor = context.actor,
                       .kind = store::fact::kFreshnessMissed,
                       .address = t.dataset,
                       .release_id = context.release_id,
                       .body = Json::Object({{"reason", t.reason}, {"due", ToRfc3339(t.due)}})}));
    incident::Failure failure;
    failure.kind = incident::FailureKind::kFreshness;
    failure.datasets = {t.dataset};
    failure.message = t.reason;
    failure.since = t.due;
    int64_t number = TRY(incident::RecordFailure(tx, context, failure, now));
    result.incidents.push_back(number);
  } else if (t.from == alarm::State::kAlarm) {
    TRY(incident::RecordFresh(tx, context, t.dataset, t.reason, now));
  }
  return {};
}

}  // namespace

alarm::UtcOffset OffsetOf(const std::string& timezone) {
  if (timezone.empty() || timezone == "UTC") return {};
  auto zone = pipeline::TimeZone::Load(timezone);
  if (!zone.ok()) return {};
  return [zone = *zone](int64_t utc) { return zone.OffsetAt(utc); };
}

Result<std::vector<alarm::FreshnessInput>> FreshnessInputs(store::Transaction& tx,
                                                           const definition::Project& project) {
  std::vector<alarm::FreshnessInput> inputs;
  bool any = false;
  for (const auto& dataset : project.datasets) any |= dataset.freshness.has_value();
  if (!any) return inputs;
  auto arrived =
      TRY(LastTimes(tx, "SELECT dataset, max(arrived_at) AS t FROM deliveries GROUP BY dataset"));
  auto published = TRY(LastTimes(tx,
                                 "SELECT dataset, max(published_at) AS t FROM dataset_versions "
                                 "WHERE state <> 'rolled_back' GROUP BY dataset"));
  std::map<std::string, alarm::State> states;
  store::Rows stored =
      TRY(tx.Query("SELECT address, state FROM alarms_state WHERE item = ?", {kItem}));
  for (const store::Row& row : stored) {
    states[row.Text("address")] = alarm::StateFromString(row.Text("state"));
  }
  for (const auto& dataset : project.datasets) {
    if (!dataset.freshness) continue;
    alarm::FreshnessInput input{.dataset = &dataset, .offset = OffsetOf(dataset.timezone)};
    auto& times = dataset.sql.empty() && arrived.contains(dataset.name) ? arrived : published;
    if (auto at = times.find(dataset.name); at != times.end()) input.last_at = at->second;
    if (dataset.is_external()) {
      // As its last look in a run found; before the first one nothing is known of it.
      auto written = TRY(store::GetDocument(tx, store::kWritten, dataset.address));
      if (!written) continue;
      auto at = ParseTimestamp(written->body["at"].AsString());
      if (at.ok()) input.last_at = *at;
    } else if (!dataset.freshness->of.empty()) {
      auto newest = TRY(NewestEvent(tx, dataset));
      if (newest) input.last_at = newest;
    }
    if (!input.last_at) {
      auto first = TRY(store::QueryOne(tx,
                                       "SELECT min(r.closed_at) AS t FROM releases r JOIN "
                                       "release_objects o ON o.release_id = r.release_id "
                                       "WHERE o.address = ?",
                                       {dataset.address}));
      if (first) input.watched_since = first->OptionalTime("t");
    }
    if (auto s = states.find(dataset.address); s != states.end()) input.state = s->second;
    inputs.push_back(std::move(input));
  }
  return inputs;
}

Result<WatchResult> WatchFreshness(store::Database& db, const incident::Context& context,
                                   Timestamp now) {
  return db.Write([&](store::Transaction& tx) -> Result<WatchResult> {
    WatchResult result;
    auto inputs = TRY(FreshnessInputs(tx, context.project));
    alarm::StepResult step = alarm::Step(now, inputs);
    for (const alarm::Transition& t : step.transitions) TRY(Follow(tx, context, t, now, result));
    auto next_end = TRY(incident::ExpireAcceptances(tx, context, now));
    result.transitions = std::move(step.transitions);
    result.problems = std::move(step.problems);
    result.next_due = step.next_due;
    if (next_end && (!result.next_due || *next_end < *result.next_due)) result.next_due = next_end;
    return result;
  });
}

}  // namespace andon::board
