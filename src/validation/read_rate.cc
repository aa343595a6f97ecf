#include "validation/read_rate.h"

#include <fmt/format.h>

#include "validation/record.h"

namespace andon::validation {
namespace {

constexpr int64_t kEnoughBytes = 1 << 20;
constexpr int64_t kLookedAtMax = 50;

}  // namespace

Result<ReadRate> ReadRateOf(store::Transaction& tx, std::string_view dataset) {
  auto kept = TRY(List(tx, {.dataset = std::string(dataset), .limit = kLookedAtMax}));
  for (const Summary& summary : kept) {
    const int64_t bytes = summary.about.bytes, took_us = summary.about.duration.count();
    if (bytes < kEnoughBytes || took_us <= 0) continue;
    const double rate = static_cast<double>(bytes) * 1e6 / static_cast<double>(took_us);
    return ReadRate{static_cast<int64_t>(rate), summary.about.number};
  }
  return ReadRate();
}

std::string BasisOf(const ReadRate& rate) {
  return rate.validation > 0 ? fmt::format("as validation {} read", rate.validation)
                             : "assumed, as no validation has read enough to tell";
}

}  // namespace andon::validation
