#include "board/service_levels.h"

#include <fmt/format.h>

#include <algorithm>

#include "contract/declared.h"
#include "incident/incident.h"
#include "store/journal.h"

namespace andon::board {
namespace {

// When the first message of each incident was sent, by its number.
Result<std::optional<Timestamp>> FirstNotice(store::Transaction& tx,
                                             const definition::Project& project, int64_t number) {
  auto row = TRY(store::QueryOne(
      tx, "SELECT min(updated_at) AS t FROM outbox WHERE state = 'delivered' AND key LIKE ?",
      {fmt::format("{}/incident/{}/%", project.name, number)}));
  if (!row || row->IsNull("t")) return std::optional<Timestamp>();
  return std::optional<Timestamp>(row->Time("t"));
}

Result<contract::ServiceFacts> ReadServiceFacts(store::Transaction& tx,
                                                const definition::Project& project,
                                                const definition::Dataset& dataset, Timestamp now,
                                                Duration window) {
  contract::ServiceFacts facts{.window = {now - window, now}};
  auto rows = TRY(tx.Query(
      "SELECT published_at FROM dataset_versions WHERE dataset IN (?, ?) ORDER BY published_at",
      {dataset.name, dataset.address}));
  for (const store::Row& row : rows) facts.arrivals.push_back(row.Time("published_at"));
  // Of a table of somebody else: what its looks found.
  auto written = TRY(store::ReadFacts(
      tx,
      {.addresses = {dataset.address}, .kinds = {store::fact::kSourceWritten}, .limit = 100'000}));
  for (const store::Fact& fact : written) {
    auto at = ParseTimestamp(fact.body["at"].AsString());
    if (at.ok()) facts.arrivals.push_back(*at);
  }
  std::sort(facts.arrivals.begin(), facts.arrivals.end());
  // What was not there yet was promised to nobody.
  if (!facts.arrivals.empty())
    facts.window.from = std::max(facts.window.from, std::min(facts.arrivals.front(), now));
  auto incidents = TRY(incident::List(tx, {.dataset = dataset.address, .limit = 10'000}));
  for (const incident::Incident& in : incidents) {
    Timestamp end = in.resolved_at.value_or(now);
    if (end < facts.window.from) continue;
    auto held = std::find_if(in.held.begin(), in.held.end(), [&](const incident::HeldDataset& h) {
      return h.dataset == dataset.address;
    });
    bool is_red = in.IsRed(dataset.address);
    facts.down.push_back({is_red || held == in.held.end() ? in.began_at : held->since, end});
    if (!is_red) continue;
    contract::IncidentTimes times{.id = std::to_string(in.number),
                                  .began = in.began_at,
                                  .detected = in.opened_at,
                                  .repaired = in.resolved_at};
    times.notified = TRY(FirstNotice(tx, project, in.number));
    facts.incidents.push_back(std::move(times));
  }
  return facts;
}

}  // namespace

Result<std::vector<contract::Objective>> MeasureContract(store::Transaction& tx,
                                                         const definition::Project& project,
                                                         const definition::Contract& contract,
                                                         Timestamp now, Duration window) {
  contract::ServiceFacts facts{.window = {now - window, now}};
  if (const definition::Dataset* dataset = project.FindDataset(contract.dataset))
    facts = TRY(ReadServiceFacts(tx, project, *dataset, now, window));
  return contract::Measure(contract::DocumentOf(project, contract).sla, facts);
}

}  // namespace andon::board
