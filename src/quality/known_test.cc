// What is known of a relation without reading it: used of the whole, and never of a batch.
#include <gtest/gtest.h>

#include "quality/run_batches.h"
#include "sql/aggregate.h"
#include "sql/engine.h"

namespace andon::quality {
namespace {

class KnownTest : public testing::Test {
 protected:
  KnownTest() : engine_(*sql::Engine::Open({.threads = 1})), connection_(*engine_.Connect()) {
    EXPECT_TRUE(connection_
                    .Execute("CREATE TABLE sale AS SELECT i AS id, i % 3 AS shop, CASE WHEN i = 1 "
                             "THEN NULL ELSE 'x' END AS note FROM range(6) t(i)")
                    .ok());
    const std::pair<const char*, const char*> all[] = {
        {"expect_table_row_count_to_equal", R"({"value": 6})"},
        {"expect_column_min_to_be_between", R"({"column": "id", "max_value": 0})"},
        {"expect_column_values_to_not_be_null", R"({"column": "note"})"},
        {"expect_column_values_to_be_between", R"({"column": "id", "max_value": 4})"},
        {"expect_column_sum_to_be_between", R"({"column": "id", "min_value": 0})"},
    };
    Diagnostics mistakes;
    for (const auto& [type, kwargs] : all)
      checks_.push_back(
          ReadCheck(std::to_string(checks_.size()), type, *Json::Parse(kwargs), {}, &mistakes));
    options_.rows = 6;
    options_.statistics["id"] = {
        .lower = 0, .upper = 5, .null_count = 0, .least = Json(0), .greatest = Json(5)};
    options_.statistics["note"] = {.null_count = 1};
    options_.known = [](const sql::Aggregate& metric) -> std::optional<KnownMetric> {
      if (metric.kind() != sql::Aggregate::Kind::kSum) return {};
      return KnownMetric{Json(1000), "a test"};
    };
    options_.holding = [](const sql::Aggregate&, const sql::Aggregate*, const std::string&) {
      return std::string("(SELECT *, 0 AS \"row position\" FROM sale WHERE id = 5)");
    };
  }

  sql::Engine engine_;
  sql::Connection connection_;
  std::vector<CheckSpec> checks_;
  RunOptions options_;
};

TEST_F(KnownTest, OfTheWholeIsTaken) {
  auto results = RunChecks(connection_, "sale", {}, checks_, options_);
  ASSERT_TRUE(results.ok()) << results.error().message;
  EXPECT_EQ((*results)[0].observed_value.Dump(), "6");
  EXPECT_EQ((*results)[1].observed_value.Dump(), "0");
  EXPECT_EQ((*results)[2].unexpected_count, 1);
  EXPECT_EQ((*results)[4].observed_value.Dump(), "1000");
  // The bad row comes of the part that holds it.
  ASSERT_EQ((*results)[3].partial_unexpected_list.size(), 1U);
  EXPECT_EQ((*results)[3].partial_unexpected_list[0].Dump(), "5");
}

TEST_F(KnownTest, OfTheWholeSaysNothingOfABatch) {
  BatchChoice choice{.definition = *ParseBatches("value(shop)"), .all = true};
  for (bool all : {true, false}) {
    choice.all = all;
    choice.name = all ? "" : "1";
    auto batches = RunChosen(connection_, "sale", {}, checks_, choice, options_);
    ASSERT_TRUE(batches.ok()) << batches.error().message;
    ASSERT_EQ(batches->size(), all ? 3U : 1U);
    for (size_t i = 0; i < batches->size(); i++) {
      const int shop = all ? static_cast<int>(i) : 1;
      const std::vector<CheckResult>& results = (*batches)[i].results;
      EXPECT_EQ(results[0].observed_value.Dump(), "2");
      EXPECT_EQ(results[1].observed_value.Dump(), std::to_string(shop));
      EXPECT_EQ(results[2].unexpected_count, shop == 1 ? 1 : 0);
      EXPECT_EQ(results[3].unexpected_count, shop == 2 ? 1 : 0);
      EXPECT_EQ(results[4].observed_value.Dump(), std::to_string(3 + 2 * shop));
    }
  }
}

}  // namespace
}  // namespace andon::quality
