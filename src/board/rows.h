// What a row of the board is made of, read once for all datasets. Only for this folder.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "alarm/freshness.h"
#include "board/board.h"

namespace andon::board {

struct Facts {
  struct Version {
    int64_t version = 0;
    Timestamp published_at;
    std::optional<int64_t> rows;
  };
  struct Task {
    std::string run_id;
    std::string state;
    std::optional<Timestamp> started_at;
  };
  struct Hold {
    std::string why;
    Timestamp since;
  };
  std::vector<incident::Incident> open;     // Oldest first.
  std::vector<incident::Incident> recent;   // Over, newest first.
  std::map<std::string, Version> versions;  // By table's name.
  std::map<std::string, Task> tasks;        // These and the others by address.
  std::map<std::string, Hold> holds;
  std::map<std::string, alarm::FreshnessInput> freshness;
};

Result<Facts> ReadFacts(store::Transaction& tx, const definition::Project& project);
DatasetRow RowOf(const definition::Dataset& dataset, const Facts& facts, Timestamp now);

// The rows of a version, where its note says how many.
std::optional<int64_t> RowsOf(const Json& body);

}  // namespace andon::board
