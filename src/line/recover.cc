#include "line/recover.h"

#include <algorithm>
#include <set>

#include "io/path.h"
#include "lake/load.h"
#include "line/file_states.h"
#include "line/quarantine.h"
#include "line/state.h"
#include "store/journal.h"

namespace andon::line {
namespace {

constexpr std::string_view kBranchPrefix = "run-";

Result<void> DropBranches(const World& world, const std::set<std::string>& kept) {
  auto tables = TRY(lake::ListTables(world.db, world.lake));
  for (const std::string& name : tables) {
    auto table = TRY(lake::OpenTable(world.db, world.lake, name));
    std::vector<std::string> dead;
    for (const auto& [ref, target] : table.metadata.refs) {
      if (target.is_branch() && ref.substr(0, kBranchPrefix.size()) == kBranchPrefix &&
          !kept.count(ref)) {
        dead.push_back(ref);
      }
    }
    for (const std::string& branch : dead) {
      TRY(lake::DropBranch(world.db, world.lake, name, branch));
    }
  }
  return {};
}

// The stages of other runs: none is alive but ours, which has none yet. A run that was killed
// before it was written down leaves one, too. `check` has no lease; its folder stays.
Result<void> RemoveStages(const World& world) {
  const std::string stages = io::Join(world.project_dir, ".andon/tmp");
  if (!world.files.Exists(stages)) return {};
  auto entries = TRY(world.files.List(stages));
  for (const io::FileInfo& entry : entries) {
    if (entry.name != "check") TRY(world.files.RemoveAll(io::Join(stages, entry.name)));
  }
  return {};
}

}  // namespace

Result<void> RecoverDeadRuns(const World& world) {
  TRY(RemoveStages(world));
  auto dead = TRY(world.db.Query("SELECT run_id FROM runs WHERE state = 'running'"));
  if (dead.empty()) return {};
  std::set<std::string> kept;
  auto branches = TRY(world.db.Read([](store::Transaction& tx) { return ListKeptBranches(tx); }));
  for (const KeptBranch& branch : branches) kept.insert(branch.branch);
  TRY(DropBranches(world, kept));
  const Timestamp now = world.clock.Now();
  return world.db.Write([&](store::Transaction& tx) -> Result<void> {
    for (const store::Row& row : dead) {
      const std::string& run_id = row.Text("run_id");
      auto tasks = TRY(tx.Query("SELECT DISTINCT task FROM run_tasks WHERE run_id = ?", {run_id}));
      for (const store::Row& task : tasks) {
        TRY(lake::SweepLater(tx, world.lake, task.Text("task"), now));
      }
      TRY(
          tx.Execute("UPDATE run_tasks SET state = 'lost', ended_at = ? "
                     "WHERE run_id = ? AND state = 'running'",
                     {now, run_id}));
      TRY(tx.Execute("UPDATE runs SET state = 'lost', ended_at = ? WHERE run_id = ?",
                     {now, run_id}));
      TRY(store::Append(tx, {.time = now,
                             .actor = world.actor,
                             .kind = store::fact::kRunEnded,
                             .run_id = run_id,
                             .body = Json::Object({{"state", "lost"}})}));
    }
    return {};
  });
}

Result<void> DropOldBranches(const World& world) {
  auto kept = TRY(world.db.Read([](store::Transaction& tx) { return ListKeptBranches(tx); }));
  for (const KeptBranch& branch : kept) {
    auto is_over = TRY(world.db.Read([&](store::Transaction& tx) -> Result<bool> {
      auto incident = incident::Load(tx, branch.incident);
      if (!incident.ok()) {
        if (incident.error().kind == ErrorKind::kNotFound) return true;
        return std::move(incident).error();
      }
      if (incident->is_over()) return true;
      bool any_stands = branch.deliveries.empty();
      for (int64_t id : branch.deliveries) {
        auto delivery = ingest::FindDelivery(tx, std::to_string(id));
        if (delivery.ok() && delivery->state == ingest::DeliveryState::kRejected &&
            !delivery->by_person) {
          any_stands = true;
        }
      }
      return !any_stands;
    }));
    if (!is_over) continue;
    for (const std::string& address : branch.unit) {
      const definition::Dataset* dataset = world.project.FindDataset(address);
      if (dataset) TRY(DropBranch(world, dataset->name, branch.branch));
    }
    TRY(world.db.Write([&](store::Transaction& tx) { return ForgetBranch(tx, branch.incident); }));
  }
  return {};
}

Result<lake::Garbage> CollectGarbage(const World& world) {
  std::set<std::string> kept;
  auto branches = TRY(world.db.Read([](store::Transaction& tx) { return ListKeptBranches(tx); }));
  for (const KeptBranch& branch : branches) kept.insert(branch.branch);
  lake::GarbageOptions options;
  options.is_running = [&](const std::string& id) {
    return kept.contains(std::string(kBranchPrefix) + id);
  };
  auto garbage = TRY(lake::CollectDueGarbage(world.db, world.lake, options));
  TRY(ForgetFileStates(world, garbage.files));
  return garbage;
}

}  // namespace andon::line
