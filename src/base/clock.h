// Time is given, never taken: no code below `cli` and `server` reads a clock of
// its own, so tests turn the hands.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace andon {

// Microseconds since 1970-01-01T00:00:00 UTC.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp Now() const = 0;
};

// The system's clock, or, where the environment says ANDON_TEST_NOW=<RFC 3339>,
// that instant going on from the start of the process.
class SystemClock final : public Clock {
 public:
  SystemClock();
  Timestamp Now() const override;

 private:
  Duration shift_{0};
};

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp now) : now_(now) {}
  Timestamp Now() const override { return now_; }
  void Set(Timestamp now) { now_ = now; }
  void Advance(Duration by) { now_ += by; }

 private:
  Timestamp now_;
};

inline int64_t ToMillis(Timestamp t) {
  return std::chrono::floor<std::chrono::milliseconds>(t).time_since_epoch().count();
}
inline int64_t ToMicros(Timestamp t) { return t.time_since_epoch().count(); }
inline Timestamp FromMillis(int64_t ms) { return Timestamp(std::chrono::milliseconds(ms)); }
inline Timestamp FromMicros(int64_t us) { return Timestamp(std::chrono::microseconds(us)); }

// "2026-11-20T08:42:52.123456Z"; the fraction is left out where it is zero.
std::string ToRfc3339(Timestamp t);
// RFC 3339, or its forms without zone (taken as UTC), without seconds, or a date alone.
Result<Timestamp> ParseTimestamp(std::string_view text);

// "90s", "15m", "1h30m", "7d", "2w", "250ms", "1y" (365 days).
Result<Duration> ParseDuration(std::string_view text);
// The shortest of the above with at most two units: "1h 30m", "12.3 s", "45 ms".
std::string HumanDuration(Duration d);

}  // namespace andon
