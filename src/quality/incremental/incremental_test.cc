// A large file, of which the states are made by other means than of a small one: bits for dense
// keys, one count by value for a column of few values. The checks say what one scan says.
#include "quality/incremental/incremental.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/text.h"
#include "quality/incremental/key_run.h"
#include "quality/plan.h"
#include "sql/engine.h"

namespace andon::quality {
namespace {

constexpr const char* kChecks = R"json([
["expect_column_values_to_be_unique", {"column": "id"}],
["expect_column_values_to_be_unique", {"column": "sparse"}],
["expect_column_values_to_be_unique", {"column": "name"}],
["expect_column_values_to_be_unique", {"column": "shop"}],
["expect_column_values_to_not_be_null", {"column": "shop"}],
["expect_column_values_to_be_in_set", {"column": "shop", "value_set": [1, 2, 3]}],
["expect_column_values_to_be_in_set", {"column": "city", "value_set": ["Rome", "Oslo"]}],
["expect_column_values_to_match_regex", {"column": "city", "regex": "^[A-Z]"}],
["expect_column_value_lengths_to_be_between", {"column": "city", "max_value": 4}],
["expect_column_values_to_be_between", {"column": "amount", "min_value": 1, "max_value": 5}],
["expect_column_values_to_be_between", {"column": "shop", "max_value": 6,
  "row_condition": "shop > 2"}],
["expect_column_values_to_be_between", {"column": "shop", "max_value": 6,
  "row_condition": "amount > 2"}],
["expect_column_min_to_be_between", {"column": "amount", "min_value": 1}],
["expect_column_max_to_be_between", {"column": "city", "max_value": "S"}],
["expect_column_max_to_be_between", {"column": "ratio", "max_value": 1}],
["expect_column_sum_to_be_between", {"column": "amount", "max_value": 5}],
["expect_column_mean_to_be_between", {"column": "shop", "max_value": 5}],
["expect_column_mean_to_be_between", {"column": "ratio", "max_value": 5}],
["expect_column_stdev_to_be_between", {"column": "amount", "max_value": 5}],
["expect_column_median_to_be_between", {"column": "amount", "max_value": 5}],
["expect_column_unique_value_count_to_be_between", {"column": "city", "min_value": 2}],
["expect_column_unique_value_count_to_be_between", {"column": "day", "min_value": 2}],
["expect_column_unique_value_count_to_be_between", {"column": "late", "min_value": 2}],
["expect_column_distinct_values_to_be_in_set", {"column": "city", "value_set": ["Rome"]}],
["expect_column_quantile_values_to_be_between", {"column": "day", "allow_relative_error": "lower",
  "quantile_ranges": {"quantiles": [0.5], "value_ranges": [["2005-01-01", "2005-01-20"]]}}]
])json";

// `late` has many values, but not among the first rows.
constexpr const char* kRows =
    "SELECT i - 40 AS id, i * 1000003 AS sparse, 'n' || i AS name, "
    "CASE WHEN i % 11 = 0 THEN NULL ELSE CAST(i % 7 AS INTEGER) END AS shop, "
    "['Rome', 'Oslo', 'bonn', '', NULL][1 + i % 5] AS city, "
    "CAST((i % 700) / 100.0 AS DECIMAL(5,2)) AS amount, 0.1 * (i % 1009) AS ratio, "
    "DATE '2005-01-01' + CAST(i % 40 AS INTEGER) AS day, "
    "CAST(CASE WHEN i < 100000 THEN i % 3 ELSE i END AS BIGINT) AS late "
    "FROM range({}, {}) t(i)";

const std::vector<sql::TableColumn> kColumns = {
    {"id", "long", "BIGINT"},      {"sparse", "long", "BIGINT"},
    {"name", "string", "VARCHAR"}, {"shop", "int", "INTEGER"},
    {"city", "string", "VARCHAR"}, {"amount", "decimal(5,2)", "DECIMAL(5,2)"},
    {"ratio", "double", "DOUBLE"}, {"day", "date", "DATE"},
    {"late", "long", "BIGINT"}};

template <typename T>
T OK(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

class IncrementalTest : public testing::Test {
 protected:
  IncrementalTest()
      : engine_(OK(sql::Engine::Open({.threads = 2}))), connection_(OK(engine_.Connect())) {
    std::string pattern = (std::filesystem::temp_directory_path() / "andon-inc-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    const Json all = OK(Json::Parse(kChecks));
    for (const Json& item : all.items())
      checks_.push_back({.name = fmt::format("c{}", checks_.size()),
                         .type = item.items()[0].AsString(),
                         .kwargs = item.items()[1]});
  }
  ~IncrementalTest() override { std::filesystem::remove_all(folder_); }

  void Add(FileStates* dataset, int64_t first, int64_t end) {
    const std::string id = fmt::format("file{}", dataset->files.size());
    if (!connection_
             .Execute("CREATE TABLE " + id + " AS " + fmt::format(fmt::runtime(kRows), first, end))
             .ok())
      ADD_FAILURE() << id;
    dataset->files.push_back(
        {.id = id, .relation = id, .rows_max = end - first, .states = Json::Object()});
    relation_ = "(SELECT * FROM " + id +
                (relation_.empty() ? ")" : " UNION ALL SELECT * FROM " + relation_ + " AS b)");
  }
  FileStates Dataset() {
    FileStates dataset{.columns = kColumns, .shared = Json::Object(), .key_dir = folder_};
    for (const sql::TableColumn& column : kColumns) dataset.column_ids[column.name] = column.type;
    return dataset;
  }

  sql::Engine engine_;
  sql::Connection connection_;
  std::string folder_, relation_;
  std::vector<CheckSpec> checks_;
};

Json Told(const CheckResult& result) {
  return Json::Object({{"state", result.success()},
                       {"observed", result.observed_value},
                       {"unexpected", result.unexpected_count.value_or(-1)},
                       {"missing", result.missing_count.value_or(-1)}});
}

TEST_F(IncrementalTest, ALargeFileSaysWhatOneScanSays) {
  FileStates dataset = Dataset();
  Add(&dataset, 0, kLargeRows + 100'000);
  for (int round = 0; round < 2; round++) {
    Reading reading;
    const auto by_states = OK(RunIncrementally(connection_, relation_, {}, checks_,
                                               {.sample_rows = 0}, &dataset, &reading));
    const auto at_once = OK(RunChecks(connection_, relation_, {}, checks_, {.sample_rows = 0}));
    for (size_t i = 0; i < checks_.size(); i++) {
      const Json a = Told(by_states[i]), b = Told(at_once[i]);
      const double x = a["observed"].AsDouble(), y = b["observed"].AsDouble();
      const bool is_near = a["observed"].is_number() && std::abs(x - y) <= 1e-12 * std::abs(y);
      EXPECT_TRUE(is_near || a.Dump() == b.Dump())
          << checks_[i].type << checks_[i].kwargs.Dump() << "\n"
          << a.Dump() << "\n"
          << b.Dump();
    }
    // `late` has too many values to keep; then so many keys stand in both files that they are
    // counted over all rows, too.
    EXPECT_EQ(reading.checks_in_full, round == 0 ? 1 : 4);
    EXPECT_EQ(reading.files_read, 1);
    // Another large file; of the first one nothing is read again.
    Add(&dataset, kLargeRows, 2 * kLargeRows + 200'000);
  }
}

TEST_F(IncrementalTest, DenseKeysAreKeptAsBits) {
  FileStates dataset = Dataset();
  Add(&dataset, 0, 1'000);
  std::erase_if(checks_, [](const CheckSpec& check) {
    return check.type != "expect_column_values_to_be_unique" ||
           check.kwargs["column"].AsString() != "id";
  });
  Reading reading;
  (void)OK(RunIncrementally(connection_, relation_, {}, checks_, {}, &dataset, &reading));
  int runs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    const KeyRun run = OK(KeyRun::Open(entry.path().string()));
    EXPECT_TRUE(run.is_bits());
    EXPECT_EQ(run.size(), 1'000U);
    EXPECT_EQ(run.bits().lower, -64);
    runs++;
  }
  EXPECT_EQ(runs, 1);
}

// A file that cannot be read this time (as where the disk is gone) is read the next time.
TEST_F(IncrementalTest, WhatFailsOnceIsReadAgain) {
  FileStates dataset = Dataset();
  Add(&dataset, 0, 1'000);
  const std::string there = dataset.files[0].relation;
  dataset.files[0].relation = "read_parquet('" + folder_ + "/gone.parquet')";
  Reading reading;
  (void)OK(RunIncrementally(connection_, relation_, {}, checks_, {}, &dataset, &reading));
  EXPECT_GT(reading.checks_in_full, 0);
  dataset.files[0].relation = there;
  (void)OK(RunIncrementally(connection_, relation_, {}, checks_, {}, &dataset, &reading));
  EXPECT_EQ(reading.files_read, 1);
  EXPECT_EQ(reading.checks_in_full, 0);
}

}  // namespace
}  // namespace andon::quality
