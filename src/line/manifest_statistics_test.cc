#include "line/manifest_statistics.h"

#include <gtest/gtest.h>

#include "iceberg/datum.h"

namespace andon::line {
namespace {

const iceberg::Field kAmount = {
    .id = 1, .name = "amount", .type = iceberg::Type(iceberg::TypeId::kLong)};
const iceberg::Field kNote = {
    .id = 2, .name = "note", .type = iceberg::Type(iceberg::TypeId::kString)};

iceberg::LiveFile File(int64_t rows, int64_t nulls, std::optional<int64_t> lower,
                       std::optional<int64_t> upper) {
  iceberg::LiveFile live;
  live.file.record_count = rows;
  live.file.null_value_counts = {{kAmount.id, nulls}, {kNote.id, 0}};
  live.file.lower_bounds[kNote.id] = "a";
  live.file.upper_bounds[kNote.id] = "b";
  if (lower) live.file.lower_bounds[kAmount.id] = iceberg::Encode(kAmount.type, {*lower});
  if (upper) live.file.upper_bounds[kAmount.id] = iceberg::Encode(kAmount.type, {*upper});
  return live;
}

quality::RunOptions Read(std::vector<iceberg::LiveFile> files, bool has_deletes = false) {
  lake::Scan scan{.files = std::move(files), .has_deletes = has_deletes};
  scan.schema.fields = {kAmount, kNote};
  std::vector<quality::CheckSpec> checks;
  for (const char* column : {"amount", "note", "absent"})
    checks.push_back({.type = "expect_column_values_to_not_be_null",
                      .kwargs = Json::Object({{"column", column}})});
  quality::RunOptions options;
  ReadManifests(scan, checks, &options);
  return options;
}

TEST(ReadManifests, AddsUpFiles) {
  const quality::RunOptions known = Read({File(10, 1, 5, 9), File(20, 0, -3, 7)});
  EXPECT_EQ(known.rows, 30);
  ASSERT_EQ(known.statistics.size(), 2U);
  const quality::ColumnStatistics& amount = known.statistics.at("amount");
  EXPECT_EQ(amount.null_count, 1);
  EXPECT_EQ(amount.lower, -3);
  EXPECT_EQ(amount.upper, 9);
  EXPECT_TRUE(amount.least.is_null());  // A bound need not be a value.
  EXPECT_EQ(known.statistics.at("note").null_count, 0);
  EXPECT_FALSE(known.statistics.at("note").lower);
}

TEST(ReadManifests, SaysNothingThatOneFileDoesNotSay) {
  quality::ColumnStatistics amount =
      Read({File(10, 1, 5, 9), File(20, 0, {}, 7)}).statistics.at("amount");
  EXPECT_FALSE(amount.lower);
  EXPECT_FALSE(amount.upper);
  // A file without values has no bounds, and needs none.
  amount = Read({File(10, 10, {}, {}), File(20, 0, 1, 7)}).statistics.at("amount");
  EXPECT_EQ(amount.lower, 1);
  EXPECT_EQ(amount.null_count, 10);
  iceberg::LiveFile silent = File(5, 0, 1, 2);
  silent.file.null_value_counts.clear();
  amount = Read({File(10, 1, 5, 9), silent}).statistics.at("amount");
  EXPECT_FALSE(amount.null_count);
  EXPECT_EQ(amount.lower, 1);
}

TEST(ReadManifests, KnowsNothingWhereRowsWereDeleted) {
  const quality::RunOptions known = Read({File(10, 1, 5, 9)}, /*has_deletes=*/true);
  EXPECT_FALSE(known.rows);
  EXPECT_TRUE(known.statistics.empty());
}

}  // namespace
}  // namespace andon::line
