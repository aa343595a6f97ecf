// Which checks of a dataset are answered by states of its files, and which states those are. Only
// for this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quality/incremental/incremental.h"
#include "quality/incremental/metric_state.h"
#include "quality/plan.h"

namespace andon::quality {

// A metric that is answered by states.
struct Tracked {
  sql::Aggregate metric;
  StateKind kind;
  bool in_order;
  std::string type;  // Of its column; empty where it reads an expression.
  std::string name;  // StateName.
};

// How one check is answered.
struct Way {
  bool is_by_states = false;
  bool is_free = false;              // By the schema alone.
  std::string broken;                // Why nothing is looked at; else empty.
  std::optional<size_t> implied_by;  // A check, whose way it goes.
  std::vector<std::string> states;   // That it needs, by name,
  std::vector<std::string> metrics;  // and the metrics that they give, by key.
};

// Which checks are answered by states, and which are not.
struct Split {
  std::vector<Way> ways;  // For each check, in order.
  std::vector<Tracked> tracked;

  void LeaveToScan(size_t check) {
    ways[check].is_by_states = false;
    for (Way& way : ways) {
      if (way.implied_by == check) way.is_by_states = false;
    }
  }
  std::vector<CheckSpec> Of(const std::vector<CheckSpec>& checks, bool is_by_states) const {
    std::vector<CheckSpec> of;
    for (size_t i = 0; i < checks.size(); i++) {
      if (ways[i].is_by_states == is_by_states) of.push_back(checks[i]);
    }
    return of;
  }
};

// Pure: made from the checks and the dataset's columns; the same today and tomorrow, whatever the
// data. `options` as WithoutStatistics leaves them.
Split SplitChecks(const std::vector<sql::ColumnInfo>& columns, const std::vector<CheckSpec>& checks,
                  const RunOptions& options, const FileStates& dataset);

// The dataset's profile, of which nothing depends on the data: plans made with it want the same
// metrics today and tomorrow.
Profile PlainProfile(const FileStates& dataset);

// What is known of the whole is not asked: states of files say it.
RunOptions WithoutStatistics(RunOptions options);

}  // namespace andon::quality
