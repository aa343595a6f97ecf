// Replay: what checks would have said of the versions that a dataset had, as far as they can still
// be read. Nothing is recorded, nothing moves.
//
//   Replay replay = TRY(PlanReplay(world, dataset, {.since = now - days(30)}));
//   // tell replay.versions, replay.bytes
//   TRY(RunReplay(world, sight, dataset, {}, &replay));
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "line/check_now.h"

namespace andon::line {

// More versions than these are not read; the newest are.
inline constexpr size_t kReplayVersionsMax = 100;

struct ReplayedVersion {
  int64_t version = 0;
  Timestamp published_at;
  std::vector<Verdict> verdicts;
};
struct Replay {
  std::vector<ReplayedVersion> versions;  // Oldest first.
  int64_t left_out = 0;                   // Of the time, but expired, or beyond kReplayVersionsMax.
  int64_t bytes = 0;                      // Of the versions' files; what is read is at most that.
};

// The versions that were main's since then; rolled back ones are not among them.
Result<Replay> PlanReplay(const World& world, const definition::Dataset& dataset, Timestamp since);

// Judges each version by the checks of `dataset`, which may be declared otherwise than released;
// `only`: names of checks; empty: all that look at the whole dataset. Checks that read other
// datasets see these as they are now. kInvalid for an external dataset, which has no versions.
Result<void> RunReplay(const World& world, const Sight& sight, const definition::Dataset& dataset,
                       const std::set<std::string>& only, Replay* replay);

}  // namespace andon::line
