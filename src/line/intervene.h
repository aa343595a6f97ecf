// What a person does to the line by hand: hold, resume, roll back, reject, retry. Each is
// one transaction with its fact, under the actor of the world.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "ingest/deliveries.h"
#include "lake/reference.h"
#include "line/run.h"

namespace andon::line {

// Nothing is published to `dataset` (name or address) until it is resumed. kConflict where it is
// held by hand already; kNotFound, with did-you-mean, where the project does not have it.
Result<void> HoldDataset(const World& world, std::string_view dataset, const std::string& reason);
// Ends holds by hand and after a rollback. kInvalid where there is none.
Result<void> ResumeDataset(const World& world, std::string_view dataset);

struct RollbackReport {
  std::string dataset;
  std::optional<int64_t> from_version;
  std::optional<int64_t> to_version;
  int deliveries_again = 0;             // That are new again: its cursor went back too.
  std::vector<std::string> downstream;  // Names; stale now.
  // Rows that were beside it, quarantined, and that are now; nothing where that did not change.
  std::optional<std::pair<int64_t, int64_t>> quarantined;
};
// main of the table back (or forward) to a version, tag or time, with its cursor and with what its
// checks had quarantined by then, in one transaction. The dataset is held until it is resumed.
// Waits for a run that holds the project up to `lock_timeout`.
Result<RollbackReport> RollBack(const World& world, std::string_view table,
                                const lake::Reference& to, const std::string& reason,
                                Duration lock_timeout = Duration{0});

// The delivery is not loaded until a person says so. kInvalid for one that is loaded already.
Result<ingest::Delivery> RejectDelivery(const World& world, std::string_view number_or_path,
                                        const std::string& reason);
// The next run tries it again, whatever became of it. kInvalid for one that is loaded, or that a
// later one stands for.
Result<ingest::Delivery> RetryDelivery(const World& world, std::string_view number_or_path);

// By name or address, with did-you-mean.
Result<const definition::Dataset*> FindDataset(const definition::Project& project,
                                               std::string_view name_or_address);

// What can be read under a name: a dataset, or the table beside it with what its checks
// quarantined.
Result<definition::Dataset> FindReadable(const definition::Project& project,
                                         std::string_view name_or_address);

}  // namespace andon::line
