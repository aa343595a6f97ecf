// What a check observed before, for comparisons over time.
#pragma once

#include <optional>
#include <string_view>

#include "quality/args.h"

namespace andon::quality {

struct Earlier {
  Timestamp at{};
  double value = 0;
};

// "previous", "yesterday", "last_week", "same_weekday".
bool IsEarlierWord(std::string_view word);

// The observation that `word` means ("" is "previous"), seen from around.now; days are those of
// UTC, and of several in one day the last counts. "same_weekday" is the mean of the last four such
// days, at the time of the latest. None where nothing was observed then, or no number. Requires:
// around.now.
std::optional<Earlier> EarlierValue(const Surroundings& around, std::string_view word);

}  // namespace andon::quality
