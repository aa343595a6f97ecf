// How fast checks read: measured by the validations that are kept, or else assumed. For what a
// check will cost, before it runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/database.h"

namespace andon::validation {

// Twenty checks of ten million rows of Parquet, on two threads, read about as much in a second.
inline constexpr int64_t kAssumedBytesPerSecond = 100'000'000;

struct ReadRate {
  int64_t bytes_per_second = kAssumedBytesPerSecond;
  int64_t validation = 0;  // That measured it; 0: it is assumed.
};

// Of the newest validation of the dataset that read enough to tell: below a megabyte it is the
// start that takes the time.
Result<ReadRate> ReadRateOf(store::Transaction& tx, std::string_view dataset);

// "as validation 12 read"; "assumed, as no validation has read enough to tell".
std::string BasisOf(const ReadRate& rate);

}  // namespace andon::validation
