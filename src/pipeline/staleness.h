// Staleness: which datasets have something to do, and why.
//
// A pure function of what is known of each dataset. What was tried and failed with the same
// deliveries, inputs and definition is not tried again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "definition/definition.h"
#include "pipeline/units.h"

namespace andon::pipeline {

// What decides a dataset's content: columns, load, partitions, source or SQL, and (with
// `checks`) its checks. Descriptions, owners and tags do not. Hex SHA-256.
std::string Fingerprint(const definition::Dataset& dataset, bool with_checks);

// Of one build: the definition, and the version of each input that was read.
struct Basis {
  std::string definition;                 // Fingerprint with checks.
  std::string shape;                      // Fingerprint without.
  std::map<std::string, int64_t> inputs;  // Version by address.
  std::string interval;                   // $start and $end, where the SQL uses them.

  bool operator==(const Basis&) const = default;
};
Json ToJson(const Basis& basis);
Basis BasisFromJson(const Json& json);

struct DatasetFacts {
  std::optional<Basis> published;  // Of main's version; nothing: never published.
  std::optional<Basis> failed;     // Of the last try, where that was red.
  int new_deliveries = 0;          // Arrived, neither loaded nor rejected.
  int red_deliveries = 0;          // Rejected or unreadable, and still standing.
  std::string expected_path;       // Where a delivery would be: "in/payment-{period}.csv".
  std::string hold;                // Why it is held by a person or a rollback; empty: it is not.
};

enum class Work {
  kNone,
  kLoad,   // New deliveries.
  kShape,  // No new data, but its columns or partitions changed: publish those.
  kBuild,  // Run the model.
};

struct Need {
  Work work = Work::kNone;
  std::string why;  // "1 new delivery", "payment has a new version"; also for kNone: "up to date".
  bool is_red = false;     // The last try failed, and nothing changed since. Where the last try was
                           // red and this is false, what was wrong is gone: there is nothing to do.
  bool is_held = false;    // By hand: nothing is done whatever is stale.
  bool retry_red = false;  // The definition changed: what was rejected is tried again.
};

// "nothing was delivered: …", with the path that a file must have.
std::string SayNothingDelivered(const DatasetFacts& facts);

// Whether `dataset` has work when its inputs have the versions `inputs` (by address; those
// that were never published are absent), and `interval` is to be built (empty: its SQL has none).
// `force`: everything is built or loaded again.
Need NeedOf(const definition::Dataset& dataset, const DatasetFacts& facts,
            const std::vector<std::string>& reads, const std::map<std::string, int64_t>& inputs,
            const std::string& interval, bool force);

}  // namespace andon::pipeline
