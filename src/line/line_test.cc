// What text cannot say of the line: the codecs of the pipe, the merge of verdicts, intervals.
#include <gtest/gtest.h>

#include "line/check_specs.h"
#include "line/interval.h"
#include "line/task.h"
#include "line/work.h"

namespace andon::line {
namespace {

TEST(Task, CrossesThePipe) {
  LoadTask load{.lake_root = "/l",
                .project = "p",
                .table = "t",
                .mode = lake::LoadMode::kReplaceInterval,
                .key = {"a", "b"},
                .by = "day",
                .start = "2026-01-01 00:00:00",
                .columns = {{.name = "day", .type = "date", .required = true}},
                .summary = {{"andon.run-id", "7"}},
                .deliveries = {{3, {.path = "/x.csv", .name = "x.csv", .delimiter = ";"}}},
                .contracts = {{.address = "contract.t", .promised = {"day"}}},
                .inputs = {{"other", "SELECT 1"}},
                .combine = true};
  Task task{.limits = {.memory_bytes = 1 << 20, .threads = 2}, .work = load};
  auto back = TaskFromJson(ToJson(task));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(ToJson(*back), ToJson(task));

  CheckTask check{.table = "t", .relation = "SELECT 1", .columns = {{"a", "int"}}};
  check.checks.push_back({.name = "a.required",
                          .type = "expect_column_values_to_not_be_null",
                          .kwargs = Json::Object({{"column", "a"}}),
                          .on_delivery = true});
  check.deliveries.push_back({4, "SELECT 2"});
  task.work = check;
  back = TaskFromJson(ToJson(task));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(ToJson(*back), ToJson(task));
  EXPECT_EQ(std::get<CheckTask>(back->work).checks, check.checks);
  EXPECT_FALSE(TaskFromJson(Json::Object({{"kind", "dance"}})).ok());
}

TEST(Worker, AnswersWhateverItIsTold) {
  for (const char* input : {"", "{", "[]", "{\"kind\":\"dance\"}", "{\"kind\":\"load\"}",
                            "{\"kind\":\"check\",\"relation\":\"nonsense\"}",
                            "{\"kind\":\"query\",\"sql\":\"select 1/0, 'x'::int\"}"}) {
    std::vector<Json> said;
    EXPECT_EQ(WorkerMain(input, [&](const Json& json) { said.push_back(json); }), 0);
    ASSERT_FALSE(said.empty()) << input;
    EXPECT_TRUE(said.back().Has("error") || said.back().Has("ok")) << input;
  }
  for (ErrorKind kind : {ErrorKind::kInvalid, ErrorKind::kConflict, ErrorKind::kInterrupted}) {
    Error back = ErrorFromJson(ToJson(Error{kind, "m"}));
    EXPECT_EQ(back.kind, kind);
    EXPECT_EQ(back.message, "m");
  }
}

quality::CheckResult ResultOf(const std::string& name, bool passed, int64_t unexpected = 0) {
  quality::CheckResult result{.name = name};
  result.state = passed ? quality::CheckState::kPassed : quality::CheckState::kFailed;
  result.unexpected_count = unexpected;
  return result;
}

TEST(Verdicts, AreOneForEachCheck) {
  std::vector<quality::CheckSpec> checks;
  for (const char* name :
       {"both_bad", "delivery_bad", "dataset_bad", "good", "only_delivery", "unseen"}) {
    checks.push_back({.name = name});
  }
  CheckOutcome outcome;
  outcome.deliveries.push_back({7,
                                {ResultOf("both_bad", true), ResultOf("delivery_bad", true),
                                 ResultOf("good", true), ResultOf("only_delivery", true)}});
  outcome.deliveries.push_back({8,
                                {ResultOf("both_bad", false, 3), ResultOf("delivery_bad", false, 4),
                                 ResultOf("good", true), ResultOf("only_delivery", true)}});
  outcome.dataset = {ResultOf("both_bad", false, 5), ResultOf("delivery_bad", true),
                     ResultOf("dataset_bad", false, 6), ResultOf("good", true)};
  auto verdicts = Merge(checks, outcome);
  struct Expected {
    const char* name;
    bool red;
    const char* scope;
    int64_t delivery;
    int64_t unexpected;
  };
  const Expected expected[] = {{"both_bad", true, "delivery", 8, 3},
                               {"delivery_bad", true, "delivery", 8, 4},
                               {"dataset_bad", true, "dataset", 0, 6},
                               {"good", false, "dataset", 0, 0},
                               {"only_delivery", false, "delivery", 7, 0}};
  ASSERT_EQ(verdicts.size(), std::size(expected));
  for (size_t i = 0; i < verdicts.size(); ++i) {
    EXPECT_EQ(verdicts[i].result.name, expected[i].name);
    EXPECT_EQ(IsRed(verdicts[i]), expected[i].red) << expected[i].name;
    EXPECT_EQ(verdicts[i].scope, expected[i].scope) << expected[i].name;
    EXPECT_EQ(verdicts[i].delivery_id, expected[i].delivery) << expected[i].name;
    EXPECT_EQ(verdicts[i].result.unexpected_count.value_or(-1), expected[i].unexpected)
        << expected[i].name;
  }
  verdicts[0].check.severity = quality::CheckSeverity::kWarning;
  EXPECT_FALSE(IsRed(verdicts[0]));
}

TEST(Checks, FollowFromColumnsAndDeclarations) {
  definition::Project project;
  definition::Dataset customer{.address = "dataset.customer", .name = "customer"};
  definition::Dataset payment{.address = "dataset.payment", .name = "payment"};
  payment.columns = {{.name = "id", .type = "long", .required = true, .unique = true},
                     {.name = "customer_id",
                      .type = "long",
                      .references = definition::ColumnReference{"dataset.customer", "id"}}};
  payment.checks = {{.name = "as_many",
                     .type = "expect_table_row_count_to_equal_other_table",
                     .kwargs = Json::Object({{"other_table_name", "dataset.customer"}}),
                     .severity = "warning",
                     .on = "dataset",
                     .position = "p.andon.hcl:7"}};
  project.datasets = {customer, payment};
  auto checks = ChecksOf(project, project.datasets[1]);
  ASSERT_EQ(checks.size(), 4u);
  EXPECT_EQ(checks[0].name, "id.required");
  EXPECT_EQ(checks[1].name, "id.unique");
  EXPECT_EQ(checks[2].name, "customer_id.references");
  EXPECT_EQ(checks[2].kwargs["other_table_name"].AsString(), "customer");
  EXPECT_EQ(checks[3].kwargs["other_table_name"].AsString(), "customer");
  EXPECT_EQ(checks[3].severity, quality::CheckSeverity::kWarning);
  EXPECT_EQ(checks[3].declared.start.line, 7);
}

TEST(Interval, IsTheLastCompleteGrain) {
  struct Case {
    const char* grain;
    const char* pipeline_zone;
    const char* type;
    const char* column_zone;
    const char* now;
    const char* start;
    const char* end;
  };
  const Case cases[] = {
      {"day", "UTC", "timestamp", "UTC", "2026-01-02T06:00:00Z", "2026-01-01 00:00:00",
       "2026-01-02 00:00:00"},
      {"hour", "UTC", "timestamp", "UTC", "2026-01-02T06:59:59Z", "2026-01-02 05:00:00",
       "2026-01-02 06:00:00"},
      {"week", "UTC", "date", "", "2026-01-02T06:00:00Z", "2025-12-22 00:00:00",
       "2025-12-29 00:00:00"},
      {"month", "UTC", "date", "", "2026-03-31T23:00:00Z", "2026-02-01 00:00:00",
       "2026-03-01 00:00:00"},
      {"year", "UTC", "date", "", "2026-03-31T23:00:00Z", "2025-01-01 00:00:00",
       "2026-01-01 00:00:00"},
      // A day of Berlin, in a column that is UTC; and across the change to summer time.
      {"day", "Europe/Berlin", "timestamp", "UTC", "2026-01-02T05:00:00Z", "2025-12-31 23:00:00",
       "2026-01-01 23:00:00"},
      {"day", "Europe/Berlin", "timestamptz", "", "2026-03-30T05:00:00Z", "2026-03-28 23:00:00",
       "2026-03-29 22:00:00"},
      {"day", "Europe/Berlin", "date", "", "2026-01-01T23:30:00Z", "2026-01-01 00:00:00",
       "2026-01-02 00:00:00"},
  };
  for (const Case& c : cases) {
    definition::Project project;
    definition::Dataset dataset{.address = "dataset.d", .name = "d"};
    dataset.load.by = "at";
    dataset.load.grain = c.grain;
    dataset.columns = {{.name = "at", .type = c.type, .timezone = c.column_zone}};
    project.pipelines.push_back(
        {.address = "pipeline.p", .timezone = c.pipeline_zone, .build = {"dataset.d"}});
    auto interval = LastGrain(project, dataset, *ParseTimestamp(c.now));
    if (!interval.ok() && interval.error().kind == ErrorKind::kNotFound)
      GTEST_SKIP() << interval.error().message;
    ASSERT_TRUE(interval.ok()) << interval.error().message;
    EXPECT_EQ(interval->start, c.start) << c.grain << " " << c.now;
    EXPECT_EQ(interval->end, c.end) << c.grain << " " << c.now;
  }
  EXPECT_TRUE(UsesInterval("select * from x where at >= $start"));
  EXPECT_FALSE(UsesInterval("select 'start' from x"));
}

}  // namespace
}  // namespace andon::line
