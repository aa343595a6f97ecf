#include "cli/check_costs.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "cli/planned_projects.h"
#include "cli/planning.h"
#include "cli/world.h"
#include "line/check_now.h"
#include "line/sight.h"
#include "validation/read_rate.h"
#include "validation/record.h"

namespace andon::cli {
namespace {

// "1 scan", "1 scan and 2 of 9 files", "no scan".
std::string Readings(const Json& explained) {
  const int64_t scans = explained["scans"].AsInteger();
  const int64_t files = explained["files_to_read"].AsInteger();
  std::string out = scans == 0 ? "no scan" : Count(scans, "scan");
  if (files == 0) return out;
  const std::string read =
      fmt::format("{} of {}", WithThousands(files), Count(explained["files"].AsInteger(), "file"));
  return scans == 0 ? read : out + " and " + read;
}

// "250 MB", as a rate is told.
std::string Megabytes(int64_t bytes) {
  const double megabytes = static_cast<double>(bytes) / 1e6;
  return fmt::format("{:.{}f} MB", megabytes, megabytes < 10 ? 1 : 0);
}

std::string Sentence(const Json& explained, size_t changed, const std::string& time) {
  const int64_t checks = static_cast<int64_t>(explained["checks"].items().size());
  int64_t following = 0, free = 0;
  for (const Json& check : explained["checks"].items()) {
    if (!check["follows_from"].items().empty()) ++following;
    if (check["is_free"].AsBool()) ++free;
  }
  std::string out =
      fmt::format("{} ({} changed) in {}", Count(checks, "check"), changed, Readings(explained));
  if (explained["bytes"].is_integer())
    out += fmt::format(", about {} of {} bytes", WithThousands(explained["bytes"].AsInteger()),
                       WithThousands(explained["bytes_of_all"].AsInteger()));
  if (!time.empty()) out += ", " + time;
  if (free > 0) out += fmt::format("; {} by the schema alone", free);
  if (following > 0)
    out += fmt::format("; {} {} from others", following, following == 1 ? "follows" : "follow");
  return out;
}

Result<void> Tell(Context& context, const plan::Plan& plan) {
  if (plan.base_release == 0) return {};
  auto db = TRY(OpenDatabaseIfAny(context));
  if (!db) return {};
  const PlannedProjects projects = TRY(ReadPlannedProjects(*db, plan));
  db.reset();
  const auto changed = ChangedChecks(projects);
  if (changed.empty()) return {};
  auto opened = TRY(OpenWorld(context));
  const line::World world = WorldWith(*opened, projects.after);
  auto sight = TRY(line::Look(world.db, projects.after));
  for (const auto& [address, names] : changed) {
    const definition::Dataset& dataset = *projects.after.FindDataset(address);
    if (dataset.is_external()) continue;  // A plan asks no server.
    auto checked = line::CheckNow(world, sight, dataset, {.explain = true});
    if (!checked.ok() || !checked->has_data) continue;
    Json& explained = checked->explanation_data;
    const std::string time = EstimateTime(&world.db, address, &explained);
    context.Event(Json::Object({{"type", "check_cost"},
                                {"dataset", address},
                                {"changed", static_cast<int64_t>(names.size())},
                                {"plan", explained}}));
    if (!context.json)
      context.Line(
          fmt::format("Checks of {}: {}.", dataset.name, Sentence(explained, names.size(), time)));
  }
  return {};
}

}  // namespace

void TellCheckCosts(Context& context, const plan::Plan& plan) {
  if (context.quiet) return;
  (void)Tell(context, plan);
}

std::string EstimateTime(store::Database* db, const std::string& address, Json* explained) {
  if (!(*explained)["bytes"].is_integer()) return {};
  validation::ReadRate rate;
  if (db) {
    auto measured =
        db->Read([&](store::Transaction& tx) { return validation::ReadRateOf(tx, address); });
    if (measured.ok()) rate = *measured;
  }
  const double seconds = static_cast<double>((*explained)["bytes"].AsInteger()) /
                         static_cast<double>(std::max<int64_t>(rate.bytes_per_second, 1));
  explained->Set("seconds", seconds);
  explained->Set("bytes_per_second", rate.bytes_per_second);
  explained->Set("rate_basis", rate.validation > 0 ? fmt::format("validation {}", rate.validation)
                                                   : std::string("assumed"));
  if (seconds == 0) return {};
  const auto took = std::chrono::microseconds(static_cast<int64_t>(seconds * 1e6));
  return fmt::format("takes about {} ({} a second, {})", HumanDuration(took),
                     Megabytes(rate.bytes_per_second), validation::BasisOf(rate));
}

std::string LastDuration(store::Database& db, const std::string& address) {
  auto last = db.Read([&](store::Transaction& tx) {
    return validation::List(tx, {.dataset = address, .limit = 1});
  });
  if (!last.ok() || last->empty()) return {};
  const validation::Validation& about = (*last)[0].about;
  std::string out =
      fmt::format("the last validation, {}, took {}", about.number, HumanDuration(about.duration));
  if (about.rows >= 0) out += " for " + Count(about.rows, "row");
  return out;
}

}  // namespace andon::cli
