// Replay: what checks would have said of what a dataset had: its versions, as far as they can still
// be read, its batches, or the deliveries whose files still stand. Nothing is recorded, nothing
// moves.
//
//   Replay replay = TRY(PlanReplay(world, dataset, {.since = now - days(30)}));
//   // tell replay.parts, replay.bytes
//   TRY(RunReplay(world, sight, dataset, {}, &replay));
//
// Checks that read other datasets see these as they are now.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "line/check_now.h"

namespace andon::line {

// More versions or deliveries than these are not read; the newest are.
inline constexpr size_t kReplayPartsMax = 100;

struct ReplayedPart {
  std::string name;    // "@3", "2005-08-20", "deliveries/payment-2005-08.csv"
  int64_t number = 0;  // Of a version or a delivery.
  Timestamp time{};    // When it was published, or arrived.
  std::vector<Verdict> verdicts;
};
struct Replay {
  std::vector<ReplayedPart> parts;  // Oldest first.
  int64_t left_out = 0;             // Of the time, but gone, or beyond kReplayPartsMax.
  int64_t bytes = 0;                // Of the parts' files; what is read is at most that.
};

// The versions that were main's since then; rolled back ones are not among them. kInvalid for an
// external dataset, which has no versions.
Result<Replay> PlanReplay(const World& world, const definition::Dataset& dataset, Timestamp since);
// Judges each version by the checks of `dataset`, which may be declared otherwise than released;
// `only`: names of checks; empty: all that look at the whole dataset.
Result<void> RunReplay(const World& world, const Sight& sight, const definition::Dataset& dataset,
                       const std::set<std::string>& only, Replay* replay);

// The deliveries that arrived since then, loaded or not, whose files are as they were.
Result<Replay> PlanDeliveryReplay(const World& world, const definition::Dataset& dataset,
                                  Timestamp since);
// Judges each by the checks that look at a delivery, and by those of single rows and keys.
Result<void> RunDeliveryReplay(const World& world, const Sight& sight,
                               const definition::Dataset& dataset,
                               const std::set<std::string>& only, Replay* replay);

// The batches of main, judged in one pass; of those that are years, months or days the ones since
// then. `left_out`: those that are older.
Result<Replay> ReplayBatches(const World& world, const Sight& sight,
                             const definition::Dataset& dataset, const std::set<std::string>& only,
                             const quality::BatchDefinition& definition, Timestamp since);

}  // namespace andon::line
