#include "contract/objective.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace andon::contract {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Timestamp At(int64_t hour) { return Timestamp(hours(hour)); }

ServiceFacts Month() {
  return {.window = {At(0), At(720)},
          .down = {{At(10), At(10) + minutes(20)}, {At(10) + minutes(10), At(10) + minutes(30)}},
          .arrivals = {At(-1), At(2), At(700), At(300)},
          .incidents = {{.id = "1",
                         .began = At(9),
                         .detected = At(10),
                         .notified = At(10) + minutes(2),
                         .repaired = At(14)},
                        {.id = "2", .began = At(719), .detected = At(719) + minutes(30)}}};
}

struct Case {
  const char* property;
  Json value;
  const char* unit;
  const char* told;  // "promised | measured | met | budget | spent"
};

std::string Told(const Objective& o) {
  auto text = [](const std::optional<Duration>& d) { return d ? HumanDuration(*d) : "-"; };
  return fmt::format(
      "{} | {} | {} | {} | {}", o.promised, o.measured.empty() ? o.why_not : o.measured,
      o.is_met ? (*o.is_met ? "met" : "missed") : "unknown", text(o.budget), text(o.spent));
}

TEST(Objective, EachServiceLevelIsMeasured) {
  const Case cases[] = {
      {"availability", 99.9, "%", "99.9 % | 99.9305 % | met | 43m 12s | 30m"},
      {"availability", 99.99, "percent", "99.99 % | 99.9305 % | missed | 4m 19s | 30m"},
      {"availability", "99.9%", "", "99.9 % | 99.9305 % | met | 43m 12s | 30m"},
      {"latency", 400, "h", "400h | at most 16d 16h | met | - | 0 us"},
      {"freshness", 299, "h", "299h | at most 16d 16h | missed | - | 4d 5h"},
      {"frequency", 1, "d", "1d | every 16d 16h at the latest | missed | - | -"},
      {"timeToDetect", 1, "h", "1h | at most 1h, 2 incidents | met | - | -"},
      {"timeToNotify", 10, "m", "10m | at most 30m, 2 incidents, 1 beyond | missed | - | -"},
      {"timeToRepair", 3, "h", "3h | at most 4h, 2 incidents, 1 beyond | missed | - | -"},
      {"throughput", 5, "", "5 | nothing measures it | unknown | - | -"},
      {"latency", "soon", "", "soon | the promise is no duration | unknown | - | -"},
  };
  for (const Case& c : cases) {
    std::vector<SlaProperty> sla = {{.property = c.property, .value = c.value, .unit = c.unit}};
    EXPECT_EQ(Told(Measure(sla, Month())[0]), c.told) << c.property;
  }
}

TEST(Objective, ABudgetIsSharedByLatenessAndDowntime) {
  std::vector<SlaProperty> sla = {{.property = "availability", .value = 99, .unit = "%"},
                                  {.property = "freshness", .value = 395, .unit = "h"}};
  auto objectives = Measure(sla, Month());
  EXPECT_EQ(Told(objectives[1]), "395h | at most 16d 16h | met | 7h 12m | 5h");
  EXPECT_NEAR(*objectives[0].budget_left(), 1 - 0.5 / 7.2, 1e-9);
  ServiceFacts quiet{.window = {At(0), At(720)}};
  EXPECT_EQ(Told(Measure(sla, quiet)[1]), "395h | no data has arrived yet | unknown | - | -");
  EXPECT_EQ(Told(Measure({{.property = "timeToDetect", .value = "1h"}}, quiet)[0]),
            "1h | no incident | met | - | -");
}

}  // namespace
}  // namespace andon::contract
