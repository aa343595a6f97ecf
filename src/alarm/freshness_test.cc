#include "alarm/freshness.h"

#include <gtest/gtest.h>

namespace andon::alarm {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Timestamp At(std::string_view text) { return *ParseTimestamp(text); }

definition::Dataset Payment(const std::string& max, const std::string& during = "",
                            const std::string& of = "") {
  definition::Dataset d;
  d.address = "dataset.payment";
  d.name = "payment";
  d.source = "source.deliveries";
  d.freshness = definition::Freshness{max, of, during};
  return d;
}

// 2026-11-16 is a Monday.
TEST(Hours, CountOnlyTimeInside) {
  const struct {
    const char* during;
    const char* from;
    const char* to;
    const char* between;
  } cases[] = {
      {"Mon-Fri 08:00-20:00", "2026-11-16T10:00:00Z", "2026-11-16T12:00:00Z", "2h"},
      {"Mon-Fri 08:00-20:00", "2026-11-16T06:00:00Z", "2026-11-16T22:00:00Z", "12h"},
      {"Mon-Fri 08:00-20:00", "2026-11-20T19:00:00Z", "2026-11-23T09:00:00Z", "2h"},
      {"Mon-Fri 08:00-20:00", "2026-11-21T00:00:00Z", "2026-11-22T23:00:00Z", "0s"},
      {"Sat,Sun 00:00-24:00", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z", "2d"},
      {"Mon-Fri 22:00-06:00", "2026-11-16T23:00:00Z", "2026-11-17T08:00:00Z", "7h"},
      {"Sun 22:00-06:00", "2026-11-22T21:00:00Z", "2026-11-23T12:00:00Z", "8h"},
      {"09:00-17:00", "2026-11-16T00:00:00Z", "2026-11-18T00:00:00Z", "16h"},
      {"Fri-Mon 00:00-01:00", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z", "4h"},
      {"Mon 08:00-12:00; Mon 10:00-14:00", "2026-11-16T00:00:00Z", "2026-11-17T00:00:00Z", "6h"},
      {"Mon 08:00-12:00", "2026-11-17T00:00:00Z", "2026-11-16T00:00:00Z", "0s"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.during);
    auto hours = Hours::Parse(c.during);
    ASSERT_TRUE(hours.ok()) << hours.error().message;
    Duration between = hours->Between(At(c.from), At(c.to));
    EXPECT_EQ(HumanDuration(between), HumanDuration(*ParseDuration(c.between)));
    if (between > Duration(0)) {
      Timestamp end = hours->Add(At(c.from), between);
      EXPECT_LE(end, At(c.to));
      EXPECT_EQ(hours->Between(At(c.from), end), between);
    }
  }
}

TEST(Hours, FollowTheWallClockThroughDaylightSaving) {
  // Berlin: +1 h, +2 h from 2026-03-29T01:00Z to 2026-10-25T01:00Z.
  auto berlin = [](int64_t utc) -> int64_t {
    bool summer = utc >= At("2026-03-29T01:00:00Z").time_since_epoch() / std::chrono::seconds(1) &&
                  utc < At("2026-10-25T01:00:00Z").time_since_epoch() / std::chrono::seconds(1);
    return summer ? 7200 : 3600;
  };
  auto office = *Hours::Parse("08:00-20:00", berlin);
  EXPECT_TRUE(office.Contains(At("2026-01-15T07:00:00Z")));
  EXPECT_FALSE(office.Contains(At("2026-01-15T06:59:00Z")));
  EXPECT_TRUE(office.Contains(At("2026-07-15T06:00:00Z")));
  auto night = *Hours::Parse("Sun 00:00-04:00", berlin);  // The night in which the clocks change.
  EXPECT_EQ(night.Between(At("2026-03-28T00:00:00Z"), At("2026-03-30T00:00:00Z")),
            Duration(hours(3)));
  EXPECT_EQ(night.Between(At("2026-10-24T00:00:00Z"), At("2026-10-26T00:00:00Z")),
            Duration(hours(5)));
}

TEST(Hours, RefuseWhatTheyCannotRead) {
  for (const char* text :
       {"", "Mon", "Mon-Fri", "Mon-Fri 8-20", "Moo 08:00-20:00", "08:00-08:00", "08:00-25:00",
        "08:00-99999999:00", "Mon-Tue-Wed 08:00-20:00", "Mon 08:00-20:00;", "-"}) {
    EXPECT_FALSE(Hours::Parse(text).ok()) << text;
  }
}

TEST(Hours, ADatasetThatDiedLongAgoIsCountedFast) {
  auto office = *Hours::Parse("Mon-Fri 08:00-20:00");
  Duration since_1970 = office.Between(At("1970-01-01T00:00:00Z"), At("2026-11-16T00:00:00Z"));
  EXPECT_GT(since_1970, Duration(hours(24 * 365 * 19)));
}

// A script: state, last arrival, now → state and what is said.
TEST(Freshness, Step) {
  const struct {
    const char* max;
    const char* during;
    State state;
    const char* last;
    const char* now;
    const char* expect;
    const char* next;
  } cases[] = {
      {"1h", "", State::kInsufficientData, "10:00", "10:30", "INSUFFICIENT_DATA -> OK", "11:00"},
      {"1h", "", State::kOk, "10:00", "11:00", "", "11:00"},
      {"1h", "", State::kOk, "10:00", "11:01", "OK -> ALARM", ""},
      {"1h", "", State::kAlarm, "10:00", "15:00", "", ""},
      {"1h", "", State::kAlarm, "14:50", "15:00", "ALARM -> OK", "15:50"},
      {"1h", "08:00-11:00", State::kOk, "10:30", "18:00", "", "+08:30"},
      {"1h", "", State::kInsufficientData, "", "10:30", "", "11:00"},
      {"1h", "", State::kInsufficientData, "", "12:00", "INSUFFICIENT_DATA -> ALARM", ""},
  };
  auto time = [](std::string_view hm) {
    bool next_day = hm.starts_with("+");
    if (next_day) hm.remove_prefix(1);
    return At(fmt::format("2026-11-{}T{}:00Z", next_day ? 17 : 16, hm));
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(fmt::format("{} {} {} at {}", ToString(c.state), c.during, c.last, c.now));
    auto dataset = Payment(c.max, c.during);
    FreshnessInput input{.dataset = &dataset, .watched_since = time("10:00"), .state = c.state};
    if (*c.last) input.last_at = time(c.last);
    StepResult r = Step(time(c.now), {input});
    std::string got;
    for (const auto& t : r.transitions)
      got += fmt::format("{} -> {}", ToString(t.from), ToString(t.to));
    EXPECT_EQ(got, c.expect);
    ASSERT_EQ(r.next_due.has_value(), *c.next != 0);
    if (*c.next) {
      EXPECT_EQ(*r.next_due, time(c.next) + std::chrono::microseconds(1));
    }
    EXPECT_TRUE(r.problems.empty());
  }
}

TEST(Freshness, ALateOneSaysSinceWhenAndWhatIsAllowed) {
  auto dataset = Payment("1h");
  FreshnessInput input{
      .dataset = &dataset, .last_at = At("2026-11-16T10:00:00Z"), .state = State::kOk};
  StepResult r = Step(At("2026-11-16T11:20:00Z"), {input});
  ASSERT_EQ(r.transitions.size(), 1u);
  EXPECT_EQ(r.transitions[0].reason,
            "payment is late: no delivery for 1h 20m; at most 1h is allowed.");
  EXPECT_EQ(r.transitions[0].due, At("2026-11-16T11:00:00Z"));
}

TEST(Freshness, AnUnreadableDefinitionIsAProblemAndNotAnAlarm) {
  auto dataset = Payment("soon");
  FreshnessInput input{.dataset = &dataset, .last_at = At("2026-11-16T10:00:00Z")};
  StepResult r = Step(At("2026-11-16T11:20:00Z"), {input});
  EXPECT_TRUE(r.transitions.empty());
  ASSERT_EQ(r.problems.size(), 1u);
  EXPECT_NE(r.problems[0].find("dataset.payment: freshness"), std::string::npos);
}

}  // namespace
}  // namespace andon::alarm
