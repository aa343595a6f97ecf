#include "pipeline/cron.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/json.h"

namespace andon::pipeline {
namespace {

Timestamp At(const std::string& text) {
  auto time = ParseTimestamp(text);
  EXPECT_TRUE(time.ok()) << text;
  return *time;
}

struct Case {
  const char* expression;
  const char* zone;
  const char* after;
  const char* next;
};

TEST(Cron, GivesTheNextInstant) {
  const Case cases[] = {
      {"* * * * *", "UTC", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"},
      {"@daily", "UTC", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
      {"@hourly", "UTC", "2026-01-01T00:00:01Z", "2026-01-01T01:00:00Z"},
      {"0 0 L * *", "UTC", "2028-02-01T00:00:00Z", "2028-02-29T00:00:00Z"},
      {"0 0 29 2 *", "UTC", "2025-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
      {"0 0 1 * 1", "UTC", "2026-01-02T00:00:00Z", "2026-01-05T00:00:00Z"},
      {"0 9 * * 7", "UTC", "2026-01-01T00:00:00Z", "2026-01-04T09:00:00Z"},
      // The gap: 02:30 does not exist; the job runs right after it.
      {"30 2 * * *", "Europe/Berlin", "2026-03-29T00:00:00+01:00", "2026-03-29T03:00:00+02:00"},
      // The fold: 02:30 comes twice; the job runs at the first.
      {"30 2 * * *", "Europe/Berlin", "2026-10-25T00:00:00+02:00", "2026-10-25T02:30:00+02:00"},
      {"30 2 * * *", "Europe/Berlin", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"},
      {"*/30 2 * * *", "Europe/Berlin", "2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00"},
      // Beyond the listed transitions the rule at the file's end holds.
      {"0 12 1 7 *", "Europe/Berlin", "2100-01-01T00:00:00Z", "2100-07-01T10:00:00Z"},
      {"5,26 */20 * * 0", "Australia/Lord_Howe", "2024-10-05T20:30:00+10:30",
       "2024-10-06T00:05:00+10:30"},
  };
  for (const Case& c : cases) {
    auto zone = TimeZone::Load(c.zone);
    if (!zone.ok()) GTEST_SKIP() << zone.error().message;
    auto cron = Cron::Parse(c.expression);
    ASSERT_TRUE(cron.ok()) << c.expression;
    auto next = cron->Next(At(c.after), *zone);
    ASSERT_TRUE(next) << c.expression;
    EXPECT_EQ(ToRfc3339(*next), ToRfc3339(At(c.next))) << c.expression << " after " << c.after;
  }
}

TEST(Cron, NeverIsNothing) {
  EXPECT_FALSE(Cron::Parse("0 0 30 2 *")->Next(At("2026-01-01"), TimeZone::Utc()));
  EXPECT_FALSE(Cron::Parse("* * 31 4 *")->Next(At("2026-01-01"), TimeZone::Utc()));
}

TEST(Cron, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "five fields"},
      {"* * * *", "has 4"},
      {"60 * * * *", "minute"},
      {"* 24 * * *", "hour"},
      {"* * 0 * *", "day of the month"},
      {"* * * foo *", "month"},
      {"* * * * 8", "day of the week"},
      {"*/0 * * * *", "step"},
      {"5-1 * * * *", "smaller to the larger"},
      {", * * * *", "minute"},
      {"@often", "@daily"},
      {"99999999999999 * * * *", "minute"},
  };
  for (const auto& [text, says] : cases) {
    auto cron = Cron::Parse(text);
    ASSERT_FALSE(cron.ok()) << text;
    EXPECT_NE(cron.error().message.find(says), std::string::npos) << cron.error().message;
  }
}

TEST(TimeZone, SaysWhenItIsUnknown) {
  for (const char* name : {"Europe/Berln", "../../etc/passwd", "", "/etc/passwd", "Europe", "."}) {
    auto zone = TimeZone::Load(name);
    ASSERT_FALSE(zone.ok()) << name;
    EXPECT_EQ(zone.error().kind, ErrorKind::kNotFound);
  }
  auto none = TimeZone::Load("Europe/Berlin", "/nowhere");
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().message.find("tzdata"), std::string::npos);
}

TEST(Cron, AgreesWithTheConformanceCases) {
  std::ifstream file(std::string(ANDON_SHARED_DIR) + "/conformance/cron/next.json");
  if (!file) GTEST_SKIP() << "conformance/cron/next.json is not here";
  std::string text{std::istreambuf_iterator<char>(file), {}};
  auto json = Json::Parse(text);
  ASSERT_TRUE(json.ok());
  int passed = 0, total = 0;
  for (const Json& test : json->items()) {
    ++total;
    auto zone = TimeZone::Load(test["time_zone"].AsString());
    if (!zone.ok()) GTEST_SKIP() << zone.error().message;
    auto cron = Cron::Parse(test["expression"].AsString());
    ASSERT_TRUE(cron.ok()) << test["expression"].AsString();
    Timestamp at = At(test["after"].AsString());
    bool same = true;
    for (const Json& expected : test["next"].items()) {
      auto next = cron->Next(at, *zone);
      if (!next || *next != At(expected.AsString())) {
        same = false;
        ADD_FAILURE() << test["expression"].AsString() << " in " << zone->name() << " after "
                      << ToRfc3339(at) << ": " << (next ? ToRfc3339(*next) : "never")
                      << ", expected " << expected.AsString();
        break;
      }
      at = *next;
    }
    passed += same;
  }
  std::printf("cron: %d / %d passed\n", passed, total);
  EXPECT_EQ(passed, total);
}

}  // namespace
}  // namespace andon::pipeline
