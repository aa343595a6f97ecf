#include "pipeline/schedule.h"

#include <gtest/gtest.h>

namespace andon::pipeline {
namespace {

Timestamp At(const std::string& text) { return *ParseTimestamp(text); }

TEST(Schedule, IsCronOrADuration) {
  struct Case {
    const char* text;
    const char* zone;
    const char* after;
    const char* next;
  };
  const Case cases[] = {
      {"15m", "", "2026-01-01T00:01:00Z", "2026-01-01T00:15:00Z"},
      {"15m", "", "2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z"},
      {"1d", "Europe/Berlin", "2026-01-01T12:00:00Z", "2026-01-02T00:00:00Z"},
      {"0 6 * * *", "UTC", "2026-01-01T07:00:00Z", "2026-01-02T06:00:00Z"},
      {"@daily", "", "2026-01-01T07:00:00Z", "2026-01-02T00:00:00Z"},
  };
  for (const Case& c : cases) {
    auto schedule = Schedule::Parse(c.text, c.zone);
    ASSERT_TRUE(schedule.ok()) << c.text;
    EXPECT_EQ(ToRfc3339(*schedule->Next(At(c.after))), c.next) << c.text;
  }
  for (const char* wrong : {"", "often", "0s", "* * *"}) {
    EXPECT_FALSE(Schedule::Parse(wrong, "").ok()) << wrong;
  }
}

TEST(Schedule, MissedTimesCountOnce) {
  definition::Project project;
  project.pipelines.push_back(
      {.address = "pipeline.a", .name = "a", .schedule = "1h", .build = {"dataset.x"}});
  project.pipelines.push_back({.address = "pipeline.b", .name = "b"});
  project.pipelines.push_back({.address = "pipeline.c", .name = "c", .schedule = "nonsense"});
  project.datasets.push_back({.address = "dataset.y", .name = "y", .schedule = "0 6 * * *"});
  std::vector<std::string> errors;
  auto scheduled = SchedulesOf(project, &errors);
  ASSERT_EQ(scheduled.size(), 2u);
  EXPECT_EQ(scheduled[1].build, std::vector<std::string>{"dataset.y"});
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].substr(0, 11), "pipeline.c:");

  const Timestamp since = At("2026-01-01T00:30:00Z");
  EXPECT_TRUE(DueAt(scheduled, {}, since, At("2026-01-01T00:59:00Z")).empty());
  EXPECT_EQ(DueAt(scheduled, {}, since, At("2026-01-01T09:00:00Z")), (std::vector<size_t>{0, 1}));
  EXPECT_EQ(DueAt(scheduled, {At("2026-01-01T09:00:00Z"), At("2026-01-01T09:00:00Z")}, since,
                  At("2026-01-01T10:00:00Z")),
            std::vector<size_t>{0});
}

}  // namespace
}  // namespace andon::pipeline
