#include "line/quarantine.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "definition/quarantine.h"
#include "lake/load.h"

namespace andon::line {

using quality::CheckSeverity;
using quality::CheckState;

namespace {

std::string Percent(double share) { return fmt::format("{:.3g} %", share * 100); }

const quality::CheckSpec* Find(const std::vector<quality::CheckSpec>& checks,
                               const std::string& name) {
  for (const quality::CheckSpec& check : checks) {
    if (check.name == name) return &check;
  }
  return nullptr;
}

void Stop(Verdict* verdict) {
  verdict->check.severity = verdict->result.severity = CheckSeverity::kCritical;
}

}  // namespace

int64_t Quarantined::BadBy(const std::string& check) const {
  int64_t sum = 0;
  for (const auto& [id, count] : deliveries) {
    if (auto found = count.by_check.find(check); found != count.by_check.end())
      sum += found->second;
  }
  return sum;
}

void Quarantined::Add(const SplitOutcome& split, const std::vector<quality::CheckSpec>& checks,
                      const std::map<int64_t, std::string>& names) {
  rows += split.bad();
  for (const SplitCount& now : split.deliveries) {
    SplitCount& count = deliveries[now.delivery_id];
    count.rows = std::max(count.rows, now.rows);  // A later split sees only what is left.
    count.bad += now.bad;
    for (const auto& [check, bad] : now.by_check) count.by_check[check] += bad;
    double limit = 0;
    for (const auto& [check, bad] : count.by_check) {
      const quality::CheckSpec* spec = Find(checks, check);
      if (bad > 0 && spec) limit = std::max(limit, spec->quarantine_max);
    }
    auto name = names.find(now.delivery_id);
    const std::string of = name == names.end() ? std::string("its rows") : name->second;
    for (const auto& [check, bad] : count.by_check) {
      const quality::CheckSpec* spec = Find(checks, check);
      if (bad == 0 || !spec || count.rows == 0) continue;
      const double share = double(bad) / double(count.rows),
                   all = double(count.bad) / double(count.rows);
      if (share > spec->quarantine_max) {
        too_many[check] = fmt::format("{} of {} is more than the {} that may be quarantined",
                                      Percent(share), of, Percent(spec->quarantine_max));
      } else if (all > limit) {
        too_many[check] =
            fmt::format("{} of {}, by all checks, is more than the {} that may be quarantined",
                        Percent(all), of, Percent(limit));
      }
    }
  }
}

std::vector<SplitRule> RulesOf(const std::vector<quality::CheckSpec>& checks,
                               const CheckOutcome& outcome) {
  std::vector<SplitRule> rules;
  auto add = [&](const std::vector<quality::CheckResult>& results, int64_t delivery_id) {
    for (const quality::CheckResult& r : results) {
      const quality::CheckSpec* check = Find(checks, r.name);
      const bool splits = check && check->severity == CheckSeverity::kQuarantine &&
                          r.state == CheckState::kFailed && !r.bad_rows_sql.empty();
      if (splits) rules.push_back({r.name, r.bad_rows_sql, delivery_id});
    }
  };
  for (const DeliveryChecks& d : outcome.deliveries) add(d.results, d.delivery_id);
  add(outcome.dataset, 0);
  return rules;
}

void TellQuarantined(const Quarantined& quarantined, const std::string& table,
                     std::vector<Verdict>* verdicts) {
  for (Verdict& v : *verdicts) {
    if (v.check.severity != CheckSeverity::kQuarantine) continue;
    const std::string& name = v.check.name;
    const auto told = quarantined.told.find(name);
    const int64_t taken = quarantined.BadBy(name);
    if (auto why = quarantined.too_many.find(name); why != quarantined.too_many.end()) {
      if (told != quarantined.told.end()) v = told->second;
      v.result.message = why->second + ": " + v.result.message;
      Stop(&v);
      continue;
    }
    if (v.result.success()) {
      if (taken == 0) continue;
      v = told->second;
      v.result.message = fmt::format("{} quarantined in {}: {}", Count(taken, "row"),
                                     definition::QuarantineTable(table), v.result.message);
    } else if (quarantined.none_left.count(name)) {
      const int64_t stay = v.result.unexpected_count.value_or(0);
      if (taken > 0 && told != quarantined.told.end()) v = told->second;
      v.result.message = fmt::format(
          "{}{} published before {} (\"andon run -full-refresh {}\" loads all anew): {}",
          taken > 0 ? fmt::format("{} quarantined in {}; ", Count(taken, "row"),
                                  definition::QuarantineTable(table))
                    : std::string(),
          Count(stay, "bad row"), stay == 1 ? "stays" : "stay", table, v.result.message);
    } else {
      if (v.result.state == CheckState::kFailed)
        v.result.message = "its bad rows cannot be told from the others: " + v.result.message;
      Stop(&v);
      continue;
    }
    v.result.quarantined_count = taken;
  }
}

void StopAtQuarantine(std::vector<Verdict>* verdicts) {
  for (Verdict& v : *verdicts) {
    if (!v.result.success() && v.check.severity == CheckSeverity::kQuarantine) Stop(&v);
  }
}

Result<std::optional<iceberg::Table>> OpenQuarantine(const World& world,
                                                     const std::string& dataset) {
  auto table = lake::OpenTable(world.db, world.lake, definition::QuarantineTable(dataset));
  if (table.ok()) return std::optional(*std::move(table));
  if (table.error().kind == ErrorKind::kNotFound) return std::optional<iceberg::Table>();
  return std::move(table).error();
}

Json SnapshotBeside(const std::optional<iceberg::Table>& beside) {
  if (!beside || !beside->metadata.current_snapshot_id) return {};
  return *beside->metadata.current_snapshot_id;
}

Result<std::optional<lake::Rollback>> PrepareQuarantineRollback(const World& world,
                                                                const std::string& dataset,
                                                                const lake::Rollback& of_dataset) {
  auto beside = TRY(OpenQuarantine(world, dataset));
  if (!beside) return std::optional<lake::Rollback>();
  auto versions =
      TRY(world.db.Read([&](store::Transaction& tx) { return lake::ListVersions(tx, dataset); }));
  // Another tool's version says nothing: then it is as it was with the one before.
  const iceberg::TableMetadata& metadata = of_dataset.before.metadata;
  size_t left = metadata.snapshots.size();  // A damaged history may be a circle.
  for (auto id = of_dataset.snapshot_id; id && left > 0; --left) {
    for (const lake::Version& version : versions) {
      const Json* snapshot = version.body.Find(kQuarantineSnapshot);
      if (version.snapshot_id != *id || !snapshot) continue;
      std::optional<int64_t> to;
      if (snapshot->is_integer()) to = snapshot->AsInteger();
      auto prepared =
          lake::PrepareRollbackTo(world.db, world.lake, definition::QuarantineTable(dataset), to);
      // Beyond the history that tables keep; that is no reason to keep bad data on main.
      if (!prepared.ok() && prepared.error().kind == ErrorKind::kNotFound)
        return std::optional<lake::Rollback>();
      return prepared;
    }
    const iceberg::Snapshot* snapshot = metadata.FindSnapshot(*id);
    id = snapshot ? snapshot->parent_id : std::nullopt;
  }
  return std::optional<lake::Rollback>();
}

Result<void> DropBranch(const World& world, const std::string& dataset, const std::string& branch) {
  TRY(lake::DropBranch(world.db, world.lake, dataset, branch));
  auto beside = TRY(OpenQuarantine(world, dataset));
  if (!beside || !beside->metadata.refs.contains(branch)) return {};
  return lake::DropBranch(world.db, world.lake, definition::QuarantineTable(dataset), branch);
}

}  // namespace andon::line
