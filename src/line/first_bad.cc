// The first bad batch: whether a failed check's bad rows came with this try, or stood in what was
// published before, and then since when. Asked only after a failure, of main's files.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "iceberg/table.h"
#include "ingest/deliveries.h"
#include "lake/scan.h"
#include "line/unit_run.h"
#include "validation/red_since.h"

namespace andon::line {
namespace {

// Each costs one reading of the columns of its predicate.
constexpr int kChecksMax = 5;

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// "in/payment-2.csv", "2 deliveries: in/payment-1.csv, …".
std::string PathsOf(const std::vector<std::string>& paths) {
  constexpr size_t kPathsMax = 3;
  if (paths.size() <= kPathsMax) return Join(paths, ", ");
  return Join({paths.begin(), paths.begin() + kPathsMax}, ", ") +
         fmt::format(" and {} more", paths.size() - kPathsMax);
}

// The version that wrote a snapshot, as a person calls it.
Result<std::string> WrittenBy(const World& world, const definition::Dataset& dataset,
                              int64_t snapshot_id) {
  return world.db.Read([&](store::Transaction& tx) -> Result<std::string> {
    auto row = TRY(store::QueryOne(
        tx,
        "SELECT version, published_at, run_id, release_id FROM dataset_versions WHERE dataset IN "
        "(?, ?) AND snapshot_id = ? ORDER BY version DESC LIMIT 1",
        {dataset.address, lake::Address(dataset.name), snapshot_id}));
    if (!row) return fmt::format("snapshot {}", snapshot_id);
    const int64_t version = row->Integer("version");
    std::vector<std::string> parts, paths;
    auto deliveries = TRY(ingest::ListDeliveries(tx, dataset.address));
    for (const ingest::Delivery& d : deliveries) {
      if (d.version == version) paths.push_back(d.path);
    }
    if (!paths.empty()) parts.push_back(PathsOf(paths));
    if (std::string run = row->Text("run_id"); !run.empty())
      parts.push_back(fmt::format("run {}, release {}", run, row->Integer("release_id")));
    else
      parts.push_back("another tool");
    return fmt::format("@{} of {} ({})", version,
                       ToRfc3339(row->Time("published_at")).substr(0, 10), Join(parts, "; "));
  });
}

}  // namespace

Result<void> UnitRun::FindFirstBad(const std::vector<Piece>& pieces, Attempt& attempt) {
  int asked = 0;
  for (const Piece& piece : pieces) {
    auto verdicts = attempt.verdicts.find(piece.dataset->address);
    if (verdicts == attempt.verdicts.end()) continue;
    for (Verdict& v : verdicts->second) {
      const bool is_asked = v.result.state == quality::CheckState::kFailed &&
                            !v.result.bad_rows_sql.empty() &&
                            v.result.quarantined_count.value_or(0) == 0 && asked < kChecksMax;
      if (!is_asked) continue;
      ++asked;
      auto found = FirstBadOf(piece, attempt, v);
      if (found.ok()) {
        v.result.first_bad = std::move(*found);
      } else if (found.error().kind == ErrorKind::kInterrupted) {
        return std::move(found).error();
      }  // Else the verdict stands without it.
    }
    FindRedSince(piece.dataset->address, &verdicts->second);
  }
  return {};
}

void UnitRun::FindRedSince(const std::string& address, std::vector<Verdict>* verdicts) {
  const validation::Validation now{.dataset = address, .trigger = "run"};
  for (Verdict& v : *verdicts) {
    const bool is_asked = v.result.state == quality::CheckState::kFailed &&
                          v.result.first_bad.empty() && v.result.quarantined_count.value_or(0) == 0;
    if (!is_asked) continue;
    auto since = context_.world.db.Read(
        [&](store::Transaction& tx) { return validation::FindRedSince(tx, now, v.result.name); });
    if (since.ok() && *since) v.result.first_bad = validation::Sentence(**since);
  }
}

Result<std::string> UnitRun::FirstBadOf(const Piece& piece, const Attempt& attempt,
                                        const Verdict& verdict) {
  const World& world = context_.world;
  const definition::Dataset& dataset = *piece.dataset;
  const LoadOutcome& outcome = attempt.outcomes.at(dataset.address);
  std::string where = verdict.result.bad_rows_sql;
  auto table = TRY(lake::OpenTable(world.db, world.lake, dataset.name));
  auto scan = TRY(lake::PlanScan(world.lake, table.metadata, table.metadata.current_snapshot_id,
                                 {.with_position = true}));
  if (!scan.files.empty()) {
    // A key is compared with the rows among which it was judged: here those of main.
    auto judged = TRY(RelationOf(dataset.address, attempt, {}));
    std::string before = Replaced(where, "(" + judged + ")", "(" + scan.sql + ")");
    for (const DeliveryOutcome& d : outcome.deliveries) {
      if (!d.relation.empty())
        before = Replaced(before, "(" + d.relation + ")", "(" + scan.sql + ")");
    }
    auto files = TRY(context_.pool.Query(
        {.sql = fmt::format("SELECT _file, count(*) FROM ({}) AS checked WHERE {} GROUP BY 1",
                            scan.sql, before)}));
    const iceberg::LiveFile* oldest = nullptr;
    int64_t rows = 0;
    for (const auto& row : files.values) {
      rows += row.at(1).AsInteger();
      for (const iceberg::LiveFile& live : scan.files) {
        if (iceberg::LocationPath(live.file.path) != row.at(0).AsString()) continue;
        if (!oldest || live.sequence_number < oldest->sequence_number) oldest = &live;
      }
    }
    if (oldest) {
      auto by = TRY(WrittenBy(world, dataset, oldest->snapshot_id));
      return fmt::format("{} {} published before; the oldest file with one is of {}.",
                         Count(rows, "bad row"), rows == 1 ? "was" : "were", by);
    }
  }
  std::vector<std::string> paths;
  for (const ingest::Delivery& d : piece.deliveries) {
    if (piece.deliveries.size() == 1 || d.id == verdict.delivery_id) paths = {d.path};
  }
  if (paths.empty()) {
    for (const DeliveryOutcome& d : outcome.deliveries) {
      auto bad = TRY(
          context_.pool.Query({.sql = fmt::format("SELECT count(*) FROM ({}) AS checked WHERE {}",
                                                  d.relation, where)}));
      if (bad.values.at(0).at(0).AsInteger() == 0) continue;
      for (const ingest::Delivery& delivery : piece.deliveries) {
        if (delivery.id == d.id) paths.push_back(delivery.path);
      }
      break;
    }
  }
  return fmt::format("No bad row was published before: they come with {} (run {}, release {}).",
                     paths.empty() ? std::string("this build") : PathsOf(paths), context_.run_id,
                     world.release_id);
}

}  // namespace andon::line
