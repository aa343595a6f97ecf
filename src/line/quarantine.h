// Quarantine: what one try took aside of one dataset, and how that is told. Only for this folder;
// definition/quarantine.h says what the table is.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lake/publish.h"
#include "line/check_specs.h"
#include "line/run.h"
#include "line/split.h"

namespace andon::line {

struct Quarantined {
  int64_t rows = 0;        // Taken aside by this try.
  int64_t settled = 0;     // That stood there from before, and do no more.
  bool is_loaded = false;  // The side table has a branch of the try's name.
  // The rows of the deliveries and what of them is aside, by all splits of the try.
  std::map<int64_t, SplitCount> deliveries;
  std::vector<std::string> files;               // That the splits made, in order.
  std::map<std::string, Verdict> told;          // By check, as it failed before its rows went.
  std::set<std::string> none_left;              // Checks that find no bad row in what came.
  std::map<std::string, std::string> too_many;  // Why the line stops, by check.

  // Takes the counts of one split in, and sees what is more than its check allows.
  void Add(const SplitOutcome& split, const std::vector<quality::CheckSpec>& checks,
           const std::map<int64_t, std::string>& names);
  int64_t BadBy(const std::string& check) const;
};

// The failures of checks that quarantine, by the rows of each relation that they were run on.
std::vector<SplitRule> RulesOf(const std::vector<quality::CheckSpec>& checks,
                               const CheckOutcome& outcome);

// Says in each verdict of such a check what became of its rows. What could not be split, or is too
// much, is critical from here on.
void TellQuarantined(const Quarantined& quarantined, const std::string& table,
                     std::vector<Verdict>* verdicts);
// Where nothing is split (`andon check`): such a failure is critical.
void StopAtQuarantine(std::vector<Verdict>* verdicts);

// The table beside; none where it was never made.
Result<std::optional<iceberg::Table>> OpenQuarantine(const World& world,
                                                     const std::string& dataset);
// A version of a dataset remembers what stood beside it, so that both go back together: a member of
// its body with the snapshot's number, null where nothing was aside.
inline constexpr char kQuarantineSnapshot[] = "quarantine_snapshot";
Json SnapshotBeside(const std::optional<iceberg::Table>& beside);
// The rollback of the table beside that goes with that of its dataset. Nothing where it stands
// right already, was never made, or where no version says what stood beside it, or that is no more
// kept.
Result<std::optional<lake::Rollback>> PrepareQuarantineRollback(const World& world,
                                                                const std::string& dataset,
                                                                const lake::Rollback& of_dataset);

// The branch of a dataset's table, and of the table beside. Fine where there is none.
Result<void> DropBranch(const World& world, const std::string& dataset, const std::string& branch);

}  // namespace andon::line
