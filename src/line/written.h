// When somebody else wrote into a dataset last, which nobody tells Andon: the time of the files;
// the time of a database that is a file; of a server its counters, which are compared with those of
// the look before. And its newest event, where the freshness names a column of time.
//
// What was found is kept by the runs (a document of the control store, and a fact for each change),
// for the watch over freshness and for the service levels of contracts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "definition/definition.h"
#include "sql/session.h"

namespace andon::store {
class Transaction;
}

namespace andon::quality {
struct RunOptions;
}

namespace andon::line {

struct World;
struct Verdict;

// Between parent and worker.
struct Written {
  std::string check;   // The check of the freshness; empty: there is none.
  std::string during;  // Its hours, on the clock of `timezone`; empty: always.
  std::string timezone;
  std::string at;           // RFC 3339; empty: not known.
  bool is_counted = false;  // Of a server: `count` is what it had counted at `at`.
  std::string count;        // Empty: never looked at.
};

// What is known before the dataset is looked at.
Result<Written> WrittenBefore(const World& world, const definition::Dataset& dataset);

// Asks the server, where it is one, and says what checks need to know of it. `relation` stands
// behind FROM.
Result<void> LookAtWritten(sql::Session& session, const std::string& relation, Written* written,
                           quality::RunOptions* options);

// After a run's look: keeps it, with its fact where somebody has written since.
Result<void> RecordWritten(store::Transaction& tx, const World& world,
                           const definition::Dataset& dataset, const Written& now_known,
                           const std::vector<Verdict>& verdicts, const std::string& run_id);

// Since when it is too old, where that is all that is wrong with it.
std::optional<Timestamp> LateSince(const definition::Dataset& dataset,
                                   const std::vector<Verdict>& verdicts, Timestamp now);

Json ToJson(const Written& written);
Written WrittenFromJson(const Json& json);

}  // namespace andon::line
