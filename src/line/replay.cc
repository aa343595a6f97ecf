#include "line/replay.h"

#include <algorithm>
#include <cstdlib>

#include "lake/publish.h"

namespace andon::line {

Result<Replay> PlanReplay(const World& world, const definition::Dataset& dataset, Timestamp since) {
  Replay replay;
  if (dataset.is_external()) {
    return Error::Invalid("{} is external: Andon has no earlier versions of it to replay",
                          dataset.name);
  }
  auto table = lake::OpenTable(world.db, world.lake, dataset.name);
  if (!table.ok()) {
    if (table.error().kind == ErrorKind::kNotFound) return replay;
    return std::move(table).error();
  }
  auto versions = TRY(
      world.db.Read([&](store::Transaction& tx) { return lake::ListVersions(tx, dataset.name); }));
  for (const lake::Version& v : versions) {  // Newest first.
    if (v.published_at < since || v.state == "rolled_back") continue;
    const iceberg::Snapshot* snapshot = table->metadata.FindSnapshot(v.snapshot_id);
    if (!snapshot || replay.versions.size() == kReplayVersionsMax) {
      ++replay.left_out;
      continue;
    }
    auto size = snapshot->summary.find("total-files-size");
    if (size != snapshot->summary.end()) replay.bytes += std::atoll(size->second.c_str());
    replay.versions.push_back({.version = v.version, .published_at = v.published_at});
  }
  std::reverse(replay.versions.begin(), replay.versions.end());
  return replay;
}

Result<void> RunReplay(const World& world, const Sight& sight, const definition::Dataset& dataset,
                       const std::set<std::string>& only, Replay* replay) {
  for (ReplayedVersion& version : replay->versions) {
    CheckNowOptions options{.at = lake::VersionReference{version.version}, .only = only};
    auto checked = TRY(CheckNow(world, sight, dataset, options));
    version.verdicts = std::move(checked.verdicts);
  }
  return {};
}

}  // namespace andon::line
