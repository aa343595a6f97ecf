// A time zone, as the system's zone data (TZif files) describe it.
//
//   auto berlin = TRY(TimeZone::Load("Europe/Berlin"));
//   berlin.ToLocal(now);             // Seconds since 1970-01-01T00:00 on the wall clock.
//   berlin.FromLocal(local).first;   // And back; in a gap the first instant after it.
//
// "UTC" and "Etc/UTC" need no file. Immutable; any thread; cheap to copy.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace andon::pipeline {

class TimeZone {
 public:
  static TimeZone Utc();
  // kNotFound where the system has no such zone (or no zone data at all: the message
  // names the package to install); kCorrupt where its file cannot be read.
  static Result<TimeZone> Load(std::string_view name, const std::string& zone_dir = {});

  const std::string& name() const;

  // Seconds to add to UTC at that instant (seconds since the epoch).
  int64_t OffsetAt(int64_t utc) const;
  int64_t ToLocal(int64_t utc) const { return utc + OffsetAt(utc); }
  // The first instant after `utc` at which the offset may change, or INT64_MAX.
  int64_t NextChange(int64_t utc) const;

  // The instants at which the wall clock shows `local`: one; two where the clock is
  // put back (second > first); in a gap both are the first instant after it.
  struct Instants {
    int64_t first = 0;
    int64_t second = 0;
    bool in_gap = false;
  };
  Instants FromLocal(int64_t local) const;

 private:
  struct Rules;
  explicit TimeZone(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}
  std::shared_ptr<const Rules> rules_;
};

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back.
int64_t DaysFromCivil(int64_t year, int month, int day);
struct CivilDate {
  int64_t year = 1970;
  int month = 1;
  int day = 1;
};
CivilDate CivilFromDays(int64_t days);
// 0 is Sunday.
int WeekdayOf(int64_t days);
int DaysInMonth(int64_t year, int month);

}  // namespace andon::pipeline
